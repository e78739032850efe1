"""Deadlines of intake's own: set once, fired step by step, done (R3, R4). Dated by their own instant, however late."""

from collections.abc import Callable
from datetime import datetime

from services.intake import store
from services.intake.domain import deadline as domain
from services.intake.domain.deadline import EXPIRED, Step
from services.intake.rules import Rules
from services.intake.store import deadlines as rows
from services.intake.store.deadlines import Deadline
from shared.calendar import Due
from shared.contracts.assignment import TransferOverdue
from shared.contracts.publicity import ExposureChased, FeedbackOverdue
from shared.store import Tx
from shared.tick import Aside

AT_ONCE = 200
MATTER = "matter"


def begin(rules: Rules, tx: Tx, kind: str, number: str, *, days: int, at: datetime, round_: int = 1) -> Deadline:
    """Set a deadline, counted from the local day of `at`. It is set once: the same one again is the one there is."""
    known = rows.one(tx.session, kind, number, round_)
    if known:
        return known
    due = rules.calendar.due(rules.calendar.local_date(at), days)
    row = Deadline(
        kind=kind,
        number=number,
        round=round_,
        started_at=at,
        days=days,
        due=due.date,
        expires_at=due.expires_at,
        provisional=due.provisional,
    )
    row.next_at = _next_at(rules, row, due)
    tx.session.add(row)
    return row


def finish(rules: Rules, tx: Tx, kind: str, number: str) -> None:
    """What was to be done is done. What fell due before fires first, though nobody looked then."""
    for row in rows.running(tx.session, kind, number):
        _fire(rules, tx, row)
        row.done_at, row.next_at = tx.now, None


def tick(rules: Rules, tx: Tx, aside: Aside) -> bool:
    """Fire what is due by now; True if there may be more."""
    found = rows.due_by(tx.session, tx.now, AT_ONCE, aside.left(MATTER))
    for row in found:
        with aside.trying(tx, MATTER, row.number):
            _fire(rules, tx, row)
    return len(found) == AT_ONCE


def count_anew(rules: Rules, tx: Tx) -> None:
    """After a start: where a year's calendar is published now, a date moves later, never earlier; no step revives."""
    for row in rows.provisional(tx.session):
        due = rules.calendar.due(rules.calendar.local_date(row.started_at), row.days)
        row.provisional = due.provisional
        if due.date > row.due:
            row.due, row.expires_at = due.date, due.expires_at
            row.next_at = _next_at(rules, row, due)


def _fire(rules: Rules, tx: Tx, row: Deadline) -> None:
    while row.next_at is not None and row.next_at <= tx.now:
        due = Due(row.started_at.date(), row.days, row.due, row.expires_at, row.provisional, ())
        ladder = _ladder(rules, row, due)
        step = domain.following(ladder, row.fired)
        if step is None:
            row.next_at = None
            return
        _TELL[row.kind](tx, row, step)
        row.fired = [*row.fired, step.name]
        after = domain.following(ladder, row.fired)
        row.next_at = after.at if after else None


def _next_at(rules: Rules, row: Deadline, due: Due) -> datetime | None:
    step = domain.following(_ladder(rules, row, due), row.fired)
    return step.at if step else None


def _ladder(rules: Rules, row: Deadline, due: Due) -> tuple[Step, ...]:
    programme = rules.programme
    return domain.steps(
        row.kind,
        due,
        row.started_at,
        warnings=programme.warnings,
        rungs=programme.escalation,
        opens=programme.working_hours.opens,
        calendar=rules.calendar,
    )


def _approval(tx: Tx, row: Deadline, step: Step) -> None:
    card = tx.session.get_one(store.Transfer, row.number).card
    data = TransferOverdue(number=row.number, card=card, due=row.expires_at, step=step.name, roles=step.roles)
    tx.publish(data, subject=row.number, time=step.at)


def _verification(tx: Tx, row: Deadline, step: Step) -> None:
    data = ExposureChased(number=row.number, due=row.expires_at, step=step.name, roles=step.roles)
    tx.publish(data, subject=row.number, time=step.at)


def _feedback(tx: Tx, row: Deadline, step: Step) -> None:
    if step.name == EXPIRED:
        data = FeedbackOverdue(number=row.number, due=row.expires_at, roles=step.roles)
        tx.publish(data, subject=row.number, time=step.at)


_TELL: dict[str, Callable[[Tx, Deadline, Step], None]] = {
    "approval": _approval,
    "verification": _verification,
    "feedback": _feedback,
}
