"""T3: both streams come again as a whole, past the broker's duplicate window; no figure changes and no letter goes out.

The house of a played demo is started again on its folder. Every event and every report that it ever took is published
once more under no id that the broker would know; besides, every consumer is made anew, so that all comes a third time.
"""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared.bus.topology import SERVICES, consumers
from tests.e2e.test_demo import Run
from tests.support.wait import until

pytestmark = pytest.mark.e2e
STREAMS = ("EVENTS", "INBOX")
FIGURES = {
    "intake": ("/api/v1/statistics",),
    "rectification": ("/api/v1/statistics", "/api/v1/ledger/verification", "/api/v1/cases/export"),
    "scoring": ("/api/v1/units",),
    "notify": ("/api/v1/statistics",),
}


async def ask(client: Client, subject: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """JetStream's API."""
    answer = await client.request(f"$JS.API.{subject}", json.dumps(body).encode() if body else b"", timeout=5)
    found: dict[str, Any] = json.loads(answer.data)
    assert "error" not in found, found
    return found


async def replay(client: Client) -> int:
    """Publish everything that the streams hold once more; returns how many messages that was."""
    js, count = client.jetstream(), 0
    for stream in STREAMS:
        state = (await ask(client, f"STREAM.INFO.{stream}"))["state"]
        for seq in range(state["first_seq"], state["last_seq"] + 1):
            message = await js.get_msg(stream, seq)
            await js.publish(str(message.subject), message.data or b"")
            count += 1
    return count


async def forgotten(client: Client) -> None:
    """No consumer of a service is there any more; the next start makes them, and they begin at the beginning."""
    for service in SERVICES:
        for one in consumers(service):
            await ask(client, f"CONSUMER.DELETE.{one.stream}.{one.name}")


async def is_quiet(client: Client, house: Deployment) -> bool:
    """Nothing is waiting on any consumer, and no service has anything in hand or to publish."""
    for stream in STREAMS:
        for one in (await ask(client, f"CONSUMER.LIST.{stream}"))["consumers"]:
            if one["num_pending"] or one["num_ack_pending"]:
                return False
    said = [json.loads(fetched(house, name, "/api/v1/quiescence")) for name in SERVICES]
    return not any(one["unsent"] or one["in_hand"] for one in said)


def fetched(house: Deployment, service: str, path: str) -> bytes:
    """A page as the auditor sees it."""
    roles = {"/api/v1/cases/export": "auditor", "/api/v1/ledger/verification": "auditor"}
    token = house.token(roles.get(path, "office"))
    request = urllib.request.Request(house.urls[service] + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        found: bytes = answer.read()
        return found


def figures(house: Deployment) -> dict[str, bytes]:
    """Everything that must not change."""
    told = {f"{name}{path}": fetched(house, name, path) for name, paths in FIGURES.items() for path in paths}
    return told | {"letters": "\n".join(sorted(path.name for path in house.layout.letters.iterdir())).encode()}


@asynccontextmanager
async def started(data: Path, services: Sequence[str] = SERVICES) -> AsyncIterator[tuple[Deployment, Client]]:
    """The house of this folder, or only the servers that it stands on."""
    house = Deployment(data, Ports.free(), Plan(clock="simulated", sources=("demo-hotline",), services=services))
    await asyncio.to_thread(house.start)
    try:
        async with house.bus.connect("provision") as client:
            yield house, client
    finally:
        await asyncio.to_thread(house.stop)


async def test_t3_both_streams_replayed_whole_change_no_figure_and_send_no_letter(tmp_path: Path) -> None:
    run = Run(tmp_path)
    data = Path((await asyncio.to_thread(run.report))["data"])
    async with started(data) as (house, client):
        await until(lambda: is_quiet(client, house), "the house came to rest", within=60)
        before = figures(house)
        assert await replay(client) > 500, "a demo has more events than that"
        await until(lambda: is_quiet(client, house), "everything came again", within=120)
        assert figures(house) == before
    async with started(data, services=()) as (_, client):
        await forgotten(client)
    async with started(data) as (house, client):
        await until(lambda: is_quiet(client, house), "everything came a third time and a fourth", within=180)
        assert figures(house) == before
