"""Follows the simulated clock on the bus and fires what is due whenever it moved."""

import asyncio
from collections.abc import Awaitable, Callable

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from shared.bus.topology import CLOCK_STREAM, CLOCK_SUBJECT
from shared.clock import ClockEntry, SimulatedClock

POLL_S = 1.0
log = structlog.get_logger()


class ClockWatch:
    """Hears each new entry at once; asks for the newest at the start and every second, should one be missed."""

    def __init__(self, clock: SimulatedClock, connection: Client, moved: Callable[[], Awaitable[None]]) -> None:
        self._clock = clock
        self._nc = connection
        self._moved = moved
        self._news = asyncio.Event()
        self._newest: ClockEntry | None = None

    async def start(self) -> None:
        """Subscribe, and take the entry that stands there already."""

        async def heard(msg: Msg) -> None:
            self._take(msg.data)

        await self._nc.subscribe(CLOCK_SUBJECT, cb=heard)
        await self._ask()

    async def run(self) -> None:
        """Until cancelled: at each new entry move the clock, fire what is due, then say the revision is done."""
        while True:
            entry = self._newest
            if entry is not None and entry.revision > self._clock.revision:
                self._clock.move(entry)
                await self._moved()
            self._clock.done = self._clock.revision
            self._news.clear()
            if self._newest is not None and self._newest.revision > self._clock.revision:
                continue
            try:
                await asyncio.wait_for(self._news.wait(), POLL_S)
            except TimeoutError:
                await self._ask()

    def _take(self, body: bytes) -> None:
        entry = ClockEntry.model_validate_json(body)
        if self._newest is None or entry.revision > self._newest.revision:
            self._newest = entry
            self._news.set()

    async def _ask(self) -> None:
        subject = f"$JS.API.DIRECT.GET.{CLOCK_STREAM}.{CLOCK_SUBJECT}"
        try:
            answer = await self._nc.request(subject, timeout=2)
        except nats.errors.Error as error:
            log.info("clock_not_read", error=repr(error))
            return
        if answer.data and not (answer.headers or {}).get("Status"):
            self._take(answer.data)
