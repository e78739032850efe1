"""What this office filed with the one above it, and how that was answered; every version stays (S14, S15)."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Index, func
from sqlalchemy.orm import defer
from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class SentFilingRow(Base, table=True):
    """A filing. state: waiting (to be sent, or to be carried as a file), sent, received, refused, accepted, returned.

    seq: the order of filing. document: as it was when it was filed. answers: every answer with its reasons and time.
    """

    __tablename__ = "filing_sent"
    __table_args__ = (Index("ix_filing_sent_cycle", "cycle", "kind"), Index("ix_filing_sent_due", "by_bus", "state"))

    seq: int | None = Field(default=None, primary_key=True)
    filing: str = Field(unique=True)
    cycle: str
    for_cycle: str = ""
    unit: str
    kind: str
    version: int
    result_version: int | None = None
    title: str = ""
    document: bytes
    note: str = ""
    sha256: str
    by_bus: bool
    state: str = "waiting"
    filed_by: str
    filed_at: dt.datetime = Field(sa_type=UtcDateTime)
    sent_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    answers: list[dict[str, object]] = Field(default_factory=list, sa_type=JSONType)


_WITHOUT = defer(SentFilingRow.document)  # type: ignore[arg-type]  # SQLModel types a column as its value


def filing(session: Session, cycle: str, number: str) -> SentFilingRow:
    """A filing of a cycle by its number. Raises Refusal (404)."""
    found = by_number(session, number)
    if found is None or found.cycle != cycle:
        raise Refusal("filing", number, "no filing of this cycle has this number", "see GET …/filings", 404)
    return found


def by_number(session: Session, number: str) -> SentFilingRow | None:
    """A filing by its number."""
    return session.exec(select(SentFilingRow).where(SentFilingRow.filing == number)).first()


def versions(session: Session, cycle: str, kind: str) -> Sequence[SentFilingRow]:
    """What was filed of a kind on a cycle, oldest first."""
    query = select(SentFilingRow).where(SentFilingRow.cycle == cycle, SentFilingRow.kind == kind)
    return session.exec(query.options(_WITHOUT).order_by(col(SentFilingRow.version))).all()


def page(session: Session, cycle: str, before: int | None, limit: int) -> Sequence[SentFilingRow]:
    """Filings of a cycle without their documents, the newest first, from a cursor on."""
    query = select(SentFilingRow).options(_WITHOUT).where(SentFilingRow.cycle == cycle)
    if before is not None:
        query = query.where(col(SentFilingRow.seq) < before)
    return session.exec(query.order_by(col(SentFilingRow.seq).desc()).limit(limit)).all()


def to_send(session: Session, limit: int) -> Sequence[SentFilingRow]:
    """Filings that go over the higher office's bus and that it has not taken yet, in the order of filing."""
    query = select(SentFilingRow).where(col(SentFilingRow.by_bus).is_(True), SentFilingRow.state == "waiting")
    return session.exec(query.order_by(col(SentFilingRow.seq)).limit(limit)).all()


def by_state(session: Session) -> dict[str, int]:
    """How many filings there are in each state."""
    query = select(SentFilingRow.state, func.count()).group_by(col(SentFilingRow.state))
    return dict(session.exec(query).all())
