"""Rectification's tables: cases, petitioners, deadlines, the ledger's entries, no-result marks, units."""

import datetime as dt
from typing import Any

from sqlalchemy import Column, Index, Table, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.tables import IdempotencyRow, InboxRow, JSONType, OutboxRow, UtcDateTime, unsent_index

NO = text("false")
"""What a column that old rows lack is in them."""


class Base(SQLModel, registry=registry()):
    """Rectification's own registry: another service may have tables of the same names in one process."""


class Outbox(OutboxRow, Base, table=True):
    """Events waiting to be published."""


class Inbox(InboxRow, Base, table=True):
    """Events taken."""


class Idempotency(IdempotencyRow, Base, table=True):
    """Answers to repeated requests."""


class CaseRow(Base, table=True):
    """A case as it stands now; its history is in `entries`. What is asked for in lists and statistics is a column."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_unit", "lead_unit", "number"),
        Index("ix_cases_state", "state", "number"),
        Index("ix_cases_expires", "expires_at"),
    )

    number: str = Field(primary_key=True)
    card: str
    lead_unit: str
    cooperating_units: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    territorial_unit: str | None = None
    paying_unit: str
    track: str
    channel: str
    topic: str | None = None
    dimension: str | None = None
    title: str
    text: str
    approver_role: str
    days: int
    self_reported: bool = Field(default=False, sa_column_kwargs={"server_default": NO})
    opened_at: dt.datetime = Field(sa_type=UtcDateTime)
    due: dt.date
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    provisional: bool
    state: str
    run: int
    run_due: dt.date
    run_expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    run_provisional: bool
    round: int
    returns: int
    times_closed: int
    handler: str | None = None
    accepted_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    report: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONType))
    solved_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    decisive_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    callback_expires_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    closing: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONType))
    closed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = None
    reopened_by: str | None = None
    excused_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    lead_since: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspension: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONType))
    request: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONType))
    extension_asked: bool = Field(default=False, sa_column_kwargs={"server_default": NO})
    difficulty: str = Field(default="ordinary", sa_column_kwargs={"server_default": "ordinary"})


class PetitionerRow(Base, table=True):
    """Who complained of a case's matter, by complaint number; nothing else about him stands here."""

    __tablename__ = "petitioners"

    case_number: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    linked_at: dt.datetime = Field(sa_type=UtcDateTime)
    can_be_called: bool
    asked: int
    result: str | None = None
    grade: str | None = None


class KeptLinkRow(Base, table=True):
    """A link whose case does not exist yet: its transfer is not approved. Taken up when the case opens."""

    __tablename__ = "kept_links"

    lead: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    how: str
    can_be_called: bool


class DeadlineRow(Base, table=True):
    """A deadline with the steps that fired. `next_at`: when the next one does, null when none is left or it ended.

    `pauses`: pairs of instants, the second null while it stands still; `suspended_at` is then the first.
    """

    __tablename__ = "deadlines"

    id: int | None = Field(default=None, primary_key=True)
    case_number: str = Field(index=True)
    unit: str
    kind: str
    started_at: dt.datetime = Field(sa_type=UtcDateTime)
    days: int
    due: dt.date
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    provisional: bool
    fired: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    next_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    extension_days: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    pauses: list[list[str | None]] | None = Field(default=None, sa_column=Column(JSONType))
    suspended_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    runs_from: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    ref: str = Field(default="", sa_column_kwargs={"server_default": ""})
    label: str = Field(default="", sa_column_kwargs={"server_default": ""})


class EntryRow(Base, table=True):
    """One entry of the ledger. Only ever inserted."""

    __tablename__ = "entries"
    __table_args__ = (Index("ix_entries_kind", "kind", "at", "case_number"),)

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    case_number: str = Field(index=True)
    kind: str
    at: dt.datetime = Field(sa_type=UtcDateTime)
    actor: str
    data: dict[str, Any] = Field(sa_column=Column(JSONType, nullable=False))
    previous: str
    hash: str


class LapseRow(Base, table=True):
    """A case that a cycle recorded as having no result: once a cycle."""

    __tablename__ = "lapses"

    case_number: str = Field(primary_key=True)
    cycle: str = Field(primary_key=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)


class UnitRow(Base, table=True):
    """A unit as scoring registered it. registered_at: the first time; duties announced since are its own (R9).
    retired_at: since when it is known to be no more."""

    __tablename__ = "units"

    unit: str = Field(primary_key=True)
    name: str
    category: str
    parent: str | None = None
    registered_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    retired_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class RememberedRow(Base, table=True):
    """What the service must remember of itself between starts (by which calendar dates were counted last)."""

    __tablename__ = "remembered"

    key: str = Field(primary_key=True)
    value: str


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


outbox = _table("outbox")
cases = _table("cases")
petitioners = _table("petitioners")
kept_links = _table("kept_links")
deadlines = _table("deadlines")
entries = _table("entries")
lapses = _table("lapses")
units = _table("units")
remembered = _table("remembered")

unsent_index(outbox)
_STEPS_LEFT, _RUNNING = text("next_at IS NOT NULL"), text("ended_at IS NULL")
# The clock asks for what is due among what still has steps, however many deadlines ended long ago.
Index("ix_deadlines_next", deadlines.c.next_at, deadlines.c.case_number,
      sqlite_where=_STEPS_LEFT, postgresql_where=_STEPS_LEFT)  # fmt: skip
Index("ix_deadlines_running", deadlines.c.unit, deadlines.c.expires_at,
      sqlite_where=_RUNNING, postgresql_where=_RUNNING)  # fmt: skip
Index("ix_deadlines_ended", deadlines.c.ended_at)
Index("ix_deadlines_provisional", deadlines.c.id,
      sqlite_where=text("provisional"), postgresql_where=text("provisional"))  # fmt: skip
