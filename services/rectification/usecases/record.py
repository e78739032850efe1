"""A decision becomes state: case, petitioners, deadlines, ledger and events, in one transaction."""

from datetime import datetime

from services.rectification import metrics, store
from services.rectification.domain import facts
from services.rectification.domain.case import Case
from services.rectification.domain.deadline import Deadline, next_step, stand_still
from services.rectification.domain.escalation import OF_THE_UNIT
from services.rectification.domain.facts import Decision
from services.rectification.domain.rules import Rules
from services.rectification.usecases.wire import entry_of, event_of
from shared.errors import Refusal
from shared.store import Tx


def actor_of(tx: Tx, otherwise: str) -> str:
    """Who did it, as the ledger names him: `role:sub`, or the service or clock that caused it."""
    return f"{tx.actor.role}:{tx.actor.sub}" if tx.actor else otherwise


def wanted(tx: Tx, number: str) -> Case:
    """The case. Raises Refusal (404)."""
    found = store.cases.find(tx.session, number)
    if found is None:
        raise unknown(number)
    return found


def unknown(number: str) -> Refusal:
    """There is no such case, or not for him who asks: the same answer to both, so that nothing leaks."""
    return Refusal("case", number, "there is no such case", "check the number", 404)


def take(rules: Rules, tx: Tx, decision: Decision, *, by: str, new: bool = False) -> Case:
    """Write what was decided. `by`: who is behind it where no person is."""
    case, session = decision.case, tx.session
    begins = _as_the_case_stands(case, decision.begins)
    happened = (*decision.facts, *(facts.DeadlineBegan(d.started_at, d) for d in begins))
    if not happened:
        return case
    (store.cases.insert if new else store.cases.update)(session, case)
    if new:
        store.units.set_helpers(session, case)
    store.cases.save_petitioners(session, case.number, decision.petitioners, decision.removed)
    if decision.ends:
        store.deadlines.end(session, case.number, decision.ends, tx.now)
    store.deadlines.end_these(session, decision.met, tx.now)
    for deadline in decision.changes:
        store.deadlines.save_moved(session, deadline, first_at(rules, deadline, assigned=case.handler is not None))
    begin(rules, tx, case, begins)
    tell(tx, case, happened, by=by)
    return case


def _as_the_case_stands(case: Case, begins: tuple[Deadline, ...]) -> tuple[Deadline, ...]:
    """What begins for a unit while its case stands still (a plan filed meanwhile) stands still with it."""
    if case.suspension is None:
        return begins
    since = case.suspension.at
    return tuple(stand_still(d, since) if d.kind in OF_THE_UNIT else d for d in begins)


def begin(rules: Rules, tx: Tx, case: Case, deadlines: tuple[Deadline, ...]) -> None:
    """Deadlines begin to run."""
    assigned = case.handler is not None
    store.deadlines.insert(
        tx.session, case.unit, ((deadline, first_at(rules, deadline, assigned=assigned)) for deadline in deadlines)
    )


def first_at(rules: Rules, deadline: Deadline, *, assigned: bool) -> datetime | None:
    """When the deadline's next step fires."""
    step = next_step(rules, deadline, assigned=assigned)
    return step.at if step else None


def tell(tx: Tx, case: Case, happened: tuple[facts.Fact, ...], *, by: str) -> None:
    """The facts into the ledger and out on the bus."""
    store.ledger.append(tx.session, case.number, (entry_of(case, fact) for fact in happened), actor=actor_of(tx, by))
    for fact in happened:
        if event := event_of(case, fact):
            tx.publish(event, subject=case.number, time=fact.at)
    metrics.count(tx, happened, track=case.card.track)
