"""Another office's bus, where this one is an outside account: it publishes on its own subject and reads its receipts.

That bus is somebody else's. It may be away for days, or refuse: nothing of this service stops for it, and what is to
be sent stays with the caller until that bus has said that it has it.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import nats.errors
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from sqlalchemy.exc import InterfaceError, OperationalError

from shared.bus.topology import receipts_consumer
from shared.errors import Refusal

DELAYS_S = (0.2, 0.5, 1, 2, 5, 10, 30)
LOOKED_FOR_S = 1.0
ASKED_FOR_S = 5.0
AT_ONCE = 50
FAULTS = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError, OperationalError, InterfaceError, Refusal)
log = structlog.get_logger()

Waiting = Callable[[], Awaitable[Sequence[tuple[str, bytes]]]]
"""Gives what is to be sent, in its order: id and message. The id makes a repeat harmless."""
Sent = Callable[[str], Awaitable[None]]
Receive = Callable[[bytes], Awaitable[None]]
"""Takes a receipt; it is acknowledged afterwards, and may come again."""


@dataclass(frozen=True, slots=True)
class Account:
    """This office's account on the other bus. password: read anew at each try, for it may be changed."""

    url: str
    user: str
    password: Callable[[], str]


class FarBus:
    """`run` sends and receives until it is cancelled; `fault` says what is wrong just now."""

    def __init__(self, account: Account, subject: str, *, waiting: Waiting, sent: Sent, receive: Receive) -> None:
        self._account = account
        self._subject = subject
        self._waiting, self._sent, self._receive = waiting, sent, receive
        self._worked = False
        self.fault = ""

    async def run(self) -> None:
        """Connect, send, receive; on any fault begin anew after a growing pause. Never gives up."""
        tries = 0
        while True:
            self._worked = False
            try:
                await self._session()
            except FAULTS as error:
                self.fault = f"{type(error).__name__}: {error}"[:200]
            tries = 0 if self._worked else tries + 1
            delay = DELAYS_S[min(tries, len(DELAYS_S) - 1)]
            log.warning("far_bus_away", url=self._account.url, error=self.fault, delay_s=delay)
            await asyncio.sleep(delay)

    async def _session(self) -> None:
        """One connection; ends by raising."""
        client = Client()
        try:
            await client.connect(
                self._account.url, user=self._account.user, password=self._account.password(),
                name=f"minping office {self._account.user}", inbox_prefix=f"_INBOX_{self._account.user}",
                allow_reconnect=False, connect_timeout=5, ping_interval=5, max_outstanding_pings=2,
                error_cb=self._unheard,
            )  # fmt: skip
            js = client.jetstream(timeout=5)
            tasks = [asyncio.create_task(self._send(js)), asyncio.create_task(self._take(client, js))]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            with contextlib.suppress(nats.errors.Error, OSError):
                await client.close()

    async def _send(self, js: JetStreamContext) -> None:
        while True:
            messages = await self._waiting()
            for key, body in messages:
                await js.publish(self._subject, body, headers={"Nats-Msg-Id": key})
                self._well()
                await self._sent(key)
            if not messages:
                await asyncio.sleep(LOOKED_FOR_S)

    async def _take(self, client: Client, js: JetStreamContext) -> None:
        consumer = receipts_consumer(self._account.user)
        pull = await js.pull_subscribe_bind(durable=consumer.name, stream=consumer.stream)
        while True:
            if not client.is_connected:
                raise nats.errors.ConnectionClosedError
            try:
                messages = await pull.fetch(batch=AT_ONCE, timeout=ASKED_FOR_S)
            except TimeoutError:  # nats' own is one: nothing came
                self._worked = True
                continue
            for message in messages:
                await self._receive(message.data)
                await message.ack()
                self._well()

    def _well(self) -> None:
        self._worked, self.fault = True, ""

    async def _unheard(self, error: Exception) -> None:
        """What goes wrong on the connection is raised by the call that needs it; what it may not do is said here."""
        self.fault = f"{type(error).__name__}: {error}"[:200]
