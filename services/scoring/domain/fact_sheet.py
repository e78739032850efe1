"""What a fact sheet says of a unit's cases (S4 ①): how many by topic and by outcome. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

OUTCOMES = ("solved", "solved_unconfirmed", "explained", "unfounded", "outside_jurisdiction", "disputed")
"""Outcomes of a closing in the order in which they are shown; rates are apart for each (R5)."""
OPEN = "open"
NO_TOPIC = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """A case as scoring knows it. `outcome` None: it was never closed."""

    topic: str | None
    outcome: str | None
    closed: int
    reopened: int
    late: bool
    no_result: bool

    @property
    def stands(self) -> str:
        """How it stands: an outcome, or `open` (a case that was reopened is open again)."""
        return self.outcome if self.outcome and self.closed > self.reopened else OPEN


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of a unit's cases; `topics`: topic → how it stands → how many, the most frequent topic first."""

    total: int
    topics: dict[str, dict[str, int]]
    outcomes: dict[str, int]
    late: int
    reopened: int
    no_result: int


def figures(matters: Iterable[Matter]) -> Figures:
    """The counts of a fact sheet."""
    found = tuple(matters)
    topics: dict[str, dict[str, int]] = {}
    outcomes = dict.fromkeys((*OUTCOMES, OPEN), 0)
    for one in found:
        row = topics.setdefault(one.topic or NO_TOPIC, dict.fromkeys(outcomes, 0))
        row[one.stands] += 1
        outcomes[one.stands] += 1
    ordered = dict(sorted(topics.items(), key=lambda item: (-sum(item[1].values()), item[0])))
    return Figures(
        len(found), ordered, outcomes, late=sum(m.late for m in found), reopened=sum(m.reopened > 0 for m in found),
        no_result=sum(m.no_result for m in found),
    )  # fmt: skip
