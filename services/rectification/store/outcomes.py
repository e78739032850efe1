"""What the rates of outcomes and satisfaction are counted from: entries of the ledger, as of an instant. Reads only."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlmodel import Session

from services.rectification.domain.rates import Tally
from services.rectification.store.tables import cases, entries, petitioners


@dataclass(slots=True)
class Rates:
    """Tallies in all, by lead unit and by track."""

    total: Tally = field(default_factory=Tally)
    by_unit: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_track: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def of(self, unit: str, track: str) -> tuple[Tally, Tally, Tally]:
        """The three tallies that a case counts in."""
        return self.total, self.by_unit[unit], self.by_track[track]


def rates(session: Session, start: datetime | None, to: datetime) -> Rates:
    """Cases whose last closing lies from `start` up to but not at `to`, and the answers given in that time.

    A case that was opened again by `to` counts as reopened, not by its outcome.
    """
    found = Rates()
    _closed(session, found, start, to)
    _answered(session, found, start, to)
    _not_asked(session, found, start, to)
    return found


def _closed(session: Session, found: Rates, start: datetime | None, to: datetime) -> None:
    before = entries.c.at < to

    def last(*kinds: str) -> ColumnElement[int]:
        return func.max(entries.c.seq).filter(entries.c.kind.in_(kinds))

    ends = (
        select(
            entries.c.case_number,
            last("closed").label("closing"),
            last("closed", "closed_again", "reopened").label("end"),
        )
        .where(entries.c.kind.in_(("closed", "closed_again", "reopened")), before)
        .group_by(entries.c.case_number)
        .subquery()
    )
    closing, end = entries.alias("closing"), entries.alias("end_of_it")
    closed = (
        select(
            cases.c.lead_unit,
            cases.c.track,
            closing.c.data["outcome"].as_string().label("outcome"),
            closing.c.data["late"].as_boolean().label("late"),
            (end.c.kind == "reopened").label("again"),
        )
        .select_from(ends)
        .join(closing, closing.c.seq == ends.c.closing)
        .join(end, end.c.seq == ends.c.end)
        .join(cases, cases.c.number == ends.c.case_number)
        .where(true() if start is None else closing.c.at >= start)
        .subquery()
    )
    # Grouped outside: PostgreSQL does not know two parameters of the same value for the same expression.
    query: Select[Any] = select(*closed.c, func.count()).group_by(*closed.c)
    for unit, track, name, was_late, reopened, count in session.connection().execute(query):
        for tally in found.of(unit, track):
            if reopened:
                tally.reopened += count
                continue
            tally.outcomes[name] += count
            tally.late += count if was_late else 0


def _answered(session: Session, found: Rates, start: datetime | None, to: datetime) -> None:
    data = entries.c.data
    answers = (
        select(
            cases.c.lead_unit,
            cases.c.track,
            data["counts"].as_boolean().label("counts"),
            data["excluded"].as_boolean().label("excluded"),
            data["result"].as_string().label("result"),
            data["grade"].as_string().label("grade"),
        )
        .join(cases, cases.c.number == entries.c.case_number)
        .where(entries.c.kind == "answered", entries.c.at < to, true() if start is None else entries.c.at >= start)
        .subquery()
    )
    query: Select[Any] = select(*answers.c, func.count()).group_by(*answers.c)
    for unit, track, counted, excluded, said, graded, number in session.connection().execute(query):
        for tally in found.of(unit, track):
            if excluded:
                tally.left_out["excluded"] += number
            elif not counted:
                tally.left_out["not_counted"] += number
            elif said == "graded" and graded:
                tally.grades[graded] += number
            else:
                tally.left_out["not_reached"] += number


def _not_asked(session: Session, found: Rates, start: datetime | None, to: datetime) -> None:
    """Petitioners of cases closed in the time who could not be asked, or did not answer."""
    period = and_(cases.c.closed_at < to, true() if start is None else cases.c.closed_at >= start)
    silent = petitioners.c.can_be_called & (petitioners.c.asked > 0) & petitioners.c.result.is_(None)
    for name, condition in (("nobody_to_ask", ~petitioners.c.can_be_called), ("silent", silent)):
        query = (
            select(cases.c.lead_unit, cases.c.track, func.count())
            .join(cases, cases.c.number == petitioners.c.case_number)
            .where(period, condition)
            .group_by(cases.c.lead_unit, cases.c.track)
        )
        for unit, track, number in session.connection().execute(query):
            for tally in found.of(unit, track):
                tally.left_out[name] += number
