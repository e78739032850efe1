"""The auditor reads every event of the real stream, batch after batch, in its order."""

import json

import pytest

from deploy.local.outside import Bus
from deploy.local.simulate.record import BATCH, STREAM, USER, read
from shared.bus.topology import SERVICES

pytestmark = pytest.mark.live
SUBJECT = f"minping.{SERVICES[0]}.complaint.registered.v1"


async def test_the_auditor_reads_every_event_in_order_across_batches(nats_server: Bus) -> None:
    numbers = range(2 * BATCH + 3)
    async with nats_server.connect("provision") as writer:
        for number in numbers[:-1]:
            await writer.publish(SUBJECT, json.dumps({"id": f"audited-{number}"}).encode())
        last = json.dumps({"id": f"audited-{numbers[-1]}"}).encode()
        await writer.jetstream().publish(SUBJECT, last)  # acknowledged: those before it are stored too
        info = await writer.jetstream().stream_info(STREAM)
    async with nats_server.connect(USER) as auditor:
        found = await read(auditor)
    assert len(found) == info.state.messages
    mine = [one["id"] for one in found if str(one.get("id", "")).startswith("audited-")]
    assert mine == [f"audited-{number}" for number in numbers]
