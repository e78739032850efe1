"""Consequences (S12): what the programme's rules propose for a ranking. Proposals, until a leader confirms."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from services.scoring.domain.figures import published
from services.scoring.domain.ranking import Candidate, Standing, places, rank
from shared.errors import Refusal
from shared.programme.parts import ConsequenceRule


class ConsequenceState(StrEnum):
    """A consequence is proposed, confirmed or withdrawn by a leader; then executed and closed, or overturned."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    EXECUTED = "executed"
    CLOSED = "closed"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One consequence for one unit. `review`: a leader must answer the doubt in writing before confirming."""

    unit: str
    rule: str
    kind: str
    reason: str
    review: bool
    deadline: int


@dataclass(frozen=True, slots=True)
class YearStanding:
    """A unit's standing in a year's result (the mean of its ranked cycles)."""

    unit: str
    composite: Decimal | None
    last: bool


def propose(
    rules: Sequence[ConsequenceRule],
    standings: Sequence[Standing],
    *,
    may_be_last: Mapping[str, Collection[str]],
    years: Sequence[Mapping[str, YearStanding]] = (),
) -> tuple[Proposal, ...]:
    """What the rules propose, in their order and by unit.

    may_be_last: for each scope the units that the vote does not rule out as last. years: this year's result and
    those before it, latest first; a rule with `years_running` above one needs that many and looks at nothing
    else (empty before the year's last cycle: such rules then propose nothing).
    """
    found = []
    for rule in (one for one in rules if one.when.is_of_ranking):
        first = _first(rule, standings)
        for standing in standings:
            if not _holds(rule, standing, years) or (first is not None and standing.unit not in first):
                continue
            review = rule.when.last_in_scope and _doubtful(standing, may_be_last.get(standing.scope, ()))
            for kind in rule.kinds:
                reason = _reason(rule, standing)
                found.append(Proposal(standing.unit, rule.key, kind, reason, review, rule.deadline))
    return tuple(found)


def _holds(rule: ConsequenceRule, standing: Standing, years: Sequence[Mapping[str, YearStanding]]) -> bool:
    when = rule.when
    if when.scopes and not _in_scopes(standing, when.scopes):
        return False
    if when.canvassing and not standing.canvassing:
        return False
    if when.years_running > 1:
        return _years_running(rule, standing.unit, years)
    if when.last_in_scope and not standing.last:
        return False
    if when.below is not None and (standing.composite is None or standing.composite >= when.below):
        return False
    return when.at_least is None or (standing.composite is not None and standing.composite >= when.at_least)


def _first(rule: ConsequenceRule, standings: Sequence[Standing]) -> frozenset[str] | None:
    """The units within `top` and `top_share`, None for a rule that does not ask for them.

    Where the rule names scopes their units are taken together (the ten best stations of all townships).
    """
    when = rule.when
    if when.top is None and when.top_share is None:
        return None
    groups: dict[str, list[Standing]] = {}
    for s in standings:
        if s.rank is not None and s.composite is not None:
            groups.setdefault("" if when.scopes else s.scope, []).append(s)
    found: set[str] = set()
    for group in groups.values():
        within = [s for s in group if not when.scopes or _in_scopes(s, when.scopes)]
        limit = Fraction(len(within) if when.top is None else when.top)
        if when.top_share is not None:
            limit = min(limit, Fraction(when.top_share) * len(within))
        order = places((s.unit, s.composite) for s in within if s.composite is not None and not s.canvassing)
        found |= {unit for unit, place in order.items() if place <= limit}
    return frozenset(found)


def _in_scopes(standing: Standing, scopes: Collection[str]) -> bool:
    """`township` takes in each `township:<name>`."""
    return standing.scope.split(":", 1)[0] in scopes


def _years_running(rule: ConsequenceRule, unit: str, years: Sequence[Mapping[str, YearStanding]]) -> bool:
    """Last and below the threshold in each of the years; canvassing counts only if also below it (S12)."""
    wanted = years[: rule.when.years_running]
    if len(wanted) < rule.when.years_running:
        return False
    for year in wanted:
        standing = year.get(unit)
        if standing is None or standing.composite is None:
            return False
        if rule.when.last_in_scope and not standing.last:
            return False
        if rule.when.below is not None and standing.composite >= rule.when.below:
            return False
    return True


def _doubtful(standing: Standing, possible: Collection[str]) -> bool:
    """Whether it is in doubt that this unit is the last: others may be, or several share the place (S10).

    Who stands last for canvassing does so by decision, not by the vote.
    """
    if standing.canvassing:
        return False
    return standing.tied_last or len(possible) != 1


def _reason(rule: ConsequenceRule, standing: Standing) -> str:
    """In both languages, as letters and papers take it apart: `中文 · English`."""
    zh = f"在{standing.of}个单位中列第{standing.rank}名，综合得分{standing.composite}"
    en = f"rank {standing.rank} of {standing.of}, composite {standing.composite}"
    return f"{rule.label.zh}（{zh}） · {rule.label.en} ({standing.scope}: {en})"


def year_result(cycles: Iterable[Sequence[Standing]], *, least_units_for_last: int) -> dict[str, YearStanding]:
    """The year's result: each unit's mean composite of the cycles in which it was ranked, ranked again.

    A unit that canvassed in one of the cycles stands behind all others of its scope in the year as well.
    """
    composites: dict[str, list[Decimal]] = {}
    latest: dict[str, Standing] = {}
    canvassed: set[str] = set()
    for standings in cycles:
        for standing in standings:
            latest[standing.unit] = standing
            if standing.canvassing:
                canvassed.add(standing.unit)
            if standing.rank is not None and standing.composite is not None:
                composites.setdefault(standing.unit, []).append(standing.composite)
    candidates = [
        Candidate(
            unit,
            s.scope,
            s.category,
            published(sum((Fraction(c) for c in marks), Fraction(0)) / len(marks)) if marks else None,
            0,
            canvassing=unit in canvassed,
        )
        for unit, s in latest.items()
        for marks in [composites.get(unit, [])]
    ]
    rows = rank(candidates, least_ratings=0, least_units_for_last=least_units_for_last)
    return {row.unit: YearStanding(row.unit, row.composite, row.last) for row in rows}


def confirm(state: ConsequenceState, *, review: bool, answer: str) -> ConsequenceState:
    """A leader confirms (S12). Raises Refusal: a review flag needs a written answer; not twice."""
    _still_open(state)
    if review and not answer.strip():
        raise Refusal(
            "answer",
            "",
            "the rank is in doubt: more than one unit may truly be last",
            "answer the doubt in writing, or withdraw the proposal",
        )
    return ConsequenceState.CONFIRMED


def withdraw(state: ConsequenceState, *, reason: str) -> ConsequenceState:
    """A leader does not confirm, with a reason. Raises Refusal."""
    _still_open(state)
    if not reason.strip():
        raise Refusal("reason", "", "a withdrawal needs a reason", "say why the proposal is not confirmed")
    return ConsequenceState.WITHDRAWN


def _still_open(state: ConsequenceState) -> None:
    if state is not ConsequenceState.PROPOSED:
        raise Refusal("consequence", state.value, f"is already {state.value}", "see its record", 409)
