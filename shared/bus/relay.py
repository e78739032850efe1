"""Publishes committed outbox rows: many as one atomic batch, on any doubt one by one with their ids.

The `Nats-Msg-Id` makes a repeat harmless inside the stream's duplicate window, the receivers' inboxes for ever.
"""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any

import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from sqlalchemy.exc import DBAPIError

from shared.bus.topology import STREAMS, stream_of
from shared.metrics import EVENTS_PUBLISHED, OUTBOX_AGE, OUTBOX_UNSENT, PUBLISH_FAILURES
from shared.store import Outgoing

LARGEST_BATCH = 1000
LONGEST_PAUSE_S = 2.0
ATOMIC = {stream.name for stream in STREAMS if stream.atomic}
log = structlog.get_logger()


class PublishRefused(Exception):
    """The server answered a publish with an error."""


class Relay:
    """One a service. `offer` takes rows right after their commit; `run` publishes until it is cancelled."""

    def __init__(self, service: str, connection: Client, mark: Callable[[list[str]], Awaitable[None]]) -> None:
        self._service = service
        self._nc = connection
        self._mark = mark
        self._waiting: dict[str, deque[tuple[float, Outgoing]]] = {}
        self._wake = asyncio.Event()
        self._sent: list[str] = []
        self._publishing = 0

    @property
    def unsent(self) -> int:
        """Committed events that are not yet acknowledged by the stream."""
        return sum(map(len, self._waiting.values())) + self._publishing

    @property
    def oldest_s(self) -> float:
        """Seconds that the oldest unsent event has been waiting."""
        return time.monotonic() - min(rows[0][0] for rows in self._waiting.values()) if self._waiting else 0.0

    def offer(self, rows: list[Outgoing]) -> None:
        """Take rows that are committed."""
        now = time.monotonic()
        for row in rows:
            self._waiting.setdefault(stream_of(row.subject), deque()).append((now, row))
        self._wake.set()

    async def run(self) -> None:
        """Publish what is offered, in order, until cancelled; never gives up."""
        pause = 0.0
        while True:
            if not self._waiting:
                await self._flush_marks()
                self._wake.clear()
                if not self._waiting:
                    await self._sleep()
                    continue
            OUTBOX_UNSENT.labels(self._service).set(self.unsent)
            OUTBOX_AGE.labels(self._service).set(self.oldest_s)
            stream, batch = self._next()
            try:
                await self._publish(batch)
                pause = 0.0
            except (nats.errors.Error, nats.js.errors.Error, PublishRefused, OSError) as error:
                PUBLISH_FAILURES.labels(self._service).inc()
                log.warning("publish_failed", service=self._service, events=len(batch), error=repr(error))
                pause = min(LONGEST_PAUSE_S, pause * 2 or 0.1)
                await asyncio.sleep(pause)
                continue
            self._taken(stream, len(batch))
            self._sent += [row.id for row in batch]
            EVENTS_PUBLISHED.labels(self._service).inc(len(batch))
            if len(self._sent) >= LARGEST_BATCH:
                await self._flush_marks()

    async def flush(self) -> None:
        """Write the marks of what was sent (at a clean stop)."""
        await self._flush_marks()

    async def _flush_marks(self) -> None:
        OUTBOX_UNSENT.labels(self._service).set(self.unsent)
        OUTBOX_AGE.labels(self._service).set(self.oldest_s)
        if not self._sent:
            return
        sent, self._sent = self._sent, []
        try:
            await self._mark(sent)
        except DBAPIError as error:
            # Nothing is lost: marks are written later, and rows without them would only be published again.
            log.warning("marks_not_written", service=self._service, events=len(sent), error=type(error).__name__)
            self._sent = sent + self._sent
        except asyncio.CancelledError:
            self._sent = sent + self._sent
            raise

    async def _sleep(self) -> None:
        """Until something is offered, or it is time to try the marks again."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), LONGEST_PAUSE_S if self._sent else None)

    def _next(self) -> tuple[str, list[Outgoing]]:
        """The rows that wait longest, of one stream: order is kept inside a stream, none is promised between two.

        A report gives an event and a receipt, in turn: taken as they come they would be batches of one.
        """
        stream = min(self._waiting, key=lambda name: self._waiting[name][0][0])
        return stream, [row for _, row in islice(self._waiting[stream], LARGEST_BATCH)]

    def _taken(self, stream: str, count: int) -> None:
        rows = self._waiting[stream]
        for _ in range(count):
            rows.popleft()
        if not rows:
            del self._waiting[stream]

    async def _publish(self, batch: list[Outgoing]) -> None:
        if not self._nc.is_connected:
            # The client would keep what is published now and send it after the reconnect, each try once more.
            raise PublishRefused("not connected")
        if len(batch) > 1 and stream_of(batch[0].subject) in ATOMIC:
            try:
                await self._atomic(batch)
                return
            except (nats.errors.Error, PublishRefused) as error:
                log.info("batch_not_taken", service=self._service, events=len(batch), error=repr(error))
        for row in batch:
            await self._one(row)

    async def _one(self, row: Outgoing) -> None:
        answer = await self._nc.request(row.subject, row.payload, timeout=5, headers={"Nats-Msg-Id": row.id})
        _check(answer.data)

    async def _atomic(self, batch: list[Outgoing]) -> None:
        key = batch[0].id
        for number, row in enumerate(batch, 1):
            headers = {"Nats-Msg-Id": row.id, "Nats-Batch-Id": key, "Nats-Batch-Sequence": str(number)}
            if number < len(batch):
                await self._nc.publish(row.subject, row.payload, headers=headers)
                continue
            headers["Nats-Batch-Commit"] = "1"
            answer = await self._nc.request(row.subject, row.payload, timeout=5, headers=headers)
            if _check(answer.data).get("count") != len(batch):
                raise PublishRefused(f"batch of {len(batch)} answered {answer.data!r}")


def _check(answer: bytes) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer)
    if "error" in body:
        raise PublishRefused(str(body["error"]))
    return body
