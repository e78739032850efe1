"""Deadlines: set once, each step fired exactly once, whatever the clock does (R3, R4).

A date is counted by one pure function from where it started, its working days, its extension and its pauses, so that
nothing is lost when it is counted anew. A step has an instant of its own. Warnings and escalations lie at the beginning
of the office day (09:00 local by the programme's working hours) of the working day that many working days before or
after the due date; the expiry lies at 24:00 local of the due date. What has fired is remembered by name, so neither a
restart, nor a clock that jumps or goes back, nor a date counted anew fires a step twice.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from services.rectification.domain.escalation import Kind, Phase, ladder
from services.rectification.domain.rules import Rules
from shared.calendar import Due, WorkingCalendar


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a deadline, its instant (UTC) and who is told."""

    name: str
    phase: Phase
    at: datetime
    tells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that is not counted: the working days strictly between the day of `since` and the day of `until`.

    The first day and the day of resuming count. `until` None: it still lasts, and takes nothing away yet.
    """

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline of a case. `days` working days from `started_at`; expires at 24:00 local of `due`.

    unit: whose duty it is, empty: the unit's that leads. days 0: a fixed date. extension_days: granted on top, counted
    from the old date. runs_from: steps that lie before it are skipped; it is set when the date moves.
    ref: which of several of its kind (a milestone's number). label: what letters call it, empty: the case's title.
    """

    case: str
    kind: Kind
    started_at: datetime
    days: int
    due: date
    expires_at: datetime
    provisional: bool
    fired: tuple[str, ...] = ()
    id: int | None = None
    unit: str = ""
    extension_days: int = 0
    pauses: tuple[Pause, ...] = ()
    runs_from: datetime | None = None
    ref: str = ""
    label: str = ""

    @property
    def suspended_at(self) -> datetime | None:
        """Since when it stands still, None if it runs."""
        return self.pauses[-1].since if self.pauses and self.pauses[-1].until is None else None


def due_of(
    rules: Rules, started_at: datetime, days: int, extension_days: int = 0, pauses: tuple[Pause, ...] = ()
) -> Due:
    """The end of a period: day 1 is the first working day after the local day of `started_at` (R3).

    The extension follows the last day of the period. Of each pause the working days strictly between its two days are
    not counted. A period whose last day is the day it was suspended is not used up: it ends on the day of resuming, or
    if that is a day off on the next working day. Raises Refusal for a period without days.
    """
    return _count(rules.calendar, rules.calendar.local_date(started_at), days + extension_days, pauses)


def _count(calendar: WorkingCalendar, start: date, total: int, pauses: tuple[Pause, ...]) -> Due:
    due = calendar.due(start, total)
    for pause in pauses:
        total += _lost(calendar, due.start, due.date, pause)
        due = calendar.due(due.start, total)
    return due


def _lost(calendar: WorkingCalendar, start: date, due: date, pause: Pause) -> int:
    """Working days that a pause takes out of the time from `start` to `due`."""
    if pause.until is None:
        return 0
    first, resumed = calendar.local_date(pause.since), calendar.local_date(pause.until)
    if resumed <= first or first > due or resumed <= start:
        return 0
    if first == due:
        return calendar.working_days_between(first, calendar.roll(resumed))
    # Through the day of resuming, which counts itself.
    return calendar.working_days_between(max(first, start), resumed) - calendar.day(resumed).works


def begin(
    rules: Rules, case: str, kind: Kind, started_at: datetime, days: int, unit: str = "", ref: str = ""
) -> Deadline:
    """A deadline of `days` working days; day 1 is the first working day after the local day of `started_at`."""
    due = rules.due(started_at, days)
    return Deadline(case, kind, started_at, days, due.date, due.expires_at, due.provisional, unit=unit, ref=ref)


def begin_on(rules: Rules, case: str, kind: Kind, started_at: datetime, day: date, unit: str = "") -> Deadline:
    """A deadline of a fixed date; on a day off it rolls to the next working day (R9)."""
    due = rules.calendar.roll(day)
    provisional = not rules.calendar.is_official(due.year)
    return Deadline(case, kind, started_at, 0, due, rules.calendar.end_of(due), provisional, unit=unit)


def promised_for(rules: Rules, deadline: Deadline, day: date) -> Deadline:
    """The deadline on exactly the day that a leader promised, a day off too (S4); no calendar moves it again.

    Its working days are as many as lie before that day, so that an extension or a suspension is counted from them.
    """
    days = max(rules.calendar.working_days_between(rules.calendar.local_date(deadline.started_at), day), 1)
    expires = rules.calendar.end_of(day)
    return replace(deadline, days=days, due=day, expires_at=expires, provisional=False)


def stand_still(deadline: Deadline, since: datetime) -> Deadline:
    """The deadline standing still, also one that begins while its case does."""
    return deadline if deadline.suspended_at else replace(deadline, pauses=(*deadline.pauses, Pause(since)))


def resume(rules: Rules, deadline: Deadline, at: datetime) -> Deadline:
    """The deadline running again: a fixed date moves by the working days that were not counted, as a period does."""
    pause = replace(deadline.pauses[-1], until=at)
    again = replace(deadline, pauses=(*deadline.pauses[:-1], pause))
    if not deadline.days:
        lost = _lost(rules.calendar, rules.calendar.local_date(deadline.started_at), deadline.due, pause)
        again = replace(again, due=rules.calendar.add_working_days(deadline.due, lost))
    return replace(counted(rules, again), runs_from=at)


def counted(rules: Rules, deadline: Deadline) -> Deadline:
    """The deadline by the calendar and the pauses as they are known now, never earlier than it was told (R3)."""
    if deadline.days:
        found = due_of(rules, deadline.started_at, deadline.days, deadline.extension_days, deadline.pauses)
        due, provisional = found.date, found.provisional
    else:
        due = rules.calendar.roll(deadline.due)
        provisional = not rules.calendar.is_official(due.year)
    due = max(due, deadline.due)
    return replace(deadline, due=due, expires_at=rules.calendar.end_of(due), provisional=provisional)


def steps(rules: Rules, deadline: Deadline, *, assigned: bool, without: Collection[str] = ()) -> tuple[Step, ...]:
    """All steps in the order of their instants, but those named; warnings that lie before the start are left out."""
    found = []
    since = deadline.runs_from or deadline.started_at
    calendar = rules.calendar
    for rung in ladder(rules, deadline.kind, assigned=assigned):
        if rung.name in without:
            continue
        if rung.phase is Phase.PASSED:
            at = deadline.expires_at
        else:
            day = calendar.add_working_days(deadline.due, rung.offset)
            if rung.phase is Phase.ESCALATED and deadline.pauses:
                day = _count(calendar, deadline.due, rung.offset, deadline.pauses).date
            at = datetime.combine(day, rules.opens, calendar.zone).astimezone(UTC)
        if deadline.runs_from and rung.phase is not Phase.APPROACHING:
            # A warning that comes too late is none; that the date passed is told however late it became known.
            at = max(at, deadline.runs_from)
        if at > since or (at == deadline.runs_from and rung.phase is not Phase.APPROACHING):
            found.append(Step(rung.name, rung.phase, at, rung.tells))
    return tuple(sorted(found, key=lambda step: step.at))


def next_step(rules: Rules, deadline: Deadline, *, assigned: bool) -> Step | None:
    """The first step that has not fired, None when all have or while it stands still."""
    if deadline.suspended_at is not None:
        return None
    return next(iter(steps(rules, deadline, assigned=assigned, without=deadline.fired)), None)


def fire(deadline: Deadline, step: Step) -> Deadline:
    """The deadline with the step fired."""
    return replace(deadline, fired=(*deadline.fired, step.name))


def count_anew(rules: Rules, deadline: Deadline) -> Deadline:
    """A provisional deadline by the calendar as it is known now: never earlier than before, fired stays fired, and
    its pauses and its extension stay counted (R3)."""
    return counted(rules, deadline) if deadline.provisional else deadline
