"""Warnings that a later one makes pointless (N4): after days of silence the last word about a deadline is enough.

Only what is late is dropped so: in quiet times each step has its letter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

APPROACHING = "minping.rectification.deadline.approaching.v1"
PASSED = "minping.rectification.deadline.passed.v1"
ESCALATED = "minping.rectification.deadline.escalated.v1"
TRANSFER_OVERDUE = "minping.intake.transfer.overdue.v1"
EXPOSURE_CHASED = "minping.intake.exposure.chased.v1"

_STEPS = {APPROACHING: 0, PASSED: 1, ESCALATED: 2, TRANSFER_OVERDUE: 0, EXPOSURE_CHASED: 0}
_NAMED_BY = {
    APPROACHING: ("case", "kind", "due"),
    PASSED: ("case", "kind", "due"),
    ESCALATED: ("case", "kind", "due"),
    TRANSFER_OVERDUE: ("number", "card"),
    EXPOSURE_CHASED: ("number", "due"),
}


@dataclass(frozen=True, slots=True)
class Reminder:
    """One notice: what it warned of, whom, by which way, and its place in the order in which notices arose."""

    id: str
    person: str
    channel: str
    event: str
    facts: Mapping[str, Any] = field(hash=False)
    seq: int

    @property
    def chain(self) -> tuple[object, ...] | None:
        """All warnings of one deadline to one person are of one chain; None for what is no warning."""
        names = _NAMED_BY.get(self.event)
        if names is None:
            return None
        whose = self.facts.get("unit") if self.facts.get("kind") == "contribute" else None
        family = "deadline" if self.event in (APPROACHING, PASSED, ESCALATED) else self.event
        return (family, self.person, self.channel, whose, *(self.facts.get(name) for name in names))


def superseded(late: Iterable[Reminder], all_: Iterable[Reminder]) -> dict[str, str]:
    """Of the late warnings those that a later one of their chain makes pointless: id → the id of the last one."""
    last: dict[tuple[object, ...], Reminder] = {}
    for one in all_:
        chain = one.chain
        if chain is not None and (chain not in last or _order(one) > _order(last[chain])):
            last[chain] = one
    found: dict[str, str] = {}
    for one in late:
        chain = one.chain
        if chain is not None and chain in last and _order(last[chain]) > _order(one):
            found[one.id] = last[chain].id
    return found


def stale(event: str, facts: Mapping[str, Any], today: date) -> bool:
    """Whether a warning comes after the day that it warns of."""
    return event == APPROACHING and date.fromisoformat(facts["due"]) < today


def _order(one: Reminder) -> tuple[int, int]:
    return _STEPS[one.event], one.seq
