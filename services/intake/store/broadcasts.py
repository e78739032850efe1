"""Outcomes fed back in the media, and filings to the higher office (I12)."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, Session, col, select

from services.intake.domain.mark import Mark
from services.intake.store.paging import paged
from services.intake.store.tables import Base, Complaint
from shared.tables import JSONType, UtcDateTime


class Broadcast(Base, table=True):
    """An outcome was told in the media."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    outlet: str
    on: date
    words: str
    receipt: str = ""
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class Filing(Base, table=True):
    """What was filed with a higher office (备案): the content as it was then, and the receipt that came back."""

    id: str = Field(primary_key=True)
    office: str
    first: date
    last: date
    rows: list[dict[str, Any]] = Field(sa_type=JSONType)
    digest: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    receipt: str | None = None
    receipt_on: date | None = None
    receipt_by: str | None = None
    receipt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def broadcasts(session: Session, numbers: list[str]) -> list[Broadcast]:
    """What was told in the media of these complaints, oldest first."""
    return list(session.exec(select(Broadcast).where(col(Broadcast.number).in_(numbers)).order_by(col(Broadcast.id))))


def filings(session: Session, after: Mark | None, limit: int) -> list[Filing]:
    """Filings, the newest first."""
    return list(session.exec(paged(select(Filing), Filing.at, Filing.id, after, limit, newest_first=True)))


def closed_between(session: Session, since: datetime, until: datetime) -> list[Complaint]:
    """Lead complaints whose case was closed in [since, until), in the order of their numbers."""
    wanted = select(Complaint).where(
        col(Complaint.closed_at) >= since, col(Complaint.closed_at) < until, col(Complaint.lead).is_(None)
    )
    return list(session.exec(wanted.order_by(col(Complaint.seq))))
