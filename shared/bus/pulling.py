"""How a subscriber gets its messages: whatever has come is handed over at once, and one request is kept open.

nats-py's own `fetch` of many waits for the rest of its batch, up to its timeout, when a request of an earlier call was
still open at the broker: the end of that request and the timeout of the call come at the same moment, so that every
idle consumer got into this now and then, and a lone event was held for up to five seconds on its way (nats-py 2.16).
"""

import asyncio
import json
from typing import Any, cast

from nats.aio.msg import Msg
from nats.js.client import JetStreamContext

ENDS_BEFORE_S = 0.5
"""So much before the call gives up the broker ends the request, and says so."""

PAUSE_S = 0.5
ENDED = ("404", "408", "409")


class Pull:
    """Stands in for the `fetch` of a pull subscription: `subscription.fetch = Pull(subscription).fetch`."""

    def __init__(self, subscription: JetStreamContext.PullSubscription) -> None:
        self._pull = cast(Any, subscription)
        self._open = 0
        """messages that the broker may still send on the open request"""

    async def fetch(self, batch: int = 1, timeout: float | None = 5.0, heartbeat: float | None = None) -> list[Msg]:
        """What has come; waits for the first. Empty when the request ended. Raises TimeoutError after `timeout`."""
        coming = self._pull._sub
        if self._open <= 0:
            await self._ask(batch, timeout or 5.0)
        found: list[Msg] = []
        try:
            await self._take(await coming.next_msg(timeout), found)
        except TimeoutError:
            self._open = 0
            raise
        while not coming._pending_queue.empty():
            await self._take(await coming.next_msg(timeout), found)
        return found

    async def _ask(self, batch: int, timeout: float) -> None:
        expires = max(timeout - ENDS_BEFORE_S, timeout / 2)
        request = {"batch": batch, "expires": int(expires * 1_000_000_000)}
        await self._pull._nc.publish(self._pull._nms, json.dumps(request).encode(), self._pull._deliver)
        self._open = batch

    async def _take(self, message: Msg, found: list[Msg]) -> None:
        status = JetStreamContext.is_status_msg(message)
        if status is None:
            found.append(message)
            self._open -= 1
            return
        self._open = 0
        if status not in ENDED:  # nobody answers for the consumer: asking at once again would be asking without end
            await asyncio.sleep(PAUSE_S)
