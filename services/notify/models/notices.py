"""Forms of notices and of the decisions on them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.notify.models.form import Form


class NoticeOut(BaseModel):
    """Who was told what, when, with which outcome, because of which event (N8)."""

    id: str
    state: str
    event: str
    cause: str = Field(description="id of the event")
    case: str | None
    unit: str | None
    role: str
    person: str
    name: str
    email: str | None
    template: str
    urgency: str
    channel: str = Field(description="`email`, or a channel of the settings")
    planned_at: datetime
    due: datetime
    settled_at: datetime | None
    reason: str
    letter: str | None
    follows: str | None = Field(description="the notice that failed before this one")


class NoticesOut(BaseModel):
    """A page of notices in the order they arose."""

    notices: list[NoticeOut]
    next: str | None = Field(description="cursor of the next page")


class ResolutionIn(Form):
    """What became of an uncertain letter, or that it be sent again (N3)."""

    decision: Literal["sent", "resend"]
    reason: str = Field(min_length=3, max_length=500)


class ResolutionOut(BaseModel):
    """An operator's decision; it holds for the letter and all notices in it."""

    decision: str
    reason: str
    actor: str
    at: datetime
