"""What intake's API gives: one model a shape, made by the use cases. None of them shows an identity."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.intake.models.petitioners import ExcludedFigures
from services.intake.models.suggestions import Suggestion


class Receipt(BaseModel):
    """The answer to a report."""

    state: Literal["registered", "repeated", "kept_for_repair"]
    number: str | None = None
    tracking_code: str | None = None
    linked_to: str | None = None
    note: str | None = None


class TransferOut(BaseModel):
    """A transfer card as data (I6)."""

    number: str
    card: str
    lead_unit: str
    cooperating_units: list[str]
    territorial_unit: str | None
    paying_unit: str | None
    track: str
    days: int
    state: str
    requested_by: str
    requested_at: datetime
    due: datetime
    overdue: bool
    decided_by: str | None
    decided_at: datetime | None
    amended: bool
    reason: str


class ComplaintOut(BaseModel):
    """A line of the register; never an identity."""

    number: str
    source: str
    ticket: str
    channel: str
    topic: str | None
    title: str
    text: str
    place: str | None
    named_unit: str | None
    identity: str
    reported_at: datetime
    state: str
    lead: str | None
    petitioners: int
    hot: bool
    unit: str | None
    due: date | None
    reply: str
    round: int
    outcome: str | None
    closed_at: datetime | None
    repeats: int
    reason: str
    referred_to: str | None
    referral_contact: str | None
    screened_by: str | None
    screened_at: datetime | None
    publish_consent: bool
    lat: float | None
    long: float | None
    media_url: str | None


class AddedOut(BaseModel):
    """What the complainant added."""

    at: datetime
    text: str


class ComplaintDetail(ComplaintOut):
    """A complaint with all that belongs to it."""

    linked: list[str]
    information: list[AddedOut]
    links: list[dict[str, Any]]
    transfer: TransferOut | None
    suggested_topic: Suggestion | None
    suggested_unit: Suggestion | None
    note: str | None


class Page(BaseModel):
    """A page; `next` is the cursor of the following one, null at the end."""

    next: str | None = None


class ComplaintPage(Page):
    """Lines of the register."""

    items: list[ComplaintOut]


class ComplaintList(BaseModel):
    """Lines of the register, all at once."""

    items: list[ComplaintOut]


class TransferPage(Page):
    """Transfer cards."""

    items: list[TransferOut]


class Side(BaseModel):
    """One of two texts side by side."""

    number: str
    title: str
    text: str
    place: str | None
    named_unit: str | None
    state: str
    lead: str | None
    reported_at: datetime


class Likely(Side):
    """A likely repeat: how alike texts and places are, 0 to 1, and whether it is about the same unit."""

    share: float
    place_share: float
    same_unit: bool


class SimilarOut(BaseModel):
    """A complaint and its likely repeats, texts side by side (I5)."""

    complaint: Side
    similar: list[Likely]


class CallbackOut(BaseModel):
    """A callback task; the one-time code is the petitioner's alone."""

    case: str
    round: int
    number: str
    unit: str
    state: str
    tries: int
    last_try: date | None
    expires_at: datetime
    grade: str | None
    words: str


class CallbackPage(Page):
    """Callback tasks."""

    items: list[CallbackOut]


class CallbackOffer(BaseModel):
    """The question a petitioner is asked, and the code that answers it, once."""

    round: int
    code: str
    expires_at: datetime


class TrackOut(BaseModel):
    """What a complainant sees of his complaint: never an identity, never other petitioners."""

    number: str
    state: str
    state_zh: str
    state_en: str
    reported_at: datetime
    linked: bool
    expected: date | None = Field(description="none while the period stands still")
    suspended: bool = Field(default=False, description="the unit's period stands still")
    reply: str
    outcome: str | None
    reason: str
    callback: CallbackOffer | None
    referred_to: str | None = None
    referral_contact: str | None = None
    may_add: bool = False
    added: list[str] = Field(default_factory=list)


class RepairOut(BaseModel):
    """A report kept for repair, with the error beside it; texts scrubbed, the identity stays sealed."""

    id: str
    source: str
    ticket: str | None
    field: str
    value: str
    reason: str
    remedy: str
    kept_at: datetime
    number: str | None
    has_identity: bool = False
    fields: dict[str, str] = Field(default_factory=dict)
    raw: str | None = None


class RepairList(Page):
    """Reports kept for repair."""

    items: list[RepairOut]


class DisclosureOut(BaseModel):
    """A request to open the vault."""

    id: str
    number: str
    requester: str
    role: str
    reason: str
    state: str
    custodian: str | None
    answer: str
    requested_at: datetime
    decided_at: datetime | None
    read_at: datetime | None
    usable_until: datetime | None = None


class DisclosureList(Page):
    """Requests to open the vault."""

    items: list[DisclosureOut]


class AuditOut(BaseModel):
    """A step towards the vault."""

    position: int
    at: datetime
    who: str
    role: str
    step: str
    disclosure: str
    number: str
    words: str
    hash: str


class AuditPage(Page):
    """Audit entries."""

    items: list[AuditOut]


class AuditCheck(BaseModel):
    """Whether the audit chain holds. Note `length` and `head`: given again they prove that nothing was cut off."""

    holds: bool
    entries: int = Field(description="entries that fit, from the first")
    first_broken: int | None = Field(description="position of the first entry that does not fit")
    reason: str
    length: int
    head: str


class UnitOut(BaseModel):
    """A unit that complaints can be transferred to."""

    key: str
    name: str
    name_en: str
    category: str
    parent: str | None


class UnitList(BaseModel):
    """Registered units."""

    items: list[UnitOut]


class ChannelFigures(BaseModel):
    """Figures of one channel (I1)."""

    registered: int
    repeated: int
    linked: int


class Satisfaction(BaseModel):
    """Petitioners asked, each once a round: `asked = open + not_reached + excluded + counted` (I11, I5).

    `counted` is what a rate of satisfaction is taken of, `by_grade` says what they answered. Who was not reached is in
    no rate, nor is who is left out (`excluded`): neither is ever counted as satisfied.
    """

    asked: int
    open: int
    not_reached: int
    excluded: int
    counted: int
    by_grade: dict[str, int]


class Statistics(BaseModel):
    """`received = registered + repeated + kept_for_repair`; the linked ones are among the registered."""

    received: int
    registered: int
    repeated: int
    linked: int
    kept_for_repair: int
    by_channel: dict[str, ChannelFigures]
    satisfaction: Satisfaction
    excluded: ExcludedFigures


class PublicKey(BaseModel):
    """The vault's key and how to seal to it."""

    algorithm: str
    public_key_pem: str
    key_id: str
    info: str
