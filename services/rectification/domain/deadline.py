"""Deadlines: set once, each step fired exactly once, whatever the clock does (R3, R4).

A step has an instant of its own. Warnings and escalations lie at the beginning of the office day (09:00 local by the
programme's working hours) of the working day that many working days before or after the due date; the expiry lies at
24:00 local of the due date. What has fired is remembered by name, so neither a restart, nor a clock that jumps or goes
back, nor a date counted anew fires a step twice.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from services.rectification.domain.escalation import Kind, Phase, ladder
from services.rectification.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a deadline, its instant (UTC) and who is told."""

    name: str
    phase: Phase
    at: datetime
    tells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline of a case. `days` working days from `started_at`; expires at 24:00 local of `due`."""

    case: str
    kind: Kind
    started_at: datetime
    days: int
    due: date
    expires_at: datetime
    provisional: bool
    fired: tuple[str, ...] = ()
    id: int | None = None


def begin(rules: Rules, case: str, kind: Kind, started_at: datetime, days: int) -> Deadline:
    """A deadline of `days` working days; day 1 is the first working day after the local day of `started_at`."""
    due = rules.due(started_at, days)
    return Deadline(case, kind, started_at, days, due.date, due.expires_at, due.provisional)


def steps(rules: Rules, deadline: Deadline, *, assigned: bool, without: Collection[str] = ()) -> tuple[Step, ...]:
    """All steps in the order of their instants, but those named; those that lie before the start are left out."""
    found = []
    for rung in ladder(rules, deadline.kind, assigned=assigned):
        if rung.name in without:
            continue
        if rung.phase is Phase.PASSED:
            at = deadline.expires_at
        else:
            day = rules.calendar.add_working_days(deadline.due, rung.offset)
            at = datetime.combine(day, rules.opens, rules.calendar.zone).astimezone(UTC)
        if at > deadline.started_at:
            found.append(Step(rung.name, rung.phase, at, rung.tells))
    return tuple(sorted(found, key=lambda step: step.at))


def next_step(rules: Rules, deadline: Deadline, *, assigned: bool) -> Step | None:
    """The first step that has not fired, None when all have."""
    return next(iter(steps(rules, deadline, assigned=assigned, without=deadline.fired)), None)


def fire(deadline: Deadline, step: Step) -> Deadline:
    """The deadline with the step fired."""
    return replace(deadline, fired=(*deadline.fired, step.name))


def count_anew(rules: Rules, deadline: Deadline) -> Deadline:
    """A provisional deadline by the calendar as it is known now: never earlier than before, fired stays fired (R3)."""
    if not deadline.provisional:
        return deadline
    due = rules.due(deadline.started_at, deadline.days)
    if due.date < deadline.due:
        return replace(deadline, provisional=due.provisional)
    return replace(deadline, due=due.date, expires_at=due.expires_at, provisional=due.provisional)
