"""Scoring's tables. Nothing in them links a representative to a card, or a ballot to a time.

The roll, cards and ballots are keyed by what they are (WITHOUT ROWID on SQLite), so that no row number tells in
which order they came; they hold no time, no address, no terminal.
"""

import datetime as dt
from decimal import Decimal

from sqlalchemy import Index
from sqlalchemy import text as sql
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.tables import DecimalText, IdempotencyRow, InboxRow, JSONType, OutboxRow, UtcDateTime, unsent_index


class Base(SQLModel, registry=registry()):
    """Scoring's own registry: another service may have tables of the same names in one process."""


class Outbox(OutboxRow, Base, table=True):
    """Events waiting to be published."""


class Inbox(InboxRow, Base, table=True):
    """Events taken."""


class Idempotency(IdempotencyRow, Base, table=True):
    """Answers to repeated requests."""


class CycleRow(Base, table=True):
    """A run of the programme: from `starts` up to, not including, `ends`."""

    __tablename__ = "cycle"

    name: str = Field(primary_key=True)
    starts: dt.datetime = Field(sa_type=UtcDateTime)
    ends: dt.datetime = Field(sa_type=UtcDateTime)
    programme_sha256: str
    closed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class UnitRow(Base, table=True):
    """A unit to be appraised (S1). retired_on: the first day on which it was no more (merged, renamed, split)."""

    __tablename__ = "unit"

    key: str = Field(primary_key=True)
    name: str
    name_en: str = ""
    category: str
    scope: str = Field(index=True)
    township: str | None = None
    parent: str | None = None
    group: str | None = None
    key_unit: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})
    retired_on: dt.date | None = None


class CaseRow(Base, table=True):
    """What is known of a case, for the page that explains a unit's score."""

    __tablename__ = "case_seen"

    case: str = Field(primary_key=True)
    unit: str = Field(index=True)
    opened: bool = False
    closed: int = 0
    reopened: int = 0
    late: bool = False
    lapsed: bool = False
    reassigned_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    topic: str | None = None
    outcome: str | None = None
    opened_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    returned: int = Field(default=0, sa_column_kwargs={"server_default": sql("0")})
    overdue: bool = Field(default=False, sa_column_kwargs={"server_default": sql("false")})


class LineRow(Base, table=True):
    """A line of a daily score (S8). `evidence`: [[time, event id], …]; `restored`: ids an upheld appeal took away."""

    __tablename__ = "point_line"
    __table_args__ = (Index("ix_point_line_unit", "unit", "cycle"), Index("ix_point_line_case", "case"))

    id: str = Field(primary_key=True)
    unit: str
    cycle: str = Field(index=True)
    case: str
    rule: str
    points: Decimal = Field(sa_type=DecimalText)
    evidence: list[list[str]] = Field(sa_type=JSONType)
    restored: list[str] = Field(default_factory=list, sa_type=JSONType)
    authors: list[str] = Field(default_factory=list, sa_type=JSONType)
    noticed_at: dt.datetime = Field(sa_type=UtcDateTime)
    appeal_until: dt.datetime = Field(sa_type=UtcDateTime)


class AppealRow(Base, table=True):
    """An appeal against a line, and its ruling. `evidence`: the events it is about."""

    __tablename__ = "appeal"
    __table_args__ = (Index("ix_appeal_cycle", "cycle", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    line: str = Field(index=True)
    unit: str
    cycle: str
    grounds: str
    evidence: list[str] = Field(sa_type=JSONType)
    state: str = "pending"
    appealed_by: str
    appealed_at: dt.datetime = Field(sa_type=UtcDateTime)
    ruled_by: str | None = None
    ruled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = None


class PoolRow(Base, table=True):
    """A pool of evaluators (S2)."""

    __tablename__ = "pool"

    name: str = Field(primary_key=True)
    township: str | None = None


class MemberRow(Base, table=True):
    """A member of a pool, by registration id: no name is kept here."""

    __tablename__ = "pool_member"

    pool: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    stratum: str
    name_hash: str | None = None
    conflicts: list[str] = Field(default_factory=list, sa_type=JSONType)
    township: str | None = None
    attributes: dict[str, str] | None = Field(default=None, sa_type=JSONType)


class MeetingRow(Base, table=True):
    """A meeting and where it stands. `units` in the ballot's order; `ballot_size`: bytes of every ballot."""

    __tablename__ = "meeting"
    __table_args__ = (Index("ix_meeting_cycle", "cycle"), Index("ix_meeting_state", "state"))

    name: str = Field(primary_key=True)
    cycle: str
    state: str
    halted: str | None = None
    date: dt.date
    pool: str
    units: list[str] = Field(sa_type=JSONType)
    seats: int
    group: str | None = None
    rehearsal: bool = False
    annulled: str | None = None
    rerun_of: str | None = None
    public_key: str | None = None
    dispute_key: str | None = None
    ballot_size: int
    present: int | None = None
    ordinary: int | None = None
    purged: bool = False


class KeyRow(Base, table=True):
    """A public key that signs for a meeting: tellers, scrutineer, witnesses, guidance."""

    __tablename__ = "meeting_key"

    meeting: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    role: str
    vkey: str


class CommitmentRow(Base, table=True):
    """What a witness committed to before the draw."""

    __tablename__ = "commitment"

    meeting: str = Field(primary_key=True)
    witness: str = Field(primary_key=True)
    commitment: str


class FileRow(Base, table=True):
    """A file of a meeting, byte for byte: pool, proof, cards, what the count drafted, the seal."""

    __tablename__ = "meeting_file"

    meeting: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    data: bytes


class SignatureRow(Base, table=True):
    """A signature line over a meeting's checkpoint."""

    __tablename__ = "signature"

    meeting: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    line: str


class DropoutRow(Base, table=True):
    """Somebody drawn who does not come, in the order in which it was told (S3)."""

    __tablename__ = "dropout"

    id: int | None = Field(default=None, primary_key=True)
    meeting: str = Field(index=True)
    representative: str
    reason: str


class RollRow(Base, table=True):
    """Who is present. No time: it could be held against the order of anything else."""

    __tablename__ = "roll"
    __table_args__ = {"sqlite_with_rowid": False}

    meeting: str = Field(primary_key=True)
    representative: str = Field(primary_key=True)
    stratum: str


class CardRow(Base, table=True):
    """SHA-256 of a printed card's token, and its class."""

    __tablename__ = "card"
    __table_args__ = {"sqlite_with_rowid": False}

    meeting: str = Field(primary_key=True)
    token_hash: str = Field(primary_key=True)
    card_class: str


class BallotRow(Base, table=True):
    """An encrypted ballot under the card it was cast with."""

    __tablename__ = "ballot"
    __table_args__ = {"sqlite_with_rowid": False}

    meeting: str = Field(primary_key=True)
    token_hash: str = Field(primary_key=True)
    ciphertext: bytes


class ReceiptRow(Base, table=True):
    """Shows that the ballot of a card is in the seal, not what it says."""

    __tablename__ = "ballot_receipt"
    __table_args__ = {"sqlite_with_rowid": False}

    meeting: str = Field(primary_key=True)
    token_hash: str = Field(primary_key=True)
    data: bytes


class CanvassingRow(Base, table=True):
    """Canvassing established by the office (S11), and the appeal against it."""

    __tablename__ = "canvassing"

    id: int | None = Field(default=None, primary_key=True)
    unit: str
    cycle: str = Field(index=True)
    evidence: str
    persons: list[str] = Field(default_factory=list, sa_type=JSONType)
    established_by: str
    established_at: dt.datetime = Field(sa_type=UtcDateTime)
    appeal_until: dt.datetime = Field(sa_type=UtcDateTime)
    state: str = "standing"
    grounds: str | None = None
    appealed_by: str | None = None
    ruled_by: str | None = None
    reason: str | None = None


class RankingRow(Base, table=True):
    """A cycle's result as issued; a correction is a further version, with its reason (S15)."""

    __tablename__ = "ranking"

    cycle: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    reason: str
    issued_by: str
    issued_at: dt.datetime = Field(sa_type=UtcDateTime)
    result: bytes


class BundleRow(Base, table=True):
    """A published bundle; a reissue is a further version with its reason (S15)."""

    __tablename__ = "bundle"

    meeting: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    sha256: str
    data: bytes
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    issued_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class ConsequenceRow(Base, table=True):
    """A consequence: proposed, then confirmed or withdrawn by a leader (S12).

    source: what proposed it, the ranking or another fact; persons: posts that it is about, where the fact names them.
    """

    __tablename__ = "consequence"
    __table_args__ = (Index("ix_consequence_cycle", "cycle"),)

    id: str = Field(primary_key=True)
    cycle: str
    unit: str
    rule: str
    kind: str
    reason: str
    review: bool
    rank: int | None = None
    composite: Decimal | None = Field(default=None, sa_type=DecimalText)
    days: int
    state: str = "proposed"
    answer: str | None = None
    decided_by: str | None = None
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    due: dt.date | None = None
    source: str = Field(default="ranking", sa_column_kwargs={"server_default": "ranking"})
    persons: list[str] | None = Field(default=None, sa_type=JSONType)


unsent_index(Outbox.__table__)  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
