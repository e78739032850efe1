"""The service without its broker: a real store, the real single writer, the real HTTP application."""

import secrets
import uuid
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy import text

from services.scoring.api import routers
from services.scoring.domain.note import signer
from services.scoring.pages import pages
from services.scoring.store import Base
from services.scoring.usecases import ballots, facts, filings_taken, orders, points, promises
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.filing_upward import Upward
from shared.clock import SimulatedClock
from shared.contracts import EVENTS, Event, EventData
from shared.contracts.assignment import OrderRegistered
from shared.contracts.filings import FilingReceipt, FilingSubmitted
from shared.contracts.inbox import BallotCast, BallotReceipt
from shared.contracts.inspection import CoverageMissed, InspectionRecorded
from shared.contracts.rectification import (
    CaseClosed,
    CaseLapsed,
    CaseOpened,
    CaseReopened,
    CaseReturned,
    DeadlinePassed,
)
from shared.contracts.rectification_duties import LatenessExcused, ObligationMissed
from shared.contracts.rectification_promises import CaseCommitted, CommitmentBroken, CommitmentKept
from shared.contracts.rectification_terms import CaseReassigned
from shared.identity import issue_token
from shared.programme import Programme, load
from shared.store import Outgoing, Tables, reader_engine, writer_engine
from shared.unit import Unit
from shared.web import add_problems, guard

KEY = Ed25519PrivateKey.generate()
SEAL_SEED = secrets.token_bytes(32)
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = {"role": "office", "sub": "officer-1"}
OTHER_OFFICE = {"role": "office", "sub": "officer-2"}
APPROVER = {"role": "approver", "sub": "approver-1"}
TELLER = {"role": "teller", "sub": "teller-1"}
CLERK = {"role": "clerk", "sub": "clerk-1"}
TERMINAL = {"role": "terminal", "sub": "terminal-1"}
GUIDANCE = {"role": "guidance", "sub": "guidance-1"}
LEADER = {"role": "leader", "sub": "leader-u01", "unit": "u01"}


def local(said: str) -> datetime:
    """`2026-03-02 10:00` on the clocks of the programme, as UTC."""
    return datetime.fromisoformat(said).replace(tzinfo=SHANGHAI).astimezone(UTC)


class House:
    """The service under test; events are given to it as the bus would, and collected from its outbox."""

    def __init__(self, url: str, programme: Programme | None = None, upward: Upward | None = None) -> None:
        self.url, self.upward = url, upward
        self.clock = SimulatedClock(local("2025-01-01 00:00"), local("2028-12-31 00:00"), 1)
        self.outgoing: list[Outgoing] = []
        self.desk = Desk(programme or load("window-units"), signer("minping", SEAL_SEED), secrets.token_bytes)
        self.open()

    def open(self) -> None:
        """Open the store and the application: as at a start of the service."""
        self._writer, self._reader = writer_engine(self.url), reader_engine(self.url)
        self.unit = Unit(
            "scoring",
            self._writer,
            self._reader,
            Tables.of(Base),
            programme="window-units",
            committed=self.outgoing.extend,
        )
        app = FastAPI()
        app.state.unit, app.state.clock, app.state.token_key = self.unit, self.clock, KEY.public_key()
        add_problems(app)
        for router in (*routers(self.desk, upward=self.upward), *pages(self.desk)):
            app.include_router(router)
        guard(app)
        self.app = app
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://house")

    async def restart(self) -> None:
        """Stop and start the service on the same store."""
        await self.close()
        self.open()
        self.unit.start()

    async def close(self) -> None:
        """Stop what was started."""
        await self.http.aclose()
        await self.unit.stop()
        self._writer.dispose()
        self._reader.dispose()

    async def take(self, data: EventData, at: str, *, key: str = "") -> None:
        """An event arrives, dated `at` (local)."""
        use_case: dict[type[EventData], Any] = {
            CaseOpened: points.case_opened,
            CaseReassigned: points.case_reassigned,
            CaseReopened: points.case_reopened,
            CaseReturned: partial(orders.case_returned, self.desk),
            DeadlinePassed: partial(orders.deadline_passed, self.desk),
            OrderRegistered: partial(orders.registered, self.desk),
            CaseClosed: partial(points.case_closed, self.desk),
            CaseLapsed: partial(points.case_lapsed, self.desk),
            ObligationMissed: partial(facts.obligation_missed, self.desk),
            LatenessExcused: facts.lateness_excused,
            CaseCommitted: promises.promised,
            CommitmentBroken: partial(facts.commitment_broken, self.desk),
            CommitmentKept: facts.commitment_kept,
            InspectionRecorded: partial(facts.inspection_recorded, self.desk),
            CoverageMissed: partial(facts.coverage_missed, self.desk),
        }
        kind = type(data)
        event = Event[kind](  # type: ignore[valid-type]  # the class is known at run time only
            id=key or uuid.uuid4().hex, source="test", type=kind.TYPE, time=local(at), data=data
        )
        await self.unit.run(lambda tx: use_case[kind](tx, event), at=event.time, inbox_key=event.id, event_id=event.id)

    async def ballot(self, ballot: BallotCast, subject: str) -> BallotReceipt:
        """A ballot comes by the bus; its receipt."""
        await self.unit.run(lambda tx: ballots.cast_from_bus(tx, ballot, subject), at=self.clock.now())
        return BallotReceipt.model_validate_json(self.outgoing[-1].payload)

    async def filing(self, data: FilingSubmitted, account: str, at: str) -> list[FilingReceipt]:
        """A filing comes by the bus from an account, at a time by this house's clock; what he is answered."""
        key, before, came = uuid.uuid4().hex, len(self.outgoing), local(at)
        event = Event[FilingSubmitted](
            id=key, source="office", type=data.TYPE, time=local("2026-01-01 00:00"), data=data
        )
        subject = f"minping.inbox.filing.{account}"
        await self.unit.run(
            lambda tx: filings_taken.take_from_bus(self.desk, lambda: came, tx, event, subject),
            at=event.time, inbox_key=key, event_id=key,
        )  # fmt: skip
        answers = [one.payload for one in self.outgoing[before:] if one.subject == f"minping.receipt.{account}"]
        return [Event[FilingReceipt].model_validate_json(one).data for one in answers]

    async def get(self, path: str, who: dict[str, Any] | None = None, **query: str) -> httpx2.Response:
        """Read; without `who` as anybody."""
        headers = {"Authorization": f"Bearer {self._token(who)}"} if who else {}
        return await self.http.get(f"/api/v1{path}", headers=headers, params=query)

    async def post(
        self, path: str, body: Any = None, *, who: dict[str, Any] = OFFICE, at: str | None = None
    ) -> httpx2.Response:
        """Act, at a time (without it: at the clock's)."""
        headers = {"Authorization": f"Bearer {self._token(who)}"}
        if at:
            headers["Minping-At"] = local(at).isoformat()
        return await self.http.post(f"/api/v1{path}", json=body, headers=headers)

    async def done(self, path: str, body: Any = None, **more: Any) -> Any:
        """Act and expect that it is done."""
        answer = await self.post(path, body, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def _token(self, claims: dict[str, Any]) -> str:
        return issue_token(KEY, now=datetime.now(UTC), days=1, **claims)

    def published(self, kind: type[EventData]) -> list[Any]:
        """The data of every event of a kind."""
        events = [Event[EVENTS[m.subject]].model_validate_json(m.payload) for m in self.outgoing if m.subject in EVENTS]
        return [event.data for event in events if event.type == kind.TYPE]

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the store holds."""
        return await self.unit.read(lambda s: [tuple(row) for row in s.connection().execute(text(statement))])


def refused(answer: httpx2.Response, status: int, field: str) -> None:
    """The answer is a problem that names this field and what to do."""
    body = answer.json()
    assert (answer.status_code, body["field"]) == (status, field), answer.text
    assert body["remedy"]
