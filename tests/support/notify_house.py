"""A desk on a real SQLite file, a simulated clock, and a mail server whose mood a test sets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import mkdtemp
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain.delivery import Outcome
from services.notify.domain.recipient import OFFICE, Holder
from services.notify.store import Base, letters, notices
from services.notify.usecases import (
    Desk,
    Envelope,
    Result,
    hear,
    make_desk,
    put_holders,
    register_unit,
    take_turn,
)
from shared import programme
from shared.contracts import Event, EventData
from shared.contracts.rectification import CaseOpened, DeadlinePassed
from shared.contracts.scoring import UnitRegistered
from shared.identity import Actor
from shared.migrate import upgrade
from shared.store import Outgoing, Tables, reader_engine, writer_engine
from shared.unit import Unit

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPERATOR = Actor("op-1", "operator", "运行员")
SENT = Outcome("sent", "", "250 ok")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def opened(case: str = "2026-000001", unit: str = "tax", **more: Any) -> CaseOpened:
    return CaseOpened(
        case=case, lead_unit=unit, track="immediate", title="窗口办事拖延", due=date(2026, 3, 30),
        expires_at=local("2026-03-31T00:00"), **more,
    )  # fmt: skip


def passed(case: str = "2026-000001", unit: str = "tax", **more: Any) -> DeadlinePassed:
    fields: dict[str, Any] = {
        "case": case, "unit": unit, "kind": "solve", "title": "窗口办事拖延", "due": date(2026, 3, 30),
        "expires_at": local("2026-03-31T00:00"), "roles": ("handler", "main_leader"),
    }  # fmt: skip
    return DeadlinePassed(**(fields | more))


@dataclass
class House:
    """Notify without bus and mail server: events in, letters out."""

    unit: Unit
    desk: Desk
    published: list[Outgoing]
    planned: list[datetime] = field(default_factory=list)

    async def do(self, at: str, fn: Any, actor: Actor | None = OPERATOR) -> Any:
        return await self.unit.run(fn, at=local(at), actor=actor)

    async def hear(self, at: str, data: EventData, event_id: str = "") -> None:
        kind = type(data)
        event = Event[kind](  # type: ignore[valid-type]  # known at run time only
            id=event_id or uuid4().hex, source="minping.test", type=kind.TYPE, time=local(at), data=data
        )
        take = register_unit if kind is UnitRegistered else lambda tx, e: hear(self.desk, tx, e)
        await self.unit.run(
            lambda tx: take(tx, event), at=local(at), inbox_key=f"{kind.TYPE}|{event.id}", event_id=event.id
        )

    async def hold(self, at: str, *seats: Holder) -> Any:
        return await self.do(at, lambda tx: put_holders(self.desk, tx, seats))

    async def turn(self, at: str, *results: Result, limit: int = 100, digests: bool = True) -> tuple[Envelope, ...]:
        turn = await self.do(at, lambda tx: take_turn(self.desk, tx, results, limit, digests=digests))
        return turn.envelopes  # type: ignore[no-any-return]  # do is untyped

    async def post(self, at: str, **outcomes: Outcome) -> list[dict[str, Any]]:
        """Send everything due; `outcomes` by person, else sent. Returns the letters that were tried."""
        tried: list[str] = []
        envelopes = await self.turn(at)
        while envelopes:
            tried += [e.letter for e in envelopes]
            results = [
                Result(e.letter, outcomes.get(e.recipient.partition("@")[0], SENT), local(at)) for e in envelopes
            ]
            envelopes = await self.turn(at, *results)
        found = await self.unit.read(lambda s: letters.some(s, tried))
        return [dict(found[letter]) for letter in dict.fromkeys(tried)]

    async def notices(self, **wanted: str) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.unit.read(lambda s: notices.page(s, 0, 1000, **wanted))]

    def events(self, kind: type[EventData]) -> list[Any]:
        return [
            Event[kind].model_validate_json(row.payload).data  # type: ignore[valid-type]  # known at run time only
            for row in self.published
            if row.subject == kind.TYPE
        ]


def seat(unit: str, role: str, person: str, since: str = "2026-01-01", **more: Any) -> Holder:
    fields = {"email": f"{person}@{unit}.example", "name": person.title()} | more
    return Holder(unit=unit, role=role, person=person, since=date.fromisoformat(since), **fields)


async def furnish(house: House) -> None:
    """A small directory: one unit with handler and leader, a superior, the office."""
    await house.hear("2026-01-01T08:00", UnitRegistered(
        unit="tax", name="清河税务所", name_en="Qinghe Tax Office", category="enforcement", scope="township"
    ))  # fmt: skip
    await house.hold(
        "2026-01-01T08:00",
        seat("tax", "handler", "wang", name="王芳"),
        seat("tax", "main_leader", "li", name="李强"),
        seat("tax", "superior", "zhao"),
        seat(OFFICE, "office", "clerk"),
        seat(OFFICE, "operator", "op"),
        seat(OFFICE, "approver", "boss"),
    )


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'notify.db'}"


@cache
def _desk() -> Desk:
    """A desk, once a run: reading all templates takes longer than most tests."""
    return make_desk(programme.load("window-units"), sender="office@minping.example", domain="minping.example")


@cache
def _empty_store() -> Path:
    """A store that the migrations made, once a run: they take longer than most tests."""
    made = Path(mkdtemp(prefix="notify-")) / "empty.db"
    engine = writer_engine(f"sqlite:///{made}")
    upgrade(engine, "notify", Base)
    engine.dispose()  # the last one to close writes the log back into the file
    return made


@asynccontextmanager
async def a_house(url: str) -> AsyncIterator[House]:
    """Notify on the store of a URL; a new one has an empty directory."""
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        copyfile(_empty_store(), url.removeprefix("sqlite:///"))
    writer, reader = writer_engine(url), reader_engine(url)
    if not url.startswith("sqlite:///"):
        upgrade(writer, "notify", Base)
    published: list[Outgoing] = []
    unit = Unit("notify", writer, reader, Tables.of(Base), programme="window-units", committed=published.extend)
    unit.start()
    planned: list[datetime] = []
    desk = replace(_desk(), planned=planned.append)
    yield House(unit, desk, published, planned)
    await unit.stop()
    writer.dispose()
    reader.dispose()


@pytest.fixture
async def bare_house(database_url: str) -> AsyncIterator[House]:
    """With an empty directory."""
    async with a_house(database_url) as made:
        yield made


@pytest.fixture
async def house(bare_house: House) -> House:
    """With a small directory."""
    await furnish(bare_house)
    bare_house.published.clear()
    return bare_house
