"""What the API gives of suggestions and of what they were learned from (I14)."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field


class Other(BaseModel):
    """A runner-up."""

    key: str
    confidence: float


class Suggestion(BaseModel):
    """What speaks for a unit or topic; a clerk decides."""

    key: str
    confidence: float | None = Field(description="calibrated probability; null where the report names it itself")
    basis: Literal["named", "learned", "keywords"] = Field(
        description="the report names it; learned from past transfers; the programme's keywords"
    )
    why: list[str] = Field(default_factory=list, description="pieces of the text that speak most for it")
    others: list[Other] = Field(default_factory=list, description="next likely")


class Suggestions(BaseModel):
    """Suggestions for one complaint that waits for a clerk."""

    number: str
    title: str
    unit: Suggestion | None
    topic: Suggestion | None


class SuggestionsPage(BaseModel):
    """Suggestions, in order of registration; `next` is the cursor of the following page."""

    items: list[Suggestions]
    next: str | None = None


class ModelOut(BaseModel):
    """A version of a model and its figures, cross-validated when it was learned."""

    version: int
    at: datetime
    transfers: int
    figures: dict[str, Any]


class Followed(BaseModel):
    """How often clerks took what was suggested."""

    what: Literal["unit", "topic"]
    basis: str
    confidence: str
    suggested: int
    followed: int


class ModelFigures(BaseModel):
    """What is learned, from how many decisions, and what became of the suggestions."""

    models: dict[str, list[ModelOut]] = Field(description="newest first; empty before enough is decided")
    decided: dict[str, int] = Field(description="approved transfers that can be learned from")
    learns_from: int = Field(description="decided transfers from which on anything is learned; 0: never")
    followed: list[Followed]
