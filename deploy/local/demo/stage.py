"""The stage on which the people of the demo act: one simulated clock, an agenda, and a barrier between waves.

What happened is judged by an action's own time, so the length of a window changes no figure: within a window
everybody acts in waves, only on what they have seen, and nobody goes on until the house is quiet. What the clock alone
brings about (a duty that is announced) is seen from where the clock stands: a window ends at each stop before its time.
"""

import asyncio
import heapq
import itertools
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import nats.errors
from nats.aio.client import Client

from deploy.local.demo.http import House
from shared.bus.topology import CLOCK_SUBJECT, SERVICES
from shared.clock import ClockEntry

WATCHED = ("EVENTS", "INBOX", "BALLOTS")
POLL_S = 0.004
SLOWEST_POLL_S = 0.02
QUIET_WITHIN_S = 120.0

Act = Callable[[datetime], Awaitable[None]]


class NotQuiet(Exception):
    """The house did not come to rest; says what was still going on."""


@dataclass(order=True)
class _Entry:
    at: datetime
    order: int
    who: str = field(compare=False)
    act: Act = field(compare=False)


async def _perform(entry: _Entry) -> None:
    await entry.act(entry.at)


class Stage:
    """`plan` an act, then `play_until` a time. Acts of one `who` come one a wave, those of others side by side, or with
    `serial` in the order of their times: then the same acts give the same numbers.
    """

    def __init__(
        self, house: House, connection: Client, *, window: timedelta, start: datetime, serial: bool = False
    ) -> None:
        self.house = house
        self._nc = connection
        self._window = window
        self._serial = serial
        self.now = start
        self.horizon = start
        self._revision = 0
        self._settled = start
        self._agenda: list[_Entry] = []
        self._stops: list[datetime] = []
        self._counter = itertools.count()
        self.barriers = 0
        self._busy = ""
        self._behind = ""

    def plan(self, at: datetime, who: str, act: Act) -> None:
        """Do `act` at `at` (not before the present). Acts planned in a wave belong to a later one."""
        heapq.heappush(self._agenda, _Entry(max(at, self.now), next(self._counter), who, act))

    def stop_at(self, instants: Iterable[datetime]) -> None:
        """No window goes beyond any of these instants, and all is quiet there."""
        self._stops = sorted({*self._stops, *(at for at in instants if at > self.now)})

    async def begin(self) -> None:
        """Show the services the first entry of the clock."""
        await self._move(self.now, self.now + timedelta(seconds=0))
        await self.quiet()

    async def play_until(self, end: datetime, tell: Callable[[datetime], None] = lambda at: None) -> None:
        """Move the clock to `end`, window by window; windows in which nobody acts are joined."""
        while self.now < end:
            until = min(end, self._stops[0]) if self._stops else end
            horizon = min(until, self.now + self._window)
            if self._agenda and self._agenda[0].at > horizon:
                skipped = (self._agenda[0].at - self.now) // self._window
                horizon = min(until, self.now + max(1, skipped) * self._window)
            elif not self._agenda:
                horizon = until
            await self._move(self.now, horizon)
            if self._agenda and self._agenda[0].at <= horizon:
                # in a fixed order nobody acts before the letters that fell due are gone: who gets them depends on it
                await (self.quiet() if self._serial else self._until(self._clock_not_seen))
            while self._agenda and self._agenda[0].at <= horizon:
                await self._wave(horizon)
                await self.quiet()
            if self._settled != self.now:
                await self.quiet()
            self.now = horizon
            if self._stops and self.now >= self._stops[0]:
                self._stops.pop(0)
                await self._move(self.now, self.now)
                await self.quiet()
            tell(self.now)
        for _ in range(2):  # what falls due at the end is told, then the letters about it go
            await self._move(self.now, self.now)
            await self.quiet()

    async def _wave(self, horizon: datetime) -> None:
        """The earliest act of each `who`; the next one must see what this one brought about."""
        now: dict[str, _Entry] = {}
        later: list[_Entry] = []
        while self._agenda and self._agenda[0].at <= horizon:
            entry = heapq.heappop(self._agenda)
            if entry.who in now:
                later.append(entry)
            else:
                now[entry.who] = entry
        for entry in later:
            heapq.heappush(self._agenda, entry)
        if self._serial:
            for entry in now.values():
                await _perform(entry)
            return
        async with asyncio.TaskGroup() as group:
            for entry in now.values():
                group.create_task(_perform(entry))

    async def _move(self, now: datetime, horizon: datetime) -> None:
        self._revision += 1
        self.now, self.horizon = now, horizon
        entry = ClockEntry(now=now, horizon=horizon, revision=self._revision, settled=self._settled)
        while True:
            try:
                await self._nc.request(CLOCK_SUBJECT, entry.model_dump_json().encode(), timeout=2)
                return
            except (nats.errors.Error, OSError):
                await asyncio.sleep(0.1)

    async def quiet(self) -> None:
        """Wait until nothing is going on. The order of the questions matters: others gave false answers."""
        self.barriers += 1
        await self._until(self._restless)
        self._settled = self.now

    async def _until(self, ask: Callable[[], Awaitable[str]]) -> None:
        """Ask until the answer is empty. Raises NotQuiet with what was said last."""
        deadline = asyncio.get_running_loop().time() + QUIET_WITHIN_S
        said, pause = "", POLL_S
        while asyncio.get_running_loop().time() < deadline:
            try:
                said = await ask()
            except (nats.errors.Error, OSError, KeyError) as error:
                said = f"the bus does not answer: {error!r}"
                pause = 0.1
            if not said:
                return
            await asyncio.sleep(pause)
            pause = min(SLOWEST_POLL_S, POLL_S + pause)
        raise NotQuiet(f"after {QUIET_WITHIN_S:.0f} s still {said}")

    async def _clock_not_seen(self) -> str:
        answers = await asyncio.gather(*(self.house.quiescence(name) for name in SERVICES))
        late = [n for n, a in zip(SERVICES, answers, strict=True) if a is None or a["revision"] != self._revision]
        return f"clock: {', '.join(late)} not at revision {self._revision}" if late else ""

    async def _restless(self) -> str:
        """What is still going on; the services are asked first because they answer at least cost."""
        if said := await self._busy_services():
            return said
        before = await self._last_sequences()
        if said := await self._busy_consumers():
            return said
        if said := await self._busy_services():
            return said
        return "" if before == await self._last_sequences() else "new events in a stream"

    async def _busy_services(self) -> str:
        """The one that was busy last is asked alone until it is not."""
        if self._busy and (said := await self._busy_service(self._busy)):
            return said
        found = await asyncio.gather(*(self._busy_service(name) for name in SERVICES))
        self._busy = next((name for name, said in zip(SERVICES, found, strict=True) if said), "")
        return next(filter(None, found), "")

    async def _last_sequences(self) -> list[int]:
        answers = await asyncio.gather(*(self._ask(f"STREAM.INFO.{name}") for name in WATCHED))
        return [int(answer["state"]["last_seq"]) for answer in answers]

    async def _busy_consumers(self) -> str:
        """The one that was behind last is asked alone until it is not: a list of all is a hundred times as much."""
        if self._behind and (said := _behind(await self._ask(f"CONSUMER.INFO.{self._behind}"))):
            return said
        answers = await asyncio.gather(*(self._ask(f"CONSUMER.LIST.{name}") for name in WATCHED))
        for stream, answer in zip(WATCHED, answers, strict=True):
            for one in answer["consumers"]:
                if said := _behind(one):
                    self._behind = f"{stream}.{one['name']}"
                    return said
        self._behind = ""
        return ""

    async def _busy_service(self, name: str) -> str:
        answer = await self.house.quiescence(name)
        if answer is None:
            return f"{name} does not answer"
        if answer["revision"] != self._revision or answer["unsent"] or answer["in_hand"]:
            return f"{name} {answer}, the clock is at revision {self._revision}"
        return ""

    async def _ask(self, subject: str) -> dict[str, Any]:
        answer = await self._nc.request(f"$JS.API.{subject}", timeout=2)
        body: dict[str, Any] = json.loads(answer.data)
        return body


def _behind(consumer: dict[str, Any]) -> str:
    """What a consumer still has to do; empty if nothing."""
    left, unacknowledged = consumer["num_pending"], consumer["num_ack_pending"]
    return f"consumer {consumer['name']} has {left} + {unacknowledged} to do" if left or unacknowledged else ""
