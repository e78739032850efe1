"""What everybody may see of a complaint whose person agreed to publication: never who, and no unit before approval.

A complaint that waits for the leader's approval is listed without its text and place, since people name the unit in
them. States that are not listed here (a matter referred to the discipline organ, say) do not appear at all.
"""

import re

from services.intake.domain.complaint import ENDED, State

WITH_UNIT = frozenset(
    {State.TRANSFERRED, State.RECTIFYING, State.EXPLAINED, State.SOLVED, State.REWORKING, State.CLOSED}
)
"""Approved: the unit, the text, the place and the expected date are public."""

BEFORE = frozenset({State.REGISTERED, State.RETURNED, State.ACCEPTED, State.REQUESTED})
CLOSED = ENDED | {State.CLOSED}
LISTED = BEFORE | WITH_UNIT | CLOSED
OPEN = LISTED - CLOSED
ANSWERED = frozenset({State.EXPLAINED, State.SOLVED, State.CLOSED})
"""The unit's reply is public from "solved" on."""

MOST = 4_000
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKUP = str.maketrans({"<": "＜", ">": "＞"})


def plain(text: str) -> str:
    """A text as Open311 gives it: no markup that a careless page would run, nothing XML cannot carry, at most 4,000."""
    return _UNPRINTABLE.sub("", text).translate(_MARKUP)[:MOST]


def roughly(coordinate: float | None) -> float | None:
    """A coordinate to 3 decimals, about 100 m: where it was, not at whose door."""
    return None if coordinate is None else round(coordinate, 3)
