"""Stand-ins and handovers over HTTP."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from services.intake.models.given import In, Reason
from services.intake.models.shown import Page

Person = Field(min_length=1, max_length=128, description="the `sub` of a person's token")


class AbsenceIn(In):
    """Who is away from `first` to `last` (both inclusive), and who stands in. An approver enters himself."""

    role: str = Field(default="approver", max_length=32)
    person: str | None = Field(default=None, min_length=1, max_length=128, description="by default who enters it")
    deputy: str = Person
    first: date
    last: date
    reason: str = Reason


class AbsenceOut(BaseModel):
    """An absence with what became of it."""

    id: str
    role: str
    person: str
    deputy: str
    first: date
    last: date
    reason: str
    entered_by: str
    entered_at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_reason: str


class AbsenceList(Page):
    """Absences, the newest first."""

    items: list[AbsenceOut]


class HandoverIn(In):
    """An official leaves: what is his to do goes to the successor."""

    leaves: str = Person
    successor: str = Person
    role: str = Field(max_length=32)
    reason: str = Reason


class HandoverOut(BaseModel):
    """What was handed over: things by kind and id."""

    id: str
    leaves: str
    successor: str
    role: str
    reason: str
    by: str
    at: datetime
    moved: list[str]


class HandoverList(Page):
    """Handovers, the newest first."""

    items: list[HandoverOut]
