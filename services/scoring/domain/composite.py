"""The composite score (S9): the parts, weighted in per cent; a missing part is never re-normalised."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.figures import plain, published
from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class PartScore:
    """One part of a unit's composite: weight in per cent, exact value 0–100, or why there is none."""

    part: str
    weight: Decimal
    value: Fraction | None
    missing: str | None = None


@dataclass(frozen=True, slots=True)
class Composite:
    """A unit's composite as published, with its parts and the formula printed beside it."""

    unit: str
    score: Decimal | None
    parts: tuple[PartScore, ...]
    missing: str | None
    formula: str


def composite(unit: str, parts: Sequence[PartScore]) -> Composite:
    """Σ weight × part, rounded once (S9). Without one of its parts a unit has no composite and is not ranked.

    Raises Refusal when weights do not sum to 100, a part stands twice, or a value lies outside 0–100.
    """
    _check(parts)
    absent = [f"{p.part}: {p.missing or 'no value'}" for p in parts if p.value is None]
    terms = " + ".join(
        f"{plain(p.weight)}% × {published(p.value) if p.value is not None else '—'} ({p.part})" for p in parts
    )
    if absent:
        return Composite(unit, None, tuple(parts), "; ".join(absent), f"{terms} = —")
    total = sum((Fraction(p.weight) * p.value for p in parts if p.value is not None), Fraction(0)) / 100
    score = published(total)
    return Composite(unit, score, tuple(parts), None, f"{terms} = {score}")


def _check(parts: Sequence[PartScore]) -> None:
    total = sum((p.weight for p in parts), Decimal(0))
    if total != 100:
        raise Refusal("composite.weight", plain(total), "weights do not sum to 100", "correct the programme's weights")
    if len({p.part for p in parts}) != len(parts):
        raise Refusal("composite.part", [p.part for p in parts], "a part stands twice", "name each part once")
    for p in parts:
        if p.value is not None and not 0 <= p.value <= 100:
            raise Refusal(f"composite.{p.part}", str(p.value), "lies outside 0–100", "correct the part's value")
