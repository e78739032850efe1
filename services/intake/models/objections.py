"""Objections and rulings over HTTP (I17)."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from services.intake.models.given import In, Reason
from services.intake.models.shown import Page

Proof = Annotated[list[str], Field(max_length=20, description="ids of evidence, or documents by name")]


class ObjectionIn(In):
    """Why the matter is not the unit's."""

    reason: str = Reason
    evidence: Proof = Field(default_factory=list)


class RulingIn(In):
    """The office's word. Upheld: who gets the matter instead; `days` by default those of the card.

    unit: whose objection, where several units of the card have objected.
    """

    upheld: bool
    reason: str = Reason
    unit: str | None = Field(default=None, max_length=64)
    lead_unit: str | None = Field(default=None, min_length=1, max_length=64)
    cooperating_units: list[str] | None = Field(default=None, max_length=20)
    territorial_unit: str | None = Field(default=None, max_length=64)
    days: int | None = Field(default=None, ge=1, le=365)


class ObjectionOut(BaseModel):
    """An objection with its ruling. `proposed`: the card that waits for an approver while the state says so."""

    id: int
    number: str
    assignment: int
    unit: str
    reason: str
    evidence: list[str]
    raised_by: str
    role: str
    raised_at: datetime
    period_ends: datetime
    state: str
    ruling: str
    ruled_by: str | None
    ruled_at: datetime | None
    proposed: dict[str, Any] | None
    settled_by: str | None
    settled_at: datetime | None


class ObjectionPage(Page):
    """Objections."""

    items: list[ObjectionOut]
