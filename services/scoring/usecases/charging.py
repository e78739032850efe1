"""How a fact becomes a line of the daily score, and what happens when it no longer holds (S8).

Whatever the order and the number of events that tell it: a fact is charged once, in the cycle in which it occurred,
by the earliest event that proves it. What is taken away keeps its trace.
"""

from collections.abc import Sequence
from datetime import date, datetime

from services.scoring import metrics
from services.scoring.domain.points import BONUS, Fact, Line, upheld, with_fact
from services.scoring.store import points as store
from services.scoring.store import sources, units
from services.scoring.usecases.desk import Desk
from shared.contracts.bonus import PointsAwarded, PointsWithdrawn
from shared.contracts.scoring import PointsDeducted, PointsRestored
from shared.store import Tx


def cycle_of(desk: Desk, tx: Tx, at: datetime) -> str:
    """The cycle in which a fact occurred: as opened, else as the programme has it; empty where there is none."""
    name = units.cycle_at(tx.session, at)
    if name is not None:
        return name
    dates = desk.programme.cycle_on(desk.calendar.local_date(at))
    return dates.name if dates else ""


def cycle_of_day(desk: Desk, tx: Tx, day: date) -> str:
    """The cycle of a fact that occurred when a day ended: that of the day, not of the midnight after it."""
    return cycle_of(desk, tx, desk.calendar.start_of(day))


def charge_once(desk: Desk, tx: Tx, key: str, facts: Sequence[Fact], *, author: str = "") -> None:
    """Charge what one thing proves, all by the same event. Told again, also in another cycle, it costs no more;
    should the earlier event come last, it takes the place of the later one."""
    evidence = facts[0].evidence
    seen = sources.source(tx.session, key)
    replaced: tuple[str, list[str]] = ("", [])
    if seen is not None:
        if (seen.occurred, seen.event) <= (evidence.occurred, evidence.event):
            return
        replaced = (seen.event, list(seen.lines))
        if seen.excused:
            facts = [fact for fact in facts if fact.rule != "late"]
        seen.event, seen.occurred = evidence.event, evidence.occurred
        seen.lines = [fact.line for fact in facts]
    else:
        sources.add_source(tx.session, key, evidence.event, evidence.occurred, [fact.line for fact in facts])
    for fact in facts:
        charge(desk, tx, fact, author=author)
    # afterwards: a line that both prove stands all the while, and nobody is told that it went and came
    for line in replaced[1]:
        withdraw(tx, line, replaced[0], "told again by an earlier event")


def charge(desk: Desk, tx: Tx, fact: Fact, *, author: str) -> None:
    """A fact as evidence of its line; told when the line is new or stands again."""
    points = desk.programme.points.of(fact.rule)
    until = desk.appeal_until(tx.now)
    if not store.has_line(tx.session, fact.line):
        line = with_fact(None, fact, points)
        store.add_line(tx.session, line, author=author, noticed_at=tx.now, appeal_until=until)
    else:
        row = store.line(tx.session, fact.line)
        before = store.as_line(row)
        line = with_fact(before, fact, points)
        if line == before:
            return
        store.keep(row, line)
        row.authors = sorted({*row.authors, author} - {""})
        row.noticed_at, row.appeal_until = tx.now, until
        if before.stands:
            return
    metrics.after_commit(tx, lambda: metrics.LINES.labels(fact.rule).inc())
    _tell(tx, line)


def _tell(tx: Tx, line: Line) -> None:
    kind = PointsAwarded if line.rule in BONUS else PointsDeducted
    tx.publish(
        kind(
            line=line.id, unit=line.unit, cycle_name=line.cycle, rule=line.rule, points=line.points, case=line.case,
            evidence=tuple(e.event for e in line.evidence),
        ),
        subject=line.id,
        cycle=line.cycle or None,
    )  # fmt: skip


def withdraw(tx: Tx, key: str, event: str, reason: str) -> None:
    """An event no longer proves a line; if nothing else does, it no longer counts. The trace stays."""
    take_away(tx, key, [event], reason)


def take_away(tx: Tx, key: str, events: Sequence[str], reason: str) -> None:
    """These events no longer prove a line: without any other the points are restored, a bonus is withdrawn."""
    row = store.line(tx.session, key)
    before = store.as_line(row)
    after = upheld(before, events)
    if after == before:
        return
    store.keep(row, after)
    if not before.stands or after.stands:
        return
    told = (
        PointsWithdrawn(line=key, unit=row.unit, points=row.points, reason=reason)
        if row.rule in BONUS
        else PointsRestored(line=key, unit=row.unit, points=-row.points, reason=reason)
    )
    tx.publish(told, subject=key, cycle=row.cycle or None)
