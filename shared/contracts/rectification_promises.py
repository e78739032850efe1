"""Events that rectification publishes: plans, promises to the public, explanations, and whether promises were kept."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData, Wire


class PlannedMilestone(Wire):
    """A step of a filed plan; `n` counts on through all versions of the plan."""

    n: int
    name: str
    due: date


class CasePlanned(EventData):
    """The office filed the unit's plan: from now on its milestones are tracked (R2). A later version amends it."""

    TYPE: ClassVar[str] = "minping.rectification.case.planned.v1"

    case: str
    unit: str
    version: int = 1
    milestones: tuple[PlannedMilestone, ...]


class PlanReturned(EventData):
    """The office returned a plan with reasons (R2). `due`: the plan is due again then; null for an amendment, whose
    filed predecessor stays in force."""

    TYPE: ClassVar[str] = "minping.rectification.plan.returned.v1"

    case: str
    unit: str
    version: int
    reasons: tuple[str, ...]
    due: date | None = None
    expires_at: AwareDatetime | None = None


class CaseCommitted(EventData):
    """A written commitment was filed: a promise to the public, inspected later (R2, R8). The text is scrubbed."""

    TYPE: ClassVar[str] = "minping.rectification.case.committed.v1"

    case: str
    unit: str
    commitment: str = Field(description="the promise's id: case and number")
    text: str
    person: str = Field(description="the official who promises")
    due: date


class CaseExplained(EventData):
    """The office approved the explanation: it is given to the person, who is asked as after a solution (R2)."""

    TYPE: ClassVar[str] = "minping.rectification.case.explained.v1"

    case: str
    unit: str
    round: int = 1
    text: str = Field(description="what the person is told, scrubbed")
    basis: tuple[str, ...] = Field(default=(), description="documents of policy, by name and number")


class _Fulfilment(EventData):
    case: str
    unit: str
    paying_unit: str
    evidence: tuple[str, ...]
    late: bool
    commitment: str = Field(default="", description="the promise's id: a case may have several")
    due: date | None = Field(default=None, description="the promised day: the fact occurred when it ended")
    corrects: bool = Field(default=False, description="takes the place of an earlier record of this promise (undo)")


class CommitmentKept(_Fulfilment):
    """An inspection found that the promise was kept, `late` if after the promised date (R8). `corrects`: an earlier
    finding, `broken` too, stands no longer."""

    TYPE: ClassVar[str] = "minping.rectification.commitment.kept.v1"


class CommitmentBroken(_Fulfilment):
    """An inspection found that the promise was not kept; it counts and is published (R8)."""

    TYPE: ClassVar[str] = "minping.rectification.commitment.broken.v1"
