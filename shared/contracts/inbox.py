"""What comes in from outside (hotlines, terminals, evaluation sources) and what they get back."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData, Wire

IdentityKind = Literal["named", "confidential", "anonymous"]


class ComplaintSubmitted(EventData):
    """A source reports a complaint. The identity part is sealed to the vault's public key (I3)."""

    TYPE: ClassVar[str] = "minping.inbox.complaint.submitted.v1"
    SUBJECT: ClassVar[str] = "minping.inbox.complaint.*"

    ticket: str = Field(min_length=1, max_length=64, description="the source's own number; the idempotency key")
    channel: str = Field(min_length=1, max_length=64, description="a channel of the programme (I1)")
    title: str = Field(default="", max_length=500)
    text: str = Field(min_length=1, max_length=20_000)
    unit: str | None = Field(default=None, max_length=64, description="key of the unit complained of, if named")
    topic: str | None = Field(default=None, max_length=64, description="a topic of the programme (I16)")
    place: str | None = Field(default=None, max_length=200)
    particulars: dict[str, Annotated[str, Field(max_length=300)]] = Field(
        default_factory=dict, max_length=12, description="what the channel asks for besides: outlet, date, card … (I1)"
    )
    evidence: tuple[str, ...] = Field(
        default=(), max_length=20, description="SHA-256 of files that this source sent to intake before"
    )
    lat: float | None = Field(default=None, ge=-90, le=90, description="where it was, WGS 84; with `long`")
    long: float | None = Field(default=None, ge=-180, le=180)
    media_url: str | None = Field(
        default=None, max_length=1_000, pattern=r"^https?://\S+$", description="where a picture or film of it lies"
    )
    publish_consent: bool = Field(default=False, description="the person agrees that the scrubbed text is published")
    identity: IdentityKind = "anonymous"
    sealed_identity: str | None = Field(
        default=None,
        max_length=8_000,
        description="base64 of the HPKE-sealed JSON {name, phone, address, id_number}",
    )
    sealed_to: str | None = Field(
        default=None, max_length=64, description="`key_id` of the vault's key that it is sealed to"
    )


class ReceiptIssued(EventData):
    """Intake's answer to a source: registered, repeated, or kept for repair with the field at fault."""

    TYPE: ClassVar[str] = "minping.receipt.issued.v1"
    SUBJECT: ClassVar[str] = "minping.receipt.*"

    ticket: str
    state: Literal["registered", "repeated", "kept_for_repair", "status"]
    number: str | None = None
    tracking_code: str | None = None
    answers: str | None = Field(default=None, description="id of the event that this answers")
    linked_to: str | None = Field(default=None, description="number of the earlier complaint on the same matter (I5)")
    status: str | None = Field(default=None, description="with state `status`: where the matter stands (I18)")
    reply: str | None = None
    outcome: str | None = Field(default=None, description="with status `closed`")
    expected: date | None = Field(default=None, description="day by which the unit is to have solved it")
    unit: str | None = Field(default=None, description="name of the unit that handles it, as the public knows it")
    grade: str | None = Field(default=None, description="with status `called_back`: the petitioner's answer")
    field: str | None = None
    value: str | None = None
    reason: str | None = None
    remedy: str | None = None


class BallotCast(Wire):
    """One encrypted ballot of one card (S5). No time, no source, no terminal: nothing to link a person by."""

    SUBJECT: ClassVar[str] = "minping.inbox.ballot.*"

    meeting: str = Field(min_length=1, max_length=64)
    token: str = Field(min_length=1, max_length=64, description="the card's short text, with its check digit")
    ciphertext: str = Field(min_length=1, max_length=65_536, description="base64 of encapsulated key and ciphertext")


class BallotReceipt(Wire):
    """Answer to the meeting's terminals on `minping.receipt.<meeting>`. It does not name the card's hash:

    the broker dates it, and the bytes may stay in its files for weeks, in the order of the voting.
    """

    SUBJECT: ClassVar[str] = "minping.receipt.*"

    ticket: str = Field(
        default="",
        description="SHA-256 of `minping.receipt.v1` ␟ the card's 16 bytes, in hex: only who has the card knows it",
    )
    token_hash: str = Field(default="", description="how receipts once named the card: now always empty")
    state: Literal["accepted", "repeated", "refused"]
    reason: str | None = None


class EvaluationSubmitted(EventData):
    """An online evaluation: one a service receipt (S13)."""

    TYPE: ClassVar[str] = "minping.inbox.evaluation.submitted.v1"
    SUBJECT: ClassVar[str] = "minping.inbox.evaluation.*"

    code: str = Field(min_length=1, max_length=64)
    unit: str = Field(min_length=1, max_length=64)
    marks: dict[str, str]
    served_at: AwareDatetime | None = None


class EvaluationCodesIssued(EventData):
    """A source announces the one-time codes on its service receipts, by their hashes, before they are used (S13)."""

    TYPE: ClassVar[str] = "minping.inbox.evaluation.codes_issued.v1"
    SUBJECT: ClassVar[str] = "minping.inbox.evaluation.*"

    unit: str = Field(min_length=1, max_length=64)
    section: str = Field(default="", max_length=64)
    served_on: date
    code_hashes: tuple[str, ...] = Field(
        min_length=1, max_length=2_000, description="SHA-256 of each code's 16 bytes, in hex"
    )
