"""The paper fallback (S16): the decision, and what is keyed in. No mark, no time, no representative."""

import datetime as dt

from sqlmodel import Field, Session, col, func, select

from services.scoring.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class PaperDecisionRow(Base, table=True):
    """The office proposes paper, the guidance group confirms; a reason stands beside it."""

    __tablename__ = "paper_decision"

    meeting: str = Field(primary_key=True)
    reason: str
    proposed_by: str
    proposed_at: dt.datetime = Field(sa_type=UtcDateTime)
    confirmed_by: str | None = None
    confirmed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class PaperRow(Base, table=True):
    """A paper under its card: who keyed it in, where the two differ. Sketches go at the count."""

    __tablename__ = "paper_ballot"
    __table_args__ = ({"sqlite_with_rowid": False},)

    meeting: str = Field(primary_key=True)
    token_hash: str = Field(primary_key=True)
    state: str
    first_by: str
    first: bytes
    second_by: str | None = None
    second: bytes | None = None
    third_by: str | None = None
    cells: list[str] = Field(default_factory=list, sa_type=JSONType)


def decision(session: Session, meeting: str) -> PaperDecisionRow | None:
    """The decision to vote on paper, if there is one."""
    return session.get(PaperDecisionRow, meeting)


def papers(session: Session, meeting: str) -> list[PaperRow]:
    """Every paper keyed in at least once, by card."""
    query = select(PaperRow).where(PaperRow.meeting == meeting).order_by(col(PaperRow.token_hash))
    return list(session.exec(query))


def accepted(session: Session, meeting: str) -> int:
    """How many papers are ballots."""
    query = select(func.count()).select_from(PaperRow)
    return session.exec(query.where(PaperRow.meeting == meeting, PaperRow.state == "accepted")).one()


def forget_sketches(session: Session, meeting: str) -> None:
    """At the count: with a card and its sketch somebody could show how the paper was filled in."""
    for row in papers(session, meeting):
        row.first, row.second = b"", None
