"""P9: what it costs to be watched: evaluations drained with metrics and logs on, against the same with both off.

On: every counter counts, log lines are made at INFO, and `/metrics` is written out once a second, fifteen times as
often as Prometheus asks by default. Off: counters that count nothing, no line of log. There are no traces to switch.
Measured in seconds of the process's CPU, which neighbours on the machine disturb less than the wall clock.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, redirect_stderr
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import uvloop
from prometheus_client import Counter, Gauge, Histogram, generate_latest

from deploy.local.bench.draining import drained
from deploy.local.bench.evaluating import World, fill
from deploy.local.bench.figure import Figure, Tell
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared.log import configure
from shared.service import collect_seldom

MESSAGES, UNITS = 30_000, 1_000
SCRAPE_S = 1.0
COUNTING = ((Counter, "inc"), (Gauge, "set"), (Gauge, "inc"), (Gauge, "dec"), (Histogram, "observe"))


def measure(tell: Tell, *, runs: int, messages: int = MESSAGES, units: int = UNITS) -> Figure:
    """Evaluations a CPU second watched and unwatched in turn, `runs` times."""
    with TemporaryDirectory(prefix="minping-bench-") as folder:
        plan = Plan(services=(), sources=("bench",), log_level="WARNING")
        with Deployment(Path(folder) / "house", Ports.free(), plan) as house:
            return uvloop.run(_measure(tell, house, runs, messages, units))


async def _measure(tell: Tell, house: Deployment, runs: int, messages: int, units: int) -> Figure:
    watched: list[float] = []
    unwatched: list[float] = []
    async with (
        World.of(house.layout.data / "bench.db", units) as world,
        house.bus.connect("provision") as admin,
        house.bus.connect("scoring") as inside,
    ):
        for turn in range(2 * runs + 2):
            given = await world.issue(messages)
            await fill(admin, (one.body(number) for number, one in enumerate(given)))
            collect_seldom()
            on = turn % 2 == 0
            async with watching() if on else nobody_watching():
                began = time.process_time()
                await drained(world, inside, messages)
                rate = messages / (time.process_time() - began)
            if turn > 1:  # the first of each warms up
                (watched if on else unwatched).append(rate)
                tell(f"{'watched' if on else 'unwatched'}: {rate:,.0f} a CPU second")
        if await world.counted() != (2 * runs + 2) * messages:
            raise AssertionError(f"{await world.counted()} counted")
    return Figure(
        name="watching",
        ours_is="evaluations drained with metrics, INFO logs and a scrape a second",
        limit_is="the same with counters and logs off",
        unit="messages/CPU s",
        ours=tuple(watched),
        limit=tuple(unwatched),
        sense="at least",
        bound=0.95,
        notes={"messages": messages, "units": units},
    )


@asynccontextmanager
async def watching() -> AsyncIterator[None]:
    """As a service runs, and somebody reads its metrics each second; its log goes to the null device."""

    async def scrape() -> None:
        while True:
            generate_latest()
            await asyncio.sleep(SCRAPE_S)

    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stderr(nowhere):
        configure("scoring", "INFO")
        task = asyncio.create_task(scrape())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    configure("bench", "WARNING")


@asynccontextmanager
async def nobody_watching() -> AsyncIterator[None]:
    """Counters that count nothing, and no log."""
    with _uncounted():
        configure("scoring", "CRITICAL")
        yield
    configure("bench", "WARNING")


@contextmanager
def _uncounted() -> Iterator[None]:
    def nothing(*_: object, **__: object) -> None:
        """Instead of counting."""

    with ExitStack() as stack:
        for kind, method in COUNTING:
            stack.enter_context(patch.object(kind, method, nothing))
        yield
