"""P1: evaluations read from the bus, committed once, tallied, against bare nats-py fetch and ack of the same ones."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from deploy.local.bench.evaluating import CONSUMER, NOW, STREAM, SUBJECT, World, fill
from deploy.local.bench.figure import Figure, Tell
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from services.scoring.usecases.evaluation_messages import Raw, take_all
from shared.bus.batches import Batches, deliveries
from shared.bus.settle import DeadLetter
from shared.contracts.inbox import EvaluationSubmitted
from shared.service import collect_seldom

MESSAGES, UNITS = 50_000, 1_000
FETCHED = 500


def measure(tell: Tell, *, runs: int, messages: int = MESSAGES, units: int = UNITS) -> Figure:
    """Evaluations a second, `runs` times."""
    with TemporaryDirectory(prefix="minping-bench-") as folder:
        plan = Plan(services=(), sources=("bench",), log_level="WARNING")
        with Deployment(Path(folder) / "house", Ports.free(), plan) as house:
            return uvloop.run(_measure(tell, house, runs, messages, units))


async def _measure(tell: Tell, house: Deployment, runs: int, messages: int, units: int) -> Figure:
    ours: list[float] = []
    limit: list[float] = []
    async with (
        World.of(house.layout.data / "bench.db", units) as world,
        house.bus.connect("provision") as admin,
        house.bus.connect("scoring") as inside,
    ):
        for turn in range(1, runs + 1):
            given = await world.issue(messages)
            bare = await _bare_consumer(admin)
            await fill(admin, (one.body(number) for number, one in enumerate(given)))
            collect_seldom()  # as every service does at its start
            limit.append(messages / await _fetched(admin, bare, messages))
            ours.append(messages / await drained(world, inside, messages))
            if await world.counted() != turn * messages:
                raise AssertionError(f"{await world.counted()} counted of {turn * messages}")
            tell(f"run {turn} of {runs}: {ours[-1]:,.0f} a second, bare {limit[-1]:,.0f}")
    return Figure(
        name="drain",
        ours_is="evaluations read, committed once, tallied, acknowledged",
        limit_is="bare nats-py fetch + ack of the same messages",
        unit="messages/s",
        ours=tuple(ours),
        limit=tuple(limit),
        sense="at least",
        bound=0.6,
        notes={"messages": messages, "units": units},
    )


async def _bare_consumer(admin: Client) -> str:
    name = f"bench-{secrets.token_hex(4)}"
    config = ConsumerConfig(
        durable_name=name, filter_subject=SUBJECT, ack_policy=AckPolicy.EXPLICIT, ack_wait=60,
        max_ack_pending=CONSUMER.max_ack_pending,
        opt_start_seq=await _next(admin), deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
    )  # fmt: skip
    await admin.jetstream().add_consumer(STREAM.name, config)
    return name


async def _next(admin: Client) -> int:
    return (await admin.jetstream().stream_info(STREAM.name)).state.last_seq + 1


async def _fetched(admin: Client, name: str, messages: int) -> float:
    """Seconds to fetch and acknowledge, and nothing else."""
    subscription = await admin.jetstream().pull_subscribe_bind(name, stream=STREAM.name)
    began, left = time.perf_counter(), messages
    while left:
        for message in await subscription.fetch(min(FETCHED, left), timeout=5):
            await message.ack()
            left -= 1
    await admin.flush()
    elapsed = time.perf_counter() - began
    await subscription.unsubscribe()
    return elapsed


async def drained(world: World, client: Client, messages: int) -> float:
    """Seconds until scoring's own loop has committed, tallied and acknowledged them."""
    done, enough = 0, asyncio.Event()

    async def take(batch: Sequence[Msg]) -> None:
        nonlocal done
        raw = [Raw(m.subject.rpartition(".")[2], m.data, deliveries(m)) for m in batch]
        await world.unit.run(lambda tx: take_all(world.desk, tx, raw), at=NOW)
        done += len(batch)
        if done >= messages:
            enough.set()

    async def bury(letter: DeadLetter) -> None:
        raise AssertionError(letter.reason)

    batches = Batches("scoring", EvaluationSubmitted, client, take, bury)
    began = time.perf_counter()
    task = asyncio.create_task(batches.run())
    await enough.wait()
    while batches.in_hand:  # the last batch is being acknowledged
        await asyncio.sleep(0)
    await client.flush()
    elapsed = time.perf_counter() - began
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return elapsed
