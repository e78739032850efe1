"""What is on record, as notify heard it (N6, N9): one row an event and unit, and how each case stands.

Rows are added under the event's own id, so that the same event heard again, in whatever order, changes nothing.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Index, RowMapping, and_, bindparam, insert, or_, select, update
from sqlmodel import Field, Session

from services.notify.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class RecordRow(Base, table=True):
    """What an event said about a unit. `at`: when the fact occurred; `kind`: `rectification.case.closed`."""

    __tablename__ = "record"
    __table_args__ = (
        Index("ix_record_unit", "unit", "at"),
        Index("ix_record_kind", "kind", "at"),
        Index("ix_record_case", "case"),
    )

    key: str = Field(primary_key=True)
    event: str
    unit: str | None = None
    kind: str
    case: str | None = None
    at: dt.datetime = Field(sa_type=UtcDateTime)
    facts: dict[str, object] = Field(sa_column=Column("facts", JSONType, nullable=False))


class CaseStandRow(Base, table=True):
    """How a case stands: of each part what was said last. `…_at`: when that was said."""

    __tablename__ = "case_stand"
    __table_args__ = (Index("ix_case_stand_closed", "closed_at"), Index("ix_case_stand_opened", "opened_at"))

    case: str = Field(primary_key=True)
    title: str = ""
    track: str = ""
    topic: str | None = None
    opened_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    unit: str | None = Field(default=None, index=True)
    unit_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    due: dt.date | None = None
    due_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = ""
    reopened_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


CLOSED, REOPENED = "rectification.case.closed", "rectification.case.reopened"
_record, _stand = Base.metadata.tables["record"], Base.metadata.tables["case_stand"]
_KNOWN = select(_record.c.key).where(_record.c.key.in_(bindparam("keys", expanding=True)))


def add(session: Session, rows: list[dict[str, Any]]) -> None:
    """Enter what is not there yet."""
    run = session.connection().execute
    keys = [row["key"] for row in rows]
    known: set[str] = set()
    for start in range(0, len(keys), 500):
        known.update(run(_KNOWN, {"keys": keys[start : start + 500]}).scalars())
    fresh = [row for row in rows if row["key"] not in known]
    if fresh:
        run(insert(_record), fresh)


def stands(session: Session, case: str, at: dt.datetime, said: Mapping[str, Any]) -> None:
    """Take up what an event says of a case: of each part the latest counts, whatever the order of arrival.

    said: `opened` (title, track, topic), `unit`, `due`, `closed` (an outcome), `reopened`.
    """
    run = session.connection().execute
    found = run(select(_stand).where(_stand.c.case == case)).mappings().one_or_none()
    values: dict[str, Any] = {}
    if opened := said.get("opened"):
        values |= {**opened, "opened_at": at}
    for name in ("unit", "due"):
        if said.get(name) is not None and _later(found, f"{name}_at", at):
            values |= {name: said[name], f"{name}_at": at}
    if "closed" in said and _later(found, "closed_at", at):
        values |= {"closed_at": at, "outcome": said["closed"]}
    if said.get("reopened") and _later(found, "reopened_at", at):
        values["reopened_at"] = at
    if found is None:
        empty: dict[str, Any] = {"title": "", "track": "", "outcome": ""}
        run(insert(_stand).values(case=case, **empty | values))
    elif values:
        run(update(_stand).where(_stand.c.case == case).values(**values))


def _later(found: RowMapping | None, name: str, at: dt.datetime) -> bool:
    return found is None or found[name] is None or found[name] <= at


def open_at(session: Session, moment: dt.datetime, unit: str | None = None) -> list[RowMapping]:
    """Cases that are open at a moment, as far as was heard, the earliest due first."""
    running = or_(
        _stand.c.closed_at.is_(None),
        _stand.c.closed_at > moment,
        and_(_stand.c.reopened_at > _stand.c.closed_at, _stand.c.reopened_at <= moment),
    )
    query = select(_stand).where(_stand.c.opened_at <= moment, running).order_by(_stand.c.due, _stand.c.case)
    if unit is not None:
        query = query.where(_stand.c.unit == unit)
    found = list(session.connection().execute(query).mappings())
    # one that was closed later may have been closed before as well, and reopened in between
    shut = _closed_at(session, [row["case"] for row in found if row["closed_at"] and row["closed_at"] > moment], moment)
    return [row for row in found if row["case"] not in shut]


def _closed_at(session: Session, cases: list[str], moment: dt.datetime) -> set[str]:
    """Those of the cases that were closed at a moment."""
    shut: dict[str, bool] = {}
    for start in range(0, len(cases), 500):
        query = (
            select(_record.c.case, _record.c.kind)
            .where(
                _record.c.case.in_(cases[start : start + 500]),
                _record.c.kind.in_((CLOSED, REOPENED)),
                _record.c.at <= moment,
            )
            .order_by(_record.c.at, _record.c.kind.desc())  # at one instant the reopening comes first
        )
        for case, kind in session.connection().execute(query):
            shut[case] = kind == CLOSED
    return {case for case, closed in shut.items() if closed}


def between(
    session: Session, since: dt.datetime, until: dt.datetime, *, kinds: Collection[str] = (), unit: str | None = None
) -> Iterator[RowMapping]:
    """Rows of a span, `until` not included, in the order in which things happened."""
    query = select(_record).where(_record.c.at >= since, _record.c.at < until)
    if kinds:
        query = query.where(_record.c.kind.in_(list(kinds)))
    if unit is not None:
        query = query.where(_record.c.unit == unit)
    yield from session.connection().execute(query.order_by(_record.c.at, _record.c.key)).mappings()


def latest(session: Session, kind: str) -> list[RowMapping]:
    """All rows of a kind, the latest first."""
    query = select(_record).where(_record.c.kind == kind).order_by(_record.c.at.desc(), _record.c.key)
    return list(session.connection().execute(query).mappings())


def first_at(session: Session) -> dt.datetime | None:
    """When the earliest thing on record happened."""
    found: dt.datetime | None = session.connection().execute(
        select(_record.c.at).order_by(_record.c.at).limit(1)
    ).scalar()  # fmt: skip
    return found
