"""P8: the memory of the running service while it drains a million evaluations, and idle before.

The messages are there when the service gets to them: it drains as fast as it can, with the broker full behind it.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from nats.aio.client import Client

from deploy.local.bench.evaluating import CONSUMER, CYCLE, STREAM, Evaluation, World, fill
from deploy.local.bench.figure import Figure, Tell
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared.contracts.inbox import EvaluationCodesIssued

MESSAGES, UNITS = 1_000_000, 1_000
IDLE_MB, DRAINING_MB = 150, 300
PATIENCE_S = 1_800.0
SHOWN_WITHIN_S = 30.0


def measure(tell: Tell, *, runs: int, messages: int = MESSAGES, units: int = UNITS) -> list[Figure]:
    """Megabytes resident, once: the highest there was since the start of the service (`runs` changes nothing)."""
    with TemporaryDirectory(prefix="minping-bench-") as folder:
        plan = Plan(services=("scoring",), sources=("bench",), log_level="WARNING")
        with Deployment(Path(folder) / "house", Ports.free(), plan) as house:
            return asyncio.run(_measure(tell, house, messages, units, Path(folder)))


async def _measure(tell: Tell, house: Deployment, messages: int, units: int, folder: Path) -> list[Figure]:
    pid = house.supervisor.pid("scoring")
    idle = _megabytes(pid, "VmRSS")
    today = datetime.now(UTC)
    world = World(folder / "unused.db", units)
    _open(house, world.units, today)
    given = world.evaluations(messages)
    async with house.bus.connect("provision") as admin:
        await fill(admin, iter(_announced(given, today)))
        await _drained(admin)
        began = time.perf_counter()
        await fill(admin, (one.body(number, today) for number, one in enumerate(given)), tell)
        await _drained(admin)
    elapsed = time.perf_counter() - began
    await _shown(house, messages)
    peak = _megabytes(pid, "VmHWM")
    tell(f"{messages:,} drained in {elapsed:.0f} s while they were published, at most {peak:.0f} MB")
    about = {"messages": messages, "units": units, "seconds, publishing too": round(elapsed)}
    return [
        Figure("memory-idle", "scoring, idle", "the goal", "MB", (idle,), (IDLE_MB,), "at most", 1.0),
        Figure("memory", "scoring, highest while draining", "the goal", "MB", (peak,), (DRAINING_MB,), "at most", 1.0,
               notes=about),
    ]  # fmt: skip


def _open(house: Deployment, units: list[str], today: datetime) -> None:
    for start in range(0, len(units), 500):
        part = [{"unit": u, "name": u, "category": "service_window"} for u in units[start : start + 500]]
        _get(house, "/api/v1/units", part)
    span = {"starts": (today - timedelta(days=90)).isoformat(), "ends": (today + timedelta(days=90)).isoformat()}
    _get(house, "/api/v1/cycles", {"name": CYCLE, **span})


def _announced(given: list[Evaluation], today: datetime) -> list[bytes]:
    by_unit: dict[str, list[str]] = {}
    for one in given:
        by_unit.setdefault(one.unit, []).append(sha256(one.token).hexdigest())
    head = {"specversion": "1.0", "source": "bench", "type": EvaluationCodesIssued.TYPE, "time": today.isoformat()}
    served = (today - timedelta(days=1)).date().isoformat()
    return [
        json.dumps(
            {**head, "id": f"{unit}-{start}",
             "data": {"unit": unit, "served_on": served, "code_hashes": hashes[start : start + 2_000]}}
        ).encode()
        for unit, hashes in by_unit.items()
        for start in range(0, len(hashes), 2_000)
    ]  # fmt: skip


async def _shown(house: Deployment, messages: int) -> None:
    """Until the public counters, which follow the store by a moment, say all."""
    patience = time.monotonic() + SHOWN_WITHIN_S
    while (counted := _get(house, f"/api/v1/cycles/{CYCLE}/evaluations/counters")["evaluations"]) != messages:
        if time.monotonic() > patience:
            raise AssertionError(f"{counted} counted of {messages}")
        await asyncio.sleep(0.2)


async def _drained(admin: Client) -> None:
    patience = time.monotonic() + PATIENCE_S
    while True:
        info = await admin.jetstream().consumer_info(STREAM.name, CONSUMER.name)
        if info.num_pending == 0 and info.num_ack_pending == 0:
            return
        if time.monotonic() > patience:
            raise AssertionError(f"{info.num_pending} messages are still waiting")
        await asyncio.sleep(0.1)


def _get(house: Deployment, path: str, body: object = None) -> dict[str, int]:
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Bearer {house.token('office')}", "Content-Type": "application/json"}
    asked = urllib.request.Request(house.urls["scoring"] + path, data, headers)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(asked, timeout=60) as answer:
        return json.load(answer)  # type: ignore[no-any-return]  # our own service answers an object


def _megabytes(pid: int, field: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split(f"{field}:", 1)[1].split()[0]) / 1024
