"""P3: what an acknowledged message is on the disk costs, in atomic batches by scoring's own relay and one by one.

The same messages on the same stream of the same server (`sync_interval: always`), as a service's user.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop
from nats.aio.client import Client

from deploy.local.bench.figure import Figure, Tell
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared.bus.relay import Relay
from shared.contracts.scoring import UnitRegistered
from shared.store import Outgoing

BATCHED, SINGLE = 50_000, 1_500
BODY = b"{" + b" " * 398 + b"}"


def measure(tell: Tell, *, runs: int, batched: int = BATCHED, single: int = SINGLE) -> Figure:
    """Acknowledged messages a second, `runs` times."""
    with TemporaryDirectory(prefix="minping-bench-") as folder:
        plan = Plan(services=(), sources=(), log_level="WARNING")
        with Deployment(Path(folder) / "house", Ports.free(), plan) as house:
            ours, limit = uvloop.run(_measure(tell, house, runs, batched, single))
    return Figure(
        name="publish",
        ours_is="the outbox relay: atomic batches of 1,000, each fsynced before its PubAck",
        limit_is="the same messages one by one, each fsynced before its PubAck",
        unit="messages/s",
        ours=tuple(ours),
        limit=tuple(limit),
        sense="at least",
        bound=8,
        notes={"messages": batched, "one by one": single, "bytes each": len(BODY)},
    )


async def _measure(
    tell: Tell, house: Deployment, runs: int, batched: int, single: int
) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    limit: list[float] = []
    async with house.bus.connect("scoring") as client:
        for turn in range(1, runs + 1):
            limit.append(single / await one_by_one(client, _rows(single)))
            ours.append(batched / await relayed(client, _rows(batched)))
            tell(f"run {turn} of {runs}: {ours[-1]:,.0f} a second, one by one {limit[-1]:,.0f}")
    return ours, limit


def _rows(number: int) -> list[Outgoing]:
    return [Outgoing(secrets.token_hex(16), UnitRegistered.TYPE, BODY) for _ in range(number)]


async def one_by_one(client: Client, rows: list[Outgoing]) -> float:
    """Seconds for a publish and its acknowledgement, each before the next."""
    stream = client.jetstream()
    began = time.perf_counter()
    for row in rows:
        await stream.publish(row.subject, row.payload, headers={"Nats-Msg-Id": row.id}, timeout=10)
    return time.perf_counter() - began


async def relayed(client: Client, rows: list[Outgoing]) -> float:
    """Seconds until the relay has all of them acknowledged and marked. Raises AssertionError if one is missing."""
    marked, enough = 0, asyncio.Event()

    async def mark(ids: list[str]) -> None:
        nonlocal marked
        marked += len(ids)
        if marked >= len(rows):
            enough.set()

    relay = Relay("scoring", client, mark)
    began = time.perf_counter()
    relay.offer(rows)
    task = asyncio.create_task(relay.run())
    await enough.wait()
    elapsed = time.perf_counter() - began
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    if marked != len(rows):
        raise AssertionError(f"{marked} of {len(rows)} were published")
    return elapsed
