"""Notify's tables: the directory, notices, and the letters that carry them."""

import datetime as dt

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.tables import IdempotencyRow, InboxRow, JSONType, OutboxRow, UtcDateTime, unsent_index


class Base(SQLModel, registry=registry()):
    """Notify's own registry: another service may have tables of the same names in one process."""


class Outbox(OutboxRow, Base, table=True):
    """Events waiting to be published."""


class Inbox(InboxRow, Base, table=True):
    """Events taken."""


class Idempotency(IdempotencyRow, Base, table=True):
    """Answers to repeated requests."""


class Unit(Base, table=True):
    """A unit's names and parent, as scoring registered it."""

    unit: str = Field(primary_key=True)
    name: str
    name_en: str = ""
    parent: str | None = None


class Holder(Base, table=True):
    """A person in an office, with dates (N1). Terms are ended, never removed."""

    __table_args__ = (UniqueConstraint("unit", "role", "person", "since"),)

    id: int | None = Field(default=None, primary_key=True)
    unit: str = Field(index=True)
    role: str
    person: str
    name: str
    email: str
    since: dt.date
    until: dt.date | None = None
    substitute: bool = False
    language: str = "zh"
    contacts: dict[str, str] = Field(
        default_factory=dict, sa_column=Column("contacts", JSONType, nullable=False, server_default=text("'{}'"))
    )
    fields: list[str] = Field(
        default_factory=list, sa_column=Column("fields", JSONType, nullable=False, server_default=text("'[]'"))
    )
    acting: bool = Field(default=False, sa_column_kwargs={"server_default": text("(false)")})


class DeadAddress(Base, table=True):
    """An address that gets nothing, until it is lifted. Beside e-mail it is written `channel:address`."""

    email: str = Field(primary_key=True)
    reason: str
    at: dt.datetime = Field(sa_type=UtcDateTime)
    cause: str = Field(default="refused", sa_column_kwargs={"server_default": "refused"})
    actor: str = Field(default="", sa_column_kwargs={"server_default": ""})
    letter: str | None = None


class Letter(Base, table=True):
    """One envelope to one person. `next_try`: when it is to go (again); `subject`, `text`: as sent."""

    __table_args__ = (
        Index("ix_letter_waiting", "channel", "urgency", "next_try", "id", "due", "state",
              sqlite_where=text("state IN ('planned', 'retry')"),
              postgresql_where=text("state IN ('planned', 'retry')")),
        Index("ix_letter_due", "next_try", sqlite_where=text("state IN ('planned', 'retry')"),
              postgresql_where=text("state IN ('planned', 'retry')")),
        Index("ix_letter_claimed", "state", sqlite_where=text("state = 'claimed'"),
              postgresql_where=text("state = 'claimed'")),
        Index("ix_letter_person", "person", "due"),
    )  # fmt: skip

    id: str = Field(primary_key=True)
    digest: bool
    person: str
    name: str
    email: str
    language: str
    due: dt.datetime = Field(sa_type=UtcDateTime)
    state: str = "planned"
    tries: int = 0
    next_try: dt.datetime = Field(sa_type=UtcDateTime)
    settled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
    subject: str = ""
    text: str = ""
    channel: str = Field(default="email", sa_column_kwargs={"server_default": "email"})
    urgency: str = Field(default="ordinary", sa_column_kwargs={"server_default": "ordinary"})


class Notice(Base, table=True):
    """Who is told what, because of which event (N8). At most one a matter, template and person (`key`).

    cause_at: when the event was. rule: the programme's, as it stood. why: how the person came to be told.
    """

    __table_args__ = (
        Index("ix_notice_unaddressed", "unit", sqlite_where=text("state = 'unaddressed'"),
              postgresql_where=text("state = 'unaddressed'")),
    )  # fmt: skip

    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    key: str = Field(unique=True)
    matter: str = Field(index=True)
    event: str
    cause: str
    case: str | None = Field(default=None, index=True)
    unit: str | None = Field(default=None, index=True)
    role: str
    person: str
    name: str
    template: str
    urgency: str
    facts: dict[str, object] = Field(sa_column=Column("facts", JSONType, nullable=False))
    planned_at: dt.datetime = Field(sa_type=UtcDateTime)
    due: dt.datetime = Field(sa_type=UtcDateTime)
    state: str = Field(index=True)
    letter: str | None = Field(default=None, index=True)
    follows: str | None = None
    reason: str = ""
    channel: str = Field(default="email", sa_column_kwargs={"server_default": "email"})
    cause_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    rule: dict[str, object] | None = Field(default=None, sa_column=Column("rule", JSONType))
    why: str = Field(default="", sa_column_kwargs={"server_default": ""})


class Resolution(Base, table=True):
    """An operator's decision on an uncertain letter, with who, when and why (N3)."""

    id: int | None = Field(default=None, primary_key=True)
    letter: str = Field(index=True)
    decision: str
    reason: str
    actor: str
    at: dt.datetime = Field(sa_type=UtcDateTime)


tables = Base.metadata.tables
OUTBOX_UNSENT = unsent_index(tables["outbox"])
