"""What is sealed, and to which key: found and replaced when the vault's key is rotated (I3)."""

from typing import Any

from sqlalchemy import Table, select, union_all, update
from sqlmodel import Session, func

from services.intake.store.tables import Base

LOST = "unreadable"
"""In place of a key: none of ours opens it, and a rotation need not wait for it."""
_TABLES = ("vault", "repair", "information")


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def sealed_to_others(session: Session, name: str, current: str, limit: int) -> list[dict[str, Any]]:
    """Rows of a table that are sealed to another key than the current one."""
    table = _table(name)
    rows = select(table).where(table.c.key_id != current, table.c.key_id != LOST)
    return [dict(row) for row in session.connection().execute(rows.limit(limit)).mappings()]


def put(session: Session, name: str, row: dict[str, Any], changes: dict[str, Any]) -> None:
    """Put what is sealed anew in the place of what was there."""
    table = _table(name)
    (key,) = table.primary_key.columns
    session.connection().execute(update(table).where(key == row[key.name]).values(changes))


def by_key(session: Session) -> dict[str, int]:
    """How many rows are sealed to which key; `` are those from before keys had names."""
    parts = [select(_table(name).c.key_id.label("key_id")) for name in _TABLES]
    every = union_all(*parts).subquery()
    counted = select(every.c.key_id, func.count()).group_by(every.c.key_id)
    return {row[0]: row[1] for row in session.connection().execute(counted)}
