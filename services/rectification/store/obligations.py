"""Duties and tasks in the store. Never commits."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    RowMapping,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlmodel import Field, Session

from services.rectification.domain.obligation import Duty, Handing, Item, State, duty_id
from services.rectification.store.tables import Base, units
from services.rectification.store.upsert import upsert
from shared.programme.obligations import Who
from shared.tables import JSONType, UtcDateTime


class DutyRow(Base, table=True):
    """A period's duty of a unit as it stands now; its history is in `entries`, its steps in `deadlines`."""

    __tablename__ = "duties"
    __table_args__ = (
        Index("ix_duties_due", "due", "id"),
        Index("ix_duties_unit", "unit", "due", "id"),
        Index("ix_duties_state", "state", "due", "id"),
    )

    id: str = Field(primary_key=True)
    obligation: str
    period: str
    unit: str
    title: str
    opens: dt.date
    announced_at: dt.datetime = Field(sa_type=UtcDateTime)
    due: dt.date
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    provisional: bool
    items: list[list[str]] = Field(sa_column=Column(JSONType, nullable=False))
    document: bool
    published: bool
    costs: bool
    state: str
    missed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    handed_in_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    handing: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONType))
    returns: int
    reasons: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    judged_by: str
    judged_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


duties = Base.metadata.tables["duties"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Duties whose due day ended in a period: how they went. late: met after their due day (missed before)."""

    due: int
    met: int
    late: int
    missed: int
    waiting: int


def find(session: Session, key: str) -> Duty | None:
    """The duty, or None."""
    row = session.connection().execute(select(duties).where(duties.c.id == key)).mappings().one_or_none()
    return None if row is None else duty_of(row)


def insert(session: Session, new: list[Duty]) -> None:
    """Duties that were announced."""
    if new:
        session.connection().execute(duties.insert(), [_columns(duty) for duty in new])


def save(session: Session, duty: Duty) -> None:
    """A duty as it stands now."""
    upsert(session, duties, [_columns(duty)])


def owing(session: Session, obligation: str, period: str, who: Who, opened: dt.datetime, limit: int) -> list[str]:
    """Units that have this duty and were not told of it yet: registered before the opening day ended, by key."""
    prefix = duty_id(obligation, period, "")
    told = exists().where(duties.c.id == literal(prefix).concat(units.c.unit))
    known = or_(units.c.registered_at.is_(None), units.c.registered_at < opened)
    stands = units.c.retired_at.is_(None)
    query = select(units.c.unit).where(~told, known, stands, _of(who)).order_by(units.c.unit).limit(limit)
    return list(session.connection().execute(query).scalars())


def page(
    session: Session,
    *,
    unit: str | None,
    state: str | None,
    obligation: str | None,
    period: str | None,
    after: tuple[dt.date, str] | None,
    limit: int,
) -> list[Duty]:
    """Duties by due date. state: of the duty, or `missed`: missed and not accepted since."""
    query = select(duties)
    for column, value in ((duties.c.unit, unit), (duties.c.obligation, obligation), (duties.c.period, period)):
        if value is not None:
            query = query.where(column == value)
    if state == "missed":
        query = query.where(duties.c.missed_at.is_not(None), duties.c.state != State.ACCEPTED.value)
    elif state is not None:
        query = query.where(duties.c.state == state)
    if after is not None:
        last = tuple_(bindparam("last_due", after[0], type_=duties.c.due.type), bindparam("last_id", after[1]))
        query = query.where(tuple_(duties.c.due, duties.c.id) > last)
    query = query.order_by(duties.c.due, duties.c.id).limit(limit)
    return [duty_of(row) for row in session.connection().execute(query).mappings()]


def figures(
    session: Session, start: dt.datetime | None, to: dt.datetime, *, unit: str | None
) -> dict[tuple[str, str], Figures]:
    """By (unit, obligation): duties whose due day ended after `start` and not after `to`."""
    instant = bindparam("to", to, type_=duties.c.expires_at.type)
    accepted = duties.c.state == State.ACCEPTED.value
    counted = {
        "due": true(),
        "met": accepted & duties.c.missed_at.is_(None),
        "late": accepted & duties.c.missed_at.is_not(None),
        "missed": ~accepted & duties.c.missed_at.is_not(None),
        "waiting": ~accepted & duties.c.missed_at.is_(None),
    }
    query = select(
        duties.c.unit, duties.c.obligation, *(_count(condition).label(name) for name, condition in counted.items())
    ).where(duties.c.expires_at <= instant)
    if start is not None:
        query = query.where(duties.c.expires_at > bindparam("start", start, type_=duties.c.expires_at.type))
    if unit is not None:
        query = query.where(duties.c.unit == unit)
    rows = session.connection().execute(query.group_by(duties.c.unit, duties.c.obligation))
    return {(row.unit, row.obligation): Figures(*row[2:]) for row in rows}


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.sum(case((condition, 1), else_=0)), Integer)


def _of(who: Who) -> ColumnElement[bool]:
    if who.every_unit:
        return true()
    return units.c.category.in_(who.categories) if who.categories else units.c.unit.in_(who.units)


def _columns(duty: Duty) -> dict[str, Any]:
    same = {name: getattr(duty, name) for name in _SAME}
    return same | {
        "id": duty.id,
        "items": [[item.key, item.label] for item in duty.items],
        "state": duty.state.value,
        "handed_in_at": duty.handing.at if duty.handing else None,
        "handing": _handing_as_json(duty.handing),
        "reasons": list(duty.reasons),
    }


def _handing_as_json(handing: Handing | None) -> dict[str, Any] | None:
    if handing is None:
        return None
    said = {"by": handing.by, "answers": dict(handing.answers), "documents": list(handing.documents)}
    return said | {"at": handing.at.isoformat(), "address": handing.address}


def duty_of(row: RowMapping | dict[str, Any]) -> Duty:
    """A row as the domain sees it."""
    given = row["handing"]
    handing = (
        Handing(
            dt.datetime.fromisoformat(given["at"]),
            given["by"],
            given["answers"],
            tuple(given["documents"]),
            given["address"],
        )
        if given
        else None
    )
    return Duty(
        **{name: row[name] for name in _SAME},
        items=tuple(Item(*item) for item in row["items"]),
        state=State(row["state"]),
        handing=handing,
        reasons=tuple(row["reasons"]),
    )


_SAME = (
    "obligation", "period", "unit", "title", "opens", "announced_at", "due", "expires_at", "provisional", "document",
    "published", "costs", "missed_at", "returns", "judged_by", "judged_at",
)  # fmt: skip
