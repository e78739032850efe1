"""The on-air roster over HTTP (I18)."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from services.intake.models.given import In, Reason
from services.intake.models.shown import Page

Name = Field(min_length=1, max_length=200)


class ShowIn(In):
    """A leader of a unit answers on a show. Without `ends_at` it lasts as long as the programme says."""

    name: str = Name
    outlet: str = Name
    starts_at: AwareDatetime
    ends_at: AwareDatetime | None = None
    unit: str = Field(min_length=1, max_length=64)
    leader: str = Name


class ShowChangeIn(In):
    """What is different now, and why; fields left out stay."""

    reason: str = Reason
    name: str | None = Field(default=None, min_length=1, max_length=200)
    outlet: str | None = Field(default=None, min_length=1, max_length=200)
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    unit: str | None = Field(default=None, min_length=1, max_length=64)
    leader: str | None = Field(default=None, min_length=1, max_length=200)


class QuestionsIn(In):
    """Complaints that are put to the show."""

    numbers: list[str] = Field(min_length=1, max_length=100)


class ShowOut(BaseModel):
    """An entry of the roster, as everybody may see it."""

    id: str
    name: str
    outlet: str
    starts_at: datetime
    ends_at: datetime
    unit: str
    unit_name: str
    leader: str
    cancelled: bool


class ChangeOut(BaseModel):
    """What an entry said before a change, and why it was changed."""

    before: dict[str, Any]
    reason: str
    by: str
    at: datetime


class QuestionOut(BaseModel):
    """A complaint put to a show, and where it stands."""

    number: str
    title: str
    state: str
    outcome: str | None


class ShowDetail(ShowOut):
    """An entry with its history and its questions."""

    by: str
    at: datetime
    history: list[ChangeOut]
    questions: list[QuestionOut]


class Roster(Page):
    """Shows to come, the earliest first."""

    items: list[ShowOut]


class TicketStep(BaseModel):
    """A status that the ticket has had, and since when."""

    status: str
    status_zh: str
    status_en: str
    at: datetime


class TicketOut(BaseModel):
    """A source's own ticket: where it stands, the reply, the outcome, and every status it has had, in order."""

    ticket: str
    number: str
    linked_to: str | None
    status: str
    status_zh: str
    status_en: str
    expected: str | None
    unit: str | None
    reply: str
    outcome: str | None
    reason: str
    grade: str | None
    steps: list[TicketStep]
