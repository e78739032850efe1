"""A simple bound on what one address may ask for without signing in. Addresses stay in memory and are forgotten."""

import time
from collections import OrderedDict

from shared.errors import Refusal

REMEMBERED = 10_000


class PerMinute:
    """A bucket an address that refills evenly; the addresses seen longest ago are forgotten first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Count a request. Raises Refusal (429) when the address has sent too many."""
        now = time.monotonic()
        left, seen = self._buckets.pop(address, (float(self._most), now))
        left = min(float(self._most), left + (now - seen) * self._most / 60)
        self._buckets[address] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if left < 1:
            raise Refusal("(request)", "…", f"more than {self._most} a minute", "wait a minute", 429)
