"""Contributions of units to the bulletin (N7): who handed in what, and what the office decided, both on record."""

import datetime as dt

from sqlalchemy import func
from sqlmodel import Field, Session, select

from services.notify.store.tables import Base
from shared.tables import UtcDateTime


class Contribution(Base, table=True):
    """A text that a unit's leader handed in. state: submitted, approved, refused."""

    number: str = Field(primary_key=True)
    seq: int = Field(unique=True)
    unit: str = Field(index=True)
    title: str
    title_en: str = ""
    text: str
    text_en: str = ""
    submitted_by: str
    submitted_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default="submitted", index=True)
    decided_by: str = ""
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""
    item: str | None = None


def following(session: Session) -> int:
    """The number of the next one."""
    return (session.exec(select(func.max(Contribution.seq))).one() or 0) + 1


def page(session: Session, *, unit: str | None, state: str | None, after: int, limit: int) -> list[Contribution]:
    """Contributions in the order in which they were handed in."""
    query = select(Contribution).where(Contribution.seq > after)
    if unit is not None:
        query = query.where(Contribution.unit == unit)
    if state is not None:
        query = query.where(Contribution.state == state)
    return list(session.exec(query.order_by(Contribution.seq).limit(limit)))  # type: ignore[arg-type]  # a column
