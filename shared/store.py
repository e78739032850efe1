"""Databases at the edge: engines, the transaction a use case is given, and what it publishes."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, Table, create_engine, event, select
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from shared.bus.topology import stream_of
from shared.contracts import Event, EventData, Wire
from shared.identity import Actor

READ_ONLY = "25006"
"""SQLSTATE of PostgreSQL's read_only_sql_transaction."""

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON")
WRITER_PRAGMAS = ("cache_size=-32000", "wal_autocheckpoint=8000")
"""The one writer keeps 32 MB of pages, and the log goes into the file after 32 MB: a batch of evaluations touches a
page a row, and with SQLite's own 4 MB every commit would have written each of them twice."""
LARGEST_MESSAGE = 1_000_000
"""bytes of a message; nats-server's own limit is 1 MiB with headers"""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A committed outbox row on its way to the bus."""

    id: str
    subject: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Tables:
    """A service's three tables of delivery."""

    outbox: Table
    inbox: Table
    idempotency: Table

    @classmethod
    def of(cls, base: type[SQLModel]) -> "Tables":
        """The tables `outbox`, `inbox`, `idempotency` of a service's base."""
        found = base.metadata.tables
        return cls(found["outbox"], found["inbox"], found["idempotency"])


@lru_cache(maxsize=256)
def _event(kind: type[EventData]) -> type[Event[Any]]:
    """The envelope's class for a kind of data. Pydantic keeps it by a weak reference only: built anew it costs 3 ms."""
    return Event[kind]  # type: ignore[valid-type]  # the class is known at run time only


class Tx:
    """One transaction, given to every use case. Use cases never commit and never ask for the time themselves."""

    __slots__ = ("actor", "event_id", "now", "outgoing", "programme", "session", "source")

    def __init__(
        self,
        session: Session,
        *,
        now: datetime,
        actor: Actor | None,
        source: str,
        programme: str,
        event_id: str = "",
    ) -> None:
        self.session = session
        self.now = now
        self.actor = actor
        self.source = source
        self.programme = programme
        self.event_id = event_id
        self.outgoing: list[dict[str, Any]] = []

    def publish(
        self,
        data: EventData,
        *,
        subject: str,
        time: datetime | None = None,
        to: str | None = None,
        cycle: str | None = None,
    ) -> str:
        """Publish a fact with this transaction; returns the event's id.

        subject: number of the thing. time: when it occurred, by default `now`. to: NATS subject, only where it
        is not the type's own (receipts).
        """
        key = uuid.uuid4().hex
        kind = type(data)
        envelope = _event(kind).model_construct(
            id=key,
            source=self.source,
            type=kind.TYPE,
            time=time or self.now,
            subject=subject,
            programme=self.programme,
            cycle=cycle,
            data=data,
        )
        self._add(key, to or kind.subject(), envelope)
        return key

    def answer(self, data: Wire, *, to: str) -> None:
        """Send a message that is no event and has no envelope (a terminal's receipt: no time, no source)."""
        self._add(uuid.uuid4().hex, to, data)

    def _add(self, key: str, subject: str, data: Wire) -> None:
        if "*" in subject or ">" in subject:
            raise ValueError(f"{subject} is a pattern: name the receiver with `to`")
        stream_of(subject)  # raises LookupError: what no stream takes would stop the relay for all
        payload = data.model_dump_json().encode()
        if len(payload) > LARGEST_MESSAGE:
            raise ValueError(f"a message of {len(payload)} bytes on {subject}: the broker takes {LARGEST_MESSAGE}")
        row = {"id": key, "subject": subject, "payload": payload, "created": self.now}
        self.outgoing.append({**row, "sent": False})


def writer_engine(url: str) -> Engine:
    """The one writing connection's engine. SQLite: WAL, synchronous=FULL, BEGIN IMMEDIATE."""
    return _engine(url, begin="BEGIN IMMEDIATE", pool_size=1, max_overflow=0, more=WRITER_PRAGMAS)


def reader_engine(url: str) -> Engine:
    """Connections for reading only."""
    engine = _engine(url, begin="BEGIN", pool_size=4, max_overflow=4)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    return engine


def _away_when_read_only(context: ExceptionContext) -> Exception | None:
    """A database that takes no writing now (a standby, a failover) is away like one that does not answer.

    psycopg calls it an internal error: that would be tried a few times, and then an event would be given up. It is told
    by its SQLSTATE: importing psycopg for its name would cost each service on SQLite 12 MB.
    """
    if getattr(context.original_exception, "sqlstate", None) == READ_ONLY:
        return OperationalError(context.statement, None, context.original_exception, hide_parameters=True)
    return None


def _engine(url: str, *, begin: str, pool_size: int, max_overflow: int, more: Sequence[str] = ()) -> Engine:
    sqlite = url.startswith("sqlite")
    engine = create_engine(
        url,
        hide_parameters=True,  # an error's text goes into logs and dead letters, and parameters may name a person
        connect_args={} if sqlite else {"connect_timeout": 5},
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_pre_ping=not sqlite,
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    )
    event.listen(engine, "handle_error", _away_when_read_only, retval=True)
    if engine.dialect.name == "sqlite":

        def connected(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            for pragma in (*PRAGMAS, *more, "secure_delete=ON"):  # what is erased is overwritten, not only unlinked
                connection.execute(f"PRAGMA {pragma}")

        def begun(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        event.listen(engine, "connect", connected)
        event.listen(engine, "begin", begun)
    return engine


def forget_deleted(url: str, *, rebuilt: Sequence[str] = ()) -> bool:
    """Leave nothing of what was deleted or replaced in the store's files; False if readers were in the way: try again.

    SQLite: the write-ahead log goes into the database, where freed places are overwritten, and is cut to nothing.
    PostgreSQL keeps old versions of rows until a VACUUM, and its own log: there it is for who runs the server.
    rebuilt: tables that are written anew as well, so that their place in the file does not tell when a row was written;
    on SQLite that is the whole file, in the order of the keys.
    """
    sqlite = url.startswith("sqlite")
    if not sqlite and not rebuilt:
        return True
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            if not sqlite:
                for table in rebuilt:
                    connection.exec_driver_sql(f"VACUUM (FULL) {table}")
                return True
            if rebuilt:
                connection.exec_driver_sql("VACUUM")
            busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            return not busy
    finally:
        engine.dispose()


def unsent(session: Session, table: Table) -> list[Outgoing]:
    """All committed events that were not published yet, oldest first."""
    query = (
        table.select()
        .with_only_columns(table.c.id, table.c.subject, table.c.payload)
        .where(table.c.sent.is_(False))
        .order_by(table.c.seq)
    )
    return [Outgoing(*row) for row in session.connection().execute(query)]


def mark_sent(session: Session, table: Table, ids: Iterable[str]) -> None:
    """Note that these events are in the stream."""
    keys = list(ids)
    for start in range(0, len(keys), 500):
        session.connection().execute(table.update().where(table.c.id.in_(keys[start : start + 500])).values(sent=True))


def prune_sent(session: Session, table: Table, before: datetime, limit: int) -> int:
    """Forget events that are in the stream and older than `before`, at most `limit`, oldest first; gives how many.

    Only the oldest rows are looked at, so that it costs the same however long the outbox is. What is unsent stays.
    """
    oldest = select(table.c.seq, table.c.sent, table.c.created).order_by(table.c.seq).limit(limit).subquery()
    gone = select(oldest.c.seq).where(oldest.c.sent.is_(True), oldest.c.created < before)
    return session.connection().execute(table.delete().where(table.c.seq.in_(gone))).rowcount
