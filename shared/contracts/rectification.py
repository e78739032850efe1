"""Events that rectification publishes: the life of a case and of its deadlines."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData
from shared.contracts.intake import Track

Outcome = Literal["solved", "solved_unconfirmed", "explained", "unfounded", "outside_jurisdiction", "disputed"]
DeadlineKind = Literal[
    "accept", "solve", "rework", "callback", "acknowledge", "plan", "milestone", "explain", "contribute",
    "extension_decision", "obligation", "office_obligation", "appeal_decision",
]  # fmt: skip


class CaseOpened(EventData):
    """A case stands in the ledger, with its due date (R1, R3). `case` is the lead complaint's number."""

    TYPE: ClassVar[str] = "minping.rectification.case.opened.v1"

    case: str
    lead_unit: str
    cooperating_units: tuple[str, ...] = ()
    territorial_unit: str | None = None
    track: Track
    topic: str | None = None
    title: str = ""
    due: date
    expires_at: AwareDatetime
    provisional: bool = False
    card: str = Field(default="", description="number of the transfer card")
    channel: str | None = None
    days: int | None = Field(default=None, description="working days of the period")
    text: str = Field(default="", description="what was reported, scrubbed")


class CaseAccepted(EventData):
    """The unit took the case in hand."""

    TYPE: ClassVar[str] = "minping.rectification.case.accepted.v1"

    case: str
    unit: str
    handler: str


class CaseSolved(EventData):
    """The unit reports the case solved; callback and the guards are still to come (R5)."""

    TYPE: ClassVar[str] = "minping.rectification.case.solved.v1"

    case: str
    unit: str
    round: int
    reply: str = Field(description="what the public is answered")
    late: bool


class CallbackRequested(EventData):
    """Ask the petitioners (I11). Those that cannot be called are left out."""

    TYPE: ClassVar[str] = "minping.rectification.callback.requested.v1"

    case: str
    unit: str
    round: int
    complaints: tuple[str, ...]
    expires_at: AwareDatetime


class CaseReturned(EventData):
    """A guard does not hold or a petitioner is not satisfied: back to the unit (R5)."""

    TYPE: ClassVar[str] = "minping.rectification.case.returned.v1"

    case: str
    unit: str
    round: int
    reasons: tuple[str, ...]
    rework_due: date
    expires_at: AwareDatetime


class CaseClosed(EventData):
    """Written off behind the four guards (R5). Figures of the case are those of this closing."""

    TYPE: ClassVar[str] = "minping.rectification.case.closed.v1"

    case: str
    unit: str
    paying_unit: str = Field(
        description="the unit that bears the points: the lead unit unless the approval says otherwise"
    )
    outcome: Outcome
    topic: str | None = None
    dimension: str | None = None
    round: int = 1
    times_closed: int = Field(default=1, description="1 the first time, more after reopenings")
    again: bool = Field(
        default=False,
        description="this closing stands again, as the link that had reopened the case was undone: at one instant "
        "the reopening comes first",
    )
    late: bool
    late_days: int = Field(default=0, description="working days after the due date, 0 if in time")
    misconduct: bool = Field(default=False, description="verified misconduct was found and dealt with")
    self_corrected: bool = Field(
        default=False,
        description="the unit reported it itself, dealt with it and mended it in time: no deduction (R10)",
    )
    grades: tuple[str, ...] = Field(default=(), description="callback grades, without who gave them")
    signed_by: str = Field(
        default="", description="who signed the closing (token's sub): he rules on no appeal against its points (S8)"
    )


class CaseReopened(EventData):
    """A bad callback or the same matter again within 90 days (R6)."""

    TYPE: ClassVar[str] = "minping.rectification.case.reopened.v1"

    case: str
    unit: str
    reason: Literal["bad_callback", "same_matter"]
    round: int
    due: date
    expires_at: AwareDatetime


class CaseLapsed(EventData):
    """Open and past due at the cycle's end: no result (R7). The case stays open."""

    TYPE: ClassVar[str] = "minping.rectification.case.lapsed.v1"

    case: str
    unit: str
    paying_unit: str
    cycle_name: str
    due: date


class DeadlineSet(EventData):
    """A deadline was set, once; no edit moves it (R3)."""

    TYPE: ClassVar[str] = "minping.rectification.deadline.set.v1"

    case: str
    unit: str
    kind: DeadlineKind
    due: date
    expires_at: AwareDatetime
    provisional: bool = False


class DeadlineApproaching(EventData):
    """Three days and one day before expiry (R4)."""

    TYPE: ClassVar[str] = "minping.rectification.deadline.approaching.v1"

    case: str
    unit: str
    kind: DeadlineKind
    step: str = Field(description="`warning_3`, `warning_1` …: fires once for a deadline")
    title: str = ""
    due: date
    expires_at: AwareDatetime
    roles: tuple[str, ...] = Field(description="roles of the unit that are told")


class DeadlinePassed(EventData):
    """The deadline expired (R4)."""

    TYPE: ClassVar[str] = "minping.rectification.deadline.passed.v1"

    case: str
    unit: str
    kind: DeadlineKind
    step: str = "expired"
    title: str = ""
    due: date
    expires_at: AwareDatetime
    roles: tuple[str, ...]


class DeadlineEscalated(EventData):
    """Working days after expiry the next level is told (R4)."""

    TYPE: ClassVar[str] = "minping.rectification.deadline.escalated.v1"

    case: str
    unit: str
    kind: DeadlineKind
    step: str = Field(description="`escalation_3`, `escalation_7` …")
    title: str = ""
    due: date
    expires_at: AwareDatetime
    roles: tuple[str, ...]
