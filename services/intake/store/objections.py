"""Objections of units to assignments, with the rulings (I17). None is edited after its ruling."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, col, select

from services.intake.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class Objection(Base, table=True):
    """state: pending, proposed (upheld, the new card waits for an approver), upheld, dismissed."""

    __table_args__ = (UniqueConstraint("number", "assignment", "unit"),)

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    assignment: int
    unit: str = Field(index=True)
    reason: str
    evidence: list[str] = Field(default_factory=list, sa_type=JSONType)
    raised_by: str
    role: str
    raised_at: datetime = Field(sa_type=UtcDateTime)
    period_ends: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default="pending", index=True)
    ruling: str = ""
    ruled_by: str | None = None
    ruled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proposed: dict[str, Any] | None = Field(default=None, sa_type=JSONType)
    settled_by: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def of_assignment(session: Session, number: str, assignment: int) -> list[Objection]:
    """Objections to one assignment, oldest first."""
    wanted = select(Objection).where(col(Objection.number) == number, col(Objection.assignment) == assignment)
    return list(session.exec(wanted.order_by(col(Objection.id))))


def listed(session: Session, *, state: str | None, unit: str | None, after: int, limit: int) -> list[Objection]:
    """Objections after a cursor."""
    page = select(Objection).where(col(Objection.id) > after).order_by(col(Objection.id)).limit(limit)
    if state:
        page = page.where(col(Objection.state) == state)
    return list(session.exec(page.where(col(Objection.unit) == unit) if unit else page))
