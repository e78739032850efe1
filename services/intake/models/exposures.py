"""Exposures over HTTP: verification and follow-up coverage (I8)."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.intake.models.given import In, Reason
from services.intake.models.shown import Page

Proof = Annotated[list[str], Field(max_length=20, description="ids of evidence, or documents by name")]
Outlet = Field(min_length=1, max_length=200)


class VerificationIn(In):
    """What the discipline office found, and on what. outlet: by default the one that was reported."""

    verified: bool
    outlet: str | None = Field(default=None, min_length=1, max_length=200)
    reason: str = Reason
    evidence: Proof = Field(default_factory=list)


class CoverageIn(In):
    """Follow-up coverage: what came of it and who was held to account, the leader's statement and public promise."""

    outlet: str = Outlet
    on: date
    outcome: str = Reason
    accountability: str = Reason
    statement: str = Reason
    promise: str = Field(default="", max_length=2_000)
    promise_due: date | None = None


class CoverageOut(BaseModel):
    """A piece of follow-up coverage; `final`: it tells the outcome of a closing."""

    outlet: str
    on: date
    outcome: str
    accountability: str
    statement: str
    promise: str
    promise_due: date | None
    final: bool
    by: str
    at: datetime


class ExposureOut(BaseModel):
    """An exposure: where it stands, and its coverage. verify_by: 24:00 of the verification's last day."""

    number: str
    title: str
    state: str
    unit: str | None
    reported_at: datetime
    verify_by: datetime | None
    overdue: bool
    outlet: str
    verified: bool | None
    reason: str
    evidence: list[str]
    verified_by: str | None
    verified_at: datetime | None
    closed_at: datetime | None
    coverage: list[CoverageOut]
    finished: bool


class ExposureList(Page):
    """Exposures, oldest first."""

    items: list[ExposureOut]
