"""The store made anew, beside the old one: from the events of the bus, and from the old store what is in no event.

No event holds an address: the directory with its history, suppressed addresses, decisions of operators and what
waited to be published come from the old store. Nothing is published and no letter goes out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine, RowMapping, insert, inspect, select
from sqlmodel import Session

from services.notify.store import Base, rebuilding, suppressions
from services.notify.usecases import Desk
from services.notify.usecases.rebuilding import TAKEN, Rebuild
from shared.contracts import Event
from shared.errors import Refusal
from shared.migrate import upgrade
from shared.store import Tx, reader_engine, writer_engine

CARRIED = ("holder", "directorychange", "directoryentry", "resolution", "idempotency", "attempt", "bouncereport")
"""Tables of which no event tells."""

AT_THE_END = ("deadaddress", "suppressionchange")
"""What the events tell of these is less than what the old store holds: complaints, operators' words."""

BATCH = 200
KINDS: dict[str, type[Event[Any]]] = {
    kind.TYPE: Event[kind]  # type: ignore[valid-type]  # known at run time only
    for kind in TAKEN
}
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the stream."""

    subject: str
    sequence: int
    body: bytes


@dataclass
class Report:
    """What came of it. missing, extra, different: notices against the old store's."""

    events: int = 0
    notices: int = 0
    states: dict[str, int] = field(default_factory=dict)
    uncertain: int = 0
    unexplained: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether the new store tells what the old one told."""
        return not (self.unexplained or self.failed or self.missing or self.extra or self.different)


def parsed(messages: Iterable[Heard]) -> Iterator[tuple[Heard, Event[Any]]]:
    """Those that a store is made of, in their order."""
    for message in messages:
        model = KINDS.get(message.subject)
        if model is not None:
            yield message, model.model_validate_json(message.body)


def rebuild(
    desk: Desk, url: str, old_url: str, messages: list[Heard], *, programme: str, stopped_at: datetime
) -> Report:
    """Make an empty store at `url` from the stream and the old store. Raises Refusal if there is one at `url`."""
    writer, old = writer_engine(url), reader_engine(old_url)
    try:
        if inspect(writer).get_table_names():
            raise Refusal("store", url, "there is a store already", "move it away first", 409)
        upgrade(writer, "notify", Base)
        _carry(writer, old, (*CARRIED, "outbox"))
        report, made = Report(), Rebuild(desk)
        events = list(parsed(messages))
        made.witness(event for _, event in events)
        with Session(old) as before:
            made.words = suppressions.told_by_no_event(before)
        for start in range(0, len(events), BATCH):
            _batch(writer, made, events[start : start + BATCH], programme, report)
        with Session(old) as before, Session(writer) as session:
            was = rebuilding.fates(before)
            report.uncertain = made.finish(_tx(session, stopped_at, programme), stopped_at, was)
            session.flush()
            rebuilding.put_texts(session, rebuilding.texts(before))
            rebuilding.put_reasons(session, _reasons(was, rebuilding.fates(session)))
            now = rebuilding.fates(session)
            session.commit()
        _carry(writer, old, AT_THE_END)
        report.unexplained = made.unexplained
        _compare(report, was, now)
        return report
    finally:
        writer.dispose()
        old.dispose()


def _carry(writer: Engine, old: Engine, names: Iterable[str]) -> None:
    """What is in no event; and of the outbox what was not published yet."""
    tables, there = Base.metadata.tables, set(inspect(old).get_table_names())
    with writer.begin() as to, old.connect() as source:
        for name in names:
            if name not in tables or name not in there:
                continue
            table = tables[name]
            query = select(table) if name != "outbox" else select(table).where(table.c.sent.is_(False))
            rows = [dict(row) for row in source.execute(query).mappings()]
            to.execute(table.delete())
            if rows:
                to.execute(insert(table), rows)


def _batch(
    writer: Engine, made: Rebuild, events: list[tuple[Heard, Event[Any]]], programme: str, report: Report
) -> None:
    inbox = Base.metadata.tables["inbox"]
    with Session(writer, expire_on_commit=False) as session:
        for message, event in events:
            key = f"{message.subject}|{event.id}"
            if session.connection().execute(select(inbox.c.key).where(inbox.c.key == key)).first():
                continue
            try:
                with session.begin_nested():
                    made.take(_tx(session, event.time, programme, event.id), event)
            except Refusal as error:
                report.failed.append(f"{message.sequence} {message.subject}: {error}")
            session.connection().execute(insert(inbox), [{"key": key}])
            report.events += 1
        session.commit()


def _tx(session: Session, now: datetime, programme: str, event_id: str = "") -> Tx:
    return Tx(session, now=now, actor=None, source="minping.notify", programme=programme, event_id=event_id)


def _reasons(was: dict[str, RowMapping], now: dict[str, RowMapping]) -> dict[str, str]:
    """What the mail server said is in no event of a letter that it took."""
    both = ((key, row, was[key]) for key, row in now.items() if key in was)
    return {key: old["reason"] for key, row, old in both if row["state"] == old["state"]}


def _compare(report: Report, was: dict[str, RowMapping], now: dict[str, RowMapping]) -> None:
    report.notices = len(now)
    for row in now.values():
        report.states[row["state"]] = report.states.get(row["state"], 0) + 1
    report.missing = sorted(was.keys() - now.keys())
    report.extra = sorted(now.keys() - was.keys())
    for key in sorted(was.keys() & now.keys()):
        for name in ("key", "person", "unit", "role", "template", "due", "state"):
            if was[key][name] != now[key][name]:
                report.different.append(f"{key} {name}: {was[key][name]} → {now[key][name]}")
