"""Bonus points (S8): commendations that the office enters, and bonus lines that it withdrew with a reason."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Index
from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class CommendationRow(Base, table=True):
    """A commendation from outside, with its document. state: waiting for a second person, confirmed, refused."""

    __tablename__ = "commendation"
    __table_args__ = (Index("ix_commendation_cycle", "cycle", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    unit: str
    cycle: str
    title: str
    awarded_on: dt.date
    document: str
    document_sha256: str | None = None
    entered_by: str
    entered_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: str = "waiting"
    decided_by: str | None = None
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision: str = ""


class BonusWithdrawalRow(Base, table=True):
    """That a bonus line was withdrawn. `evidence`: what it was about; later evidence stands by itself."""

    __tablename__ = "bonus_withdrawal"

    id: int | None = Field(default=None, primary_key=True)
    line: str = Field(index=True)
    unit: str
    evidence: list[str] = Field(sa_type=JSONType)
    reason: str
    withdrawn_by: str
    withdrawn_at: dt.datetime = Field(sa_type=UtcDateTime)


def commendation(session: Session, number: int) -> CommendationRow:
    """A commendation by its number. Raises Refusal (404)."""
    found = session.get(CommendationRow, number)
    if found is None:
        raise Refusal("commendation", number, "was not entered", "see GET /api/v1/commendations", 404)
    return found


def commendations(session: Session, cycle: str, after: int, limit: int) -> list[CommendationRow]:
    """A page of a cycle's commendations, in the order in which they were entered."""
    query = select(CommendationRow).where(CommendationRow.cycle == cycle, col(CommendationRow.id) > after)
    return list(session.exec(query.order_by(col(CommendationRow.id)).limit(limit)))


def waiting(session: Session, cycle: str) -> list[str]:
    """Commendations that nobody has confirmed or refused."""
    query = select(CommendationRow.id).where(CommendationRow.cycle == cycle, CommendationRow.state == "waiting")
    return sorted(f"commendation/{number}" for number in session.exec(query))


def withdrawals(session: Session, lines: Iterable[str]) -> dict[str, BonusWithdrawalRow]:
    """The last withdrawal of each of these lines."""
    query = select(BonusWithdrawalRow).where(col(BonusWithdrawalRow.line).in_(list(lines)))
    return {row.line: row for row in session.exec(query.order_by(col(BonusWithdrawalRow.id)))}
