"""Events that intake publishes. None carries a complainant's identity; texts are scrubbed (I3)."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData
from shared.contracts.inbox import IdentityKind

Track = Literal["immediate", "planned", "explained"]
Screening = Literal["accepted", "returned_for_information", "outside_jurisdiction", "unfounded"]
Grade = Literal["very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied"]


class ComplaintRegistered(EventData):
    """A report got its number (I2)."""

    TYPE: ClassVar[str] = "minping.intake.complaint.registered.v1"

    number: str
    source: str
    channel: str
    topic: str | None = None
    dimension: str | None = None
    suggested_unit: str | None = None
    title: str = ""
    text: str = Field(description="scrubbed of phone and ID numbers")
    identity: IdentityKind = "anonymous"
    hot: bool = False


class ComplaintLinked(EventData):
    """Same matter as an earlier complaint: one case, many petitioners (I5)."""

    TYPE: ClassVar[str] = "minping.intake.complaint.linked.v1"

    number: str
    lead: str = Field(description="number of the earlier complaint, which is also the case's number")
    how: Literal["exact", "clerk"]
    can_be_called: bool = True
    petitioners: int = Field(description="petitioners of the matter, this one included")
    hot: bool = False
    excluded: bool = Field(default=False, description="by a petitioner left out of the rates: reopens nothing (I5)")
    step: int | None = Field(default=None, description="of this complaint's links: 1 made, 2 undone, 3 made again …")


class ComplaintUnlinked(EventData):
    """A link was undone (I5); `number` is a matter of its own again."""

    TYPE: ClassVar[str] = "minping.intake.complaint.unlinked.v1"

    number: str
    lead: str
    reason: str
    step: int | None = Field(default=None, description="of this complaint's links: 1 made, 2 undone, 3 made again …")


class ComplaintScreened(EventData):
    """The clerk's decision on a complaint (I4)."""

    TYPE: ClassVar[str] = "minping.intake.complaint.screened.v1"

    number: str
    decision: Screening
    reason: str
    unit: str | None = None
    referred_to: str | None = Field(default=None, description="outside jurisdiction: who is in charge instead")


class TransferRequested(EventData):
    """A transfer card waits for a leader's approval (I6, I7)."""

    TYPE: ClassVar[str] = "minping.intake.transfer.requested.v1"

    number: str
    card: str
    lead_unit: str
    cooperating_units: tuple[str, ...] = ()
    territorial_unit: str | None = None
    track: Track = "immediate"
    days: int = Field(description="working days of the track's period")
    due: AwareDatetime = Field(description="end of the approval's own period")
    channel: str | None = None
    topic: str | None = None
    title: str = ""
    text: str = Field(default="", description="as on the card, scrubbed; for those who decide on it")
    advice: str = Field(default="", description="the recommendation, where it is not the programme's")
    basis: str = Field(default="", description="what it is based on, where it is not the programme's")


class TransferApproved(EventData):
    """A leader approved the transfer: from now the unit may see the matter (I7)."""

    TYPE: ClassVar[str] = "minping.intake.transfer.approved.v1"

    number: str
    card: str
    lead_unit: str
    cooperating_units: tuple[str, ...] = ()
    territorial_unit: str | None = None
    track: Track = "immediate"
    days: int
    channel: str
    topic: str | None = None
    dimension: str | None = None
    title: str = ""
    text: str
    can_be_called: bool = Field(default=True, description="false for anonymous petitioners: nobody to call back")
    petitioners: tuple[str, ...] = Field(default=(), description="numbers of the complaints linked so far")
    approver_role: str
    amended: bool = False
    stands_in_for: str | None = Field(default=None, description="the absent approver whose deputy decided (I7)")
    paying_unit: str | None = Field(default=None, description="bears the points; none: the lead unit")
    self_reported: bool = Field(
        default=False, description="the lead unit reported it itself, before anybody else complained of it (R10)"
    )
    origin: Literal["complaint", "inspection", "exposure", "meeting_question"] = "complaint"
    promised: date | None = Field(
        default=None, description="a leader promised this day: exactly that is the deadline, a day off too (S4)"
    )


class TransferRefused(EventData):
    """A leader refused the transfer; the complainant is answered (I4, I7)."""

    TYPE: ClassVar[str] = "minping.intake.transfer.refused.v1"

    number: str
    card: str
    reason: str


class CallbackRecorded(EventData):
    """A petitioner's answer, or that three tries on different days did not reach him (I11)."""

    TYPE: ClassVar[str] = "minping.intake.callback.recorded.v1"

    case: str
    number: str = Field(description="the petitioner's complaint")
    round: int = Field(description="which `solved` of the case this answers, from 1")
    result: Literal["graded", "not_reached"]
    grade: Grade | None = None
    words: str = Field(default="", description="scrubbed")
    objection: bool = Field(
        default=False, description="said by himself after closing, whatever he answered before: it reopens (R6)"
    )


class IdentityDisclosed(EventData):
    """The vault was opened for one complaint (I3)."""

    TYPE: ClassVar[str] = "minping.intake.identity.disclosed.v1"

    number: str
    request: str
    role: str
    reason: str


class DisclosureRefused(EventData):
    """A request to open the vault was refused (I3)."""

    TYPE: ClassVar[str] = "minping.intake.disclosure.refused.v1"

    number: str
    request: str
    role: str
    reason: str
