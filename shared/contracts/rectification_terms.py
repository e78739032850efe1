"""Events that rectification publishes: how a case's terms change while it runs. Dates, units, what waits for whom."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData
from shared.contracts.intake import Track
from shared.contracts.rectification import DeadlineKind

Ground = Literal["waiting_for_complainant", "law_suit"]
RequestKind = Literal["extension", "track", "suspension"]


class CaseAcknowledged(EventData):
    """The unit says that it got the case; `implied`: by accepting it or reporting it solved (R3)."""

    TYPE: ClassVar[str] = "minping.rectification.case.acknowledged.v1"

    case: str
    unit: str
    implied: bool = False


class CaseReassigned(EventData):
    """An objection was upheld: another unit leads, its periods run from the ruling (I17). The one before stays liable
    for what fell due until then."""

    TYPE: ClassVar[str] = "minping.rectification.case.reassigned.v1"

    case: str
    previous_unit: str
    unit: str
    cooperating_units: tuple[str, ...] = ()
    territorial_unit: str | None = None
    title: str = ""
    due: date
    expires_at: AwareDatetime
    provisional: bool = False


class RequestMade(EventData):
    """A unit asks the office for an extension, another track or a suspension (R3); the office decides by `due`."""

    TYPE: ClassVar[str] = "minping.rectification.request.made.v1"

    case: str
    unit: str
    kind: RequestKind
    title: str = ""
    days: int | None = Field(default=None, description="of an extension, working days")
    track: Track | None = None
    ground: Ground | None = None
    reasons: str
    due: date


class RequestDecided(EventData):
    """The office decided a unit's request (R3). Where it moved a date, `deadline.extended` or `.suspended` tells it."""

    TYPE: ClassVar[str] = "minping.rectification.request.decided.v1"

    case: str
    unit: str
    kind: RequestKind
    granted: bool
    reasons: str
    days: int | None = None
    track: Track | None = None
    due: date = Field(description="the case's date after the decision")


class DeadlineExtended(EventData):
    """The office moved a date: an extension, counted from the old date, or a change of track (R3)."""

    TYPE: ClassVar[str] = "minping.rectification.deadline.extended.v1"

    case: str
    unit: str
    kind: DeadlineKind
    due: date
    expires_at: AwareDatetime
    previous_due: date
    provisional: bool = False


class DeadlineSuspended(EventData):
    """A deadline stands still: no step fires and it does not expire until it is resumed (R3)."""

    TYPE: ClassVar[str] = "minping.rectification.deadline.suspended.v1"

    case: str
    unit: str
    kind: DeadlineKind
    ground: Ground
    reasons: str
    due: date = Field(description="the date so far; it moves by the days that the suspension lasts")


class DeadlineResumed(EventData):
    """A deadline runs again; the working days strictly between suspension and resuming were not counted (R3)."""

    TYPE: ClassVar[str] = "minping.rectification.deadline.resumed.v1"

    case: str
    unit: str
    kind: DeadlineKind
    due: date
    expires_at: AwareDatetime
    previous_due: date
    provisional: bool = False
