"""Quarters of a year: `2026-Q1`."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from shared.errors import Refusal

_NAME = re.compile(r"(20\d{2})-Q([1-4])")


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter with its days, both inclusive."""

    year: int
    number: int

    @classmethod
    def named(cls, text: str) -> "Quarter":
        """A quarter as it is written. Raises Refusal."""
        found = _NAME.fullmatch(text)
        if found is None:
            raise Refusal("quarter", text, "it is no quarter", "write it like 2026-Q1")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter of a day."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.following.first - timedelta(days=1)

    @property
    def following(self) -> "Quarter":
        """The quarter after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"
