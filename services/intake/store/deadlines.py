"""Intake's own deadlines: approvals, verifications of exposures, media feedback. One row a deadline, set once."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, col, select

from services.intake.domain.mark import Mark
from services.intake.store.paging import paged
from services.intake.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class Deadline(Base, table=True):
    """`next_at`: when its next step fires, none when there is no more; `fired`: names of those that did."""

    __table_args__ = (UniqueConstraint("kind", "number", "round"), Index("ix_deadline_next_at", "next_at"))

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    number: str
    round: int = 1
    started_at: datetime = Field(sa_type=UtcDateTime)
    days: int
    due: date
    expires_at: datetime = Field(sa_type=UtcDateTime)
    provisional: bool = False
    fired: list[str] = Field(default_factory=list, sa_type=JSONType)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def one(session: Session, kind: str, number: str, round_: int) -> Deadline | None:
    """A deadline by what it is for."""
    wanted = select(Deadline).where(
        col(Deadline.kind) == kind, col(Deadline.number) == number, col(Deadline.round) == round_
    )
    return session.exec(wanted).one_or_none()


def running(session: Session, kind: str, number: str) -> list[Deadline]:
    """Deadlines of a kind about a number that are not done."""
    wanted = select(Deadline).where(
        col(Deadline.kind) == kind, col(Deadline.number) == number, col(Deadline.done_at).is_(None)
    )
    return list(session.exec(wanted.order_by(col(Deadline.round))))


def due_by(session: Session, at: datetime, limit: int, without: Collection[str] = ()) -> list[Deadline]:
    """Deadlines with a step that fell due, the longest ago first; but of the numbers named."""
    wanted = select(Deadline).where(col(Deadline.next_at) <= at, col(Deadline.number).not_in(without))
    return list(session.exec(wanted.order_by(col(Deadline.next_at), col(Deadline.id)).limit(limit)))


def provisional(session: Session) -> list[Deadline]:
    """Running deadlines that were counted with a calendar that was not published."""
    wanted = select(Deadline).where(col(Deadline.provisional).is_(True), col(Deadline.done_at).is_(None))
    return list(session.exec(wanted))


def numbered(session: Session, kind: str, number: str) -> list[Deadline]:
    """Every deadline of a kind about a number, done or not, in the order of their rounds."""
    wanted = select(Deadline).where(col(Deadline.kind) == kind, col(Deadline.number) == number)
    return list(session.exec(wanted.order_by(col(Deadline.round))))


def open_of(session: Session, kind: str, expired_at: datetime | None, after: Mark | None, limit: int) -> list[Deadline]:
    """Deadlines of a kind that are not done, the longest due first; expired_at: only those that expired by then."""
    wanted = select(Deadline).where(col(Deadline.kind) == kind, col(Deadline.done_at).is_(None))
    if expired_at is not None:
        wanted = wanted.where(col(Deadline.expires_at) <= expired_at)
    return list(session.exec(paged(wanted, Deadline.expires_at, Deadline.id, after, limit)))
