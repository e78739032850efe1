"""What people do with plans and explanations (R2): submit, return, file, complete a milestone, explain, approve."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.rectification import store
from services.rectification.domain import explaining, planning
from services.rectification.domain.case import Case
from services.rectification.domain.escalation import Kind
from services.rectification.domain.explanation import Basis, Explanation, ExplanationState
from services.rectification.domain.plan import Draft, Plan, PlanState
from services.rectification.domain.rules import Rules
from services.rectification.usecases.people import acting, of_own_unit, signature, to_judge
from services.rectification.usecases.record import take
from services.rectification.usecases.terms import run_for_the_report, settle_requests
from shared.errors import Refusal
from shared.scrub import scrub
from shared.store import Tx


def submit_plan(rules: Rules, tx: Tx, number: str, draft: Draft) -> Case:
    """The unit submits a plan or an amendment. Raises Refusal: 404, 409 the state, 422 what is missing or undated."""
    case = of_own_unit(rules, tx, number)
    draft = _scrubbed(draft)
    running = store.deadlines.of_case(tx.session, number, running=True)
    of_plan = next((r.deadline for r in running if r.deadline.kind is Kind.PLAN), None)
    decision, plan = planning.submit(
        rules,
        case,
        store.plans.of_case(tx.session, number),
        draft,
        running=of_plan,
        until=_until(case, running),
        by=acting(tx).sub,
        at=tx.now,
    )
    taken = take(rules, tx, decision, by="unit")
    store.plans.save(tx.session, plan)
    return taken


def return_plan(rules: Rules, tx: Tx, number: str, reasons: Sequence[str]) -> Case:
    """The office returns the version that waits. Raises Refusal: 404, 403, 409, 422."""
    case = to_judge(rules, tx, number)
    versions = store.plans.of_case(tx.session, number)
    first = store.plans.filed(versions) is None
    waiting = _waiting(number, versions)
    said = tuple(scrub(reason) for reason in reasons)
    decision, plan = planning.send_back(rules, case, waiting, said, signature(tx), tx.now, first=first)
    taken = take(rules, tx, decision, by="office")
    store.plans.save(tx.session, plan)
    return taken


def file_plan(rules: Rules, tx: Tx, number: str) -> Case:
    """The office files the version that waits: it is published and tracked. Raises Refusal: 404, 403, 409."""
    case = to_judge(rules, tx, number)
    versions = store.plans.of_case(tx.session, number)
    known = store.plans.milestones_of(tx.session, number)
    promised = len(store.commitments.of_case(tx.session, number))
    decision, plan, milestones, commitment = planning.file(
        rules, case, _waiting(number, versions), known, promised, signature(tx), tx.now
    )
    taken = take(rules, tx, decision, by="office")
    before = store.plans.filed(versions)
    if before:
        store.plans.save(tx.session, replace(before, state=PlanState.AMENDED))
    store.plans.save(tx.session, plan)
    store.plans.save_milestones(tx.session, milestones)
    if commitment:
        store.commitments.save(tx.session, commitment)
    return taken


def complete_milestone(rules: Rules, tx: Tx, number: str, n: int, evidence: Sequence[str]) -> Case:
    """The unit did a milestone. Raises Refusal: 404 the case or the milestone, 409, 422 without evidence."""
    case = of_own_unit(rules, tx, number)
    milestone = next((m for m in store.plans.milestones_of(tx.session, number) if m.n == n), None)
    if milestone is None:
        raise Refusal("milestone", n, "the plan has no such milestone", "look into the plan", 404)
    decision, done = planning.complete(case, milestone, evidence, acting(tx).sub, tx.now)
    taken = take(rules, tx, decision, by="unit")
    running = store.deadlines.of_case(tx.session, number, running=True)
    met = [r.deadline for r in running if r.deadline.kind is Kind.MILESTONE and r.deadline.ref == str(n)]
    store.deadlines.end_these(tx.session, met, tx.now)
    store.plans.save_milestones(tx.session, (done,))
    return taken


def explain(
    rules: Rules,
    tx: Tx,
    number: str,
    basis: Sequence[Basis],
    reasoning: str,
    text: str,
    misconduct: tuple[bool, str],
) -> Case:
    """The unit submits a reasoned explanation; the office has it now. Raises Refusal: 404, 409, 422."""
    case = run_for_the_report(rules, tx, of_own_unit(rules, tx, number))
    given = Explanation(
        case=number,
        round=case.round + 1,
        basis=tuple(basis),
        reasoning=scrub(reasoning),
        text=scrub(text),
        misconduct_found=misconduct[0],
        misconduct_dealt_with=scrub(misconduct[1]),
        submitted_at=tx.now,
        submitted_by=acting(tx).sub,
    )
    decision, explanation = explaining.explain(case, given)
    taken = take(rules, tx, decision, by="unit")
    store.plans.save_explanation(tx.session, explanation)
    return settle_requests(rules, tx, taken)


def approve_explanation(rules: Rules, tx: Tx, number: str) -> Case:
    """The office approves it: the person is told and asked. Raises Refusal: 404, 403, 409."""
    case = to_judge(rules, tx, number)
    waiting = waiting_explanation(tx, number)
    if waiting is None:
        raise Refusal("explanation", None, "no explanation waits for the office", "wait until one is submitted", 409)
    known = store.cases.petitioners_of(tx.session, number)
    decision, approved = explaining.approve(rules, case, known, waiting, signature(tx), tx.now)
    taken = take(rules, tx, decision, by="office")
    store.plans.save_explanation(tx.session, approved)
    return taken


def note_returned(tx: Tx, number: str) -> None:
    """The case went back, and the explanation that waited with it."""
    waiting = waiting_explanation(tx, number)
    if waiting is None:
        raise AssertionError(f"case {number} waits for the office's approval of nothing")
    returned = replace(waiting, state=ExplanationState.RETURNED, decided_at=tx.now, decided_by=acting(tx).sub)
    store.plans.save_explanation(tx.session, returned)


def waiting_explanation(tx: Tx, number: str) -> Explanation | None:
    """The explanation that the office has to judge, None if there is none."""
    found = store.plans.explanations_of(tx.session, number)
    return next((e for e in found if e.state is ExplanationState.SUBMITTED), None)


def _scrubbed(draft: Draft) -> Draft:
    """Without what singles out a person by a number: milestones and promises are published, and stand in letters."""
    promise = draft.commitment
    return replace(
        draft,
        measures=scrub(draft.measures),
        conditions=scrub(draft.conditions),
        steps=tuple(replace(step, name=scrub(step.name)) for step in draft.steps),
        commitment=replace(promise, text=scrub(promise.text), to=scrub(promise.to)) if promise else None,
    )


def _waiting(number: str, versions: Sequence[Plan]) -> Plan:
    for plan in versions:
        if plan.state is PlanState.SUBMITTED:
            return plan
    raise Refusal("plan", number, "no version of the plan waits for the office", "wait until one is submitted", 409)


def _until(case: Case, running: Sequence[store.deadlines.Running]) -> date:
    """The last day that a plan may name: the case's date, or that of a rework which runs longer."""
    rework = [r.deadline.due for r in running if r.deadline.kind is Kind.REWORK]
    return max((case.span.due, *rework))
