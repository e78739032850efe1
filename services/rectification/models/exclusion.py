"""Petitioners left out of the rates, as the API lists them: numbers only."""

from datetime import datetime

from pydantic import BaseModel, Field


class ExcludedOut(BaseModel):
    """A complaint whose grades count in no rate, with the reason and the roles that determined it."""

    number: str
    reason: str
    decided_by: list[str]
    at: datetime


class ExclusionsOut(BaseModel):
    """What is left out of the rates, of how much; `cursor` for the next page, null on the last."""

    left_out: int = Field(description="petitions of cases that are left out")
    of: int = Field(description="petitions of cases in all")
    items: tuple[ExcludedOut, ...]
    cursor: str | None
