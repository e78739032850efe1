"""What is asked about many cases: lists, statistics, the row a case that an audit takes away; units by name."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, cast, func, or_, select, true
from sqlmodel import Session

from services.rectification.domain.case import Case
from services.rectification.store.cases import case_of
from services.rectification.store.tables import cases, entries, lapses, units
from services.rectification.store.units import helpers
from services.rectification.store.upsert import upsert


@dataclass(slots=True)
class Figures:
    """Counts of cases; see `statistics` for what each one counts."""

    opened: int = 0
    solved: int = 0
    closed: int = 0
    late: int = 0
    excused: int = 0
    reopened: int = 0
    returned: int = 0
    no_result: int = 0
    open: int = 0


@dataclass(slots=True)
class Statistics:
    """Figures of a period, in all and by lead unit."""

    total: Figures = field(default_factory=Figures)
    by_unit: dict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))

    def add(self, unit: str, name: str, count: int) -> None:
        """Count for the unit and in all."""
        for figures in (self.total, self.by_unit[unit]):
            setattr(figures, name, getattr(figures, name) + count)


def page(
    session: Session, *, unit: str | None, role: str = "lead", state: str | None, after: str, limit: int
) -> list[Case]:
    """Cases by number; `role`: the part that the unit has in them, `lead`, `cooperating` or `territorial`."""
    query = select(cases).where(cases.c.number > after)
    if unit is not None and role == "lead":
        query = query.where(cases.c.lead_unit == unit)
    elif unit is not None:
        helps = helpers.c.cooperating if role == "cooperating" else helpers.c.territorial
        query = query.join(helpers, (helpers.c.case_number == cases.c.number) & (helpers.c.unit == unit) & helps)
    if state is not None:
        query = query.where(cases.c.state == state)
    query = query.order_by(cases.c.number).limit(limit)
    return [case_of(row) for row in session.connection().execute(query).mappings()]


def late_at(to: ColumnElement[Any]) -> ColumnElement[bool]:
    """Late as of an instant: the due day is over, and no solution that stands was submitted before its end (R3).

    The solution that stands is the finally accepted one, or the one that waits for its callback; after a reopening
    that of the first run still decides, for earlier figures stay. A date that came while the case stood still did
    not expire.
    """
    ran = or_(cases.c.suspended_at.is_(None), cases.c.suspended_at >= cases.c.expires_at)
    in_time = and_(cases.c.decisive_at.is_not(None), cases.c.decisive_at < cases.c.expires_at)
    return and_(cases.c.expires_at <= to, ran, ~in_time, ~_excused(to))


def excused_at(to: ColumnElement[Any]) -> ColumnElement[bool]:
    """Late by its dates as of an instant, and excused by a ruling up to then: counted apart from the late ones."""
    return and_(cases.c.expires_at <= to, _excused(to))


def _excused(to: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(cases.c.excused_at.is_not(None), cases.c.excused_at <= to)


def statistics(session: Session, start: datetime | None, to: datetime) -> Statistics:
    """Figures of a period, from stored instants alone.

    Cases opened, solved (reported so), closed, reopened, returned from `start` up to but not at `to`, each counted
    once; late: whose due day ended after `start` and not after `to`, solved after it or not at all, excused: those of
    them whose delay a ruling excused, which are not among the late; no_result:
    recorded at a cycle's end after `start` and not after `to`; open: open at `to`.
    """
    found = Statistics()
    connection = session.connection()
    before = entries.c.at < to
    since = before if start is None else and_(before, entries.c.at >= start)
    named = ("opened", "solved", "closed", "reopened", "returned")
    happened = (
        select(cases.c.lead_unit, entries.c.kind, func.count(func.distinct(entries.c.case_number)))
        .join(cases, cases.c.number == entries.c.case_number)
        .where(entries.c.kind.in_(named), since)
        .group_by(cases.c.lead_unit, entries.c.kind)
    )
    for unit, kind, count in connection.execute(happened):
        found.add(unit, kind, count)
    # Every closing ends what an opening or a reopening began, so their difference is what was open at `to`.
    begun = case((entries.c.kind.in_(("opened", "reopened")), 1), else_=-1)
    open_at = (
        select(cases.c.lead_unit, cast(func.sum(begun), Integer))
        .join(cases, cases.c.number == entries.c.case_number)
        .where(entries.c.kind.in_(("opened", "reopened", "closed", "closed_again")), before)
        .group_by(cases.c.lead_unit)
    )
    for unit, count in connection.execute(open_at):
        found.add(unit, "open", count)
    instant = bindparam("to", to, type_=cases.c.expires_at.type)
    after_start = true() if start is None else cases.c.expires_at > start
    for name, judged in (("late", late_at(instant)), ("excused", excused_at(instant))):
        late = select(cases.c.lead_unit, func.count()).where(judged, after_start)
        for unit, count in connection.execute(late.group_by(cases.c.lead_unit)):
            found.add(unit, name, count)
    lapsed = (
        select(cases.c.lead_unit, func.count(func.distinct(lapses.c.case_number)))
        .join(cases, cases.c.number == lapses.c.case_number)
        .where(lapses.c.at <= to, true() if start is None else lapses.c.at > start)
    )
    for unit, count in connection.execute(lapsed.group_by(cases.c.lead_unit)):
        found.add(unit, "no_result", count)
    return found


def export(session: Session, to: datetime, after: str, limit: int) -> list[dict[str, Any]]:
    """One row a case for an audit, by number, with what its lateness is judged by."""
    instant = bindparam("to", to, type_=cases.c.expires_at.type)
    query = (
        select(
            cases.c.number.label("case"),
            cases.c.lead_unit.label("unit"),
            *(cases.c[name] for name in _EXPORTED),
            late_at(instant).label("late"),
            excused_at(instant).label("excused"),
        )
        .where(cases.c.number > after)
        .order_by(cases.c.number)
        .limit(limit)
    )
    return [dict(row) for row in session.connection().execute(query).mappings()]


def open_count(session: Session) -> int:
    """How many cases are open now."""
    query = select(func.count()).where(cases.c.state != "closed")
    return session.connection().execute(query).scalar_one()


def names(session: Session) -> dict[str, str]:
    """Units' names by key."""
    return {row.unit: row.name for row in session.connection().execute(select(units.c.unit, units.c.name))}


def save_unit(session: Session, unit: str, name: str, category: str, parent: str | None, at: datetime) -> bool:
    """A unit as scoring registered it; registered again it is replaced, but keeps the time of the first. True: new."""
    before = select(units.c.registered_at, units.c.retired_at).where(units.c.unit == unit)
    known = session.connection().execute(before).mappings().one_or_none()
    kept = dict(known) if known else {"registered_at": at, "retired_at": None}
    upsert(session, units, [{"unit": unit, "name": name, "category": category, "parent": parent} | kept])
    return known is None


def unit(session: Session, key: str) -> tuple[str, datetime | None] | None:
    """A unit's category and when it was registered first."""
    query = select(units.c.category, units.c.registered_at).where(units.c.unit == key)
    row = session.connection().execute(query).one_or_none()
    return None if row is None else (row.category, row.registered_at)


def first_registration(session: Session) -> datetime | None:
    """When the first of the units was registered, as far as that is known."""
    query = select(func.min(units.c.registered_at, type_=units.c.registered_at.type))
    return session.connection().execute(query).scalar()


_EXPORTED = (
    "state", "track", "channel", "topic", "opened_at", "due", "expires_at", "provisional", "accepted_at", "solved_at",
    "decisive_at", "closed_at", "outcome", "round", "returns", "times_closed",
)  # fmt: skip
