"""Forms of a preview: what an event would lead to (N2)."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.notify.models.form import Form
from services.notify.models.trace import RuleOut


class PreviewIn(Form):
    """An event as it crosses the bus, and the day on which it would come."""

    event: dict[str, Any] = Field(description="CloudEvents JSON")
    on: date | None = Field(default=None, description="at the opening of the office on this day; by default now")


class PassedOut(BaseModel):
    """Somebody who stands earlier in line, but whom nothing reaches."""

    person: str
    name: str
    why: str


class ForeseenOut(BaseModel):
    """A notice as it would be."""

    state: Literal["new", "told_already", "same_person", "nobody"] = Field(
        description="told_already: the same matter was told to him; same_person: another rule tells him the same"
    )
    rule: RuleOut
    unit: str | None
    role: str
    person: str
    name: str
    why: str = Field(description="holder, acting, substitute, main_leader …: how this person comes to be told")
    passed_over: list[PassedOut]
    channel: str
    address: str
    due: datetime
    urgency: str
    digest: bool = Field(description="gathered with the person's others of the day")
    template: str
    documents: list[str]
    language: str
    subject: str
    text: str


class SilentOut(BaseModel):
    """A rule about such events that tells nobody of this one."""

    rule: RuleOut
    reason: str


class PreviewOut(BaseModel):
    """What an event would lead to."""

    event: str
    type: str
    at: datetime
    notices: list[ForeseenOut]
    silent: list[SilentOut]
    without_rule: bool = Field(description="the programme has no rule about such events")
