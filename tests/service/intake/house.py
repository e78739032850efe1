"""Plays everybody around intake: sources, clerks, complainants, the other services."""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.intake.rules import Rules
from services.intake.sealing import seal_identity
from services.intake.usecases import watch
from shared.bus.broker import Malformed
from shared.bus.settle import problem_of
from shared.clock import SimulatedClock
from shared.contracts import Event, EventData
from shared.contracts.inbox import ComplaintSubmitted, ReceiptIssued
from shared.identity import issue_token
from shared.store import Outgoing
from shared.tick import Aside, Tick, run_due
from shared.unit import Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEXT = "清河镇便民中心三号窗口每天下午四点就没有人了，跑了三趟都没有办成营业执照。"
PERSON = {"name": "欧阳小明", "phone": "13800001111", "address": "清河镇一号", "id_number": "11010119900307027X"}


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Handlers:
    """Stands in for the bus: remembers which use case takes which event."""

    def __init__(self) -> None:
        self.take: dict[str, Any] = {}
        self.malformed: Any = None

    def on(self, kind: type[EventData], use_case: Any) -> None:
        self.take[kind.TYPE] = use_case

    def on_from(self, kind: type[EventData], use_case: Any, *, malformed: Any) -> None:
        self.take[kind.TYPE], self.malformed = use_case, malformed


@dataclass
class House:
    """Intake with what a test needs to play everybody around it."""

    unit: Unit
    rules: Rules
    clock: SimulatedClock
    web: httpx2.AsyncClient
    key: Ed25519PrivateKey
    published: list[Outgoing]
    handlers: Handlers = field(default_factory=Handlers)
    ticking: Tick | None = None
    aside: Aside = field(default_factory=Aside)

    def set_clock(self, at: str) -> None:
        self.clock.current = local(at).astimezone(UTC)
        self.clock.horizon = datetime(2029, 1, 1, tzinfo=UTC)

    async def hear(self, at: str, data: EventData, event_id: str = "") -> None:
        kind = type(data)
        event = Event[kind](  # type: ignore[valid-type]  # known at run time only
            id=event_id or uuid4().hex, source="minping.test", type=kind.TYPE, time=local(at), data=data
        )
        take = self.handlers.take[kind.TYPE]
        key = f"{kind.TYPE}|{event.id}"
        await self.unit.run(lambda tx: take(tx, event), at=local(at), inbox_key=key, event_id=event.id)

    async def tick(self, at: str, *, restarted: bool = False) -> None:
        """The clock comes to a time: what is due by then fires. restarted: by a service that was away until then."""
        if restarted or self.ticking is None:
            self.ticking = watch.ticker(self.rules)
        self.set_clock(at)
        await run_due(self.unit, self.ticking, self.aside, lambda: local(at))

    async def source_sends(self, body: dict[str, Any] | bytes, source: str = "hotline") -> dict[str, Any]:
        """A message of a source as it comes off the bus; gives the receipt."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        subject, before = f"minping.inbox.complaint.{source}", len(self.published)
        try:
            event = Event[ComplaintSubmitted].model_validate_json(raw)
        except ValueError as error:
            broken = Malformed(subject, 1, raw, *problem_of(error))  # type: ignore[arg-type]  # a ValidationError
            await self.unit.run(lambda tx: self.handlers.malformed(tx, broken), at=self.clock.now())
        else:
            take = self.handlers.take[ComplaintSubmitted.TYPE]
            await self.unit.run(
                lambda tx: take(tx, event, subject),
                at=event.time,
                inbox_key=f"{subject}|{event.id}",
                event_id=event.id,
            )
        receipts = [row for row in self.published[before:] if row.subject == f"minping.receipt.{source}"]
        return json.loads(receipts[-1].payload)["data"] if receipts else {}

    async def report(self, ticket: str, at: str = "2026-03-02T09:00", **changes: Any) -> dict[str, Any]:
        """A hotline reports; gives the receipt."""
        return await self.source_sends(submitted(ticket, at, **changes), changes.get("source", "hotline"))

    def sealed(self, ticket: str, person: dict[str, str], source: str = "hotline") -> str:
        pem = self.rules.vault.public_pem.encode()
        return base64.b64encode(seal_identity(pem, source, ticket, person)).decode()

    async def call(
        self,
        role: str,
        method: str,
        path: str,
        /,
        at: str = "2026-03-02T10:00",
        sub: str = "",
        key: str = "",
        of: str = "tax",
        **body: Any,
    ) -> httpx2.Response:
        """A request as somebody in a role (`public`: nobody) `of` a unit; `body` is sent where there is any."""
        headers = {"Minping-At": local(at).isoformat()} if method == "POST" else {}
        if role != "public":
            headers |= self.bearer(role, sub, of)
        if key:
            headers["Idempotency-Key"] = key
        sent = {"json": body} if body else {}
        return await self.web.request(method, f"/api/v1{path}", headers=headers, **sent)

    def bearer(self, role: str, sub: str = "", of: str = "tax") -> dict[str, str]:
        """The header of somebody in a role."""
        token = issue_token(self.key, role=role, sub=sub or f"{role}-1", unit=of, now=datetime.now(UTC), days=1)
        return {"Authorization": f"Bearer {token}"}

    async def done(self, role: str, method: str, path: str, /, at: str = "2026-03-02T10:00", **body: Any) -> Any:
        """The same, and it must go well; gives the JSON."""
        answer = await self.call(role, method, path, at, **body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def to_unit(self, number: str, unit: str = "tax") -> None:
        """Screening, card and approval."""
        await self.done(
            "clerk", "POST", f"/complaints/{number}/screening", decision="accepted", reason="属实",
            transfer={"lead_unit": unit},
        )  # fmt: skip
        await self.done("approver", "POST", f"/transfers/{number}/approval", "2026-03-02T11:00")

    def envelopes(self, kind: type[EventData]) -> list[Any]:
        """Published events of a kind, with their envelopes."""
        return [
            Event[kind].model_validate_json(row.payload)  # type: ignore[valid-type]  # known at run time only
            for row in self.published
            if (row.subject.startswith("minping.receipt.") if kind is ReceiptIssued else row.subject == kind.TYPE)
        ]

    def events(self, kind: type[EventData]) -> list[Any]:
        return [event.data for event in self.envelopes(kind)]


def submitted(ticket: str, at: str = "2026-03-02T09:00", /, **changes: Any) -> dict[str, Any]:
    """A well-formed event of a hotline; `changes` go into its data, None takes a field out."""
    data = {"ticket": ticket, "channel": "hotline_daily", "title": "窗口没人", "text": TEXT} | changes
    time = local(at).isoformat() if at[4] == "-" else at
    return {
        "specversion": "1.0", "id": changes.get("id", uuid4().hex), "source": "whoever",
        "type": ComplaintSubmitted.TYPE, "time": time,
        "data": {name: value for name, value in data.items() if value is not None and name not in ("id", "source")},
    }  # fmt: skip
