"""Appraisal opinions on units, and their feedback meetings (S14)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, col, func, select

from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class OpinionRow(Base, table=True):
    """An opinion: drafted, then issued with its signature, then fed back. problems: [{text, dimension, days}, …]."""

    __tablename__ = "opinion"
    __table_args__ = (Index("ix_opinion_cycle", "cycle", "unit"),)

    id: str = Field(primary_key=True)
    cycle: str
    unit: str
    author: str
    strengths: list[str] = Field(sa_type=JSONType)
    problems: list[dict[str, Any]] = Field(sa_type=JSONType)
    recommendations: list[str] = Field(sa_type=JSONType)
    state: str = "drafted"
    drafted_by: str
    drafted_at: dt.datetime = Field(sa_type=UtcDateTime)
    signed_by: str | None = None
    signed_as: str | None = None
    issued_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    issued_on: dt.date | None = None
    held_on: dt.date | None = None
    place: str | None = None
    minutes: str | None = None
    attended: list[str] = Field(default_factory=list, sa_type=JSONType)
    fed_back_by: str | None = None


def opinion(session: Session, key: str) -> OpinionRow:
    """An opinion. Raises Refusal (404)."""
    found = session.get(OpinionRow, key)
    if found is None:
        raise Refusal("opinion", key, "no such opinion", "see GET /api/v1/cycles/{name}/opinions", 404)
    return found


def number_of(session: Session, cycle: str, unit: str) -> int:
    """How many opinions a cycle has on a unit."""
    query = select(func.count()).select_from(OpinionRow).where(OpinionRow.cycle == cycle, OpinionRow.unit == unit)
    return session.exec(query).one()


def of_cycle(session: Session, cycle: str, *, author: str | None, after: str, limit: int) -> Sequence[OpinionRow]:
    """A cycle's opinions by key, after one; of one author, or of all."""
    query = select(OpinionRow).where(OpinionRow.cycle == cycle, OpinionRow.id > after)
    if author is not None:
        query = query.where(OpinionRow.author == author)
    return session.exec(query.order_by(col(OpinionRow.id)).limit(limit)).all()


def issued_to(session: Session, unit: str) -> Sequence[OpinionRow]:
    """What was issued to a unit, oldest first."""
    query = select(OpinionRow).where(OpinionRow.unit == unit, OpinionRow.state != "drafted")
    return session.exec(query.order_by(col(OpinionRow.issued_at), col(OpinionRow.id))).all()
