"""Terms of office whose end was told of, so that each end is told once, and a vacancy once (N1)."""

import datetime as dt

from sqlalchemy import insert, select
from sqlmodel import Field, Session

from services.notify.store.tables import Base

Key = tuple[str, str, str, dt.date, bool]


class TermWarning(Base, table=True):
    """Who was told of: the end of a term that comes, or that has come. Another last day is another end."""

    unit: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    until: dt.date = Field(primary_key=True)
    expired: bool = Field(primary_key=True)


_warning = Base.metadata.tables["termwarning"]
_KEY = (_warning.c.unit, _warning.c.role, _warning.c.person, _warning.c.until, _warning.c.expired)


def told(session: Session) -> set[Key]:
    """All ends that were told of."""
    return {(row[0], row[1], row[2], row[3], bool(row[4])) for row in session.connection().execute(select(*_KEY))}


def keep(session: Session, key: Key) -> None:
    """Keep that an end was told of."""
    names = ("unit", "role", "person", "until", "expired")
    session.connection().execute(insert(_warning).values(**dict(zip(names, key, strict=True))))
