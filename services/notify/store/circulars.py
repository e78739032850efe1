"""Circulars in the store (N6): how each stands, and every step of its making."""

import datetime as dt

from sqlalchemy import Column, func
from sqlmodel import Field, Session, select

from services.notify.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class Circular(Base, table=True):
    """A circular about a period. figures: frozen when a leader approves; until then they are counted anew.

    edited: the office wrote a text of its own; until then the draft is written from the figures.
    """

    key: str = Field(primary_key=True)
    kind: str
    period: str
    first: dt.date
    last: dt.date
    state: str = Field(default="draft", index=True)
    edited: bool = False
    title: str = ""
    title_en: str = ""
    text: str = ""
    text_en: str = ""
    figures: dict[str, object] | None = Field(default=None, sa_column=Column("figures", JSONType, nullable=True))
    year: int | None = None
    seq: int | None = None
    number: str = ""
    drafted_at: dt.datetime = Field(sa_type=UtcDateTime)
    approved_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    approved_by: str = ""
    issued_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class CircularStep(Base, table=True):
    """Somebody did something with a circular: drafted, edited, approved, returned, issued."""

    __tablename__ = "circular_step"

    id: int | None = Field(default=None, primary_key=True)
    circular: str = Field(index=True)
    what: str
    by: str
    at: dt.datetime = Field(sa_type=UtcDateTime)
    reason: str = ""
    before: dict[str, str] | None = Field(default=None, sa_column=Column("before", JSONType, nullable=True))


class Briefing(Base, table=True):
    """A quarter's briefing that was issued (I10)."""

    quarter: str = Field(primary_key=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)


def page(session: Session, *, state: str | None) -> list[Circular]:
    """Circulars, the latest period first."""
    query = select(Circular).order_by(Circular.last.desc(), Circular.key)  # type: ignore[attr-defined]  # a column
    if state is not None:
        query = query.where(Circular.state == state)
    return list(session.exec(query))


def steps(session: Session, circular: str) -> list[CircularStep]:
    """What was done with a circular, in order."""
    query = select(CircularStep).where(CircularStep.circular == circular).order_by(CircularStep.id)  # type: ignore[arg-type]
    return list(session.exec(query))


def following(session: Session, year: int) -> int:
    """The number of the next circular of a year."""
    query = select(func.max(Circular.seq)).where(Circular.year == year)
    return (session.exec(query).one() or 0) + 1


def last_quarter(session: Session) -> str | None:
    """The last quarter for which a circular was drafted."""
    query = select(func.max(Circular.period)).where(Circular.kind == "quarterly")
    return session.exec(query).one()


def last_briefing(session: Session) -> str | None:
    """The last quarter for which a briefing was issued."""
    return session.exec(select(func.max(Briefing.quarter))).one()
