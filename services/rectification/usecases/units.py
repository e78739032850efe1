"""The units of a case: what helpers hand in, who handles it where, handovers, who held which office when (R1, N1)."""

from services.rectification import store
from services.rectification.domain import term_facts, units
from services.rectification.domain.case import Case, State
from services.rectification.domain.rules import Rules
from services.rectification.domain.units import Contribution
from services.rectification.store.units import Handover, Official
from services.rectification.usecases.firing import fire_case
from services.rectification.usecases.people import acting
from services.rectification.usecases.record import take, tell, unknown, wanted
from services.rectification.usecases.terms import running_of
from shared.contracts import Event
from shared.contracts.notify import LeaderChanged
from shared.errors import Refusal
from shared.scrub import scrub
from shared.store import Tx

NOTIFY = "notify"
HELPERS = "helpers"


def contribute(rules: Rules, tx: Tx, number: str, text: str, evidence: tuple[str, ...]) -> Case:
    """A unit that helps hands in what it did. Raises Refusal: 404 not a helper, 409 state, 422 what is missing."""
    case = wanted(tx, number)
    actor = acting(tx)
    if actor.unit not in {helper.unit for helper in units.helpers_of(case.card)}:
        raise unknown(number)
    fire_case(rules, tx, case)
    given = Contribution(actor.unit or "", tx.now, actor.sub, scrub(text), tuple(scrub(piece) for piece in evidence))
    decision = units.contribute(case, given, running_of(tx, case))
    store.units.contribute(tx.session, number, given)
    return take(rules, tx, decision, by="unit")


def assign(rules: Rules, tx: Tx, number: str, handler: str, reason: str) -> Case:
    """The main leader names the handler of his unit, leading or helping. Raises Refusal: 404, 409 closed."""
    case = _of_the_unit(tx, number)
    if case.state is State.CLOSED:
        raise Refusal("case.state", case.state.value, "the case is closed", "nothing is left to handle", 409)
    fire_case(rules, tx, case)
    return _assign(rules, tx, case, handler, scrub(reason))


def hand_over(rules: Rules, tx: Tx, giver: str, taker: str, reason: str, undoes: int | None) -> Handover:
    """All open cases of one handler to another, in one step; undone by another handover that names it.

    Raises Refusal: 404 an unknown handover, 409 nothing to hand over, 422 the same person.
    """
    actor = acting(tx)
    unit = actor.unit or ""
    if giver == taker:
        raise Refusal("to", taker, "is the one who hands over", "name another handler")
    numbers = store.units.open_of_handler(tx.session, unit, giver)
    if undoes is not None:
        numbers = _only_undone(tx, unit, undoes, giver, taker, numbers)
    if not numbers:
        reason_ = f"{giver} handles no open case of your unit" if undoes is None else "none of its cases is there still"
        raise Refusal("from", giver, reason_, "look at the preview", 409)
    made = {
        "unit": unit, "given_by": actor.sub, "from_handler": giver, "to_handler": taker, "reason": scrub(reason),
        "at": tx.now, "cases": numbers, "undoes": undoes,
    }  # fmt: skip
    key = store.units.save_handover(tx.session, made)
    for number in numbers:
        case = wanted(tx, number)
        fire_case(rules, tx, case)
        _assign(rules, tx, case, taker, scrub(reason), handover=key)
    found = store.units.handover(tx.session, key)
    if found is None:
        raise AssertionError(f"handover {key} was just made")
    return found


def change_leader(tx: Tx, event: Event[LeaderChanged]) -> None:
    """Another term of office, or one that was entered wrongly and is no more: every open case of the unit names who is
    responsible from when (N1, R1)."""
    said = event.data
    official = Official(said.unit, said.role, said.person, said.since, said.name, said.until)
    change = store.units.drop_official if said.taken_back else store.units.save_official
    if not change(tx.session, official):
        return
    fact = term_facts.LeaderChanged(
        tx.now, said.unit, said.role, said.person, said.name, said.since, said.until, said.taken_back
    )
    for number in store.units.open_of_unit(tx.session, said.unit):
        tell(tx, wanted(tx, number), (fact,), by=NOTIFY)


def note_helpers(tx: Tx) -> None:
    """Once in a store's life: cases that were opened before units that help had lists of their own get them."""
    if store.memory.recall(tx.session, HELPERS) is None:
        store.units.set_helpers_of_all(tx.session)
        store.memory.remember(tx.session, HELPERS, "noted")


def _of_the_unit(tx: Tx, number: str) -> Case:
    case = wanted(tx, number)
    if acting(tx).unit not in {case.unit, *(helper.unit for helper in units.helpers_of(case.card))}:
        raise unknown(number)
    return case


def _assign(rules: Rules, tx: Tx, case: Case, handler: str, reason: str, *, handover: int | None = None) -> Case:
    unit = acting(tx).unit or ""
    if unit == case.unit:
        previous = case.handler
    else:
        previous = next(h.handler for h in store.units.of_case(tx.session, case.number) if h.unit == unit)
        store.units.set_handler(tx.session, case.number, unit, handler)
    return take(rules, tx, units.assign(case, unit, handler, previous, reason, tx.now, handover), by="leader")


def _only_undone(tx: Tx, unit: str, undoes: int, giver: str, taker: str, numbers: list[str]) -> list[str]:
    made = store.units.handover(tx.session, undoes)
    if made is None or made.unit != unit:
        raise Refusal("undoes", undoes, "there is no such handover", "look at GET /api/v1/handovers", 404)
    if (made.to_handler, made.from_handler) != (giver, taker):
        reason = f"it went from {made.from_handler} to {made.to_handler}"
        raise Refusal("undoes", undoes, reason, "name the two the other way round")
    return [number for number in numbers if number in made.cases]
