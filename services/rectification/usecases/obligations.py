"""Duties come to be and pass: announced once a period and unit, missed once at their expiry (R9).

The clock remembers through which day it announced. Announcing is idempotent by the duty's id, so neither a restart
nor a jump over several periods announces twice or leaves one out; a day on which nothing opens costs nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from services.rectification import metrics, store
from services.rectification.domain.deadline import Deadline
from services.rectification.domain.obligation import Duty, Task, announced, deadline_of, missed
from services.rectification.domain.rules import Rules
from services.rectification.usecases.record import first_at
from services.rectification.usecases.wire_duties import due_event, missed_event, opening, set_event
from shared.programme.obligations import OFFICE, Obligation, Period, Responsible
from shared.store import Tx

AT_ONCE = 1_000
THROUGH = "duties_announced_through"
_ONE = timedelta(days=1)

Entered = tuple[str, str, datetime, str, dict[str, Any]]
"""An entry of the ledger to be: matter, kind, instant, actor, content."""


class Announcing:
    """Called in a transaction whenever the clock moved; True if more is to be announced."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._through: date | None = None

    def __call__(self, tx: Tx) -> bool:
        """Announce what opened up to the local day of `tx.now`, at most `AT_ONCE` duties a transaction."""
        if not self._rules.programme.obligations:
            return False
        today = self._rules.calendar.local_date(tx.now)
        if self._through is not None and self._through >= today:
            return False
        # Only what an earlier transaction committed is kept in memory: this one may fail and be run again.
        self._through = _through(tx)
        if self._through is not None and self._through >= today:
            return False
        first = self._first(tx, today) if self._through is None else self._through + _ONE
        left = AT_ONCE
        for obligation, period in _opening(self._rules, first, today):
            left -= _announce(self._rules, tx, obligation, period, left)
            if left <= 0:
                return True
        store.memory.remember(tx.session, THROUGH, today.isoformat())
        return False

    def _first(self, tx: Tx, today: date) -> date:
        """Where announcing begins in a new store: what opened before the first unit came is nobody's."""
        registered = store.reports.first_registration(tx.session)
        return min(today, self._rules.calendar.local_date(registered)) if registered else today


def announce_to(rules: Rules, tx: Tx, unit: str, category: str) -> None:
    """To a unit that was registered on a day of which the clock has announced already: what opened since."""
    through = _through(tx)
    if through is None:
        return
    since = rules.calendar.local_date(tx.now)
    found = (
        announced(rules, obligation, period, unit)
        for obligation, period in _opening(rules, since, through)
        if obligation.who.owes(unit, category)
    )
    begin(rules, tx, [duty for duty in found if store.obligations.find(tx.session, duty.id) is None], by="clock")


def begin(rules: Rules, tx: Tx, new: list[Duty], *, by: str, task: Task | None = None) -> None:
    """New duties with their deadlines, into the ledger and out on the bus. task: what the one duty comes of."""
    if not new:
        return
    store.obligations.insert(tx.session, new)
    entries: list[Entered] = []
    running = []
    for duty in new:
        deadline = deadline_of(rules, duty)
        running.append((deadline, first_at(rules, deadline, assigned=False)))
        entries.append((duty.id, "duty_announced", duty.announced_at, by, opening(duty)))
        tx.publish(due_event(duty, task, _responsible(rules, duty)), subject=duty.id, time=duty.announced_at)
    store.deadlines.insert(tx.session, "", running)
    store.ledger.append_all(tx.session, entries)
    metrics.count_duties(tx, "announced", len(new))


def _responsible(rules: Rules, duty: Duty) -> Responsible | None:
    """The role that the programme names for a duty; none for a task, which names its person itself."""
    return next((o.responsible for o in rules.programme.obligations if o.key == duty.obligation), None)


def expire(tx: Tx, key: str, at: datetime) -> list[Entered]:
    """The due day ended: the duty is missed unless something stands that was handed in. Told once."""
    before = known(tx, key)
    after = missed(before, at)
    if after is before:
        return []
    store.obligations.save(tx.session, after)
    return [tell_missed(tx, after, at)]


def tell_missed(tx: Tx, duty: Duty, at: datetime) -> Entered:
    """Publish that a duty was missed; returns its entry."""
    tx.publish(missed_event(duty), subject=duty.id, time=at)
    metrics.count_duties(tx, "missed")
    return (duty.id, "duty_missed", at, "clock", {"due": duty.due.isoformat(), "costs": duty.costs})


def count_anew(tx: Tx, deadline: Deadline) -> None:
    """The duty's date by a newly published calendar: the deadline was counted, the duty and the ledger follow."""
    duty = known(tx, deadline.case)
    if not deadline.days:
        duty = replace(duty, due=deadline.due, expires_at=deadline.expires_at, provisional=deadline.provisional)
        store.obligations.save(tx.session, duty)
    told = {"due": deadline.due.isoformat(), "provisional": deadline.provisional}
    store.ledger.append_all(tx.session, [(duty.id, "deadline_counted_anew", tx.now, "clock", told)])
    tx.publish(set_event(duty, deadline), subject=duty.id)


def known(tx: Tx, key: str) -> Duty:
    """The duty of a deadline."""
    duty = store.obligations.find(tx.session, key)
    if duty is None:
        raise AssertionError(f"deadline of a duty {key} that is not there")
    return duty


def _announce(rules: Rules, tx: Tx, obligation: Obligation, period: Period, most: int) -> int:
    """Announce a period to the units that were not told yet; returns to how many."""
    if obligation.who.office:
        duty = announced(rules, obligation, period, OFFICE)
        new = [] if store.obligations.find(tx.session, duty.id) else [duty]
    else:
        opened = rules.calendar.end_of(period.opens)
        units = store.obligations.owing(tx.session, obligation.key, period.key, obligation.who, opened, most)
        new = [announced(rules, obligation, period, unit) for unit in units]
    begin(rules, tx, new, by="clock")
    return len(new)


def _opening(rules: Rules, first: date, last: date) -> Iterable[tuple[Obligation, Period]]:
    """What opens from one day to another, by the day, then as the programme lists it."""
    found = (
        (period.opens, position, period.key, obligation, period)
        for position, obligation in enumerate(rules.programme.obligations)
        for period in obligation.when.opening(first, last)
    )
    return ((obligation, period) for *_, obligation, period in sorted(found, key=lambda one: one[:3]))


def _through(tx: Tx) -> date | None:
    said = store.memory.recall(tx.session, THROUGH)
    return date.fromisoformat(said) if said else None
