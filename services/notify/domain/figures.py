"""A period's figures by unit, from what is on record (N6, N9): each bad figure with the cases and duties it counts."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

BAD = ("late", "no_result", "broken", "missed", "escalated")
"""Figures for which a circular names a unit."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing on record about a unit. event: the id of the event that says so."""

    kind: str
    unit: str | None
    case: str | None
    at: datetime
    event: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a figure counts: the number of the case or duty, the event that says so, and what a duty is called."""

    figure: str
    number: str
    event: str
    title: str = ""


@dataclass(slots=True)
class Unit:
    """A unit's figures. bad, graded: callback grades."""

    unit: str
    opened: int = 0
    closed: int = 0
    solved: int = 0
    open: int = 0
    late: int = 0
    no_result: int = 0
    broken: int = 0
    missed: int = 0
    escalated: int = 0
    findings: int = 0
    graded: int = 0
    bad: int = 0
    instances: list[Counted] = field(default_factory=list)

    @property
    def named(self) -> bool:
        """Whether a circular names it."""
        return any(getattr(self, name) for name in BAD)

    def count(self, figure: str, fact: Fact, number: str, title: str = "") -> None:
        """One more, with what it counts."""
        setattr(self, figure, getattr(self, figure) + 1)
        self.instances.append(Counted(figure, number, fact.event, title))


@dataclass(frozen=True, slots=True)
class Rules:
    """What the programme says: grades that are bad, and steps of a deadline that the circular names."""

    bad_grades: Collection[str]
    steps: Collection[str]


def figures(
    facts: Sequence[Fact], running: Iterable[str], since: datetime, until: datetime, rules: Rules
) -> tuple[dict[str, Unit], Counter[str]]:
    """Figures by unit and cases opened by topic.

    facts: in the order of time, those after `until` too: a mark of lateness that an appeal took away since, and a
    finding about a promise that was corrected since, count no more. running: units of the cases open at the end.
    """
    made: dict[str, Unit] = {}
    topics: Counter[str] = Counter()
    excused = {_closing(one) for one in facts if one.kind == "rectification.lateness.excused"}
    verdicts = {str(one.facts.get("commitment") or one.case): one for one in facts if "commitment." in one.kind}
    seen: set[tuple[str, ...]] = set()
    for fact in facts:
        if fact.unit is None or not since <= fact.at < until:
            continue
        unit = made.setdefault(fact.unit, Unit(fact.unit))
        _count(unit, fact, topics, excused, verdicts, seen, rules)
    for key in running:
        made.setdefault(key, Unit(key)).open += 1
    return made, topics


def _count(
    unit: Unit, fact: Fact, topics: Counter[str], excused: set[tuple[str, int]], verdicts: Mapping[str, Fact],
    seen: set[tuple[str, ...]], rules: Rules,
) -> None:  # fmt: skip
    number, said = fact.case or "", fact.facts
    match fact.kind:
        case "rectification.case.opened":
            unit.opened += 1
            if said.get("topic"):
                topics[str(said["topic"])] += 1
        case "rectification.case.closed" if _first(seen, "closed", number, str(said.get("times_closed", 1))):
            unit.closed += 1
            unit.solved += said.get("outcome") == "solved"
            grades = list(said.get("grades") or ())
            unit.graded += len(grades)
            unit.bad += sum(grade in rules.bad_grades for grade in grades)
            if said.get("late") and _closing(fact) not in excused:
                unit.count("late", fact, number)
        case "rectification.case.lapsed" if said.get("paying_unit") == unit.unit:
            if _first(seen, "lapsed", number, str(said.get("cycle_name"))):
                unit.count("no_result", fact, number)
        case "rectification.commitment.broken":
            commitment = str(said.get("commitment") or number)
            if verdicts[commitment] is fact:
                unit.count("broken", fact, commitment)
        case "rectification.obligation.missed" if _first(seen, "missed", str(said.get("duty"))):
            title = f"{said.get('title') or said.get('obligation')}（{said.get('period')}）"
            unit.count("missed", fact, str(said.get("duty")), title)
        case "rectification.deadline.escalated" if said.get("step") in rules.steps:
            if _first(seen, "escalated", number, str(said.get("kind")), str(said.get("due"))):
                unit.count("escalated", fact, number)
        case "intake.transfer.approved":
            unit.findings += 1
        case _:
            pass


def _first(seen: set[tuple[str, ...]], *key: str) -> bool:
    if key in seen:
        return False
    seen.add(key)
    return True


def _closing(fact: Fact) -> tuple[str, int]:
    return fact.case or "", int(fact.facts.get("times_closed", 1))


def rate(good: int, of: int) -> Decimal | None:
    """A share in per cent, half-up to 2 places; None of nothing."""
    if not of:
        return None
    return (Decimal(100) * good / of).quantize(Decimal("0.01"), ROUND_HALF_UP)
