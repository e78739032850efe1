"""How the terms of a case changed: dates, units, persons. Each is an entry of the ledger, many are published."""

from dataclasses import dataclass
from datetime import date, datetime

from services.rectification.domain.deadline import Deadline
from services.rectification.domain.request import Request, Suspension


@dataclass(frozen=True, slots=True)
class Requested:
    """The unit asks the office; `deadline`: by when the office decides."""

    at: datetime
    request: Request
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Decided:
    """The office decided a request. days, track: as granted; due: the case's date afterwards."""

    at: datetime
    request: Request
    granted: bool
    reasons: str
    due: date
    days: int | None = None
    track: str | None = None


@dataclass(frozen=True, slots=True)
class RequestLapsed:
    """A request needs no answer any more. why: `solved` (in time), `reassigned`, `closed`."""

    at: datetime
    request: Request
    why: str


@dataclass(frozen=True, slots=True)
class Extended:
    """The office gave a deadline another date; the steps of the old one do not fire any more."""

    at: datetime
    before: Deadline
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class TrackChanged:
    """The office approved another track, counted from the original approval."""

    at: datetime
    before: str
    track: str
    days: int


@dataclass(frozen=True, slots=True)
class Suspended:
    """A deadline stands still."""

    at: datetime
    deadline: Deadline
    suspension: Suspension


@dataclass(frozen=True, slots=True)
class Resumed:
    """A deadline runs again. why: `office`, `solved`, `reassigned`, `closed`."""

    at: datetime
    before: Deadline
    deadline: Deadline
    why: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """The office ruled on an objection. effect: `reassigned`, `not_upheld`, `too_late` or `unchanged`."""

    at: datetime
    unit: str
    upheld: bool
    reason: str
    by_role: str
    effect: str


@dataclass(frozen=True, slots=True)
class Reassigned:
    """Another unit leads, or other units help; the first receiver stays liable for what fell due until then."""

    at: datetime
    previous_unit: str
    previous_helpers: tuple[str, ...]
    paying_unit: str


@dataclass(frozen=True, slots=True)
class Contributed:
    """A unit that helps handed in what it did."""

    at: datetime
    unit: str
    by: str
    text: str
    evidence: tuple[str, ...]
    late: bool


@dataclass(frozen=True, slots=True)
class Assigned:
    """The main leader named the handler of his unit. handover: the number of the handover it is part of."""

    at: datetime
    unit: str
    handler: str
    previous: str | None
    reason: str
    handover: int | None = None


@dataclass(frozen=True, slots=True)
class LeaderChanged:
    """Another person holds an office of a unit of the case, or his term was dated anew, or taken back as wrong."""

    at: datetime
    unit: str
    role: str
    person: str
    name: str
    since: date
    until: date | None
    taken_back: bool = False


TermFact = (
    Requested
    | Decided
    | RequestLapsed
    | Extended
    | TrackChanged
    | Suspended
    | Resumed
    | Ruled
    | Reassigned
    | Contributed
    | Assigned
    | LeaderChanged
)
