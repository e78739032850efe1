"""Intake's own dates: approvals, verifications, media feedback (R3, R4, I7, I8, I12). Each step fires once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Protocol

from shared.calendar import Due, WorkingCalendar

EXPIRED = "expired"
KINDS = ("approval", "verification", "feedback")


class Rung(Protocol):
    """A rung of the programme's ladder: working days after expiry, and who is told then."""

    @property
    def days(self) -> int: ...

    @property
    def tells(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Step:
    """What is told at an instant, and whom: roles of the appraisal office."""

    name: str
    at: datetime
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ladder:
    """Who is told of a kind of deadline: before it, at its expiry and after. climbs: the programme's rungs follow."""

    warned: tuple[str, ...]
    told: tuple[str, ...]
    warns: bool = False
    climbs: bool = True


LADDERS = {
    "approval": Ladder(("approver",), ("approver", "office")),
    "verification": Ladder(("discipline",), ("discipline", "office"), warns=True),
    "feedback": Ladder(("office",), ("office",), climbs=False),
}
OFFICE_ROLES = frozenset({"office", "approver", "leading_group", "discipline"})
"""Roles of the ladder that the appraisal office itself has; a unit's handler or superior has no part in these dates."""


def steps(
    kind: str,
    due: Due,
    started_at: datetime,
    *,
    warnings: Sequence[int],
    rungs: Sequence[Rung],
    opens: time,
    calendar: WorkingCalendar,
) -> tuple[Step, ...]:
    """All steps of a deadline in order. A warning that lies before the start is skipped (R4).

    Warnings and escalations lie at the opening of the office day, the expiry at 24:00 of the due day. A rung that
    names nobody of the office tells the same people again.
    """
    ladder = LADDERS[kind]

    def opening(days: int) -> datetime:
        day = calendar.add_working_days(due.date, days)
        return datetime.combine(day, opens, calendar.zone)

    found = []
    if ladder.warns:
        for days in sorted(warnings, reverse=True):
            at = opening(-days)
            if at > started_at:
                found.append(Step(f"warning_{days}", at, ladder.warned))
    found.append(Step(EXPIRED, due.expires_at, ladder.told))
    if ladder.climbs:
        for rung in sorted(rungs, key=lambda rung: rung.days):
            if rung.days > 0:
                above = tuple(role for role in rung.tells if role in OFFICE_ROLES)
                found.append(Step(f"escalation_{rung.days}", opening(rung.days), above or ladder.told))
    return tuple(found)


def following(ladder: Sequence[Step], fired: Collection[str]) -> Step | None:
    """The step that comes next: the first in time that has not fired. None when all have."""
    return next((step for step in sorted(ladder, key=lambda step: step.at) if step.name not in fired), None)
