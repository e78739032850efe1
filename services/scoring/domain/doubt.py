"""What the vote leaves in doubt about ranks (S10): the intervals, from figures kept at the count.

`interval.py` makes these figures from whole ballots; everybody may go from them to the intervals again.
Floats are right here: this is an estimate beside the official score, never the score itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.scoring.domain.canon import Json, decimal, items, kind, members, text, whole

INTERVAL_KIND = "minping.interval.v1"
METHOD = "max-t over resampled ballots"


@dataclass(frozen=True, slots=True)
class Doubt:
    """For one scope: the units, the standard error of each pair's difference, the critical value.

    `errors` runs through the pairs (row < column) in the order of `units`; in points of the meeting score.
    """

    scope: str
    units: tuple[str, ...]
    critical: float
    errors: tuple[float, ...]

    def error(self, a: str, b: str) -> float:
        """Standard error of the difference of two units' meeting scores."""
        i, j = sorted((self.units.index(a), self.units.index(b)))
        n = len(self.units)
        return self.errors[i * n - i * (i + 1) // 2 + (j - i - 1)]


@dataclass(frozen=True, slots=True)
class Interval:
    """Best and worst rank that the vote does not rule out, and whether the unit may truly be last."""

    low: int
    high: int
    may_be_last: bool


@dataclass(frozen=True, slots=True)
class Doubts:
    """interval.json of a meeting's seal: how it was made, and one `Doubt` a scope."""

    meeting: str
    seed: str
    resamples: int
    level: str
    scopes: tuple[Doubt, ...]

    def to_json(self) -> Json:
        """As it stands in interval.json; figures are strings of 6 places."""
        return {
            "kind": INTERVAL_KIND,
            "meeting": self.meeting,
            "method": METHOD,
            "seed": self.seed,
            "resamples": self.resamples,
            "level": self.level,
            "scopes": [
                {
                    "scope": d.scope,
                    "units": list(d.units),
                    "critical": f"{d.critical:.6f}",
                    "errors": [f"{e:.6f}" for e in d.errors],
                }
                for d in self.scopes
            ],
        }


def doubts_from_json(value: Json, where: str = "interval") -> Doubts:
    """Read interval.json, parsed; raises Malformed naming the field."""
    kind(value, INTERVAL_KIND)
    top = members(value, where, ("kind", "meeting", "method", "seed", "resamples", "level", "scopes"))
    found = []
    for number, entry in enumerate(items(top["scopes"], f"{where}.scopes")):
        at = f"{where}.scopes[{number}]"
        scope = members(entry, at, ("scope", "units", "critical", "errors"))
        found.append(
            Doubt(
                text(scope["scope"], f"{at}.scope"),
                tuple(text(u, f"{at}.units") for u in items(scope["units"], f"{at}.units")),
                float(decimal(scope["critical"], f"{at}.critical")),
                tuple(float(decimal(e, f"{at}.errors")) for e in items(scope["errors"], f"{at}.errors")),
            )
        )
    return Doubts(
        text(top["meeting"], f"{where}.meeting"),
        text(top["seed"], f"{where}.seed"),
        whole(top["resamples"], f"{where}.resamples", 1),
        text(top["level"], f"{where}.level"),
        tuple(found),
    )


def intervals(doubt: Doubt, composites: Mapping[str, Decimal], weight: Decimal) -> dict[str, Interval]:
    """Each unit's interval of ranks, from the composites and the vote's weight in per cent.

    A unit may be last when no other is certainly worse. Units of the scope without a composite are left out.
    """
    units = [u for u in doubt.units if u in composites]
    scale = float(weight) / 100
    found = {}
    for unit in units:
        better = worse = 0
        for other in units:
            if other == unit:
                continue
            gap = float(composites[other] - composites[unit])
            if gap != 0 and abs(gap) > doubt.critical * scale * doubt.error(unit, other):
                better, worse = (better + 1, worse) if gap > 0 else (better, worse + 1)
        found[unit] = Interval(1 + better, len(units) - worse, worse == 0)
    return found
