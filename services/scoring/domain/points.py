"""The daily score (S8): it depends on nothing but the set of facts and of upheld appeals.

A *fact* is what an event proves (case closed late, misconduct verified, no result at the cycle's end). Facts
on the same rule, case, unit and cycle are evidence of one *line*: a case closed late, reopened and closed
late again in the same cycle pays once. An upheld appeal takes away the evidence that it was about; evidence that
comes later stands by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

Rule = Literal[
    "misconduct_verified", "late", "no_result", "commitment_broken", "obligation_missed", "inspection_finding",
    "good_practice", "commendation", "self_correction",
]  # fmt: skip
BONUS = ("good_practice", "commendation", "self_correction")
"""Rules that add points: never part of what a case costs."""


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """An event that proves a fact: when it occurred, and the event's id."""

    occurred: datetime
    event: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that costs points, or brings them. `cycle` is the one in which it occurred."""

    unit: str
    cycle: str
    case: str
    rule: Rule
    evidence: Evidence

    @property
    def line(self) -> str:
        """Id of the line this fact is evidence of; readable, the same whichever fact comes first."""
        return f"{self.cycle}.{self.case}.{self.rule}.{self.unit}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a unit's daily score; `points` are those of the rule: negative, of a bonus rule positive."""

    id: str
    unit: str
    cycle: str
    case: str
    rule: str
    points: Decimal
    evidence: tuple[Evidence, ...]
    restored: frozenset[str] = frozenset()

    @property
    def stands(self) -> bool:
        """Whether any evidence is left that no upheld appeal took away."""
        return any(e.event not in self.restored for e in self.evidence)


def facts_of_closing(
    *, unit: str, cycle: str, case: str, late: bool, misconduct: bool, evidence: Evidence, mended_by: str | None = None
) -> tuple[Fact, ...]:
    """What a closed case proves: verified misconduct, lateness; a mere complaint proves nothing.

    mended_by: the unit that reported and mended it itself, where that brings a bonus (R10).
    """
    rules: list[Rule] = []
    if misconduct:
        rules.append("misconduct_verified")
    if late:
        rules.append("late")
    found = tuple(Fact(unit, cycle, case, rule, evidence) for rule in rules)
    mended = (Fact(mended_by, cycle, case, "self_correction", evidence),) if mended_by else ()
    return (*found, *mended)


def with_fact(line: Line | None, fact: Fact, points: Decimal) -> Line:
    """The line with one more piece of evidence; the same fact twice changes nothing."""
    if line is None:
        return Line(fact.line, fact.unit, fact.cycle, fact.case, fact.rule, points, (fact.evidence,))
    if any(e.event == fact.evidence.event for e in line.evidence):
        return line
    return replace(line, evidence=tuple(sorted((*line.evidence, fact.evidence))))


def upheld(line: Line, evidence: Iterable[str]) -> Line:
    """The line after an upheld appeal about these events; the trace stays (S8)."""
    return replace(line, restored=line.restored | frozenset(evidence))


@dataclass(frozen=True, slots=True)
class Charge:
    """What one case costs a unit in a cycle: the standing lines' sum, cut to what the case may still cost."""

    case: str
    lines: tuple[str, ...]
    points: Decimal
    cut: Decimal


@dataclass(frozen=True, slots=True)
class DailyScore:
    """A unit's daily score of one cycle, and what it is made of. Exact; published as it is."""

    unit: str
    cycle: str
    score: Decimal
    start: Decimal
    charges: tuple[Charge, ...]


def daily_score(
    unit: str,
    cycle: str,
    lines: Iterable[Line],
    *,
    start: Decimal,
    floor: Decimal,
    most_per_case: Decimal,
    earlier: Sequence[str] = (),
) -> DailyScore:
    """The score: `start` less what its cases cost, not below `floor`.

    `lines` may hold other units' and cycles' lines; `earlier` names the cycles before this one, because a
    case costs at most `most_per_case` in all its life: what it cost before leaves less for this cycle.
    """
    now: dict[str, list[Line]] = {}
    before: dict[str, Decimal] = {}
    for line in lines:
        if line.unit != unit or not line.stands or line.rule in BONUS:
            continue
        if line.cycle == cycle:
            now.setdefault(line.case, []).append(line)
        elif line.cycle in earlier:
            before[line.case] = before.get(line.case, Decimal(0)) - line.points
    charges = tuple(_charge(case, now[case], before, most_per_case) for case in sorted(now))
    total = sum((c.points for c in charges), Decimal(0))
    return DailyScore(unit, cycle, max(floor, start - total), start, charges)


def _charge(case: str, lines: list[Line], before: Mapping[str, Decimal], most: Decimal) -> Charge:
    full = -sum((line.points for line in lines), Decimal(0))
    room = max(Decimal(0), most - before.get(case, Decimal(0)))
    # A finding without a case (a missed duty) is nobody's case: the limit is one of cases.
    points = full if not case else min(full, room)
    return Charge(case, tuple(sorted(line.id for line in lines)), points, full - points)
