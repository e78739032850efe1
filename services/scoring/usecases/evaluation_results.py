"""What online evaluations say (S13): opinion at scale, ranked for comparison; no sampling error, no consequence.

How many evaluations there are may be seen by anybody at any time; marks only with the cycle's published result.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.evaluation import Form, Opinion, merged, opinion
from services.scoring.domain.ranking import Candidate, Standing, rank
from services.scoring.store import evaluation_flags as flags
from services.scoring.store import evaluations as store
from services.scoring.store import units
from services.scoring.store.evaluations import Key, Tally
from services.scoring.store.tables import UnitRow
from services.scoring.usecases import embargo
from services.scoring.usecases.desk import Desk
from shared.errors import Refusal

recounted = store.recount
Counts = dict[str, dict[str, int]]


class OpinionView(BaseModel):
    """What is said of a unit, or of a section of it. `score`: null with too few ratings in a dimension.

    score, ratings, means and counts are of the evaluations that the programme's rule takes (`figure`): of all, or
    without those that the office has set apart. Both figures are always shown.
    """

    unit: str
    section: str
    label: Literal["网上意见 opinion at scale"] = "网上意见 opinion at scale"
    evaluations: int = Field(description="all that came")
    set_apart: int = Field(description="of them, by decision of the office")
    figure: Literal["all", "kept"]
    ratings: int
    score: Decimal | None
    score_all: Decimal | None
    score_kept: Decimal | None
    means: dict[str, Decimal | None]
    counts: Counts


class OpinionList(BaseModel):
    """Units by key; `next` is the cursor of the following page, null at the end."""

    cycle: str
    items: list[OpinionView]
    next: str | None


class UnitCounter(BaseModel):
    """How many evaluations a unit has so far."""

    unit: str
    evaluations: int


class Counters(BaseModel):
    """How many evaluations have come in a cycle: never what they say."""

    cycle: str
    evaluations: int
    units: list[UnitCounter]


class RefusalView(BaseModel):
    """How many messages or requests of a source counted nothing, and why; the source of the public is empty."""

    source: str
    reason: str
    number: int


def opinions(
    desk: Desk, session: Session, cycle: str, *, inside: bool, after: str = "", limit: int = 100
) -> OpinionList:
    """A page of the units' opinions. inside: also before the publication. Raises Refusal (404)."""
    _open(desk, session, cycle, inside=inside)
    keys = [u.key for u in sorted(units.units(session), key=lambda u: u.key) if u.key > after][:limit]
    figures = _Figures(desk, session, cycle, keys)
    rows = {u.key: u for u in units.units(session, keys)}
    items = [figures.view(rows[key]) for key in keys if key in figures.units]
    return OpinionList(cycle=cycle, items=items, next=keys[-1] if len(keys) == limit else None)


def of_unit(desk: Desk, session: Session, unit: str, cycle: str, *, inside: bool) -> list[OpinionView]:
    """A unit's opinion as a whole, then section by section. Raises Refusal (404)."""
    _open(desk, session, cycle, inside=inside)
    row = units.unit(session, unit)
    figures = _Figures(desk, session, cycle, [unit])
    if not figures.units:
        return []
    return [figures.view(row), *(figures.view(row, section) for section in figures.sections)]


def by_rule(desk: Desk, session: Session, cycle: str, keys: Iterable[str] | None = None) -> dict[Key, Tally]:
    """Counts that make the programme's figure: of all evaluations, or without those set apart; of units, or of all."""
    wanted = None if keys is None else list(keys)
    tallies = store.tallies(session, cycle, wanted)
    return tallies if desk.programme.online.figure == "all" else without(tallies, flags.apart(session, cycle, wanted))


def without(tallies: Mapping[Key, Tally], apart: Mapping[Key, Tally]) -> dict[Key, Tally]:
    """Counts less those set apart."""
    none = Tally(0, 0)
    return {
        key: Tally(tally.evaluations - (less := apart.get(key, none)).evaluations, tally.counts - less.counts)
        for key, tally in tallies.items()
    }


def score(desk: Desk, session: Session, unit: str, tallies: Mapping[Key, Tally]) -> Decimal | None:
    """A unit's figure of these counts; None with too few ratings in a dimension. Raises Refusal (404)."""
    found = _by_unit(store.forms(session), {key: tally for key, tally in tallies.items() if key[1] == unit})
    return _opinion(desk, units.unit(session, unit), found[unit][1] if found else {}).score


def ranked(desk: Desk, session: Session, tallies: Mapping[Key, Tally]) -> Sequence[Standing]:
    """Units ranked by what is said online, for comparison inside their scopes; it decides nothing."""
    by_unit = _by_unit(store.forms(session), tallies)
    candidates = []
    for row in units.standing(session):
        found = _opinion(desk, row, by_unit[row.key][1] if row.key in by_unit else {})
        candidates.append(Candidate(row.key, row.scope, row.category, found.score, found.ratings))
    p = desk.programme.ranking
    return rank(candidates, least_ratings=p.least_ratings, least_units_for_last=p.least_units_for_last)


def counters(session: Session, cycle: str) -> Counters:
    """How many evaluations have come, from the store. Raises Refusal (404)."""
    units.cycle(session, cycle)
    return counters_of(cycle, ((key[1], t.evaluations) for key, t in store.tallies(session, cycle).items()))


def counters_of(cycle: str, numbers: Iterable[tuple[str, int]]) -> Counters:
    """Counters of (unit, evaluations) pairs; a unit may stand in several."""
    found: dict[str, int] = {}
    for unit, number in numbers:
        found[unit] = found.get(unit, 0) + number
    items = [UnitCounter(unit=unit, evaluations=found[unit]) for unit in sorted(found)]
    return Counters(cycle=cycle, evaluations=sum(found.values()), units=items)


def refusals(session: Session) -> list[RefusalView]:
    """What counted nothing, by source and reason."""
    return [RefusalView(source=r.source, reason=r.reason, number=r.number) for r in store.refusals(session)]


def _open(desk: Desk, session: Session, cycle: str, *, inside: bool) -> None:
    units.cycle(session, cycle)
    if not inside:
        embargo.in_form(desk, cycle, "public")
    if not inside and not embargo.is_public(session, cycle):
        reason = "what was said is published with the cycle's result"
        raise Refusal("cycle", cycle, reason, "come back after the publication", 404)


def _by_unit(forms: Mapping[int, Form], tallies: Mapping[Key, Tally]) -> dict[str, tuple[int, Counts]]:
    parts: dict[str, list[Counts]] = {}
    numbers: dict[str, int] = {}
    for key, tally in tallies.items():
        parts.setdefault(key[1], []).append(forms[key[3]].by_dimension(tally.counts))
        numbers[key[1]] = numbers.get(key[1], 0) + tally.evaluations
    return {unit: (numbers[unit], merged(found)) for unit, found in parts.items()}


def _opinion(desk: Desk, row: UnitRow, counts: Counts) -> Opinion:
    p = desk.programme
    weights = {d.key: d.weight for d in p.dimensions_of(row.group)}
    return opinion(counts, weights, {g.key: g.mark for g in p.grades}, p.ranking.least_ratings)


class _Figures:
    """Counts of some units, of all evaluations and without those set apart, read once."""

    def __init__(self, desk: Desk, session: Session, cycle: str, keys: Sequence[str]) -> None:
        self._desk, self._forms = desk, store.forms(session)
        tallies = store.tallies(session, cycle, keys)
        kept = without(tallies, flags.apart(session, cycle, keys))
        self.units: dict[str, dict[Key, tuple[Tally, Tally]]] = {}
        for key, tally in tallies.items():
            self.units.setdefault(key[1], {})[key] = tally, kept[key]
        self.sections = sorted({key[2] for key in tallies} - {""})

    def view(self, row: UnitRow, section: str | None = None) -> OpinionView:
        """What is said of a unit, or of a section of it."""
        part = {key: both for key, both in self.units[row.key].items() if section in (None, key[2])}
        number, counts = _by_unit(self._forms, {key: tally for key, (tally, _) in part.items()})[row.key]
        kept, kept_counts = _by_unit(self._forms, {key: tally for key, (_, tally) in part.items()})[row.key]
        of_all, of_kept = _opinion(self._desk, row, counts), _opinion(self._desk, row, kept_counts)
        figure = self._desk.programme.online.figure
        found = of_all if figure == "all" else of_kept
        return OpinionView(
            unit=row.key, section=section or "", evaluations=number, set_apart=number - kept, figure=figure,
            ratings=found.ratings, score=found.score, score_all=of_all.score, score_kept=of_kept.score,
            means=found.means, counts=counts if figure == "all" else kept_counts,
        )  # fmt: skip
