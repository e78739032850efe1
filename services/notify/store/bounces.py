"""What came back after a letter had been taken: each report once, with what followed from it (N3)."""

import datetime as dt
from typing import Any

from sqlalchemy import RowMapping, func, insert, select
from sqlmodel import Field, Session

from services.notify.store.tables import Base
from shared.tables import UtcDateTime


class BounceReport(Base, table=True):
    """A bounce or complaint. key: what it is known by; effect: failed, suppressed, noted, unmatched."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    kind: str
    letter: str | None = Field(default=None, index=True)
    address: str | None = None
    status: str
    reason: str
    source: str
    actor: str
    effect: str
    at: dt.datetime = Field(sa_type=UtcDateTime)


_report = Base.metadata.tables["bouncereport"]
_holder = Base.metadata.tables["holder"]


def find(session: Session, key: str) -> RowMapping | None:
    """A report by what it is known by."""
    return session.connection().execute(select(_report).where(_report.c.key == key)).mappings().first()


def keep(session: Session, row: dict[str, Any]) -> None:
    """Keep a report."""
    session.connection().execute(insert(_report).values(**row))


def page(session: Session, letter: str | None, kind: str | None, after: int, limit: int) -> list[RowMapping]:
    """Reports in the order they came, after a cursor."""
    query = select(_report).where(_report.c.id > after).order_by(_report.c.id).limit(limit)
    if letter is not None:
        query = query.where(_report.c.letter == letter)
    if kind is not None:
        query = query.where(_report.c.kind == kind)
    return list(session.connection().execute(query).mappings())


def directory_address(session: Session, email: str) -> str | None:
    """The address as the directory writes it, whatever its case; None if it is nobody's there."""
    query = select(_holder.c.email).where(func.lower(_holder.c.email) == email.lower()).limit(1)
    return session.connection().execute(query).scalar()
