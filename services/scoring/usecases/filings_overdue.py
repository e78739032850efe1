"""An office that has filed no result by the programme's day: told once a unit and cycle, by the clock."""

from collections.abc import Iterator
from datetime import date
from itertools import islice

from sqlmodel import Session

from services.scoring.domain.filing import last_day
from services.scoring.store import filings as store
from services.scoring.store import units
from services.scoring.store.filings import OverdueFilingRow
from services.scoring.usecases.desk import Desk
from shared.contracts.filings import FilingOverdue
from shared.store import Tx
from shared.tick import Aside

AT_ONCE = 100


def tick(desk: Desk, tx: Tx, aside: Aside) -> bool:
    """Tell what is overdue. What came and was returned is not: it came. True if there is more."""
    if not desk.programme.rollup:
        return False
    left = aside.left("filing")
    silent = (one for one in _silent(desk, tx) if f"{one[0]} {one[1]}" not in left)
    found = list(islice(silent, AT_ONCE))
    for unit, cycle, day in found:
        with aside.trying(tx, "filing", f"{unit} {cycle}"):
            tx.session.add(OverdueFilingRow(unit=unit, cycle=cycle, by=day, told_at=tx.now))
            tx.publish(FilingOverdue(unit=unit, cycle_name=cycle, by=day), subject=unit, cycle=cycle)
    return len(found) == AT_ONCE


def due(desk: Desk, session: Session, cycle: str) -> dict[str, date]:
    """Who files on a cycle, and until when."""
    patterns = [one.name for one in desk.programme.cycles]
    days = {rule: last_day(rule, cycle, patterns, desk.calendar) for rule in desk.programme.rollup.takes}
    return {
        unit.key: day
        for rule, day in days.items()
        for unit in units.standing(session)
        if day is not None and unit.category in rule.categories
    }


def _silent(desk: Desk, tx: Tx) -> Iterator[tuple[str, str, date]]:
    """Unit, cycle and day of what is overdue and was not told."""
    for cycle in units.cycles(tx.session):
        over = {u: day for u, day in due(desk, tx.session, cycle.name).items() if tx.now >= desk.calendar.end_of(day)}
        if over:
            heard = store.filed_on(tx.session, cycle.name) | store.overdue(tx.session, cycle.name).keys()
            yield from ((unit, cycle.name, day) for unit, day in sorted(over.items()) if unit not in heard)
