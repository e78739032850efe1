"""A result from before this system, as it was on paper (S12): shown as recorded, counted for two years running."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.scoring.domain.ranking import Standing
from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Recorded:
    """A unit as its document has it; without a rank why."""

    unit: str
    scope: str
    composite: Decimal | None
    rank: int | None
    last: bool
    canvassing: bool
    not_ranked: str | None


def check(rows: Sequence[Recorded], least_units_for_last: int) -> dict[str, int]:
    """How many are ranked in each scope. Raises Refusal naming the row: a record that contradicts itself.

    A scope is entered as a whole, so that "last" can be judged: its ranks are 1-2-2-4 without a gap, better composites
    stand before worse, and who is last has the worst rank.
    """
    if len({row.unit for row in rows}) != len(rows):
        raise Refusal("rows", [row.unit for row in rows], "a unit stands twice", "enter each unit once")
    scopes: dict[str, list[tuple[int, Recorded]]] = defaultdict(list)
    for number, row in enumerate(rows):
        if (row.rank is None) == (row.not_ranked is None):
            raise Refusal(f"rows.{number}.rank", row.rank, "needs a rank, or why it has none", "give one of them")
        if row.rank is not None:
            if row.composite is None:
                raise Refusal(f"rows.{number}.composite", None, "a ranked unit has a composite", "enter it")
            scopes[row.scope].append((number, row))
        elif row.last:
            raise Refusal(f"rows.{number}.last", True, "a unit without a rank is not last", "correct it")
    for ranked in scopes.values():
        _scope(ranked, least_units_for_last)
    return {scope: len(ranked) for scope, ranked in scopes.items()}


def _scope(ranked: list[tuple[int, Recorded]], least_units: int) -> None:
    ordered = sorted(ranked, key=lambda pair: pair[1].rank or 0)
    worst = ordered[-1][1].rank
    before: Recorded | None = None
    for place, (number, row) in enumerate(ordered, 1):
        tied = before is not None and row.rank == before.rank
        if row.rank != place and not tied:
            raise Refusal(f"rows.{number}.rank", row.rank, f"the scope is not whole: rank {place} is missing",
                          "enter every ranked unit of the scope")  # fmt: skip
        if before is not None and not row.canvassing and (row.composite or 0) > (before.composite or 0):
            raise Refusal(f"rows.{number}.composite", str(row.composite), f"is better than that of {before.unit}",
                          "compare it with the document")  # fmt: skip
        if row.last and (row.rank != worst or len(ordered) < least_units):
            raise Refusal(f"rows.{number}.last", True, "is not the worst rank, or too few are ranked", "correct it")
        if row.rank == worst and not row.last and len(ordered) >= least_units:
            raise Refusal(f"rows.{number}.last", False, "has the worst rank of its scope", "mark it as last")
        before = row


def standings(rows: Iterable[Recorded], of: Mapping[str, int]) -> tuple[Standing, ...]:
    """The record as a ranking's standings. of: ranked units by scope."""
    return tuple(
        Standing(
            unit=row.unit, scope=row.scope, category="", composite=row.composite, rank=row.rank, merit_rank=row.rank,
            category_rank=None, of=of.get(row.scope, 0), last=row.last, tied_last=False, merit_last=row.last,
            canvassing=row.canvassing, not_ranked=row.not_ranked,
        )
        for row in rows
    )  # fmt: skip
