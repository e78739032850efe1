"""What the office has released for publication, and what has opened since (S14)."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Index
from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class ReleaseRow(Base, table=True):
    """A meeting's result, or that of a cycle without a meeting, released: it opens at `opens_at` by the clock.

    subject: `meeting/<name>` or `cycle/<name>`. waits: what held it back when its time had come.
    """

    __tablename__ = "release"
    __table_args__ = (Index("ix_release_cycle", "cycle"), Index("ix_release_due", "opened_at", "opens_at"))

    subject: str = Field(primary_key=True)
    cycle: str
    released_by: str
    released_at: dt.datetime = Field(sa_type=UtcDateTime)
    opens_at: dt.datetime = Field(sa_type=UtcDateTime)
    opened_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    waits: list[str] = Field(default_factory=list, sa_type=JSONType)


def of_cycle(session: Session, cycle: str) -> Sequence[ReleaseRow]:
    """The releases of a cycle."""
    return session.exec(select(ReleaseRow).where(ReleaseRow.cycle == cycle).order_by(col(ReleaseRow.subject))).all()


def due(session: Session, now: dt.datetime, *, left: frozenset[str], limit: int) -> Sequence[ReleaseRow]:
    """Released, its time has come, and not open yet."""
    query = select(ReleaseRow).where(col(ReleaseRow.opened_at).is_(None), col(ReleaseRow.opens_at) <= now)
    query = query.where(col(ReleaseRow.subject).not_in(left))
    return session.exec(query.order_by(col(ReleaseRow.opens_at), col(ReleaseRow.subject)).limit(limit)).all()


def is_open(session: Session, subject: str) -> bool:
    """Whether it was released and has opened."""
    found = session.get(ReleaseRow, subject)
    return found is not None and found.opened_at is not None
