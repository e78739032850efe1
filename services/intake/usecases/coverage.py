"""Which units nobody inspected in a quarter (I9): told once, when the quarter and the days to report it are over."""

from collections import Counter, defaultdict
from datetime import datetime, time

from sqlmodel import Session

from services.intake import store
from services.intake.domain.inspection import Duty, Seen, uncovered
from services.intake.domain.quarter import Quarter
from services.intake.models.inspections import InspectionStatistics, UnitFigures
from services.intake.rules import Rules
from services.intake.store.inspections import Inspection
from services.intake.store.inspections import Quarter as Row
from shared.contracts.inspection import CoverageMissed
from shared.store import Tx


def tick(rules: Rules, tx: Tx) -> bool:
    """Look at the oldest quarter that was not looked at, if its time is over; True if there may be another.

    A unit owes nothing for the quarter in which it was registered.
    """
    quarter = _next(rules, tx.session)
    if quarter is None or tx.now < (over := _over(rules, quarter)):
        return False
    missed = _missed(rules, tx.session, quarter)
    tx.session.add(Row(quarter=str(quarter), at=tx.now, missed=missed))
    for unit in missed:
        tx.publish(CoverageMissed(unit=unit, quarter=str(quarter)), subject=unit, time=over)
    return True


def statistics(rules: Rules, session: Session, name: str) -> InspectionStatistics:
    """Inspections of a quarter by unit. Raises Refusal for what is no quarter."""
    quarter = Quarter.named(name)
    rows: dict[str, list[Inspection]] = defaultdict(list)
    for row in store.inspections.done_in(session, name):
        rows[row.unit].append(row)
    owing, open_ones = set(_owing(rules, session, quarter)), set(_missed(rules, session, quarter))
    closed = session.get(Row, name)
    units = sorted({unit.key for unit in store.units(session)} | set(rows))
    return InspectionStatistics(
        quarter=name,
        closed=closed is not None,
        units=[
            UnitFigures(
                unit=unit,
                by=dict(Counter(row.by for row in rows[unit])),
                kinds=dict(Counter(row.kind for row in rows[unit])),
                findings=sum(len(row.findings) for row in rows[unit]),
                good_practice=sum(1 for row in rows[unit] if row.good_practice),
                covered=unit not in (closed.missed if closed else open_ones) if unit in owing else None,
            )
            for unit in units
        ],
    )


def _next(rules: Rules, session: Session) -> Quarter | None:
    if last := store.inspections.last_quarter(session):
        return Quarter.named(last).following
    first = store.inspections.first_unit_at(session)
    return Quarter.of(rules.calendar.local_date(first)) if first else None


def _over(rules: Rules, quarter: Quarter) -> datetime:
    """When the quarter is over, with the working days in which an inspection may still be recorded."""
    days = rules.programme.inspections.coverage.report_within
    if days:
        return rules.calendar.due(quarter.last, days).expires_at
    return datetime.combine(quarter.following.first, time.min, rules.programme.zone)


def _owing(rules: Rules, session: Session, quarter: Quarter) -> list[str]:
    duty = rules.programme.inspections.coverage
    start = datetime.combine(quarter.first, time.min, rules.programme.zone)
    return [
        unit.key
        for unit in store.inspections.units_since(session, start)
        if not duty.categories or unit.category in duty.categories
    ]


def _missed(rules: Rules, session: Session, quarter: Quarter) -> list[str]:
    duty = rules.programme.inspections.coverage
    over = _over(rules, quarter)
    seen = [
        Seen(row.unit, row.by, row.kind)
        for row in store.inspections.done_in(session, str(quarter))
        # first recorded in time: what came too late covers nothing, however late the clock comes by
        if row.recorded_at < over
    ]
    above = {unit.key: unit.parent for unit in store.units(session)}
    return uncovered(_owing(rules, session, quarter), seen, above, Duty(duty.by, duty.kinds))
