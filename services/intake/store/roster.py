"""The on-air roster: which leader answers on which show, every change kept, and the questions of each show (I18)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, col, select

from services.intake.domain.mark import Mark
from services.intake.store.paging import paged
from services.intake.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class Show(Base, table=True):
    """A leader answers on a show. `warn_at`: when he is told, none once he was told for this date, or it is off."""

    id: str = Field(primary_key=True)
    name: str
    outlet: str
    starts_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    unit: str = Field(index=True)
    leader: str
    cancelled: bool = False
    warn_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class ShowChange(Base, table=True):
    """What an entry said before a change, and why it was changed."""

    __tablename__ = "show_change"

    id: int | None = Field(default=None, primary_key=True)
    show: str = Field(index=True)
    before: dict[str, Any] = Field(sa_type=JSONType)
    reason: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class Question(Base, table=True):
    """A complaint put to a show."""

    __tablename__ = "show_question"

    show: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


def shows(session: Session, since: datetime, after: Mark | None, limit: int) -> list[Show]:
    """Shows that end after `since`, the earliest first."""
    to_come = select(Show).where(col(Show.ends_at) > since)
    return list(session.exec(paged(to_come, Show.starts_at, Show.id, after, limit)))


def to_come_of(session: Session, leader: str, since: datetime) -> list[Show]:
    """Shows of a leader that are on and begin after `since`, whichever unit he leads."""
    mine = select(Show).where(col(Show.leader) == leader, col(Show.starts_at) > since)
    return list(session.exec(mine.where(col(Show.cancelled).is_(False)).order_by(col(Show.starts_at), col(Show.id))))


def of_leader(session: Session, unit: str, leader: str, since: datetime) -> list[Show]:
    """A leader's shows that are on and end after `since`."""
    wanted = select(Show).where(col(Show.unit) == unit, col(Show.leader) == leader, col(Show.ends_at) > since)
    return list(session.exec(wanted.where(col(Show.cancelled).is_(False)).order_by(col(Show.starts_at))))


def to_warn(session: Session, at: datetime, limit: int, without: Collection[str] = ()) -> list[Show]:
    """Shows whose leader is to be told by now; but those named."""
    due = select(Show).where(col(Show.warn_at) <= at, col(Show.id).not_in(without))
    return list(session.exec(due.order_by(col(Show.warn_at)).limit(limit)))


def changes(session: Session, show: str) -> list[ShowChange]:
    """Every change of an entry, oldest first."""
    return list(session.exec(select(ShowChange).where(col(ShowChange.show) == show).order_by(col(ShowChange.id))))


def questions(session: Session, show: str) -> list[Question]:
    """Complaints put to a show, in the order of their numbers."""
    return list(session.exec(select(Question).where(col(Question.show) == show).order_by(col(Question.number))))
