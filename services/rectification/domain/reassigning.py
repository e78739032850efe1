"""A ruling on a unit's objection (I17): upheld, another unit leads from the ruling on. Pure decisions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.rectification.domain import term_facts as facts
from services.rectification.domain.asking import FIRST_PERIOD
from services.rectification.domain.case import Card, Case, Span, State
from services.rectification.domain.deadline import Deadline, begin
from services.rectification.domain.escalation import DECIDING, OF_THE_UNIT, Kind, deciding
from services.rectification.domain.facts import Decision
from services.rectification.domain.handling import of_track
from services.rectification.domain.rules import Rules
from services.rectification.domain.units import duties, helpers_of


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the office ruled. lead_unit None: the same as before; days None: as many as before."""

    at: datetime
    unit: str
    upheld: bool
    reason: str
    by_role: str
    lead_unit: str | None = None
    cooperating_units: tuple[str, ...] = ()
    territorial_unit: str | None = None
    days: int | None = None


def rule(rules: Rules, case: Case, running: Iterable[Deadline], ruling: Ruling) -> Decision:
    """The ruling takes effect while the first period runs; afterwards it is recorded only.

    The new lead unit has its own periods from the ruling, and nothing of what the first receiver did with the case
    but the ledger; who was to be told of the first receiver's dates until then was told. A unit that helps no longer
    owes nothing; a new one has the case's date.
    """
    card = _ruled(case, ruling)
    if not ruling.upheld:
        return _recorded(case, ruling, "not_upheld")
    if case.state not in FIRST_PERIOD:
        return _recorded(case, ruling, "too_late")
    if card == case.card:
        return _recorded(case, ruling, "unchanged")
    fact = facts.Ruled(ruling.at, ruling.unit, True, ruling.reason, ruling.by_role, "reassigned")
    before = tuple(helper.unit for helper in helpers_of(case.card))
    moved = facts.Reassigned(ruling.at, case.unit, before, card.paying_unit)
    helpers = [helper.unit for helper in helpers_of(card)]
    if card.lead_unit == case.unit:
        return _other_helpers(replace(case, card=card), tuple(running), helpers, (fact, moved), ruling.at)
    at, periods = ruling.at, rules.programme.deadlines
    solve = begin(rules, card.number, deciding(card.track), at, card.days)
    accept = begin(rules, card.number, Kind.ACCEPT, at, periods.accept)
    acknowledge = begin(rules, card.number, Kind.ACKNOWLEDGE, at, periods.acknowledge)
    span = Span.of(solve)
    anew = replace(
        case,
        card=card,
        original=span,
        span=span,
        state=State.OPENED,
        handler=None,
        acknowledged_at=None,
        accepted_at=None,
        lead_since=at,
        extension_asked=False,
    )
    of_the_track = of_track(rules, card.number, card.track, at)
    begins = (solve, accept, acknowledge, *of_the_track, *duties(rules, card, at, helpers))
    return Decision(anew, (fact, moved), begins=begins, ends=frozenset(OF_THE_UNIT))


def _ruled(case: Case, ruling: Ruling) -> Card:
    """The card as it says after the ruling. The new lead unit pays where the old one did."""
    card = case.card
    lead = ruling.lead_unit or card.lead_unit
    return replace(
        card,
        lead_unit=lead,
        cooperating_units=tuple(unit for unit in ruling.cooperating_units if unit != lead),
        territorial_unit=ruling.territorial_unit,
        paying_unit=lead if card.paying_unit == card.lead_unit else card.paying_unit,
        days=card.days if lead == card.lead_unit else ruling.days or card.days,
    )


def _recorded(case: Case, ruling: Ruling, effect: str) -> Decision:
    fact = facts.Ruled(ruling.at, ruling.unit, ruling.upheld, ruling.reason, ruling.by_role, effect)
    return Decision(case, (fact,))


def _other_helpers(
    case: Case, running: tuple[Deadline, ...], helpers: list[str], told: tuple[facts.TermFact, ...], at: datetime
) -> Decision:
    """The same unit leads: its own dates stay, only who helps changes."""
    mine = [deadline for deadline in running if deadline.kind is Kind.CONTRIBUTE]
    solve = next(deadline for deadline in running if deadline.kind in DECIDING)
    known = {deadline.unit for deadline in mine}
    new = tuple(
        replace(solve, id=None, kind=Kind.CONTRIBUTE, unit=unit, fired=(), runs_from=at)
        for unit in helpers
        if unit not in known
    )
    gone = tuple(deadline for deadline in mine if deadline.unit not in helpers)
    return Decision(case, told, begins=new, met=gone)
