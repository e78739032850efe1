"""Notices that went over to somebody else before their letter went (N1, N8)."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import RowMapping, insert, select
from sqlmodel import Field, Session

from services.notify.store.tables import Base
from shared.tables import UtcDateTime


class Move(Base, table=True):
    """A notice (by its `seq`, which stays) taken from one person and given to another, or to nobody: told already."""

    id: int | None = Field(default=None, primary_key=True)
    notice: int = Field(index=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)
    from_person: str
    from_name: str
    to_person: str
    to_name: str
    letter: str | None = None
    reason: str


_move = Base.metadata.tables["move"]


def keep(session: Session, moves: Collection[dict[str, Any]]) -> None:
    """Keep moves. `letter`: the one that the notice was taken out of."""
    if moves:
        session.connection().execute(insert(_move), list(moves))


def of_notices(session: Session, notices: Collection[int]) -> dict[int, list[RowMapping]]:
    """Each notice's moves in their order."""
    found: dict[int, list[RowMapping]] = {notice: [] for notice in notices}
    for row in session.connection().execute(
        select(_move).where(_move.c.notice.in_(notices)).order_by(_move.c.id)
    ).mappings():  # fmt: skip
        found[row["notice"]].append(row)
    return found
