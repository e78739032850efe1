"""What happened to plans, promises and explanations: entries of the ledger, most of them published (R2, R8)."""

from dataclasses import dataclass
from datetime import datetime

from services.rectification.domain.commitment import Commitment, Inspection
from services.rectification.domain.deadline import Deadline
from services.rectification.domain.explanation import Explanation
from services.rectification.domain.plan import Milestone, Plan


@dataclass(frozen=True, slots=True)
class PlanSubmitted:
    """The unit submitted a version of its plan."""

    at: datetime
    plan: Plan


@dataclass(frozen=True, slots=True)
class PlanReturned:
    """The office returned it; `deadline`: by when it is due again, None for an amendment."""

    at: datetime
    plan: Plan
    deadline: Deadline | None


@dataclass(frozen=True, slots=True)
class PlanFiled:
    """The office filed it: its milestones run, those still open of the version before are withdrawn."""

    at: datetime
    plan: Plan
    milestones: tuple[Milestone, ...]
    withdrawn: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanWithdrawn:
    """The plan and its open milestones stand no more. why: `reassigned`, with the promises made; or `track`, where
    the promises stay, for they were made to the public."""

    at: datetime
    versions: tuple[int, ...]
    milestones: tuple[int, ...]
    commitments: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Committed:
    """A promise to the public."""

    at: datetime
    commitment: Commitment


@dataclass(frozen=True, slots=True)
class MilestoneDone:
    """A milestone was done, with what shows it."""

    at: datetime
    milestone: Milestone


@dataclass(frozen=True, slots=True)
class Explained:
    """The unit submitted an explanation; the office has it now."""

    at: datetime
    explanation: Explanation
    late: bool


@dataclass(frozen=True, slots=True)
class ExplanationApproved:
    """The office approved it: it is given to the person."""

    at: datetime
    explanation: Explanation
    by: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """An inspection of a promise was recorded; `before`: what the record that it corrects had found."""

    at: datetime
    commitment: Commitment
    inspection: Inspection
    before: str | None = None


@dataclass(frozen=True, slots=True)
class DifficultySet:
    """The office said how hard the matter is (R1)."""

    at: datetime
    difficulty: str
    before: str
    reason: str


PromiseFact = (
    PlanSubmitted
    | PlanReturned
    | PlanFiled
    | PlanWithdrawn
    | Committed
    | MilestoneDone
    | Explained
    | ExplanationApproved
    | Inspected
    | DifficultySet
)
