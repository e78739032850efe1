"""Ranks inside each scope (S10): 1-2-2-4, on published composites; canvassing behind all others (S11)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit to be ranked. `ratings`: the fewest marks (不了解 left out) any of its dimensions got.

    least: how many it needs, where that is not what the others need: nobody votes on some units.
    """

    unit: str
    scope: str
    category: str
    composite: Decimal | None
    ratings: int
    canvassing: bool = False
    missing: str | None = None
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit stands in its scope; `rank` None with the reason in `not_ranked`.

    `merit_rank` and `merit_last` leave canvassing aside, so that the rank the ballots gave stays visible.
    `tied_last`: several units share the last place, which a leader must look at. `of`: units ranked in
    the scope.
    """

    unit: str
    scope: str
    category: str
    composite: Decimal | None
    rank: int | None
    merit_rank: int | None
    category_rank: int | None
    of: int
    last: bool
    tied_last: bool
    merit_last: bool
    canvassing: bool
    not_ranked: str | None


def rank(candidates: Sequence[Candidate], *, least_ratings: int, least_units_for_last: int) -> tuple[Standing, ...]:
    """Rank each scope by itself; sorted by scope, rank (those without one behind), unit.

    Fewer than `least_ratings` ratings or a missing part: no rank (S10). All tied at the bottom are last;
    no last where fewer than `least_units_for_last` units are ranked. Whoever canvassed stands behind all
    others, and all such units share that place; the unit last on merit is then not last (S11).
    Raises Refusal when a unit stands twice.
    """
    if len({c.unit for c in candidates}) != len(candidates):
        raise Refusal("unit", [c.unit for c in candidates], "a unit stands twice", "rank each unit once")
    scopes: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        scopes[candidate.scope].append(candidate)
    rows = [row for scope in scopes.values() for row in _scope(scope, least_ratings, least_units_for_last)]
    return tuple(sorted(rows, key=lambda r: (r.scope, r.rank is None, r.rank or 0, r.unit)))


def places(scored: Iterable[tuple[str, Decimal]]) -> dict[str, int]:
    """1-2-2-4: a unit's place is one more than the number of units strictly better."""
    pairs = list(scored)
    ordered = sorted((score for _, score in pairs), reverse=True)
    first: dict[Decimal, int] = {}
    for place, score in enumerate(ordered, start=1):
        first.setdefault(score, place)
    return {unit: first[score] for unit, score in pairs}


def _without_rank(candidate: Candidate, least_ratings: int) -> str | None:
    """Why a unit has no rank on merit, else None."""
    if candidate.missing:
        return candidate.missing
    least = least_ratings if candidate.least is None else candidate.least
    if candidate.ratings < least:
        return f"{candidate.ratings} ratings, at least {least} are needed"
    return None if candidate.composite is not None else "no composite score"


def _scope(units: Sequence[Candidate], least_ratings: int, least_units: int) -> list[Standing]:
    reasons = {c.unit: _without_rank(c, least_ratings) for c in units}
    on_merit = [c for c in units if reasons[c.unit] is None]
    ranked = [c for c in units if c.canvassing or reasons[c.unit] is None]

    merit = places((c.unit, c.composite) for c in on_merit if c.composite is not None)
    final = places((c.unit, c.composite) for c in on_merit if c.composite is not None and not c.canvassing)
    behind = len(final) + 1
    final |= {c.unit: behind for c in ranked if c.canvassing}

    def bottom(table: dict[str, int]) -> set[str]:
        worst = max(table.values(), default=0)
        return {u for u, place in table.items() if place == worst} if len(table) >= least_units else set()

    last, merit_last = bottom(final), bottom(merit)
    in_category = _category_places(ranked, lambda c: final[c.unit])
    return [
        Standing(
            unit=c.unit,
            scope=c.scope,
            category=c.category,
            composite=c.composite,
            rank=final.get(c.unit),
            merit_rank=merit.get(c.unit),
            category_rank=in_category.get(c.unit),
            of=len(final),
            last=c.unit in last,
            tied_last=c.unit in last and len(last) > 1,
            merit_last=c.unit in merit_last,
            canvassing=c.canvassing,
            not_ranked=None if c.unit in final else reasons[c.unit],
        )
        for c in units
    ]


def _category_places(ranked: Sequence[Candidate], place: Callable[[Candidate], int]) -> dict[str, int]:
    """Places inside each category of the scope, in the order of the scope's own ranks."""
    by_category: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in ranked:
        by_category[candidate.category].append(candidate)
    return {
        unit: where
        for group in by_category.values()
        for unit, where in places((c.unit, Decimal(-place(c))) for c in group).items()
    }
