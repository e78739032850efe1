"""A plan ends with the unit that made it, or with the track that asked for it (R2, I17)."""

from services.rectification import store
from services.rectification.domain import planning
from services.rectification.domain.case import Case
from services.rectification.domain.rules import Rules
from services.rectification.usecases.record import take
from shared.store import Tx


def withdraw_plan(rules: Rules, tx: Tx, case: Case, why: str, *, by: str) -> Case:
    """Versions that wait or are in force are withdrawn, with open milestones. why: `reassigned`, `track`."""
    session, number = tx.session, case.number
    versions, milestones = store.plans.of_case(session, number), store.plans.milestones_of(session, number)
    promises = store.commitments.of_case(session, number)
    decision, plans, withdrawn, void = planning.withdraw(case, versions, milestones, promises, why, tx.now)
    taken = take(rules, tx, decision, by=by)
    for plan in plans:
        store.plans.save(session, plan)
    store.plans.save_milestones(session, withdrawn)
    for promise in void:
        store.commitments.save(session, promise)
    return taken
