"""Units that are no more: their heir takes over open cases with the dates as they run (S1)."""

from dataclasses import replace

from services.rectification import store
from services.rectification.domain import term_facts as facts
from services.rectification.domain.case import Card, Case
from services.rectification.domain.escalation import Kind
from services.rectification.domain.facts import Decision
from services.rectification.domain.rules import Rules
from services.rectification.domain.units import helpers_of
from services.rectification.usecases.firing import fire_case
from services.rectification.usecases.record import take, wanted
from shared.contracts import Event
from shared.contracts.scoring import UnitSucceeded
from shared.store import Tx

SCORING = "scoring"


def succeed_unit(rules: Rules, tx: Tx, event: Event[UnitSucceeded]) -> None:
    """Merged, renamed or split: what is open passes to the heir, what is closed stays with the unit of its time.

    Unlike a ruling on an objection nothing begins anew: dates, plan and promises hold for the heir. Who handled the
    case there is not known yet. No further duty is announced to a unit that is no more.
    """
    said = event.data
    for unit in said.retired:
        store.succession.retire(tx.session, unit, tx.now)
        for number in store.units.open_of_unit(tx.session, unit):
            case = wanted(tx, number)
            fire_case(rules, tx, case)
            _pass_on(rules, tx, case, unit, said.heir)


def _pass_on(rules: Rules, tx: Tx, case: Case, unit: str, heir: str) -> None:
    card = _with_heir(case.card, unit, heir)
    before = tuple(helper.unit for helper in helpers_of(case.card))
    fact = facts.Reassigned(tx.now, case.unit, before, card.paying_unit)
    handler = case.handler if card.lead_unit == case.unit else None
    # Where the heir leads, or helps already, the other unit's contribution is owed by nobody.
    doubled = heir in (card.lead_unit, *before)
    running = store.deadlines.of_case(tx.session, case.number, running=True) if doubled else []
    owed = tuple(r.deadline for r in running if r.deadline.kind is Kind.CONTRIBUTE and r.unit == unit)
    store.succession.pass_on(tx.session, case.number, unit, heir)
    moved = take(rules, tx, Decision(replace(case, card=card, handler=handler), (fact,), met=owed), by=SCORING)
    store.units.set_helpers(tx.session, moved)


def _with_heir(card: Card, unit: str, heir: str) -> Card:
    def now(named: str) -> str:
        return heir if named == unit else named

    lead = now(card.lead_unit)
    helping = dict.fromkeys(now(helper) for helper in card.cooperating_units)
    return replace(
        card,
        lead_unit=lead,
        cooperating_units=tuple(helper for helper in helping if helper != lead),
        territorial_unit=now(card.territorial_unit) if card.territorial_unit else None,
        paying_unit=now(card.paying_unit),
    )
