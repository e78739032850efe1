"""What is due fires: each step of a deadline once, at its own instant, the earliest first (R4)."""

import heapq
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from services.rectification import metrics, store
from services.rectification.domain import facts
from services.rectification.domain.case import Case, Span, State
from services.rectification.domain.deadline import Step, count_anew, fire, next_step
from services.rectification.domain.escalation import DECIDING, OF_DUTIES, OF_THE_UNIT, Kind, Phase, deputy_first
from services.rectification.domain.rules import Rules
from services.rectification.store.deadlines import Running
from services.rectification.usecases import obligations
from services.rectification.usecases.obligations import Entered
from services.rectification.usecases.record import first_at, tell, wanted
from services.rectification.usecases.wire import step_content, step_event
from shared.store import Tx
from shared.tick import Aside

AT_ONCE = 1_000
CALENDAR = "calendar"
MATTER = "matter"
"""By its number: a case, or a duty."""

AT_EXPIRY: dict[Kind, Callable[[Tx, str, datetime], list[Entered]]] = dict.fromkeys(OF_DUTIES, obligations.expire)
"""What else happens when a deadline of a kind expires: entries for the ledger, after what they tell is published."""


def fire_case(rules: Rules, tx: Tx, case: Case) -> None:
    """Before a case takes an event, what fell due on it earlier fires first."""
    fire_matter(rules, tx, case.number)


def fire_matter(rules: Rules, tx: Tx, number: str) -> None:
    """Before a matter (a case, or a duty) takes an event, what fell due on it earlier fires first."""
    _fire(rules, tx, store.deadlines.due_of_case(tx.session, number, tx.now), tx.now)


def fire_due(rules: Rules, tx: Tx, aside: Aside) -> bool:
    """Fire what is due at `tx.now`, at most `AT_ONCE` deadlines a transaction; True if more is due. A matter that
    cannot be fired is left out with all its deadlines.

    Costs what is due, not what is open: an index leads to it.
    """
    if aside.careful:
        return _fire_first(rules, tx, aside)
    due = store.deadlines.due(tx.session, tx.now, AT_ONCE, aside.left(MATTER))
    if not due:
        return False
    more = len(due) == AT_ONCE
    # Behind the last one that was read others may lie: what follows there waits for the next transaction.
    _fire(rules, tx, due, (due[-1].next_at or tx.now) if more else tx.now)
    return more


def _fire_first(rules: Rules, tx: Tx, aside: Aside) -> bool:
    """One matter a transaction, so that it is known which one fails."""
    number = store.deadlines.first_due(tx.session, tx.now, aside.left(MATTER))
    if number is None:
        return False
    with aside.trying(tx, MATTER, number):
        fire_matter(rules, tx, number)
    return True


def _fire(rules: Rules, tx: Tx, due: list[Running], until: datetime) -> None:
    """Fire every step of these deadlines up to `until`, over all of them in the order of time, then of case."""
    waiting: list[tuple[datetime, str, int, Step]] = []

    def wait(position: int) -> None:
        running = due[position]
        step = next_step(rules, running.deadline, assigned=running.assigned)
        next_at[position] = step.at if step else None
        if step and step.at <= until:
            heapq.heappush(waiting, (step.at, running.deadline.case, position, step))

    next_at: dict[int, datetime | None] = {}
    for position in range(len(due)):
        wait(position)
    fired: list[facts.StepFired] = []
    entries: list[Entered] = []
    while waiting:
        at, case, position, step = heapq.heappop(waiting)
        deadline = due[position].deadline
        if due[position].outstanding and step.phase is not Phase.APPROACHING and deadline.kind in OF_THE_UNIT:
            step = replace(step, tells=deputy_first(step.tells))
        deadline = fire(deadline, step)
        due[position] = replace(due[position], deadline=deadline)
        fact = facts.StepFired(at, deadline, step)
        fired.append(fact)
        tx.publish(step_event(due[position].unit, due[position].title, fact), subject=case, time=at)
        entries.append((case, "deadline_step", at, "clock", step_content(fact)))
        if step.phase is Phase.PASSED and (follow := AT_EXPIRY.get(deadline.kind)):
            entries += follow(tx, case, at)
        wait(position)
    store.deadlines.save_fired(tx.session, ((due[i].deadline, at) for i, at in next_at.items()))
    store.ledger.append_all(tx.session, entries)
    metrics.count(tx, tuple(fired))


def count_dates_anew(rules: Rules, tx: Tx) -> int:
    """When more of the calendar is published than before, count what was provisional anew and tell it again (R3).

    Never earlier than before, and no step that fired is revived. Returns how many dates were counted.
    """
    if store.memory.recall(tx.session, CALENDAR) == rules.known_calendar:
        return 0
    counted, after = 0, 0
    while found := store.deadlines.provisional(tx.session, after, AT_ONCE):
        for running in found:
            counted += _count_anew(rules, tx, running)
        after = found[-1].deadline.id or after
    store.memory.remember(tx.session, CALENDAR, rules.known_calendar)
    return counted


def _count_anew(rules: Rules, tx: Tx, running: Running) -> bool:
    deadline = count_anew(rules, running.deadline)
    if deadline == running.deadline:
        return False
    store.deadlines.save_moved(tx.session, deadline, first_at(rules, deadline, assigned=running.assigned))
    if deadline.kind in OF_DUTIES:
        obligations.count_anew(tx, deadline)
        return True
    case = wanted(tx, deadline.case)
    span = Span.of(deadline)
    if deadline.kind in DECIDING and running.unit == case.unit:
        case = replace(case, original=span, span=span)
    elif deadline.kind is Kind.REWORK and case.state is State.REOPENED:
        case = replace(case, span=span)
    elif deadline.kind is Kind.CALLBACK:
        case = replace(case, callback_expires_at=deadline.expires_at)
    store.cases.update(tx.session, case)
    tell(tx, case, (facts.DeadlineBegan(tx.now, deadline, anew=True),), by="clock")
    return True
