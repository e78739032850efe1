"""Plans, milestones and explanations as the API takes and gives them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool

from services.rectification.domain.explanation import Basis, Explanation
from services.rectification.domain.plan import Draft, Milestone, Plan, Promise, Step
from services.rectification.models.cases import In, Line, Words

Name = Annotated[str, Field(max_length=200)]


class MilestoneIn(In):
    """A step of the plan."""

    name: Name
    due: date = Field(description="a working day, after the one before, within the case's date")
    who: Name


class CommitmentIn(In):
    """承诺: what is promised to the public."""

    text: Words = Field(description="is published, scrubbed of numbers that single out a person")
    person: Name = Field(description="the official who promises")
    due: date
    to: Name = Field(description="to whom; is not published")


class PlanIn(In):
    """整改计划."""

    measures: Words
    responsible: Name
    conditions: Words = Field(default="", description="what the plan waits for")
    milestones: list[MilestoneIn] = Field(max_length=50)
    commitment: CommitmentIn | None = Field(
        default=None, description="needed with the first plan; in an amendment a further promise beside the first"
    )

    def draft(self) -> Draft:
        """As the use case takes it."""
        promise = self.commitment
        return Draft(
            self.measures,
            self.responsible,
            self.conditions,
            tuple(Step(m.name, m.due, m.who) for m in self.milestones),
            Promise(promise.text, promise.person, promise.due, promise.to) if promise else None,
        )


class EvidenceIn(In):
    """What shows that something was done."""

    evidence: list[Line] = Field(max_length=50, description="at least one: documents, pictures, records")


class BasisIn(In):
    """A document of policy."""

    name: Name
    number: Name = Field(description="such as 国发〔2026〕3号")
    passage: Words = ""


class ExplanationIn(In):
    """作出说明."""

    basis: list[BasisIn] = Field(max_length=20, description="at least one document, with its number")
    reasoning: Words = Field(description="why the matter rests on it; for the office")
    text: Words = Field(description="what the person is told")
    misconduct_found: StrictBool = False
    misconduct_dealt_with: Words = ""

    def documents(self) -> tuple[Basis, ...]:
        """As the use case takes them."""
        return tuple(Basis(b.name, b.number, b.passage) for b in self.basis)


class DifficultyIn(In):
    """How hard the matter is."""

    difficulty: str = Field(max_length=32, description="ordinary, difficult, long_standing")
    reason: Line


class MilestoneOut(BaseModel):
    """A milestone as it stands."""

    n: int
    version: int
    name: str
    due: date
    who: str
    state: str = Field(description="pending, done, missed, withdrawn")
    late: bool
    done_at: datetime | None
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, milestone: Milestone, now: datetime) -> "MilestoneOut":
        """From the domain, as of `now`."""
        return cls(
            n=milestone.n,
            version=milestone.version,
            name=milestone.name,
            due=milestone.due,
            who=milestone.who,
            state=milestone.state(now).value,
            late=milestone.late,
            done_at=milestone.done_at,
            evidence=milestone.evidence,
        )


class StepOut(BaseModel):
    """A milestone as it was planned."""

    name: str
    due: date
    who: str


class PromiseOut(BaseModel):
    """A commitment as it was submitted."""

    text: str
    person: str
    due: date
    to: str


class PlanOut(BaseModel):
    """One version of a plan."""

    case: str
    version: int
    state: str = Field(description="submitted, returned, filed, amended (a later version was filed), withdrawn")
    measures: str
    responsible: str
    conditions: str
    milestones: tuple[StepOut, ...]
    commitment: PromiseOut | None
    submitted_at: datetime
    submitted_by: str
    late: bool = Field(description="submitted after the day it was due")
    decided_at: datetime | None
    decided_by: str
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan) -> "PlanOut":
        """From the domain."""
        draft, promise = plan.draft, plan.draft.commitment
        return cls(
            case=plan.case,
            version=plan.version,
            state=plan.state.value,
            measures=draft.measures,
            responsible=draft.responsible,
            conditions=draft.conditions,
            milestones=tuple(StepOut(name=s.name, due=s.due, who=s.who) for s in draft.steps),
            commitment=PromiseOut(text=promise.text, person=promise.person, due=promise.due, to=promise.to)
            if promise
            else None,
            submitted_at=plan.submitted_at,
            submitted_by=plan.submitted_by,
            late=plan.late,
            decided_at=plan.decided_at,
            decided_by=plan.decided_by,
            reasons=plan.reasons,
        )


class PlanDetail(BaseModel):
    """A case's plan: every version, the milestones of all of them, what the office is asked to decide."""

    case: str
    versions: tuple[PlanOut, ...]
    milestones: tuple[MilestoneOut, ...]


class PlanPage(BaseModel):
    """Versions of plans by case; `cursor` for the next page, null on the last."""

    items: tuple[PlanOut, ...]
    cursor: str | None


class ExplanationOut(BaseModel):
    """One explanation."""

    case: str
    round: int
    state: str = Field(description="submitted, approved, returned")
    basis: tuple[BasisIn, ...]
    reasoning: str
    text: str
    submitted_at: datetime
    submitted_by: str
    decided_at: datetime | None
    decided_by: str

    @classmethod
    def of(cls, given: Explanation) -> "ExplanationOut":
        """From the domain."""
        return cls(
            case=given.case,
            round=given.round,
            state=given.state.value,
            basis=tuple(BasisIn(name=b.name, number=b.number, passage=b.passage) for b in given.basis),
            reasoning=given.reasoning,
            text=given.text,
            submitted_at=given.submitted_at,
            submitted_by=given.submitted_by,
            decided_at=given.decided_at,
            decided_by=given.decided_by,
        )


class ExplanationList(BaseModel):
    """Every explanation of a case, the first one first."""

    items: tuple[ExplanationOut, ...]
