"""The track *explained*: the unit gives a reasoned explanation, the office approves it, the person is told (R2).

Pure decisions. The unit's clock stands while the office reads: lateness is judged by when the explanation that stands
was submitted.
"""

from dataclasses import replace
from datetime import datetime

from services.rectification.domain import promise_facts as facts
from services.rectification.domain.case import Action, Case, Petitioner, Report, Signature, State
from services.rectification.domain.escalation import OF_THE_UNIT
from services.rectification.domain.explanation import Explanation, ExplanationState
from services.rectification.domain.facts import Decision
from services.rectification.domain.handling import ask, came_to_stand, taken_in_hand
from services.rectification.domain.rules import Rules
from shared.errors import Refusal


def explain(case: Case, given: Explanation) -> tuple[Decision, Explanation]:
    """The unit submits an explanation for the case's next round. Raises Refusal: 409 the state, 422 what is missing."""
    at = given.submitted_at
    case.must_allow(Action.EXPLAIN)
    case.must_not_precede(at, came_to_stand(case))
    _must_be_whole(given)
    taken = taken_in_hand(case, at, given.submitted_by)
    case = taken.case
    explanation = replace(given, case=case.number, round=case.round + 1)
    report = Report(
        at=at,
        by=given.submitted_by,
        measures=given.reasoning,
        reply=given.text,
        misconduct_found=given.misconduct_found,
        misconduct_dealt_with=given.misconduct_dealt_with,
        evidence=tuple(basis.title for basis in given.basis),
        finding="explained",
    )
    case = replace(
        case,
        state=State.EXPLAINED,
        round=explanation.round,
        report=report,
        decisive_at=at if case.run == 1 else case.decisive_at,
    )
    fact = facts.Explained(at, explanation, case.span.is_late(at))
    return Decision(case, (*taken.facts, fact), ends=frozenset(OF_THE_UNIT)), explanation


def approve(
    rules: Rules,
    case: Case,
    petitioners: tuple[Petitioner, ...],
    explanation: Explanation,
    signature: Signature,
    at: datetime,
) -> tuple[Decision, Explanation]:
    """The office approves: the explanation is given to the petitioners, who are asked as after a solution.

    Raises Refusal: 409 the state, 403 an officer of a unit of the case, or who wrote it.
    """
    case.must_allow(Action.APPROVE)
    case.must_not_precede(at, explanation.submitted_at)
    case.must_be_judged_by(signature, explanation.submitted_by)
    approved = replace(explanation, state=ExplanationState.APPROVED, decided_at=at, decided_by=signature.sub)
    asking = ask(rules, replace(case, state=State.SOLVED), petitioners, at)
    return replace(asking, facts=(facts.ExplanationApproved(at, approved, signature.sub), *asking.facts)), approved


def _must_be_whole(given: Explanation) -> None:
    if not given.basis:
        reason = "an explanation rests on a policy"
        raise Refusal("basis", [], reason, "name at least one document, with its number")
    for position, basis in enumerate(given.basis):
        for field, value in (("name", basis.name), ("number", basis.number)):
            if not value.strip():
                reason = "a document of policy has a name and a number"
                raise Refusal(f"basis.{position}.{field}", value, reason, "such as 国发〔2026〕3号")
    for field, value in (("reasoning", given.reasoning), ("text", given.text)):
        if not value.strip():
            remedy = "say why it follows from the policy, and what the person is told"
            raise Refusal(field, value, "an explanation without it explains nothing", remedy)
    if given.misconduct_found and not given.misconduct_dealt_with.strip():
        reason = "misconduct was found, and nothing says how it was dealt with"
        raise Refusal("misconduct_dealt_with", "", reason, "say who was dealt with, and how")
