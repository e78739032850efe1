"""A consumer for what comes by the million: raw bodies, whole batches, one transaction each, acknowledged after it.

What has arrived while one batch is committed is the next batch: a lone message waits for nobody, and a flood makes
batches as large as allowed. The broker hands out no more than is asked for, so that memory is bounded.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Sequence

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy.exc import InterfaceError, OperationalError

from shared.bus.settle import DELAYS_S, DeadLetter, dead_letter
from shared.bus.topology import consumer
from shared.contracts import Wire
from shared.metrics import DEAD_LETTERS, EVENTS_TAKEN

LARGEST = 2_000
ASKED_FOR_S = 5.0
LATE_S = 1.0
log = structlog.get_logger()

Take = Callable[[Sequence[Msg]], Awaitable[None]]
Bury = Callable[[DeadLetter], Awaitable[None]]


def deliveries(message: Msg) -> int:
    """How often a message was delivered; read from its reply subject, without parsing all of it."""
    return int(message.reply.split(".", 5)[4])


class Batches:
    """Pulls one service's messages of a kind. `take` commits a batch or raises; `bury` keeps what is at fault alone."""

    def __init__(
        self, service: str, kind: type[Wire], connection: Client, take: Take, bury: Bury, *, largest: int = LARGEST
    ) -> None:
        self._service = service
        self._consumer = consumer(service, kind)
        self._nc = connection
        self._take, self._bury = take, bury
        self._largest = largest
        self._arrived: list[Msg] = []
        self._wanted = 0
        """asked for and not yet arrived"""
        self._wake = asyncio.Event()
        self.in_hand = 0

    async def run(self) -> None:
        """Take messages until cancelled. A batch that is being committed is acknowledged first."""
        inbox = self._nc.new_inbox()
        subscription = await self._nc.subscribe(inbox, cb=self._hear)
        try:
            while True:
                await self._ask(inbox)
                if not self._arrived:
                    await self._wait()
                    continue
                batch, self._arrived = self._arrived[: self._largest], self._arrived[self._largest :]
                self.in_hand = len(batch)
                await self._ask(inbox)
                await self._commit(batch)
                self.in_hand = 0
        finally:
            with contextlib.suppress(nats.errors.Error):
                await subscription.unsubscribe()

    async def _hear(self, message: Msg) -> None:
        if message.headers and "Status" in message.headers and not message.data:
            self._wanted = 0  # the request has ended: expired, or the consumer's leader changed
        else:
            self._wanted -= 1
            self._arrived.append(message)
        if not self._wake.is_set():
            self._wake.set()

    async def _ask(self, inbox: str) -> None:
        """Ask for as much as one batch more, when what was asked for has come or the request has ended."""
        room = self._largest - len(self._arrived)
        if self._wanted > 0 or room <= 0 or not self._nc.is_connected:
            return
        self._wanted = room
        request = json.dumps({"batch": room, "expires": int(ASKED_FOR_S * 1e9)}).encode()
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._consumer.stream}.{self._consumer.name}"
        try:
            await self._nc.publish(subject, request, inbox)
        except (nats.errors.Error, OSError) as error:
            self._wanted = 0
            log.info("batch_not_asked_for", service=self._service, error=repr(error))

    async def _wait(self) -> None:
        self._wake.clear()
        began = time.monotonic()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), ASKED_FOR_S + LATE_S if self._nc.is_connected else LATE_S)
            return
        if time.monotonic() - began >= LATE_S:
            self._wanted = 0  # the broker went away with the request

    async def _commit(self, batch: Sequence[Msg]) -> None:
        """Commit and acknowledge; a store that is away is waited for, one message that is at fault is buried alone."""
        tries = 0
        while True:
            try:
                await self._take(batch)
                break
            except (OperationalError, InterfaceError) as error:
                delay = DELAYS_S[min(tries, len(DELAYS_S) - 1)]
                tries += 1
                log.warning("batch_waits_for_store", service=self._service, messages=len(batch), delay_s=delay,
                            error=type(error).__name__)  # fmt: skip
                await asyncio.sleep(delay)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not keep the others from being taken
                if len(batch) > 1:
                    for one in batch:
                        await self._commit([one])
                    return
                await self._give_up(batch[0], error)
                return
        await self._acknowledge(batch, b"")
        EVENTS_TAKEN.labels(self._service, "taken").inc(len(batch))

    async def _give_up(self, message: Msg, error: Exception) -> None:
        letter = dead_letter(self._service, message, error, deliveries(message))
        try:
            await self._bury(letter)
        except (OperationalError, InterfaceError):
            return  # not acknowledged: it comes again
        DEAD_LETTERS.labels(self._service).inc()
        EVENTS_TAKEN.labels(self._service, "dead").inc()
        log.error("event_dead", consumer=letter.consumer, sequence=letter.sequence, field=letter.field)
        await self._acknowledge([message], Msg.Ack.Term)

    async def _acknowledge(self, batch: Sequence[Msg], how: bytes) -> None:
        """What cannot be acknowledged comes again, and changes nothing then."""
        try:
            for message in batch:
                await self._nc.publish(message.reply, how)
        except (nats.errors.Error, OSError) as error:
            log.info("batch_not_acknowledged", service=self._service, messages=len(batch), error=repr(error))
