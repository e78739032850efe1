"""Shapes of what changes a case's terms: requests and decisions, standstill, units, handlers, the count of a date."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field, StrictBool

from services.rectification.domain.counting import Account
from services.rectification.domain.deadline import Deadline
from services.rectification.domain.request import Ground
from services.rectification.models.cases import DeadlineOut, In, Words
from services.rectification.store.deadlines import Running
from services.rectification.store.units import Handover
from services.rectification.usecases import Answer

Person = Field(min_length=1, max_length=64, description="the person's `sub`")


class ExtensionIn(In):
    """How many working days more, and why."""

    days: int = Field(ge=1, le=365)
    reasons: Words


class TrackIn(In):
    """Which track instead, and why."""

    track: Literal["immediate", "planned", "explained"]
    reasons: Words


class SuspensionIn(In):
    """On which ground the case stands still."""

    ground: Ground
    reasons: Words


class DecisionIn(In):
    """The office's answer to what the unit asked for."""

    granted: StrictBool
    reasons: Words = ""
    days: int | None = Field(default=None, ge=1, le=365, description="of an extension; left out: as asked")

    def answer(self) -> Answer:
        """As the use case takes it."""
        return Answer(self.granted, self.reasons, self.days)


class ContributionIn(In):
    """What a unit that helps did, with what shows it."""

    text: Words
    evidence: list[str] = Field(max_length=50)


class AssignmentIn(In):
    """Who handles the case in the unit."""

    handler: str = Person
    reason: Words = ""


class HandoverIn(In):
    """All open cases of one handler to another. undoes: the handover that is undone, only its cases go back."""

    from_: str = Field(alias="from", min_length=1, max_length=64)
    to: str = Person
    reason: Words = Field(min_length=1)
    undoes: int | None = None


class HandoverOut(BaseModel):
    """A handover as it was made."""

    id: int
    unit: str
    given_by: str
    from_: str = Field(serialization_alias="from")
    to: str
    reason: str
    at: datetime
    cases: tuple[str, ...]
    undoes: int | None

    @classmethod
    def of(cls, made: Handover) -> "HandoverOut":
        """From the store."""
        return cls(
            id=made.id,
            unit=made.unit,
            given_by=made.given_by,
            from_=made.from_handler,
            to=made.to_handler,
            reason=made.reason,
            at=made.at,
            cases=made.cases,
            undoes=made.undoes,
        )


class HandoverPage(BaseModel):
    """Handovers in the order in which they were made."""

    items: tuple[HandoverOut, ...]
    cursor: str | None


class PreviewOut(BaseModel):
    """The open cases that a handover from this handler would move."""

    from_: str = Field(serialization_alias="from")
    cases: tuple[str, ...]


class PauseOut(BaseModel):
    """A time that is not counted; until null: it lasts."""

    since: datetime
    until: datetime | None


class CaseDeadline(DeadlineOut):
    """A deadline of a case, running or not."""

    extension_days: int
    pauses: tuple[PauseOut, ...]
    ended: bool

    @classmethod
    def of(cls, running: Running) -> "CaseDeadline":
        """From the store."""
        deadline = running.deadline
        return cls(
            **DeadlineOut.of(running).model_dump(),
            extension_days=deadline.extension_days,
            pauses=tuple(PauseOut(since=p.since, until=p.until) for p in deadline.pauses),
            ended=running.ended,
        )


class CaseDeadlines(BaseModel):
    """Every deadline that a case had, the earliest first."""

    items: tuple[CaseDeadline, ...]


class CountedDay(BaseModel):
    """A day of the count."""

    date: date
    number: int | None = Field(description="which working day of the period it is, null if it is not counted")
    kind: str = Field(description="counted, make_up, weekend, holiday, suspended, kept")
    name: str = Field(description="the festival")
    name_en: str
    extension_begins: bool


class ExplanationOut(BaseModel):
    """Why a deadline is what it is."""

    case: str
    kind: str
    unit: str
    started_at: datetime
    working_days: int
    extension_days: int
    due: date
    expires_at: datetime
    provisional: bool
    days: tuple[CountedDay, ...]
    zh: tuple[str, ...] = Field(description="why, in Chinese")
    en: tuple[str, ...] = Field(description="why, in English")

    @classmethod
    def of(cls, deadline: Deadline, account: Account) -> "ExplanationOut":
        """From the domain."""
        return cls(
            case=deadline.case,
            kind=deadline.kind.value,
            unit=deadline.unit,
            started_at=deadline.started_at,
            working_days=deadline.days,
            extension_days=deadline.extension_days,
            due=deadline.due,
            expires_at=deadline.expires_at,
            provisional=deadline.provisional,
            days=tuple(CountedDay(**{n: getattr(day, n) for n in CountedDay.model_fields}) for day in account.days),
            zh=account.zh,
            en=account.en,
        )
