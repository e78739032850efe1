"""The single writer of a service: whatever has arrived goes into one transaction, in stream order.

One commit for a hundred events costs a tenth of a hundred commits. If the transaction fails it is rolled back
and repeated one by one, so that only what is at fault fails.
"""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pydantic_core import to_json
from sqlalchemy import Engine, select
from sqlmodel import Session

from shared.errors import Refusal
from shared.identity import Actor
from shared.metrics import COMMIT_SECONDS, COMMITTED
from shared.store import Outgoing, Tables, Tx

T = TypeVar("T")
LARGEST = 500
PROBE = "readyz"


@dataclass(frozen=True, slots=True)
class Replay:
    """The stored answer to a request that came before with the same `Idempotency-Key`."""

    answer: str


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """`key` is the caller's, bound to who calls; `fingerprint` is of the request it stands for."""

    key: str
    fingerprint: str

    @classmethod
    def of(cls, key: str, actor: Actor | None, method: str, path: str, body: bytes) -> "IdempotencyKey":
        """Bind a caller's key to the caller and the request."""
        digest = hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()
        return cls(f"{actor.sub if actor else 'public'}:{key}", digest)


@dataclass(slots=True)
class _Work:
    fn: Callable[[Tx], Any]
    now: datetime
    actor: Actor | None
    inbox_key: str | None
    order: int
    idempotency: IdempotencyKey | None
    event_id: str
    done: "asyncio.Future[Any]" = field(repr=False)


class Duplicate:
    """Result of an event that the inbox knows already."""


DUPLICATE = Duplicate()


class Unit:
    """Runs use cases. `run` writes (one thread, group commit), `read` reads (a few threads)."""

    def __init__(
        self,
        name: str,
        writer: Engine,
        reader: Engine,
        tables: Tables,
        *,
        programme: str,
        committed: Callable[[list[Outgoing]], None],
    ) -> None:
        self.name = name
        self._writer, self._reader = writer, reader
        self._tables = tables
        self._programme = programme
        self._committed = committed
        self._queue: asyncio.Queue[_Work] = asyncio.Queue()
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix=f"{name}-write")
        self._read_threads = ThreadPoolExecutor(4, thread_name_prefix=f"{name}-read")
        self._task: asyncio.Task[None] | None = None
        self.in_hand = 0

    def start(self) -> "asyncio.Task[None]":
        """Begin to take work. The task runs until `stop`; if it ends before, nothing is committed any more."""
        self._task = asyncio.create_task(self._loop(), name=f"{self.name}-unit")
        return self._task

    async def stop(self) -> None:
        """Finish what is being committed; work not begun is refused (its sender tries again)."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        while not self._queue.empty():
            self._queue.get_nowait().done.cancel()
        self._write_thread.shutdown(wait=True)
        self._read_threads.shutdown(wait=True)

    async def run(
        self,
        fn: Callable[[Tx], T],
        *,
        at: datetime,
        actor: Actor | None = None,
        inbox_key: str | None = None,
        order: int = 0,
        idempotency: IdempotencyKey | None = None,
        event_id: str = "",
    ) -> T:
        """Run `fn` in a transaction; returns when it is committed. Raises what `fn` raises, nothing written.

        With `inbox_key` an event that was taken before gives DUPLICATE; with `idempotency` a repeated request
        gives Replay.
        """
        work = _Work(fn, at, actor, inbox_key, order, idempotency, event_id, asyncio.get_running_loop().create_future())
        self.in_hand += 1
        try:
            self._queue.put_nowait(work)
            return await work.done  # type: ignore[no-any-return]  # DUPLICATE and Replay only where asked for
        finally:
            self.in_hand -= 1

    async def probe(self, *, at: datetime) -> None:
        """Write and commit what leaves nothing behind. Raises DBAPIError if the store does not take it."""

        def write(tx: Tx) -> None:
            table, connection = self._tables.idempotency, tx.session.connection()
            row = {"key": PROBE, "fingerprint": "", "answer": "", "created": at}
            connection.execute(table.insert(), [row])
            connection.execute(table.delete().where(table.c.key == PROBE))

        await self.run(write, at=at)

    async def read(self, fn: Callable[[Session], T]) -> T:
        """Run `fn` on a reading connection; it sees what is committed."""

        def reading() -> T:
            with Session(self._reader) as session:
                return fn(session)

        return await asyncio.get_running_loop().run_in_executor(self._read_threads, reading)

    async def _loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty() and len(batch) < LARGEST:
                batch.append(self._queue.get_nowait())
            batch.sort(key=lambda work: work.order)
            committing = loop.run_in_executor(self._write_thread, self._commit, batch)
            try:
                results, outgoing = await asyncio.shield(committing)
            except asyncio.CancelledError:
                self._settle(batch, *await committing)
                raise
            self._settle(batch, results, outgoing)

    def _settle(self, batch: list[_Work], results: list[Any], outgoing: list[Outgoing]) -> None:
        if outgoing:
            self._committed(outgoing)
        for work, result in zip(batch, results, strict=True):
            if work.done.done():
                continue
            if isinstance(result, _Failed):
                work.done.set_exception(result.error)
            else:
                work.done.set_result(result)

    def _commit(self, batch: list[_Work]) -> tuple[list[Any], list[Outgoing]]:
        try:
            return self._attempt(batch)
        except Exception as error:  # noqa: BLE001 - whatever went wrong is handed to the one who asked
            if len(batch) == 1:
                return [_Failed(error)], []
        results: list[Any] = []
        outgoing: list[Outgoing] = []
        for work in batch:
            one, out = self._commit([work])
            results += one
            outgoing += out
        return results, outgoing

    def _attempt(self, batch: list[_Work]) -> tuple[list[Any], list[Outgoing]]:
        results: list[Any] = []
        rows: list[dict[str, Any]] = []
        with (
            COMMIT_SECONDS.labels(self.name).time(),
            Session(self._writer, expire_on_commit=False) as session,
        ):
            known = self._known(session, batch)
            taken: list[dict[str, str]] = []
            for work in batch:
                if work.inbox_key is not None:
                    if work.inbox_key in known:
                        results.append(DUPLICATE)
                        continue
                    known.add(work.inbox_key)
                    taken.append({"key": work.inbox_key})
                results.append(self._one(session, work, rows))
            session.flush()
            if taken:
                session.connection().execute(self._tables.inbox.insert(), taken)
            if rows:
                session.connection().execute(self._tables.outbox.insert(), rows)
            session.commit()
        COMMITTED.labels(self.name).observe(len(batch))
        return results, [Outgoing(row["id"], row["subject"], row["payload"]) for row in rows]

    def _known(self, session: Session, batch: list[_Work]) -> set[str]:
        keys = [work.inbox_key for work in batch if work.inbox_key is not None]
        if not keys:
            return set()
        inbox = self._tables.inbox
        return set(session.connection().execute(select(inbox.c.key).where(inbox.c.key.in_(keys))).scalars())

    def _one(self, session: Session, work: _Work, rows: list[dict[str, Any]]) -> Any:
        if work.idempotency and (replay := self._replay(session, work.idempotency)):
            return replay
        tx = Tx(
            session,
            now=work.now,
            actor=work.actor,
            source=f"minping.{self.name}",
            programme=self._programme,
            event_id=work.event_id,
        )
        result = work.fn(tx)
        rows += tx.outgoing
        if work.idempotency:
            answer = to_json(result).decode()
            row = {"key": work.idempotency.key, "fingerprint": work.idempotency.fingerprint, "answer": answer}
            session.connection().execute(self._tables.idempotency.insert(), [{**row, "created": work.now}])
        return result

    def _replay(self, session: Session, wanted: IdempotencyKey) -> Replay | None:
        table = self._tables.idempotency
        row = session.connection().execute(table.select().where(table.c.key == wanted.key)).one_or_none()
        if row is None:
            return None
        if row.fingerprint != wanted.fingerprint:
            key = wanted.key.partition(":")[2]
            raise Refusal("Idempotency-Key", key, "the key was used for another request", "use a new key")
        return Replay(row.answer)


@dataclass(frozen=True, slots=True)
class _Failed:
    error: Exception
