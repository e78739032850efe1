"""Every change of the directory, with who, when and why: history is added to, never lost (N1)."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Column, RowMapping, delete, insert, select, update
from sqlmodel import Field, Session

from services.notify.domain.recipient import Holder as Seat
from services.notify.domain.terms import Change, of_plain, plain
from services.notify.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class DirectoryEntry(Base, table=True):
    """What somebody did to the directory in one step: one entry, a whole table, a correction, or the undoing of one."""

    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    actor: str
    kind: str
    reason: str
    undoes: int | None = Field(default=None, unique=True)


class DirectoryChange(Base, table=True):
    """A term of office before and after; nothing before: it is new; nothing after: it is gone."""

    id: int | None = Field(default=None, primary_key=True)
    entry: int = Field(index=True)
    kind: str
    unit: str = Field(index=True)
    role: str
    person: str
    before: dict[str, Any] | None = Field(default=None, sa_column=Column("before", JSONType))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column("after", JSONType))


_entry = Base.metadata.tables["directoryentry"]
_change = Base.metadata.tables["directorychange"]
_holder = Base.metadata.tables["holder"]


def terms_of(session: Session, units: Collection[str]) -> list[Seat]:
    """All terms of office in these units."""
    names = list(Seat.__slots__)
    query = select(*(_holder.c[name] for name in names)).where(_holder.c.unit.in_(units))
    query = query.order_by(_holder.c.unit, _holder.c.role, _holder.c.since, _holder.c.person)
    return [Seat(**{**row, "fields": tuple(row["fields"])}) for row in session.connection().execute(query).mappings()]


def apply(session: Session, changes: Sequence[Change]) -> None:
    """Write changes to the directory: first what goes, so that what comes finds its place."""
    run = session.connection().execute
    for change in changes:
        if change.before is not None and (change.after is None or _key(change.before) != _key(change.after)):
            run(delete(_holder).where(*_is(change.before)))
    for change in changes:
        after = change.after
        if after is None:
            continue
        values = {name: getattr(after, name) for name in Seat.__slots__} | {"fields": list(after.fields)}
        if not run(update(_holder).where(*_is(after)).values(**values)).rowcount:
            run(insert(_holder).values(**values))


def keep(session: Session, entry: dict[str, Any], changes: Sequence[Change]) -> int:
    """Keep an entry with its changes; returns its number."""
    number = session.connection().execute(insert(_entry).values(**entry)).inserted_primary_key
    if number is None:
        raise AssertionError("an entry of the directory has no number")
    rows = [
        {
            "entry": number[0], "kind": change.kind, "unit": change.term.unit, "role": change.term.role,
            "person": change.term.person, "before": plain(change.before), "after": plain(change.after),
        }
        for change in changes
    ]  # fmt: skip
    if rows:
        session.connection().execute(insert(_change), rows)
    return int(number[0])


def entry(session: Session, number: int) -> RowMapping | None:
    """One entry."""
    return session.connection().execute(select(_entry).where(_entry.c.id == number)).mappings().first()


def undone_by(session: Session, number: int) -> int | None:
    """The entry that undid this one, if one did."""
    found: int | None = session.connection().execute(select(_entry.c.id).where(_entry.c.undoes == number)).scalar()
    return found


def of_entry(session: Session, number: int) -> list[Change]:
    """What an entry changed, in its order."""
    query = select(_change).where(_change.c.entry == number).order_by(_change.c.id)
    return [
        Change(row["kind"], of_plain(row["before"]), of_plain(row["after"]))
        for row in session.connection().execute(query).mappings()
    ]


def page(session: Session, unit: str | None, after: int, limit: int) -> list[RowMapping]:
    """Changes with their entries, in their order, of one unit or of all, after a cursor."""
    query = (
        select(_change, _entry.c.at, _entry.c.actor, _entry.c.kind.label("entry_kind"), _entry.c.reason,
               _entry.c.undoes)
        .join(_entry, _entry.c.id == _change.c.entry)
        .where(_change.c.id > after)
        .order_by(_change.c.id)
        .limit(limit)
    )  # fmt: skip
    if unit is not None:
        query = query.where(_change.c.unit == unit)
    return list(session.connection().execute(query).mappings())


def _key(term: Seat) -> tuple[object, ...]:
    return term.unit, term.role, term.person, term.since


def _is(term: Seat) -> tuple[Any, ...]:
    return (
        _holder.c.unit == term.unit, _holder.c.role == term.role, _holder.c.person == term.person,
        _holder.c.since == term.since,
    )  # fmt: skip
