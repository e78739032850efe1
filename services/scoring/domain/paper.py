"""Paper ballots (S16): each bound to a card, keyed in by two people, looked at by a third where they differ.

Between the two what is kept is no mark: one MAC a cell under the card's token, which the server does not hold. So the
two can be compared cell by cell, and whoever reads the database learns nothing before the count.
"""

import hashlib
import hmac
from collections.abc import Sequence

from services.scoring.domain.ballot import BallotForm
from shared.errors import Refusal

_KIND = b"minping.paper.v1"
CELL_BYTES = 16
Rows = tuple[tuple[str, ...], ...]
"""rows[i][j]: choice for unit i in dimension j of the form."""


def sketch(form: BallotForm, token: bytes, rows: Rows | None) -> bytes:
    """What is kept of a paper as keyed in: 16 bytes a cell, in the form's order; `rows` None: a spoiled paper."""
    choices = ["spoiled"] * _cells(form) if rows is None else [choice for row in rows for choice in row]
    found = []
    for place, choice in zip(_places(form), choices, strict=True):
        said = b"\x1f".join((_KIND, form.meeting.encode(), place.encode(), b"-" if rows is None else choice.encode()))
        found.append(hmac.digest(token, said, hashlib.sha256)[:CELL_BYTES])
    return b"".join(found)


def differences(form: BallotForm, one: bytes, other: bytes) -> tuple[str, ...]:
    """The cells (`unit.dimension`) in which two sketches of the same card differ."""
    return tuple(place for place, a, b in zip(_places(form), _split(one), _split(other), strict=True) if a != b)


def check_third_look(form: BallotForm, first: bytes, second: bytes, third: bytes) -> None:
    """The third look must agree with one of the two in every cell. Raises Refusal naming where it does not."""
    cells = zip(_places(form), _split(first), _split(second), _split(third), strict=True)
    neither = [place for place, a, b, c in cells if c not in (a, b)]
    if neither:
        raise Refusal(
            "marks", neither, "the third look agrees with neither of the two", "look at the paper again, all three", 409
        )


def _cells(form: BallotForm) -> int:
    return len(form.units) * len(form.dimensions)


def _places(form: BallotForm) -> Sequence[str]:
    return [f"{unit}.{dimension}" for unit in form.units for dimension in form.dimensions]


def _split(data: bytes) -> list[bytes]:
    return [data[i : i + CELL_BYTES] for i in range(0, len(data), CELL_BYTES)]
