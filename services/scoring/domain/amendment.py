"""What of a programme may change while a cycle runs, and what may not: a result must be by the rules of its votes.

Keys are written into events, ballots and ledgers, so that none may vanish; how votes are weighed may not change once
anybody has voted. All else may be amended, with a reason and on record.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

KEYED = re.compile(
    r"(categories|scopes|groups|dimensions|grades|topics|channels|pool\.strata|callback\.grades|points\.rules)\[[^\]]+\]"
)
"""Entries whose keys stand in what was recorded."""

VOTED = ("dimensions", "grades", "abstain", "groups", "scopes", "composite", "ranking", "meeting.card_classes")
"""What a vote counts by."""

IDENTITY = ("key", "time_zone")
"""A programme with another key or another midnight is another programme."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two programmes: its dotted path, what became of it, whether only words changed."""

    path: str
    kind: str
    wording: bool


@dataclass(frozen=True, slots=True)
class Objection:
    """A difference that may not be, and why."""

    path: str
    reason: str


def objections(differences: Iterable[Difference], *, voted: bool) -> list[Objection]:
    """The differences that a running cycle does not bear. voted: ballots of the cycle were opened."""
    found: list[Objection] = []
    for one in differences:
        if one.path in IDENTITY:
            found.append(Objection(one.path, "a cycle keeps its programme and its time zone"))
        elif one.kind == "removed" and KEYED.fullmatch(one.path):
            found.append(Objection(one.path, "what is recorded under this key would have no rule"))
        elif voted and not one.wording and _head(one.path).startswith(VOTED):
            found.append(Objection(one.path, "people of this cycle have voted: how votes count stays"))
    return found


def _head(path: str) -> str:
    return path.partition("[")[0]
