"""Forms of the proof: what caused a notice, by which rule, to whom, each try, and what followed (N8)."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.notify.models.notices import ResolutionOut


class RuleOut(BaseModel):
    """The programme's rule as it stood when the notice was planned."""

    number: int = Field(description="its place in the programme's `notices`")
    event: str
    tells: list[str]
    template: str
    channels: list[str]
    fallback_channels: list[str] = Field(default=[], description="tried in order when the former failed for good")
    urgency: str
    language: str | None
    documents: list[str]
    steps: list[str] | None


class TryOut(BaseModel):
    """One try; or `times` tries in a row that found the server away in the same way, the last at `until`."""

    at: datetime
    until: datetime
    times: int
    kind: str = Field(description="sent, unreachable, temporary, bad_address, refused or uncertain")
    phase: str = Field(description="how far the conversation with the server had come")
    reply: str = Field(description="what the server said")


class MoveOut(BaseModel):
    """The notice went over to somebody else before its letter went."""

    at: datetime
    from_person: str
    from_name: str
    to_person: str
    to_name: str
    reason: str


class PaperOut(BaseModel):
    """A document that the notice's rule encloses."""

    id: str
    kind: str
    number: str
    title: str
    version: int
    state: str
    sha256: str
    made_at: datetime


class AlarmOut(BaseModel):
    """An operator who was told about the letter."""

    notice: str
    person: str
    name: str
    template: str
    planned_at: datetime
    state: str


class TracedOut(BaseModel):
    """One notice with its proof."""

    id: str
    unit: str | None
    role: str
    person: str
    name: str
    channel: str
    email: str | None = Field(description="the address on the channel")
    why: str = Field(description="holder, acting, substitute, main_leader …: how this person came to be told")
    rule: RuleOut | None = Field(description="none of what was planned before rules were kept")
    template: str
    urgency: str
    planned_at: datetime
    due: datetime
    state: str
    settled_at: datetime | None
    reason: str
    letter: str | None
    message_id: str | None
    subject: str = Field(description="as sent; empty before")
    digest: bool
    beside: int = Field(description="other notices in the same letter")
    moves: list[MoveOut]
    tries: list[TryOut]
    decisions: list[ResolutionOut]
    follows: str | None = Field(description="the notice that failed before this one")
    followed_by: list[str] = Field(description="notices to the next person in line")
    alarms: list[AlarmOut]
    documents: list[PaperOut] = Field(description="of the matter, that the rule encloses")


class CauseOut(BaseModel):
    """An event and everybody who was told because of it."""

    id: str
    event: str
    at: datetime | None = Field(description="when it was; none of what was planned before this was kept")
    case: str | None
    notices: list[TracedOut]


class TraceOut(BaseModel):
    """Causes in the order in which they were told."""

    causes: list[CauseOut]
    next: str | None = Field(description="cursor of the next page")
