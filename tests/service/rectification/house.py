"""The service without its broker: a real store, the real single writer, the real HTTP application."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy import text

from services.rectification import usecases
from services.rectification.api import routes
from services.rectification.clock import Tick
from services.rectification.domain.rules import Rules
from services.rectification.store import Base
from shared.clock import SimulatedClock
from shared.contracts import EVENTS, Event, EventData
from shared.contracts.assignment import ObjectionRuled
from shared.contracts.inspection import InspectionRecorded
from shared.contracts.intake import CallbackRecorded, ComplaintLinked, ComplaintUnlinked, TransferApproved
from shared.contracts.notify import LeaderChanged
from shared.contracts.petitioner import PetitionerExcluded, PetitionerRestored
from shared.contracts.scoring import CycleClosed, UnitRegistered, UnitSucceeded
from shared.identity import issue_token
from shared.store import Outgoing, Tables, reader_engine, writer_engine
from shared.tick import Aside, run_due
from shared.unit import Unit
from shared.web import add_problems, guard

KEY = Ed25519PrivateKey.generate()
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = {"role": "office", "sub": "officer-1"}
HANDLER = {"role": "handler", "sub": "handler-a", "unit": "unit-a"}
AUDITOR = {"role": "auditor", "sub": "auditor-1"}
SOLUTION = {"measures": "换了人,办完了", "reply": "已办结,请到窗口领取", "evidence": ["照片 3 张"]}
GUARDS = ("measures_carried_out", "misconduct_dealt_with", "problem_solved", "public_answered")
STANDARDS = ("facts_clear", "problem_handled", "measures_in_place", "public_satisfied")
CLOSING = {
    "guards": {name: {"holds": True, "evidence": f"凭证:{name}", "by": "handler-a"} for name in GUARDS},
    "standards": dict.fromkeys(STANDARDS, True),
}


def local(said: str) -> datetime:
    """`2026-03-02 10:00` on the clocks of the programme, as UTC."""
    return datetime.fromisoformat(said).replace(tzinfo=SHANGHAI).astimezone(UTC)


def approved(number: str = "2026-000001", **changes: Any) -> TransferApproved:
    """An approved transfer on the immediate track."""
    whole: dict[str, Any] = {
        "number": number,
        "card": f"T-{number}",
        "lead_unit": "unit-a",
        "days": 15,
        "channel": "hotline_daily",
        "topic": "delay",
        "dimension": "efficiency",
        "title": "等了三个月",
        "text": "办证等了三个月没有结果",
        "approver_role": "approver",
    }
    return TransferApproved(**whole | changes)


class House:
    """The service under test; events are given to it as the bus would, and collected from its outbox."""

    def __init__(self, url: str, rules: Rules) -> None:
        self.rules = rules
        self.clock = SimulatedClock(local("2026-01-01 00:00"), local("2027-12-31 00:00"), 1)
        self.outgoing: list[Outgoing] = []
        self._writer, self._reader = writer_engine(url), reader_engine(url)
        self.unit = Unit(
            "rectification",
            self._writer,
            self._reader,
            Tables.of(Base),
            programme="window-units",
            committed=self.outgoing.extend,
        )
        self.tick_of, self.aside = Tick(rules), Aside()
        app = FastAPI()
        app.state.unit, app.state.clock, app.state.token_key = self.unit, self.clock, KEY.public_key()
        add_problems(app)
        app.include_router(routes(rules))
        guard(app)
        self.app = app
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://house")
        self._takes = {
            TransferApproved: partial(usecases.open_approved, rules),
            ComplaintLinked: partial(usecases.link_complaint, rules),
            ComplaintUnlinked: partial(usecases.unlink_complaint, rules),
            CallbackRecorded: partial(usecases.record_answer, rules),
            ObjectionRuled: partial(usecases.rule_on_objection, rules),
            LeaderChanged: usecases.change_leader,
            PetitionerExcluded: usecases.exclude_petitioner,
            PetitionerRestored: usecases.restore_petitioner,
            InspectionRecorded: partial(usecases.inspection_recorded, rules),
            CycleClosed: usecases.lapse_cases,
            UnitRegistered: partial(usecases.register_unit, rules),
            UnitSucceeded: partial(usecases.succeed_unit, rules),
        }

    async def close(self) -> None:
        """Stop what was started."""
        await self.http.aclose()
        await self.unit.stop()
        self._writer.dispose()
        self._reader.dispose()

    async def take(self, data: EventData, at: str, *, key: str = "") -> Any:
        """An event arrives, dated `at` (local)."""
        kind = type(data)
        event = Event[kind](  # type: ignore[valid-type]  # the class is known at run time only
            id=key or uuid.uuid4().hex, source="test", type=kind.TYPE, time=local(at), data=data
        )
        use_case = self._takes[kind]
        return await self.unit.run(lambda tx: use_case(tx, event), at=event.time, inbox_key=event.id)

    async def tick(self, at: str) -> None:
        """The clock stands at `at` (local)."""
        self.clock.current = max(self.clock.current, local(at))
        await run_due(self.unit, self.tick_of, self.aside, lambda: local(at))

    def token(self, **claims: Any) -> str:
        """A bearer token."""
        return issue_token(KEY, now=datetime.now(UTC), days=1, **claims)

    async def get(self, path: str, who: dict[str, Any] = OFFICE) -> httpx2.Response:
        """Read."""
        return await self.http.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {self.token(**who)}"})

    async def post(
        self, path: str, body: Any = None, *, who: dict[str, Any] = OFFICE, at: str, key: str = ""
    ) -> httpx2.Response:
        """Act, at a time."""
        headers = {"Authorization": f"Bearer {self.token(**who)}", "Minping-At": local(at).isoformat()}
        if key:
            headers["Idempotency-Key"] = key
        return await self.http.post(f"/api/v1/cases{path}", json=body, headers=headers)

    async def solve(self, at: str, number: str = "2026-000001", **changes: Any) -> httpx2.Response:
        """The unit reports the case solved."""
        return await self.post(f"/{number}/solution", SOLUTION | changes, who=HANDLER, at=at)

    async def write_off(self, at: str, number: str = "2026-000001", **changes: Any) -> httpx2.Response:
        """The office closes the case."""
        return await self.post(f"/{number}/closing", CLOSING | changes, at=at)

    async def answer(self, at: str, grade: str | None, case: str = "2026-000001", **changes: Any) -> None:
        """A petitioner answers; without a grade he was not reached."""
        whole = {"case": case, "number": case, "round": 1, "result": "graded" if grade else "not_reached"}
        await self.take(CallbackRecorded(**whole | {"grade": grade} | changes), at)

    async def closed_case(self, number: str = "2026-000001", **changes: Any) -> None:
        """A case opened on 2 March, solved in time, its petitioner satisfied, closed on 25 March."""
        await self.take(approved(number, **changes), "2026-03-02 10:00")
        for answer in (await self.solve("2026-03-20 16:00", number),):
            assert answer.status_code == 200, answer.text
        await self.answer("2026-03-23 10:00", "satisfied", number)
        answer = await self.write_off("2026-03-25 10:00", number)
        assert answer.status_code == 200, answer.text

    @property
    def events(self) -> list[Event[Any]]:
        """Everything published, in the order of commits."""
        return [Event[EVENTS[m.subject]].model_validate_json(m.payload) for m in self.outgoing]

    def published(self, kind: type[EventData]) -> list[Any]:
        """The data of every event of a kind."""
        return [event.data for event in self.events if event.type == kind.TYPE]

    def said(self) -> list[str]:
        """What was published, shortly: `case.opened`, `deadline.set` …"""
        return [m.subject.removeprefix("minping.rectification.").removesuffix(".v1") for m in self.outgoing]

    def steps(self, kind: str | None = None) -> list[tuple[str, str]]:
        """Steps of deadlines that were published: name and local time."""
        return [
            (e.data.step, e.time.astimezone(SHANGHAI).strftime("%m-%d %H:%M"))
            for e in self.events
            if hasattr(e.data, "step") and kind in (None, e.data.kind)
        ]

    async def statistics(self, to: str, since: str | None = None) -> dict[str, Any]:
        """Figures as of `to`."""
        query = {"to": local(to).isoformat()} | ({"from": local(since).isoformat()} if since else {})
        answer = await self.http.get(
            "/api/v1/statistics", params=query, headers={"Authorization": f"Bearer {self.token(**OFFICE)}"}
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def tamper(self, statement: str, **values: Any) -> None:
        """Change the database behind the service's back."""
        await self.unit.run(lambda tx: tx.session.connection().execute(text(statement), values), at=datetime.now(UTC))


def lines(answer: httpx2.Response) -> list[dict[str, Any]]:
    """Rows of a JSON lines answer."""
    return [json.loads(line) for line in answer.text.splitlines()]


def days_after(said: str, days: int) -> str:
    """A local time so many days later."""
    return (datetime.fromisoformat(said) + timedelta(days=days)).isoformat(" ")
