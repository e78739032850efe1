"""Rates of outcomes and of satisfaction: kept apart, each with its denominator and all that it leaves out (R5).

Nobody gains by calling things solved: what was explained, disputed or never confirmed is a rate of its own, and who
was not reached is never counted as satisfied.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from services.rectification.domain.rules import Rules

OUTCOMES = ("solved", "solved_unconfirmed", "explained", "unfounded", "outside_jurisdiction", "disputed")
LEFT_OUT = ("not_reached", "silent", "nobody_to_ask", "excluded", "not_counted")
"""Petitioners outside the satisfaction rates: not reached after all tries; asked, and silent so far; anonymous or
without a case to ask about; determined as serial by two persons; an answer to a question that was over."""


@dataclass(slots=True)
class Tally:
    """Counts behind the rates, of a unit, a track, or in all.

    outcomes: cases that stand closed, by outcome. reopened: closed in the period, and open again at its end: outside
    the rates. grades: petitioners by the grade they gave. left_out: petitioners outside the satisfaction rates.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    late: int = 0
    reopened: int = 0
    grades: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def closed(self) -> int:
        """Denominator of the rates of outcomes."""
        return self.outcomes.total()

    @property
    def graded(self) -> int:
        """Denominator of the rates of satisfaction."""
        return self.grades.total()


def rate(part: int, whole: int) -> str | None:
    """Per cent to two places, half-up; None where there is nothing to divide by."""
    if not whole:
        return None
    return str((Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP))


def satisfied(rules: Rules, grades: Mapping[str, int]) -> int:
    """How many of the grades are not bad."""
    return sum(count for grade, count in grades.items() if not rules.is_bad(grade))


def mean(rules: Rules, grades: Mapping[str, int]) -> str | None:
    """Mean of the grades by the programme's marks for callbacks, to two places, half-up."""
    marks = {grade.key: grade.mark for grade in rules.programme.callback.grades}
    known = {grade: count for grade, count in grades.items() if grade in marks}
    number = sum(known.values())
    if not number:
        return None
    total = sum((marks[grade] * count for grade, count in known.items()), Decimal())
    return str((total / number).quantize(Decimal("0.01"), ROUND_HALF_UP))
