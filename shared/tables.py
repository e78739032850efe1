"""What every service's store is made of: its own registry, column types, and the three tables of delivery."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Index, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

JSONType = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC; a naive one is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time {value!r}: give it a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class DecimalText(TypeDecorator[Decimal]):
    """An exact decimal as text: SQLite would take it through float."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


def base() -> type[SQLModel]:
    """A declarative base with a registry of its own: two services may both have a table `outbox` in one process."""

    class Base(SQLModel, registry=registry()):
        pass

    return Base


class OutboxRow(SQLModel):
    """An event waiting to be published; written in the transaction of the fact it tells."""

    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    subject: str
    payload: bytes
    created: datetime = Field(sa_type=UtcDateTime)
    sent: bool = Field(default=False)


class InboxRow(SQLModel):
    """An event that was taken; written in the transaction of what it caused, so that it counts once."""

    key: str = Field(primary_key=True)


class IdempotencyRow(SQLModel):
    """The answer to a POST with an `Idempotency-Key`, given again when the same request comes again."""

    key: str = Field(primary_key=True)
    fingerprint: str
    answer: str
    created: datetime = Field(sa_type=UtcDateTime)


def unsent_index(table: Any) -> Index:
    """The index by which the relay finds what is unsent, however long the outbox has grown."""
    return Index(
        f"ix_{table.name}_unsent",
        table.c.seq,
        sqlite_where=table.c.sent.is_(False),
        postgresql_where=table.c.sent.is_(False),
    )
