"""What supervisors, their cards and monitoring points take and show (I10). No phone and no address anywhere."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.intake.models.given import In, Reason
from services.intake.models.shown import Page

Kind = Literal["supervisor", "efficiency_supervisor", "special_inspector"]


class LetterIn(In):
    """A letter of appointment or renewal, and the term that it gives (by default the programme's)."""

    letter: str = Field(min_length=1, max_length=100, description="number of the letter")
    letter_date: date
    since: date
    until: date | None = None


class AppointIn(LetterIn):
    """A new supervisor; `account` is whom his token names."""

    account: str = Field(min_length=1, max_length=200)
    name: str = Field(min_length=1, max_length=100)
    kind: Kind = "supervisor"


class DismissIn(In):
    """The end of an appointment before its term."""

    letter: str = Field(min_length=1, max_length=100)
    letter_date: date
    on: date
    reason: str = Reason


class TermOut(BaseModel):
    """An entry of the register; never changed."""

    step: str
    letter: str
    letter_date: date
    since: date
    until: date
    reason: str
    by: str
    at: datetime


class SupervisorOut(BaseModel):
    """A supervisor as he stands now."""

    id: str
    name: str
    kind: str
    appointed_by: str
    state: str
    since: date
    until: date


class SupervisorDetail(SupervisorOut):
    """A supervisor with every entry about him."""

    terms: list[TermOut]


class SupervisorList(Page):
    """The register."""

    items: list[SupervisorOut]


class CardIn(In):
    """A contact card: what a supervisor saw."""

    text: str = Field(min_length=1, max_length=20_000)
    title: str = Field(default="", max_length=500)
    unit: str | None = Field(default=None, max_length=64)
    topic: str | None = Field(default=None, max_length=64)
    place: str | None = Field(default=None, max_length=200)
    evidence: list[str] = Field(default_factory=list, max_length=20)


class TextIn(In):
    """An answer in words."""

    text: str = Field(min_length=1, max_length=10_000)


class ToldIn(In):
    """The reported unit was told of the card: when and how."""

    on: date
    how: str = Field(min_length=1, max_length=500)


class CardAnswerOut(BaseModel):
    """An answer that is owed, or was given."""

    due: datetime
    text: str | None
    at: datetime | None
    overdue: bool


class CardOut(BaseModel):
    """A contact card and its answers. A unit does not learn which supervisor wrote it."""

    id: str
    supervisor: str | None
    number: str
    title: str
    text: str
    state: str
    unit: str | None
    submitted_at: datetime
    office: CardAnswerOut
    by_unit: CardAnswerOut | None
    complete: bool
    told_on: date | None
    told_how: str


class CardList(Page):
    """Cards."""

    items: list[CardOut]


class PresenceIn(In):
    """Who of the supervisors that were asked came to a meeting."""

    meeting: str = Field(min_length=1, max_length=100)
    on: date
    present: list[str] = Field(default_factory=list, max_length=500)
    absent: list[str] = Field(default_factory=list, max_length=500)
    words: str = Field(default="", max_length=1_000)


class PresenceOut(BaseModel):
    """A supervisor at a meeting."""

    meeting: str
    on: date
    supervisor: str
    present: bool
    words: str


class PresenceList(BaseModel):
    """An attendance list."""

    items: list[PresenceOut]


class PointIn(In):
    """A monitoring point; its token, a source's, is named like `key`."""

    key: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    name: str = Field(min_length=1, max_length=200)
    kind: Literal["enterprise", "site"]
    since: date
    until: date | None = None


class EndIn(In):
    """A monitoring point ends."""

    on: date
    reason: str = Reason


class PointOut(BaseModel):
    """A monitoring point."""

    key: str
    name: str
    kind: str
    since: date
    until: date | None


class PointList(BaseModel):
    """Monitoring points."""

    items: list[PointOut]


class GoodPractice(BaseModel):
    """Something worth imitating that an inspection found."""

    unit: str
    on: date
    words: str


class CardFigures(BaseModel):
    """Contact cards of a quarter."""

    submitted: int
    answered_by_office: int
    answered_by_unit: int
    overdue: int


class Briefing(BaseModel):
    """A quarter's figures for supervisors: no complainant, no text of a complaint."""

    quarter: str
    registered: int
    by_channel: dict[str, int]
    by_topic: dict[str, int]
    by_state: dict[str, int]
    by_outcome: dict[str, int]
    by_unit: dict[str, int]
    hot: int
    inspections: dict[str, int]
    findings: int
    good_practice: list[GoodPractice]
    missed: list[str]
    cards: CardFigures
    meetings: int
    present: int
    absent: int
    serving: dict[str, int]
