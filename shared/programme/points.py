"""The daily score's numbers (S8): what each verified fact costs, and what else enters the score."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from shared.errors import Refusal
from shared.programme.ledger import Bonus, BonusRule, DailyQuestionnaire, Volume
from shared.programme.values import Label, Part

PointRuleKey = Literal[
    "misconduct_verified", "late", "no_result", "commitment_broken", "obligation_missed", "inspection_finding"
]


class PointRule(Part):
    """Points added for a verified fact: negative for deductions."""

    key: PointRuleKey
    label: Label
    points: Decimal


class Points(Part):
    """The daily score: from `start` down to `floor`, at most `most_per_case` lost through one case.

    bonus, volume, questionnaire: what else enters it, where the programme has it.
    """

    start: Decimal = Decimal(100)
    floor: Decimal = Decimal(0)
    most_per_case: Decimal = Field(default=Decimal(5), gt=0)
    rules: tuple[PointRule, ...]
    bonus: Bonus | None = None
    volume: Volume | None = None
    questionnaire: DailyQuestionnaire | None = None

    @property
    def every_rule(self) -> tuple[PointRule | BonusRule, ...]:
        """Rules of deduction, then bonus rules."""
        return (*self.rules, *(self.bonus.rules if self.bonus else ()))

    def of(self, key: str) -> Decimal:
        """Points of a rule (negative: deducted); raises Refusal for a rule the programme does not have."""
        for rule in self.every_rule:
            if rule.key == key:
                return rule.points
        known = ", ".join(rule.key for rule in self.every_rule)
        raise Refusal("points.rules", key, "the programme has no such key", f"use one of: {known}")

    def has(self, key: str) -> bool:
        """Whether the programme has this rule; bonus rules are optional."""
        return any(rule.key == key for rule in self.every_rule)
