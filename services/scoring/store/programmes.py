"""The rules that each cycle was opened with, and how they were amended. Rows are only ever inserted."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Column
from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class ProgrammeRow(Base, table=True):
    """A programme that a cycle ran by, whole, as canonical JSON (RFC 8785) under its hash."""

    __tablename__ = "programme"

    sha256: str = Field(primary_key=True)
    key: str
    canonical: bytes
    kept_at: dt.datetime = Field(sa_type=UtcDateTime)


class AmendmentRow(Base, table=True):
    """A change of the rules while a cycle ran: from which to which, why, on whose decision."""

    __tablename__ = "amendment"

    id: int | None = Field(default=None, primary_key=True)
    cycle: str = Field(index=True)
    before: str
    after: str
    reason: str
    document: str
    changes: list[dict[str, object]] = Field(sa_column=Column(JSONType, nullable=False))
    amended_by: str
    amended_at: dt.datetime = Field(sa_type=UtcDateTime)


def keep(session: Session, row: ProgrammeRow) -> bool:
    """Keep a programme; False where it is kept already."""
    if session.get(ProgrammeRow, row.sha256) is not None:
        return False
    session.add(row)
    return True


def kept(session: Session, sha256: str) -> ProgrammeRow | None:
    """A programme by its hash; None of one that ran before programmes were kept."""
    return session.get(ProgrammeRow, sha256)


def amendments(session: Session, cycle: str) -> Sequence[AmendmentRow]:
    """The amendments of a cycle, oldest first."""
    return session.exec(select(AmendmentRow).where(AmendmentRow.cycle == cycle).order_by(col(AmendmentRow.id))).all()
