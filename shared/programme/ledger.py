"""What may enter the daily score besides deductions (S8): bonus rules, service volume, a questionnaire.

All of it is optional: a programme that has none of it computes its daily score from deductions alone.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, get_args

from pydantic import Field

from shared.programme.marks import Finding, Said, number, rows
from shared.programme.values import Code, Label, Number, Part

BonusRuleKey = Literal[
    "good_practice",  # recorded at an inspection by the office or a supervisor
    "commendation",  # from outside, entered with its document and confirmed
    "self_correction",  # the unit reported it itself, dealt with it and mended it in time (R10)
]
Rounding = Literal["half_up", "half_even", "down"]


class BonusRule(Part):
    """Points for what an event proves; most_per_case: in all the case's life; most_per_cycle: of this rule in all."""

    key: BonusRuleKey
    label: Label
    points: Decimal = Field(gt=0, le=100)
    most_per_case: Decimal | None = Field(default=None, gt=0, le=100)
    most_per_cycle: Decimal | None = Field(default=None, gt=0, le=100)

    @property
    def most(self) -> Decimal:
        """The most that a case brings: the points once, unless the programme says otherwise."""
        return self.points if self.most_per_case is None else self.most_per_case


class Bonus(Part):
    """Bonus rules; the daily score does not rise above `ceiling`."""

    ceiling: Decimal = Field(default=Decimal(100), gt=0, le=100)
    rules: tuple[BonusRule, ...] = Field(min_length=1)


class Volume(Part):
    """Deductions are counted per `per` services of the unit; a volume below `least` counts as `least`.

    decimals, rounding: of the deduction so normalised. keeps: what costs the same whatever a unit's size. Only a duty
    can: it is nobody's case, and a case that were half normalised could cost less for one more fact.
    """

    per: Number
    least: Number
    decimals: int = Field(default=2, ge=0, le=6, strict=True)
    rounding: Rounding = "half_up"
    keeps: tuple[Literal["obligation_missed"], ...] = ("obligation_missed",)


class DailyQuestionnaire(Part):
    """A questionnaire that makes up `share` per cent of the daily score in the cycles in which it is held."""

    key: Code
    share: Decimal = Field(gt=0, lt=100)


def findings(data: Any) -> Iterator[Finding]:
    """What does not hold between the fields of bonus rules and service volume."""
    points = data.get("points") if isinstance(data, dict) else None
    bonus = points.get("bonus") if isinstance(points, dict) else None
    yield from _bonus(points, bonus)


def _bonus(points: Any, bonus: Any) -> Iterator[Finding]:
    seen: set[object] = set()
    for where, row in rows(bonus, "rules"):
        at = ("points", "bonus", *where)
        if isinstance(row.get("key"), str) and row["key"] in seen:
            yield Finding(
                (*at, "key"), row["key"], Said("与前面的重复", "stands twice in this list"),
                Said("每个 key 只用一次", "use each key once"),
            )  # fmt: skip
        seen.add(row.get("key") if isinstance(row.get("key"), str) else None)
        once = number(row.get("points"))
        for name in ("most_per_case", "most_per_cycle"):
            most = number(row.get(name))
            if once is not None and most is not None and most < once:
                yield Finding(
                    (*at, name), row[name],
                    Said(f"小于一次的加分 {once}", f"less than what one brings ({once})"),
                    Said("不能小于 points", "it must not be less than points"),
                )  # fmt: skip
    start = number(points.get("start")) if isinstance(points, dict) else None
    ceiling = number(bonus.get("ceiling")) if isinstance(bonus, dict) else None
    if start is not None and ceiling is not None and ceiling < start:
        yield Finding(
            ("points", "bonus", "ceiling"), bonus["ceiling"],
            Said(f"低于起始分 {start}", f"below the start ({start})"),
            Said("封顶分不能低于 start", "the ceiling must not be below start"),
        )  # fmt: skip


BONUS_KEYS: tuple[str, ...] = get_args(BonusRuleKey)
