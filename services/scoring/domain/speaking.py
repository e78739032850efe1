"""Who states its case by word of mouth (S4 ②): 3–5 units, by lot from the meeting's seed or by the office.

The order repeats from the seed of the draw, which is public: sort the units by
`HMAC-SHA256(seed, "statements" ‖ 0x1F ‖ unit)`. A chosen unit that is excused is followed by the next in the order.
"""

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.errors import Refusal

_PURPOSE = b"statements\x1f"


@dataclass(frozen=True, slots=True)
class Limits:
    """Least and most units that speak."""

    least: int
    most: int

    def within(self, units: int) -> "Limits":
        """The same for a meeting of few units."""
        return Limits(min(self.least, units), min(self.most, units))


def by_lot(seed: str, units: Collection[str]) -> tuple[str, ...]:
    """Every unit in the drawn order. seed: hex, of the proof of the draw."""
    key = bytes.fromhex(seed)
    return tuple(sorted(units, key=lambda unit: hmac.new(key, _PURPOSE + unit.encode(), hashlib.sha256).digest()))


def order(seed: str, units: Sequence[str], chosen: Sequence[str]) -> tuple[str, ...]:
    """Units named by the office first, then the others by lot; without names all by lot. Raises Refusal."""
    if unknown := sorted(set(chosen) - set(units)):
        raise Refusal("units", unknown, "are not voted on at this meeting", "name units of the meeting")
    if len(set(chosen)) != len(chosen):
        raise Refusal("units", list(chosen), "names a unit twice", "name each once")
    return (*chosen, *(unit for unit in by_lot(seed, units) if unit not in chosen))


def check_number(number: int, limits: Limits) -> None:
    """Raises Refusal unless so many may speak."""
    if not limits.least <= number <= limits.most:
        raise Refusal("number", number, f"{limits.least} to {limits.most} units speak", "correct the number")


def speakers(ordered: Sequence[str], number: int, excused: Collection[str]) -> tuple[str, ...]:
    """The units that are to speak: the first in the order that are not excused."""
    return tuple(unit for unit in ordered if unit not in excused)[:number]
