"""Every change of the directory, with who, when and why: history is added to, never lost (N1)."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, RowMapping, insert, select
from sqlmodel import Field, Session

from services.notify.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class DirectoryChange(Base, table=True):
    """A term of office before and after a change; nothing before: entered; nothing after: taken back."""

    id: int | None = Field(default=None, primary_key=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    actor: str
    kind: str
    reason: str
    unit: str = Field(index=True)
    role: str
    person: str
    before: dict[str, Any] | None = Field(default=None, sa_column=Column("before", JSONType))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column("after", JSONType))


_change = Base.metadata.tables["directorychange"]


def keep(session: Session, changes: Collection[dict[str, Any]]) -> None:
    """Keep changes."""
    if changes:
        session.connection().execute(insert(_change), list(changes))


def page(session: Session, unit: str | None, after: int, limit: int) -> list[RowMapping]:
    """Changes in their order, of one unit or of all, after a cursor."""
    query = select(_change).where(_change.c.id > after).order_by(_change.c.id).limit(limit)
    if unit is not None:
        query = query.where(_change.c.unit == unit)
    return list(session.connection().execute(query).mappings())
