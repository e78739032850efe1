"""A small service on its own tables, that stands in the place of rectification on a real bus.

It takes units and cycles from the bus, makes cases over HTTP, and publishes one event for each case it makes."""

import asyncio
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Field, SQLModel, select

from shared.bus.broker import Bus, Malformed
from shared.contracts import Event
from shared.contracts.rectification import CaseAccepted
from shared.contracts.scoring import CycleClosed, UnitRegistered
from shared.errors import Refusal
from shared.service import Service
from shared.settings import ServiceSettings
from shared.store import Tx
from shared.tables import IdempotencyRow, InboxRow, OutboxRow, UtcDateTime, base, unsent_index
from shared.tick import Tick
from shared.unit import Unit
from shared.web import Command, Query, allow, allow_read, public, public_read

NAME = "rectification"
Base = base()


class Outbox(OutboxRow, Base, table=True):
    """The toy's outbox."""

    __tablename__ = "outbox"


class Inbox(InboxRow, Base, table=True):
    """The toy's inbox."""

    __tablename__ = "inbox"


class Idempotency(IdempotencyRow, Base, table=True):
    """The toy's answered requests."""

    __tablename__ = "idempotency"


class Taken(Base, table=True):
    """One row an event taken: twice the same event would be two rows."""

    __tablename__ = "taken"

    seq: int | None = Field(default=None, primary_key=True)
    event: str
    name: str
    at: datetime = Field(sa_type=UtcDateTime)


class Case(Base, table=True):
    """One row a request: twice the same request would be two rows."""

    __tablename__ = "case"

    seq: int | None = Field(default=None, primary_key=True)
    number: str


class Kept(Base, table=True):
    """A message that did not parse, kept for repair."""

    __tablename__ = "kept"

    seq: int | None = Field(default=None, primary_key=True)
    field: str
    reason: str
    body: bytes


unsent_index(Outbox.__table__)  # type: ignore[attr-defined]  # SQLModel makes it


class Made(BaseModel):
    """Answer of the toy's POST."""

    number: str
    seq: int


class NewCase(BaseModel):
    """Body of the toy's POST."""

    number: str = Field(max_length=60)
    events: int = 1


def take(tx: Tx, event: Event[UnitRegistered]) -> None:
    """Keep what came, and tell it on."""
    keep(tx, event.id, event.data.name)
    accepted(tx, event.data.unit)


def keep(tx: Tx, event: str, name: str) -> None:
    """Note an event."""
    tx.session.add(Taken(event=event, name=name, at=tx.now))


def accepted(tx: Tx, case: str) -> None:
    """Publish an event on a case."""
    tx.publish(CaseAccepted(case=case, unit="u", handler="h"), subject=case)


def end_cycle(tx: Tx, event: Event[CycleClosed]) -> None:
    """Keep what came."""
    keep(tx, event.id, event.data.name)


def keep_malformed(tx: Tx, broken: Malformed) -> None:
    """Keep a message for repair."""
    tx.session.add(Kept(field=broken.field, reason=broken.reason, body=broken.body))


router = APIRouter(prefix="/api/v1")


@router.post("/cases", status_code=201)
async def make_case(body: NewCase, do: Command = allow("clerk")) -> Made:
    """Make a case and publish as many events as asked for; `refused` is refused, `broken` is a fault of ours."""

    def make(tx: Tx) -> Made:
        case = Case(number=body.number)
        tx.session.add(case)
        for number in range(body.events):
            accepted(tx, f"{body.number}-{number}")
        if body.number.startswith("refused"):
            raise Refusal("number", body.number, "this number is refused", "choose another one", 409)
        if body.number.startswith("broken"):
            raise ZeroDivisionError("secret inner words")
        tx.session.flush()
        assert case.seq
        return Made(number=body.number, seq=case.seq)

    return await do.run(make)


@router.get("/cases")
async def cases(ask: Query = allow_read("clerk", "auditor")) -> list[str]:
    """All case numbers."""
    return await ask.run(lambda session: list(session.exec(select(Case.number).order_by(Case.seq))))


@router.post("/notes")
async def make_note(body: NewCase, do: Command = public) -> dict[str, str]:
    """Anybody may leave a note; it is dated."""

    def note(tx: Tx) -> dict[str, str]:
        keep(tx, "note", body.number)
        return {"at": tx.now.isoformat()}

    return await do.run(note)


@router.get("/whoami")
async def whoami(ask: Query = public_read) -> str:
    """Anybody may ask, but has to be somebody for an answer."""
    return ask.actor.sub


def create_tables(engine: Engine, _service: str, made: type[SQLModel]) -> None:
    """In the place of migrations, of which the toy has none."""
    made.metadata.create_all(engine)


without_migrations = patch("shared.service.upgrade", create_tables)


def service(
    settings: ServiceSettings,
    *,
    on_unit: Callable[[Tx, Event[UnitRegistered]], None] = take,
    on_malformed: Callable[[Tx, Malformed], None] | None = None,
    tick: Tick | None = None,
) -> Service:
    """The toy, with what it shall do when a unit is registered."""

    def subscribe(bus: Bus) -> None:
        bus.on(UnitRegistered, on_unit, malformed=on_malformed)
        bus.on(CycleClosed, end_cycle)

    return Service(NAME, settings, Base, "window-units", subscribe, [router], tick=tick)


def hold_in_hand(file: Path) -> None:
    """Before the first event's transaction make `file`, and wait until it is taken away."""
    run, held = Unit.run, set[str]()

    async def holding(unit: Unit, fn: Any, **more: Any) -> Any:
        if more.get("event_id") and not held:
            held.add(more["event_id"])
            file.touch()
            while file.exists():
                await asyncio.sleep(0.01)
        return await run(unit, fn, **more)

    Unit.run = holding  # type: ignore[method-assign]  # in a process of its own


def main() -> None:
    """Run the toy by the settings in the environment until it is stopped."""
    if os.environ.get("TOY_HOLD"):
        hold_in_hand(Path(os.environ["TOY_HOLD"]))
    with without_migrations:
        service(ServiceSettings()).serve()  # type: ignore[call-arg]  # from the environment
