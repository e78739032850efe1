"""Insert, or replace what stands under the same key: the same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session


def upsert(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows, with every column of the table, each replacing the one with its primary key."""
    connection = session.connection()
    connection.execute(_statement(table, connection.dialect.name), rows)


@lru_cache(maxsize=64)
def _statement(table: Table, dialect: str) -> Executable:
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    keys = [column.name for column in table.primary_key]
    rest = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=rest)
