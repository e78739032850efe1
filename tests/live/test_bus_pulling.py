"""A lone event is taken at once, also when a request of an earlier, idle call is still open at the broker."""

import asyncio
import json
from typing import Any, cast

import pytest

from shared.bus.pulling import Pull
from shared.bus.topology import consumer
from shared.contracts.scoring import UnitRegistered
from tests.support.house import Stream, unit_registered

pytestmark = pytest.mark.live
TIMEOUT_S = 30.0
"""So long a call would hold the event if it waited for the rest of its batch."""


async def test_a_lone_event_is_not_held_for_the_rest_of_its_batch(stream: Stream) -> None:
    own = consumer("rectification", UnitRegistered)
    bound = await stream.nc.jetstream().pull_subscribe_bind(own.name, stream=own.stream)
    pull, inside = Pull(bound), cast(Any, bound)
    open_still = json.dumps({"batch": 500, "expires": int(TIMEOUT_S * 1e9)}).encode()
    await stream.nc.publish(inside._nms, open_still, inside._deliver)
    for name in ("first", "second", "third"):
        coming = asyncio.create_task(pull.fetch(500, TIMEOUT_S))
        await asyncio.sleep(0)
        await stream.send(unit_registered(name, id=name))
        (message,) = await asyncio.wait_for(coming, TIMEOUT_S / 3)
        assert json.loads(message.data)["data"]["name"] == name
        await message.ack()


async def test_a_request_that_ended_is_followed_by_another(stream: Stream) -> None:
    own = consumer("rectification", UnitRegistered)
    pull = Pull(await stream.nc.jetstream().pull_subscribe_bind(own.name, stream=own.stream))
    assert await pull.fetch(500, 1.0) == [], "the broker says that the request has ended"
    await stream.send(unit_registered("later", id="later"))
    (message,) = await pull.fetch(500, TIMEOUT_S)
    await message.ack()
