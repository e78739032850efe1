"""Fact sheets of a meeting's units, and the promises that units made (S4 ①, R8)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class PromiseRow(Base, table=True):
    """A written commitment to the public, and what an inspection found of it last."""

    __tablename__ = "promise_seen"
    __table_args__ = (Index("ix_promise_seen_unit", "unit"),)

    key: str = Field(primary_key=True)
    unit: str
    text: str = ""
    due: dt.date | None = None
    promised_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: str = "promised"
    judged_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class FactSheetRow(Base, table=True):
    """What the office says of a unit; `facts`: the figures as they stood at the announcement, empty before it."""

    __tablename__ = "fact_sheet"

    meeting: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    duties: str = ""
    remarks: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSONType)


def promises_of(session: Session, unit: str) -> Sequence[PromiseRow]:
    """The promises of a unit by their date."""
    query = select(PromiseRow).where(PromiseRow.unit == unit)
    return session.exec(query.order_by(col(PromiseRow.due), col(PromiseRow.key))).all()


def sheets(session: Session, meeting: str) -> dict[str, FactSheetRow]:
    """The fact sheets of a meeting that the office wrote on or that are announced."""
    return {row.unit: row for row in session.exec(select(FactSheetRow).where(FactSheetRow.meeting == meeting))}
