"""What facts of plans, promises and explanations look like outside: ledger entries and events."""

from typing import Any, assert_never

from services.rectification.domain import promise_facts as facts
from services.rectification.domain.case import Case
from services.rectification.domain.commitment import Verdict
from services.rectification.domain.plan import Milestone
from shared.contracts import EventData
from shared.contracts import rectification_promises as wire


def content(fact: facts.PromiseFact) -> tuple[str, dict[str, Any]]:
    """Kind and content of the ledger's entry."""
    match fact:
        case facts.PlanSubmitted():
            draft = fact.plan.draft
            promise = draft.commitment
            return "plan_submitted", {
                "version": fact.plan.version,
                "late": fact.plan.late,
                "measures": draft.measures,
                "responsible": draft.responsible,
                "conditions": draft.conditions,
                "milestones": [{"name": s.name, "due": s.due.isoformat(), "who": s.who} for s in draft.steps],
                "commitment": None
                if promise is None
                else {"text": promise.text, "person": promise.person, "due": promise.due.isoformat(), "to": promise.to},
            }
        case facts.PlanReturned():
            due = fact.deadline.due.isoformat() if fact.deadline else None
            return "plan_returned", {"version": fact.plan.version, "reasons": list(fact.plan.reasons), "due": due}
        case facts.PlanFiled():
            return "plan_filed", {
                "version": fact.plan.version,
                "by": fact.plan.decided_by,
                "milestones": [_milestone(m) for m in fact.milestones],
                "withdrawn": list(fact.withdrawn),
            }
        case facts.PlanWithdrawn():
            return "plan_withdrawn", {
                "versions": list(fact.versions),
                "milestones": list(fact.milestones),
                "commitments": list(fact.commitments),
                "why": fact.why,
            }
        case facts.Committed():
            promised = fact.commitment
            return "committed", {
                "commitment": promised.id,
                "text": promised.text,
                "person": promised.person,
                "due": promised.due.isoformat(),
                "to": promised.to,
            }
        case facts.MilestoneDone():
            done = fact.milestone
            return "milestone_done", {**_milestone(done), "late": done.late, "evidence": list(done.evidence)}
        case facts.Explained():
            given = fact.explanation
            return "explanation_submitted", {
                "round": given.round,
                "late": fact.late,
                "basis": [{"name": b.name, "number": b.number, "passage": b.passage} for b in given.basis],
                "reasoning": given.reasoning,
                "text": given.text,
            }
        case facts.ExplanationApproved():
            return "explanation_approved", {"round": fact.explanation.round, "by": fact.by}
        case facts.Inspected():
            return _inspected(fact)
        case facts.DifficultySet():
            return "difficulty_set", {"difficulty": fact.difficulty, "before": fact.before, "reason": fact.reason}
        case _:
            assert_never(fact)


def event(case: Case, fact: facts.PromiseFact) -> EventData | None:
    """The event that tells it, None for what stays in the ledger."""
    match fact:
        case facts.PlanReturned():
            return wire.PlanReturned(
                case=case.number,
                unit=case.unit,
                version=fact.plan.version,
                reasons=fact.plan.reasons,
                due=fact.deadline.due if fact.deadline else None,
                expires_at=fact.deadline.expires_at if fact.deadline else None,
            )
        case facts.PlanFiled():
            return wire.CasePlanned(
                case=case.number,
                unit=case.unit,
                version=fact.plan.version,
                milestones=tuple(wire.PlannedMilestone(n=m.n, name=m.name, due=m.due) for m in fact.milestones),
            )
        case facts.Committed():
            promised = fact.commitment
            return wire.CaseCommitted(
                case=case.number,
                unit=case.unit,
                commitment=promised.id,
                text=promised.text,
                person=promised.person,
                due=promised.due,
            )
        case facts.ExplanationApproved():
            given = fact.explanation
            return wire.CaseExplained(
                case=case.number,
                unit=case.unit,
                round=given.round,
                text=given.text,
                basis=tuple(basis.title for basis in given.basis),
            )
        case facts.Inspected():
            promised, found = fact.commitment, fact.inspection
            said = {
                "case": case.number,
                "unit": promised.unit,
                "paying_unit": promised.paying_unit,
                "evidence": found.evidence,
                "late": found.verdict is Verdict.LATE,
                "commitment": promised.id,
                "due": promised.due,
                "corrects": found.corrects is not None,
            }
            if found.verdict is Verdict.BROKEN:
                return wire.CommitmentBroken.model_validate(said)
            return wire.CommitmentKept.model_validate(said)
        case (
            facts.PlanSubmitted() | facts.PlanWithdrawn() | facts.MilestoneDone() | facts.Explained()
            | facts.DifficultySet()
        ):  # fmt: skip
            return None
        case _:
            assert_never(fact)


def _inspected(fact: facts.Inspected) -> tuple[str, dict[str, Any]]:
    found = fact.inspection
    data: dict[str, Any] = {
        "commitment": found.commitment,
        "verdict": found.verdict.value,
        "findings": found.findings,
        "evidence": list(found.evidence),
        "survey": dict(found.survey.counts),
        "survey_mean": found.survey.mean,
        "by": found.by,
    }
    if found.corrects is None:
        return "commitment_inspected", data
    return "commitment_corrected", data | {"corrects": found.corrects, "before": fact.before, "reason": found.reason}


def _milestone(milestone: Milestone) -> dict[str, Any]:
    return {
        "n": milestone.n,
        "name": milestone.name,
        "due": milestone.due.isoformat(),
        "who": milestone.who,
    }
