"""What intake's API takes: one model a body."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.contracts.inbox import IdentityKind
from shared.contracts.intake import Grade, Screening, Track

Reason = Field(min_length=1, max_length=2_000)


class In(BaseModel):
    """A request's body: an unknown field is an error, so that a typing mistake does not pass as a default."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class IdentityIn(In):
    """Who complains; goes to the vault and nowhere else."""

    name: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=200)
    id_number: str = Field(default="", max_length=200)


class ReportIn(In):
    """A complaint over HTTPS. Without `ticket` its register number is its ticket."""

    ticket: str | None = Field(default=None, min_length=1, max_length=64)
    channel: str = Field(min_length=1, max_length=64)
    title: str = Field(default="", max_length=500)
    text: str = Field(min_length=1, max_length=20_000)
    unit: str | None = Field(default=None, max_length=64)
    topic: str | None = Field(default=None, max_length=64)
    place: str | None = Field(default=None, max_length=200)
    particulars: dict[str, Annotated[str, Field(max_length=300)]] = Field(
        default_factory=dict, max_length=12, description="what the channel asks for besides: outlet, date, card … (I1)"
    )
    evidence: list[str] = Field(default_factory=list, max_length=20, description="SHA-256 of files sent before")
    lat: float | None = Field(default=None, ge=-90, le=90, description="where it was, WGS 84")
    long: float | None = Field(default=None, ge=-180, le=180)
    media_url: str | None = Field(default=None, max_length=1_000, pattern=r"^https?://\S+$")
    publish_consent: bool = Field(default=False, description="the scrubbed text may be published, without the person")
    identity: IdentityKind = "anonymous"
    person: IdentityIn | None = Field(default=None, description="who complains, in the clear; intake seals it at once")
    sealed_identity: str | None = Field(default=None, max_length=8_000, description="or sealed by the source (base64)")
    sealed_to: str | None = Field(default=None, max_length=64, description="`key_id` of the key it is sealed to")


class TransferIn(In):
    """What the transfer card shall say; `days` by default those of the track.

    findings, advice, basis: for the recommendation letter; by default the complaint's text and the programme's words.
    """

    lead_unit: str = Field(min_length=1, max_length=64)
    cooperating_units: list[str] = Field(default_factory=list, max_length=20)
    territorial_unit: str | None = Field(default=None, max_length=64)
    paying_unit: str | None = Field(default=None, max_length=64, description="bears the points; none: the lead unit")
    track: Track = "immediate"
    days: int | None = Field(default=None, ge=1, le=365)
    findings: str | None = Field(default=None, max_length=5_000)
    advice: str | None = Field(default=None, max_length=5_000)
    basis: str | None = Field(default=None, max_length=1_000)


class ReferralIn(In):
    """Who is in charge instead, and how people reach them: an authority's public number or address, not scrubbed."""

    to: str = Field(min_length=1, max_length=200)
    contact: str = Field(min_length=1, max_length=300)


class InformationIn(In):
    """What a complainant adds to his complaint."""

    text: str = Field(min_length=1, max_length=5_000)


class ScreeningIn(In):
    """A clerk's decision; `topic` sets the programme's topic, `transfer` asks for the transfer at once.

    `referral` goes with outside_jurisdiction, and only with that: nobody is sent away without being told where to.
    """

    decision: Screening
    reason: str = Reason
    referral: ReferralIn | None = None
    topic: str | None = Field(default=None, max_length=64)
    transfer: TransferIn | None = None


class BatchItem(In):
    """One complaint of a batch: accepted for this reason, to be transferred like this."""

    number: str = Field(min_length=1, max_length=32)
    reason: str = Reason
    topic: str | None = Field(default=None, max_length=64)
    transfer: TransferIn


class BatchIn(In):
    """Many alike: accepted and their transfers asked for, all or none."""

    items: list[BatchItem] = Field(min_length=1, max_length=200)


class ApprovalsIn(In):
    """A stack of cards, approved as they are, all or none."""

    numbers: list[str] = Field(min_length=1, max_length=200)


class AmendIn(In):
    """What the approver changes; fields left out stay."""

    lead_unit: str | None = Field(default=None, min_length=1, max_length=64)
    cooperating_units: list[str] | None = Field(default=None, max_length=20)
    territorial_unit: str | None = Field(default=None, max_length=64)
    paying_unit: str | None = Field(default=None, max_length=64)
    track: Track | None = None
    days: int | None = Field(default=None, ge=1, le=365)


class ApprovalIn(In):
    """An approval, with changes or without, and the leader's words on the card (批示)."""

    amend: AmendIn | None = None
    words: str = Field(default="", max_length=2_000)


class ReasonIn(In):
    """A step that needs a reason."""

    reason: str = Reason


class LinkIn(In):
    """Same matter as `lead`, says a clerk."""

    lead: str = Field(min_length=1, max_length=32)
    reason: str = Reason


class AnswerIn(In):
    """A petitioner's answer in his own hand."""

    grade: Grade
    words: str = Field(default="", max_length=2_000)


class CallIn(In):
    """What came of a call: graded, or nobody was reached.

    confirmed: the clerk has read the grade back to the petitioner; a grade is final, so none is taken without it.
    """

    result: Literal["graded", "not_reached"]
    grade: Grade | None = None
    words: str = Field(default="", max_length=2_000)
    confirmed: bool = False


class DisclosureIn(In):
    """A request to open the vault for one complaint."""

    number: str = Field(min_length=1, max_length=32)
    reason: str = Reason


class MendIn(In):
    """Fields that replace those at fault; the rest stays as it came. `reported_at` is when it was reported."""

    ticket: str | None = Field(default=None, min_length=1, max_length=64)
    channel: str | None = Field(default=None, max_length=64)
    title: str | None = Field(default=None, max_length=500)
    text: str | None = Field(default=None, max_length=20_000)
    unit: str | None = Field(default=None, max_length=64)
    topic: str | None = Field(default=None, max_length=64)
    place: str | None = Field(default=None, max_length=200)
    particulars: dict[str, Annotated[str, Field(max_length=300)]] | None = Field(default=None, max_length=12)
    evidence: list[str] | None = Field(default=None, max_length=20)
    identity: IdentityKind | None = None
    drop_identity: bool = Field(default=False, description="leave out an identity part that does not open")
    reported_at: AwareDatetime | None = None
