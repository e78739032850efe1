"""Shapes of what is said about petitioners: left out of the rates, held, erased. Numbers only, never who."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.intake.models.given import In, Reason


class ExclusionIn(In):
    """A proposal to leave the petitioner of this complaint out of the rates."""

    number: str = Field(min_length=1, max_length=32)
    reason: str = Reason


class ExclusionOut(BaseModel):
    """A determination: who proposed and who decided it, why, and which complaints it is about."""

    id: str
    number: str
    numbers: list[str]
    state: str
    reason: str
    proposed_by: str
    proposed_role: str
    proposed_at: datetime
    decided_by: str | None
    decided_role: str | None
    decided_at: datetime | None
    answer: str
    restored_by: str | None
    restored_at: datetime | None
    restored_reason: str


class ExclusionPage(BaseModel):
    """Determinations, oldest first."""

    items: list[ExclusionOut]
    next: str | None = None


class ExcludedFigures(BaseModel):
    """How many are left out of the rates, of how many in all; who left no name counts as one a complaint."""

    petitioners: int
    of_petitioners: int
    complaints: int
    of_complaints: int


class HoldOut(BaseModel):
    """A legal hold."""

    number: str
    reason: str
    placed_by: str
    placed_role: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_reason: str


class ErasureOut(BaseModel):
    """What was erased, when, by which rule, counted from when."""

    what: str
    at: datetime
    rule: str
    counted_from: datetime


class RetentionOut(BaseModel):
    """How long what identifies the complainant is kept, and what starts the period anew or stops it.

    `counted_from` is null while the matter has not ended; the dates are of today, and move when something happens.
    """

    number: str
    identity: str = Field(description="kept, erased, or none")
    counted_from: datetime | None
    because: str
    identity_until: datetime | None
    originals_until: datetime | None
    evidence: int = Field(description="files that may show who complained")
    evidence_until: datetime | None
    stopped_by: list[str]
    holds: list[HoldOut]
    erased: list[ErasureOut]
