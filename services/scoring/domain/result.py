"""result.json (S9, S10, S14): a cycle's scores and ranks, with all that they are computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Json, canonical, moment
from services.scoring.domain.composite import Composite, PartScore, composite
from services.scoring.domain.doubt import Doubts, Interval, intervals
from services.scoring.domain.figures import plain, published
from services.scoring.domain.ledger import BARE, Ledger, Settled
from services.scoring.domain.ledger_print import rules_json, settled_json
from services.scoring.domain.parts import PartRule, PartValue
from services.scoring.domain.points import DailyScore, Line
from services.scoring.domain.ranking import Candidate, Standing, rank

RESULT_KIND = "minping.result.v1"
RANKING_KIND = "minping.ranking.v1"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The programme's numbers that a result is computed with.

    only: parts that count for units of some categories only, with these.
    """

    weights: tuple[tuple[str, Decimal], ...]
    least_ratings: int
    least_units_for_last: int
    start: Decimal
    floor: Decimal
    most_per_case: Decimal
    parts: tuple[PartRule, ...] = ()
    ledger: Ledger = BARE
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def weights_for(self, category: str) -> tuple[tuple[str, Decimal], ...]:
        """The parts of the composite of a category's units, with their weights."""
        return weights_for(self.weights, dict(self.only), category)

    @property
    def vote(self) -> Decimal:
        """Weight of the concentrated part in per cent, 0 where the programme has none."""
        return dict(self.weights).get("concentrated", Decimal(0))


def weights_for(
    weights: Sequence[tuple[str, Decimal]], only: Mapping[str, Sequence[str]], category: str
) -> tuple[tuple[str, Decimal], ...]:
    """Those of the parts that count for units of a category: all that are not limited to others."""
    return tuple((part, weight) for part, weight in weights if part not in only or category in only[part])


def ratings_needed(weights: Sequence[tuple[str, Decimal]], least_ratings: int) -> int:
    """The minimum of ratings is one of the vote: without a vote in the composite there is none (S10)."""
    return least_ratings if "concentrated" in dict(weights) else 0


@dataclass(frozen=True, slots=True)
class UnitInput:
    """What is known of a unit: its deductions and lines, its count at a meeting (None: no meeting), its other parts.

    settled: the daily score where it is made of more than deductions.
    """

    unit: str
    name: str
    category: str
    scope: str
    daily: DailyScore
    lines: tuple[Line, ...]
    meeting: str | None
    concentrated: Fraction | None
    ratings: int
    canvassing: bool = False
    parts: Mapping[str, PartValue] = field(default_factory=dict)
    settled: Settled | None = None

    @property
    def daily_score(self) -> Decimal | None:
        """The daily score, exact; None where something of it is missing."""
        if self.settled is None:
            return self.daily.score
        return None if self.settled.missing else self.settled.score


@dataclass(frozen=True, slots=True)
class Row:
    """One unit's result."""

    given: UnitInput
    composite: Composite
    standing: Standing
    interval: Interval | None


def rows(units: Sequence[UnitInput], doubts: Sequence[Doubts], numbers: Numbers) -> tuple[Row, ...]:
    """Composite, rank and interval of every unit; in the order of the ranking."""
    scored = {u.unit: composite(u.unit, _parts(u, numbers)) for u in units}
    standings = rank(
        [
            Candidate(
                u.unit,
                u.scope,
                u.category,
                scored[u.unit].score,
                u.ratings,
                canvassing=u.canvassing,
                missing=scored[u.unit].missing,
                least=ratings_needed(numbers.weights_for(u.category), numbers.least_ratings),
            )
            for u in units
        ],
        least_ratings=numbers.least_ratings,
        least_units_for_last=numbers.least_units_for_last,
    )
    found = intervals_of(standings, doubts, numbers.vote)
    by_key = {u.unit: u for u in units}
    return tuple(Row(by_key[s.unit], scored[s.unit], s, found.get(s.unit)) for s in standings)


def _parts(given: UnitInput, numbers: Numbers) -> list[PartScore]:
    """The composite's parts in the programme's order, exact; for a missing one why."""
    mine = numbers.weights_for(given.category)
    return [PartScore(part, weight, *_value(given, part)) for part, weight in mine]


def _value(given: UnitInput, part: str) -> tuple[Fraction | None, str | None]:
    if part == "daily":
        score = given.daily_score
        why = given.settled.missing if given.settled else None
        return (None, why) if score is None else (Fraction(score), None)
    if part == "concentrated":
        why = "no meeting" if given.meeting is None else "a dimension without a rating"
        return given.concentrated, None if given.concentrated is not None else why
    found = given.parts.get(part)
    return (None, None) if found is None else (found.value, found.missing)


def intervals_of(standings: Sequence[Standing], doubts: Sequence[Doubts], vote: Decimal) -> dict[str, Interval]:
    """Intervals of each scope that one meeting has voted on as a whole; elsewhere ranks cannot be compared so."""
    found: dict[str, Interval] = {}
    for scope in sorted({s.scope for s in standings}):
        merits = {
            s.unit: s.composite for s in standings if s.scope == scope and s.merit_rank and s.composite is not None
        }
        for doubt in (d for file in doubts for d in file.scopes if d.scope == scope):
            if merits.keys() <= set(doubt.units):
                found |= intervals(doubt, merits, vote)
                break
    return found


def possibly_last(found: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """For each scope the units that may truly be last (S10)."""
    last: dict[str, list[str]] = {}
    for row in found:
        if row.interval is not None and row.interval.may_be_last:
            last.setdefault(row.standing.scope, []).append(row.standing.unit)
    return {scope: tuple(units) for scope, units in last.items()}


def result_bytes(
    found: Sequence[Row],
    doubts: Doubts | None,
    numbers: Numbers,
    *,
    programme: str,
    programme_sha256: str,
    cycle: str,
    meeting: str,
    version: int,
    reason: str,
    issued_at: datetime,
) -> bytes:
    """result.json beside a meeting's seal: the rows of its units. `reason`: of a reissue (S15)."""
    return canonical(
        {
            "kind": RESULT_KIND,
            "programme": programme,
            "programme_sha256": programme_sha256,
            "cycle": cycle,
            "meeting": meeting,
            "version": version,
            "reason": reason,
            "issued_at": moment(issued_at),
            **numbers_json(numbers),
            "interval": None if doubts is None else doubts.to_json(),
            "units": [row_json(row) for row in found if row.given.meeting == meeting],
        }
    )


def numbers_json(numbers: Numbers) -> dict[str, Json]:
    """The programme's numbers as a result prints them: from these and the rows anybody computes it again."""
    return {
        "weights": {part: plain(weight) for part, weight in numbers.weights},
        "least_ratings": numbers.least_ratings,
        "least_units_for_last": numbers.least_units_for_last,
        "points": {
            "start": plain(numbers.start),
            "floor": plain(numbers.floor),
            "most_per_case": plain(numbers.most_per_case),
            **rules_json(numbers.ledger),
        },
        **({"parts": [rule.to_json() for rule in numbers.parts]} if numbers.parts else {}),
        **({"only": {part: list(named) for part, named in numbers.only}} if numbers.only else {}),
    }


def ranking_bytes(found: Sequence[Row], numbers: Numbers | None = None, doubts: Sequence[Doubts] = ()) -> bytes:
    """All rows of a cycle, as they are kept: the ranking of every scope, also of units without a meeting.

    With the numbers and the vote's doubts it can be computed again by whoever has nothing else.
    """
    more = {} if numbers is None else {**numbers_json(numbers), "intervals": [doubt.to_json() for doubt in doubts]}
    return canonical({"kind": RANKING_KIND, **more, "units": [row_json(row) for row in found]})


def row_json(row: Row) -> Json:
    given, standing, lines = row.given, row.standing, {line.id: line for line in row.given.lines}
    score, ledger = given.daily_score, settled_json(given.settled) if given.settled else None
    return {
        "unit": given.unit,
        "name": given.name,
        "category": given.category,
        "scope": given.scope,
        "meeting": given.meeting,
        "daily": None if score is None else plain(score),
        "cases": [
            {
                "case": c.case,
                "points": plain(c.points),
                "cut": plain(c.cut),
                "lines": [{"line": k, "rule": lines[k].rule, "points": plain(lines[k].points)} for k in c.lines],
            }
            for c in given.daily.charges
        ],
        **({"ledger": ledger} if ledger is not None else {}),
        "concentrated": None if given.concentrated is None else str(given.concentrated),
        "concentrated_published": None if given.concentrated is None else str(published(given.concentrated)),
        "ratings": given.ratings,
        **({"parts": {key: part.to_json() for key, part in given.parts.items()}} if given.parts else {}),
        "missing": row.composite.missing,
        "canvassing": given.canvassing,
        "composite": None if row.composite.score is None else str(row.composite.score),
        "formula": row.composite.formula,
        "rank": standing.rank,
        "merit_rank": standing.merit_rank,
        "category_rank": standing.category_rank,
        "of": standing.of,
        "last": standing.last,
        "tied_last": standing.tied_last,
        "merit_last": standing.merit_last,
        "not_ranked": standing.not_ranked,
        "rank_low": row.interval.low if row.interval else None,
        "rank_high": row.interval.high if row.interval else None,
        "may_be_last": row.interval.may_be_last if row.interval else None,
    }
