"""Intake's tables. Texts in them are scrubbed; who complained stands sealed in `vault` and nowhere else (I3)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.intake.domain.complaint import State
from shared.tables import IdempotencyRow, InboxRow, JSONType, OutboxRow, UtcDateTime, unsent_index


class Base(SQLModel, registry=registry()):
    """Base of intake's tables, with a registry of its own."""


class Outbox(OutboxRow, Base, table=True):
    """Events to publish."""


class Inbox(InboxRow, Base, table=True):
    """Events that were taken."""


class Idempotency(IdempotencyRow, Base, table=True):
    """Answers to requests that may come again."""


unsent_index(Base.metadata.tables["outbox"])


class Counter(Base, table=True):
    """The last number of a year's register, taken in the transaction that uses it: no gaps (I2)."""

    year: int = Field(primary_key=True)
    last: int


class Unit(Base, table=True):
    """A unit that complaints can be transferred to; scoring keeps the list."""

    key: str = Field(primary_key=True)
    name: str
    name_en: str = ""
    category: str
    parent: str | None = None
    registered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Complaint(Base, table=True):
    """A line of the register. `state_at` and `state_rank`: the newest fact of the case that was seen."""

    __table_args__ = (
        UniqueConstraint("source", "ticket"),
        Index("ix_complaint_state", "state", "seq"),
        Index("ix_complaint_public", "publish_consent", "reported_at"),
        Index("ix_complaint_priority", "petitioners", "seq"),
        Index("ix_complaint_named_unit", "named_unit", "seq"),
        Index("ix_complaint_petitioner", "petitioner"),
    )

    seq: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    source: str
    ticket: str
    on_bus: bool
    channel: str
    topic: str | None = None
    title: str
    text: str
    place: str | None = None
    named_unit: str | None = None
    identity: str
    petitioner: str | None = None
    reported_at: datetime = Field(sa_type=UtcDateTime)
    code_hash: str = Field(unique=True)
    matter_key: str = Field(index=True)
    lead: str | None = Field(default=None, index=True)
    state: str = State.REGISTERED.value
    state_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state_rank: int = 0
    unit: str | None = None
    due: date | None = None
    terms_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    reply: str = ""
    round: int = 0
    outcome: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    objected_to: int = 0
    petitioners: int = 1
    hot: bool = False
    hot_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    repeats: int = 0
    reason: str = ""
    referred_to: str | None = None
    referral_contact: str | None = None
    screened_by: str | None = None
    screened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    publish_consent: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    lat: float | None = None
    long: float | None = None
    media_url: str | None = None
    particulars: dict[str, str] = Field(
        default_factory=dict, sa_type=JSONType, sa_column_kwargs={"server_default": sql("'{}'")}
    )


class Band(Base, table=True):
    """A band of a complaint's min-hash: near repeats share one (I5)."""

    __table_args__ = {"sqlite_with_rowid": False}

    hash: int = Field(primary_key=True, sa_type=BigInteger)
    complaint: int = Field(primary_key=True)


class Link(Base, table=True):
    """A complaint was linked to its matter's first one, and perhaps unlinked again; nothing is overwritten."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    lead: str
    how: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    reason: str = ""
    state_before: str
    undone_by: str | None = None
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_reason: str | None = None


class Sealed(Base, table=True):
    """The vault: identity, and the text as it was where scrubbing took something out. Sealed to the key `key_id`."""

    __tablename__ = "vault"

    number: str = Field(primary_key=True)
    source: str
    ticket: str
    identity: bytes | None = None
    original: bytes | None = None
    key_id: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})


class Repair(Base, table=True):
    """A report that could not be registered, whole and sealed, with the error beside it (I2)."""

    __table_args__ = (UniqueConstraint("source", "fingerprint"),)

    id: str = Field(primary_key=True)
    source: str = Field(index=True)
    fingerprint: str
    ticket: str | None = None
    on_bus: bool
    field: str = Field(index=True)
    value: str
    reason: str
    remedy: str
    body: bytes
    kept_at: datetime = Field(sa_type=UtcDateTime)
    number: str | None = None
    mended_by: str | None = None
    mended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    key_id: str = Field(default="", index=True, sa_column_kwargs={"server_default": ""})
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Transfer(Base, table=True):
    """A transfer card as it stands (I6, I7); its versions as printed are in `card_version`.

    state: requested, approved, refused, reassigning (an objection was upheld, `proposed` waits for the approver) or
    withdrawn. solve_by: the day of the period that the approval began. assignment: counts approved cards.
    """

    number: str = Field(primary_key=True)
    card: str
    lead_unit: str
    cooperating_units: list[str] = Field(default_factory=list, sa_type=JSONType)
    territorial_unit: str | None = None
    paying_unit: str | None = None
    track: str
    days: int
    state: str = Field(default="requested", index=True)
    requested_by: str
    requested_at: datetime = Field(sa_type=UtcDateTime)
    due: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    amended: bool = False
    reason: str = ""
    words: str = Field(default="", sa_column_kwargs={"server_default": ""})
    decided_role: str | None = None
    stands_in_for: str | None = None
    assigned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    solve_by: date | None = None
    provisional: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    findings: str = Field(default="", sa_column_kwargs={"server_default": ""})
    advice: str = Field(default="", sa_column_kwargs={"server_default": ""})
    basis: str = Field(default="", sa_column_kwargs={"server_default": ""})
    assignment: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    proposed: dict[str, Any] | None = Field(default=None, sa_type=JSONType)


class Callback(Base, table=True):
    """A petitioner to be asked about one round of a case, once (I11)."""

    __table_args__ = (UniqueConstraint("case", "round", "number"), Index("ix_callback_state", "state", "id"))

    id: int | None = Field(default=None, primary_key=True)
    case: str
    round: int
    number: str = Field(index=True)
    unit: str
    code_hash: str = Field(unique=True)
    state: str = "open"
    tries: int = 0
    last_try: date | None = None
    expires_at: datetime = Field(sa_type=UtcDateTime)
    grade: str | None = None
    words: str = ""
    by: str | None = None
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Attempt(Base, table=True):
    """A try that did not reach a petitioner."""

    id: int | None = Field(default=None, primary_key=True)
    callback: int = Field(index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    words: str = ""


class Disclosure(Base, table=True):
    """A request to open the vault for one complaint (I3)."""

    id: str = Field(primary_key=True)
    number: str = Field(index=True)
    requester: str
    role: str
    reason: str
    state: str = Field(default="requested", index=True)
    requested_at: datetime = Field(sa_type=UtcDateTime)
    custodian: str | None = None
    answer: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Audit(Base, table=True):
    """A step towards the vault. Only ever added to; each entry's hash covers the one before it."""

    __table_args__ = (Index("ix_audit_step", "step", "who", "at"),)

    position: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    who: str
    role: str
    step: str
    disclosure: str
    number: str
    words: str
    hash: str
