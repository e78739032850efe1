"""Online evaluation (S13): one-time codes, and the marks of one evaluation as a few characters.

A code is a token of 128 bits with two check characters, written as on the cards of a meeting; the server keeps its
SHA-256 only. Figures made of such evaluations are opinion at scale: no sample, and never given a sampling error.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from services.scoring.domain.cards import TOKEN_BYTES, parse_card, token_text
from services.scoring.domain.figures import published
from shared.errors import Refusal

CODE_LENGTH = 28
CELL_BITS = 40
"""A unit's counts are one number of such cells: adding evaluations is one addition, and 10¹² of them fit."""
_GRADES = "abcdefghijklmnopqrstuvwxyz"
_ABSTAIN = "-"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PLAIN = str.maketrans(
    dict(zip(_CROCKFORD, "0123456789abcdefghijklmnopqrstuv", strict=True))
    | dict(zip(_CROCKFORD.lower(), "0123456789abcdefghijklmnopqrstuv", strict=True))
    | {"O": "0", "o": "0", "I": "1", "i": "1", "L": "1", "l": "1", "U": "!", "u": "!", "-": "", " ": "", "\t": ""}
)


def code_text(token: bytes) -> str:
    """How a code is printed: seven groups of four."""
    return token_text(token)


def code_printed(typed: str) -> str:
    """A code that was typed or scanned, as it is printed. Raises Refusal (422) for a typing error."""
    check_code(typed)
    return token_text(parse_card(typed))


def code_hash(typed: str) -> bytes | None:
    """SHA-256 of a code as typed or scanned; None for what cannot be one. Does not look at the check characters.

    Those tell a person of a typing error (`check_code`); a token with 26 right characters is the right one anyway.
    """
    plain = typed.translate(_PLAIN)
    if len(plain) != CODE_LENGTH or not plain.isascii() or not plain.isalnum():
        return None
    number = int(plain[:26], 32)
    if number >> 8 * TOKEN_BYTES:
        return None
    return hashlib.sha256(number.to_bytes(TOKEN_BYTES, "big")).digest()


def check_code(typed: str) -> None:
    """Raises Refusal (422) for a typing error in a code; what was typed is never repeated."""
    try:
        parse_card(typed)
    except Refusal as error:
        reason = error.reason.replace("a card has", "a code has").replace("on a card", "in a code")
        remedy = "type the 28 characters of the receipt again, or scan its code"
        raise Refusal("code", "…", reason, remedy) from error


@dataclass(frozen=True, slots=True)
class Form:
    """What an evaluation asks: dimensions, grades from best to worst, and 不了解.

    round: the part of the composite in whose window the code was issued; empty: in none.
    """

    dimensions: tuple[str, ...]
    grades: tuple[str, ...]
    abstain: str
    round: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        """Every answer there is to a dimension, the abstention last."""
        return (*self.grades, self.abstain)

    def packed(self, marks: Mapping[str, str]) -> str:
        """Marks as one character a dimension; one that is left out is 不了解. Raises Refusal naming the field."""
        return self._packed(tuple(marks.items()))

    @lru_cache(20_000)  # noqa: B019 - forms are few and stay; people answer alike
    def _packed(self, given: tuple[tuple[str, str], ...]) -> str:
        marks = dict(given)
        if not marks.keys() <= set(self.dimensions):
            strange = sorted(marks.keys() - set(self.dimensions))[0]
            remedy = f"use {', '.join(self.dimensions)}"
            raise Refusal(f"marks.{strange[:64]}", "…", "is none of the programme's dimensions", remedy)
        letters = dict(zip(self.choices, self._letters, strict=True))
        found = []
        for dimension in self.dimensions:
            letter = letters.get(marks.get(dimension, self.abstain))
            if letter is None:
                remedy = f"use {', '.join(self.choices)}"
                raise Refusal(f"marks.{dimension}", marks[dimension][:64], "is no grade", remedy)
            found.append(letter)
        if set(found) == {_ABSTAIN}:
            raise Refusal("marks", "…", "nothing is graded", "grade at least one dimension")
        return "".join(found)

    @lru_cache(20_000)  # noqa: B019 - forms are few and stay
    def weight(self, packed: str) -> int:
        """What one evaluation with these marks adds to a unit's counts: `CELL_BITS` a cell, as one number."""
        width = len(self.grades) + 1
        return sum(1 << CELL_BITS * (i * width + self._letters.index(letter)) for i, letter in enumerate(packed))

    def weight_of_all(self, packed: str) -> int:
        """The same of many evaluations, whose marks stand one behind the other."""
        width, length, whole = len(self.grades) + 1, len(self.dimensions), 0
        for i in range(length):
            column = packed[i::length]
            for j, letter in enumerate(self._letters):
                whole += column.count(letter) << CELL_BITS * (i * width + j)
        return whole

    def by_dimension(self, counts: int) -> dict[str, dict[str, int]]:
        """Counts by dimension and choice."""
        width, mask = len(self.grades) + 1, (1 << CELL_BITS) - 1
        return {
            dimension: {choice: counts >> CELL_BITS * (i * width + j) & mask for j, choice in enumerate(self.choices)}
            for i, dimension in enumerate(self.dimensions)
        }

    def unpacked(self, packed: str) -> dict[str, str]:
        """Packed marks as dimension → choice."""
        choices = dict(zip(self._letters, self.choices, strict=True))
        return {dimension: choices[letter] for dimension, letter in zip(self.dimensions, packed, strict=True)}

    def alike(self, packed: str, counts: int) -> int:
        """Of evaluations with these counts, how many at most give all the answers of `packed`."""
        width, mask, letters = len(self.grades) + 1, (1 << CELL_BITS) - 1, self._letters
        return min(counts >> CELL_BITS * (i * width + letters.index(letter)) & mask for i, letter in enumerate(packed))

    @property
    def _letters(self) -> str:
        return _GRADES[: len(self.grades)] + _ABSTAIN


@dataclass(frozen=True, slots=True)
class Opinion:
    """What online evaluations say of a unit. `score`: None with too few ratings in a dimension."""

    score: Decimal | None
    ratings: int
    means: dict[str, Decimal | None]


def opinion(
    counts: Mapping[str, Mapping[str, int]],
    weights: Mapping[str, Decimal],
    marks: Mapping[str, Decimal],
    least: int,
) -> Opinion:
    """Σ dimension weight × mean of its marks, 不了解 left out; `least` ratings in every dimension, or no score."""
    exact: Fraction | None = Fraction(0)
    means: dict[str, Decimal | None] = {}
    ratings = []
    for dimension, weight in weights.items():
        given = {grade: counts.get(dimension, {}).get(grade, 0) for grade in marks}
        number = sum(given.values())
        ratings.append(number)
        if number < least:
            means[dimension], exact = None, None
            continue
        mean = sum((Fraction(marks[g]) * n for g, n in given.items()), Fraction(0)) / number
        means[dimension] = published(mean)
        exact = None if exact is None else exact + Fraction(weight) / 100 * mean
    return Opinion(None if exact is None else published(exact), min(ratings, default=0), means)


def merged(parts: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """Counts of several parts together."""
    whole: dict[str, dict[str, int]] = {}
    for part in parts:
        for dimension, row in part.items():
            mine = whole.setdefault(dimension, {})
            for choice, number in row.items():
                mine[choice] = mine.get(choice, 0) + number
    return whole
