"""The count (S6): how often each grade was given, and each unit's meeting score.

score = Σ dimension weight × mean of its marks, the abstention left out; exact inside, rounded half-up to 2 places
once per published figure. With two classes of card the mean is weighted by class, and a class of fewer than 10
ballots is not counted apart.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from services.scoring.domain.ballot import Ballot
from services.scoring.domain.canon import Entropy, Json, canonical
from services.scoring.domain.figures import published
from services.scoring.domain.rules import Rules, UnitEntry
from shared.errors import Refusal

TALLY_KIND = "minping.tally.v1"
Cell = tuple[str, str, str, str]
"""unit, dimension, class of card, choice."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DimensionTally:
    """One dimension of a unit. `counts`: choice → ballots, over all classes; `mean` exact, None without a mark."""

    dimension: str
    counts: Mapping[str, int]
    ratings: int
    exact: Fraction | None
    by_class: Mapping[str, Mapping[str, int]]

    @property
    def mean(self) -> Decimal | None:
        """The mean as published."""
        return None if self.exact is None else published(self.exact)


@dataclass(frozen=True, slots=True)
class UnitTally:
    """A unit's count. `ratings`: marks that are no abstention, in the dimension that got fewest of them.

    `exact` is the meeting score unrounded, for the composite; `score` the published figure. None where a dimension
    has no mark at all: a missing part is never re-normalised.
    """

    unit: str
    dimensions: tuple[DimensionTally, ...]
    ratings: int
    exact: Fraction | None

    @property
    def score(self) -> Decimal | None:
        """The meeting score as published."""
        return None if self.exact is None else published(self.exact)


@dataclass(frozen=True, slots=True)
class Tally:
    """The count of a meeting, units in the ballot's order."""

    ballots: Mapping[str, int]  # class → valid ballots
    units: tuple[UnitTally, ...]

    @property
    def valid(self) -> int:
        """Valid ballots."""
        return sum(self.ballots.values())

    def unit(self, unit: str) -> UnitTally:
        """A unit's count; raises Refusal for one that is not on the ballot."""
        for found in self.units:
            if found.unit == unit:
                return found
        raise Refusal("unit", unit, "is not on this ballot", "check the unit", 404)

    def to_json(self) -> Json:
        """As it stands in tally.json."""
        several = len(self.ballots) > 1
        units: list[Json] = []
        for unit in self.units:
            dimensions: list[Json] = []
            for d in unit.dimensions:
                entry: dict[str, Json] = {
                    "dimension": d.dimension,
                    "counts": d.counts,
                    "ratings": d.ratings,
                    "mean": None if d.mean is None else str(d.mean),
                }
                if several:
                    entry["by_class"] = d.by_class
                dimensions.append(entry)
            units.append(
                {
                    "unit": unit.unit,
                    "score": None if unit.score is None else str(unit.score),
                    "exact": None if unit.exact is None else str(unit.exact),
                    "ratings": unit.ratings,
                    "dimensions": dimensions,
                }
            )
        return {"kind": TALLY_KIND, "ballots": self.ballots, "units": units}

    def to_bytes(self, nonce: bytes = b"") -> bytes:
        """tally.json. With a nonce its hash, which those who sign see, tells nobody the count of a small vote."""
        whole = self.to_json()
        assert isinstance(whole, dict)  # to_json writes an object
        return canonical({**whole, "nonce": nonce.hex()} if nonce else whole)


def count(ballots: Sequence[Ballot], rules: Rules, units: Sequence[UnitEntry]) -> Tally:
    """Count opened ballots. Raises Refusal for a class of card that has too few ballots to be shown apart."""
    cells: Counter[Cell] = Counter()
    keys = [d.key for d in rules.dimensions]
    per_class: Counter[str] = Counter()
    for ballot in ballots:
        per_class[ballot.card_class] += 1
        for unit, row in zip(units, ballot.rows, strict=True):
            for dimension, choice in zip(keys, row, strict=True):
                cells[unit.id, dimension, ballot.card_class, choice] += 1
    return tally_of(cells, per_class, rules, [unit.id for unit in units])


def tally_of(cells: Mapping[Cell, int], ballots: Mapping[str, int], rules: Rules, units: Iterable[str]) -> Tally:
    """The tally of counted cells: the one way from counts to scores, for the count and for who checks it."""
    classes = [c.key for c in rules.classes]
    for key in sorted(ballots.keys() - set(classes)):
        raise Refusal("card_class", key, "is no class of this vote's cards", "check the card list")
    if len(classes) > 1:
        for key in classes:
            if ballots.get(key, 0) < rules.least_class_ballots:
                raise Refusal(
                    f"classes.{key}",
                    ballots.get(key, 0),
                    f"a class of fewer than {rules.least_class_ballots} ballots is not counted apart",
                    "count with one class of card, or vote again",
                    409,
                )
    found = []
    for unit in units:
        dimensions = tuple(_dimension(cells, unit, d.key, rules) for d in rules.dimensions)
        exact: Fraction | None = Fraction(0)
        for rule, got in zip(rules.dimensions, dimensions, strict=True):
            exact = None if exact is None or got.exact is None else exact + Fraction(rule.weight) / 100 * got.exact
        found.append(UnitTally(unit, dimensions, min(d.ratings for d in dimensions), exact))
    return Tally({key: ballots.get(key, 0) for key in classes}, tuple(found))


def _dimension(cells: Mapping[Cell, int], unit: str, dimension: str, rules: Rules) -> DimensionTally:
    by_class = {
        c.key: {choice: cells.get((unit, dimension, c.key, choice), 0) for choice in rules.choices}
        for c in rules.classes
    }
    exact: Fraction | None = Fraction(0)
    marks = rules.marks
    for card_class in rules.classes:
        counts = by_class[card_class.key]
        given = sum(counts[grade] for grade in marks)
        if given == 0 or exact is None:
            exact = None
            continue
        total = sum((Fraction(mark) * counts[grade] for grade, mark in marks.items()), Fraction(0))
        exact += Fraction(card_class.weight) / 100 * total / given
    counts = {choice: sum(c[choice] for c in by_class.values()) for choice in rules.choices}
    return DimensionTally(dimension, counts, sum(counts[grade] for grade in marks), exact, by_class)


def marks_matrix(
    ballots: Sequence[Ballot], rules: Rules, entropy: Entropy
) -> tuple[tuple[tuple[Decimal | None, ...], ...], ...]:
    """[ballot][unit][dimension] → mark, None for the abstention; without token, in an order of its own.

    For the rank interval (protocol D), which needs whole ballots: use it before the linkage is lost and keep it
    nowhere. Units and dimensions stand in the ballot's order.
    """
    marks: dict[str, Decimal | None] = {**rules.marks, rules.abstain: None}
    return tuple(tuple(tuple(marks[c] for c in row) for row in b.rows) for b in shuffled(ballots, entropy))


def shuffled(sequence: Sequence[T], entropy: Entropy) -> tuple[T, ...]:
    """The items in random order (Fisher–Yates; every index drawn without bias by rejection)."""
    result = list(sequence)
    for last in range(len(result) - 1, 0, -1):
        chosen = below(last + 1, entropy)
        result[last], result[chosen] = result[chosen], result[last]
    return tuple(result)


def below(bound: int, entropy: Entropy) -> int:
    """A number in [0, bound), every one as likely as the others."""
    size = (bound.bit_length() + 15) // 8
    limit = (1 << 8 * size) // bound * bound
    while True:
        number = int.from_bytes(entropy(size), "big")
        if number < limit:
            return number % bound
