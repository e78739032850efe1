"""What a bench found: ours and its limit, measured in the same run, as medians and their ratio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

Tell = Callable[[str], None]
"""Hears in words what is being done, for people who wait."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Another limit, measured in the same runs, that says where the way to the first one ends. It has no goal."""

    what: str
    runs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure. `ours` and `limit`: one number a run, in `unit`; `bound`: what the ratio must reach or keep."""

    name: str
    ours_is: str
    limit_is: str
    unit: str
    ours: tuple[float, ...]
    limit: tuple[float, ...]
    sense: Literal["at least", "at most"]
    bound: float
    notes: dict[str, Any] = field(default_factory=dict)
    beside: Beside | None = None

    @property
    def ratio(self) -> float:
        """Median of ours ÷ median of the limit."""
        return median(self.ours) / median(self.limit)

    @property
    def ratio_beside(self) -> float | None:
        """Median of ours ÷ median of the other limit."""
        return median(self.ours) / median(self.beside.runs) if self.beside else None

    @property
    def holds(self) -> bool:
        """Whether the ratio is on the right side of the bound."""
        return self.ratio >= self.bound if self.sense == "at least" else self.ratio <= self.bound

    def as_json(self) -> dict[str, Any]:
        """For `--json`: medians, every run, the ratio and its bound."""
        beside = {}
        if self.beside and self.ratio_beside is not None:
            runs = [_short(x) for x in self.beside.runs]
            found = {"what": self.beside.what, "median": _short(median(self.beside.runs)), "runs": runs}
            beside = {"second_limit": found | {"ratio": round(self.ratio_beside, 4)}}
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": {"what": self.ours_is, "median": _short(median(self.ours)), "runs": [_short(x) for x in self.ours]},
            "limit": {
                "what": self.limit_is,
                "median": _short(median(self.limit)),
                "runs": [_short(x) for x in self.limit],
            },
            "ratio": round(self.ratio, 4),
            "goal": f"{self.sense} {self.bound:g}",
            "holds": self.holds,
            **beside,
            **({"notes": self.notes} if self.notes else {}),
        }


def _short(number: float) -> float:
    return float(f"{number:.5g}")
