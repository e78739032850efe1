"""What online evaluations say (S13): opinion at scale, ranked for comparison; no sampling error, no consequence.

How many evaluations there are may be seen by anybody at any time; marks only with the cycle's published result.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.evaluation import Opinion, merged, opinion
from services.scoring.domain.ranking import Candidate, Standing, rank
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
    """What is said of a unit, or of a section of it. `score`: null with too few ratings in a dimension."""

    unit: str
    section: str
    label: Literal["网上意见 opinion at scale"] = "网上意见 opinion at scale"
    evaluations: int
    ratings: int
    score: Decimal | None
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
    _open(session, cycle, inside=inside)
    keys = [u.key for u in sorted(units.units(session), key=lambda u: u.key) if u.key > after][:limit]
    tallies = store.tallies(session, cycle, keys)
    by_unit = _by_unit(session, tallies)
    rows = {u.key: u for u in units.units(session, keys)}
    items = [_view(desk, rows[key], "", *by_unit[key]) for key in keys if key in by_unit]
    return OpinionList(cycle=cycle, items=items, next=keys[-1] if len(keys) == limit else None)


def of_unit(desk: Desk, session: Session, unit: str, cycle: str, *, inside: bool) -> list[OpinionView]:
    """A unit's opinion as a whole, then section by section. Raises Refusal (404)."""
    _open(session, cycle, inside=inside)
    row = units.unit(session, unit)
    tallies = store.tallies(session, cycle, [unit])
    whole = _by_unit(session, tallies)
    if not whole:
        return []
    views = [_view(desk, row, "", *whole[unit])]
    for section in sorted({key[2] for key in tallies} - {""}):
        part = {key: tally for key, tally in tallies.items() if key[2] == section}
        views.append(_view(desk, row, section, *_by_unit(session, part)[unit]))
    return views


def ranked(desk: Desk, session: Session, tallies: Mapping[Key, Tally]) -> Sequence[Standing]:
    """Units ranked by what is said online, for comparison inside their scopes; it decides nothing."""
    by_unit = _by_unit(session, tallies)
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


def _open(session: Session, cycle: str, *, inside: bool) -> None:
    units.cycle(session, cycle)
    if not inside and not embargo.is_public(session, cycle):
        reason = "what was said is published with the cycle's result"
        raise Refusal("cycle", cycle, reason, "come back after the publication", 404)


def _by_unit(session: Session, tallies: Mapping[Key, Tally]) -> dict[str, tuple[int, Counts]]:
    forms = store.forms(session)
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


def _view(desk: Desk, row: UnitRow, section: str, number: int, counts: Counts) -> OpinionView:
    found = _opinion(desk, row, counts)
    return OpinionView(
        unit=row.key, section=section, evaluations=number, ratings=found.ratings, score=found.score,
        means=found.means, counts=counts,
    )  # fmt: skip
