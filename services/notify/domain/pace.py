"""How many letters may go now: so many a minute, an hour, a day, altogether and to one domain of recipients (N4).

Counted in a window that moves along, by a clock that nobody sets: a wall clock put back by a day would stop all
letters for a day. A service that starts anew counts anew.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import Refusal

SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
RATE = re.compile(r"([1-9][0-9]{0,8})\s*/\s*(second|minute|hour|day)")
NO_LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `letters` in any `seconds`."""

    letters: int
    seconds: float


def rates(text: str, field: str) -> tuple[Rate, ...]:
    """What a setting like `60/minute; 1000/hour` says. Raises Refusal."""
    found: list[Rate] = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        match = RATE.fullmatch(part)
        if match is None:
            raise Refusal(field, part, "not a rate", "write it like 60/minute; 1000/hour")
        found.append(Rate(int(match[1]), SECONDS[match[2]]))
    return tuple(found)


class Window:
    """The letters of the last while, against some rates."""

    def __init__(self, limits: Sequence[Rate]) -> None:
        self._limits = limits
        self._longest = max((rate.seconds for rate in limits), default=0.0)
        self._gone: list[float] = []

    def note(self, now: float) -> None:
        """A letter goes."""
        if self._limits:
            self._gone.append(now)
            if self._gone[0] <= now - self._longest and len(self._gone) > 1000:
                del self._gone[: bisect_right(self._gone, now - self._longest)]

    def room(self, now: float) -> int:
        """How many more may go now."""
        free = (r.letters - len(self._gone) + bisect_right(self._gone, now - r.seconds) for r in self._limits)
        return max(0, min(free, default=NO_LIMIT))

    def wait(self, now: float) -> float:
        """Seconds until one more may go."""
        waits = [0.0]
        for rate in self._limits:
            inside = len(self._gone) - bisect_right(self._gone, now - rate.seconds)
            if inside >= rate.letters:
                waits.append(self._gone[-rate.letters] + rate.seconds - now)
        return max(waits)


class Budget:
    """What one commit may claim, as the pace stands."""

    def __init__(
        self, letters: int, closed: tuple[str, ...] = (), room: dict[str, int] | None = None, each: int = NO_LIMIT
    ) -> None:
        self.letters = letters
        self.closed = closed
        """Domains to which nothing may go now."""
        self._room, self._each = room or {}, each

    def take(self, email: str) -> bool:
        """Whether a letter to this address may be claimed; it counts if so."""
        domain = domain_of(email)
        left = self._room.get(domain, self._each)
        if self.letters <= 0 or left <= 0:
            return False
        self.letters -= 1
        self._room[domain] = left - 1
        return True


class Pace:
    """One a sender. `now` is any clock that only goes forward, in seconds."""

    def __init__(self, altogether: Sequence[Rate] = (), per_domain: Sequence[Rate] = ()) -> None:
        self._all = Window(altogether)
        self._per_domain = per_domain
        self._domains: dict[str, Window] = {}

    def note(self, email: str, now: float) -> None:
        """A letter to this address goes."""
        self._all.note(now)
        if self._per_domain:
            self._domains.setdefault(domain_of(email), Window(self._per_domain)).note(now)

    def budget(self, letters: int, now: float) -> Budget:
        """What may be claimed of at most `letters`."""
        room = {domain: window.room(now) for domain, window in list(self._domains.items())}
        closed = tuple(domain for domain, left in room.items() if left <= 0)
        each = min((rate.letters for rate in self._per_domain), default=NO_LIMIT)
        return Budget(min(letters, self._all.room(now)), closed, room, each)

    def wait(self, now: float) -> float:
        """Seconds until more may go than now; 0 if nothing is held back."""
        if (wait := self._all.wait(now)) > 0:
            return wait
        return min((w for w in (window.wait(now) for window in list(self._domains.values())) if w > 0), default=0.0)


def domain_of(email: str) -> str:
    """The domain of an address, in small letters."""
    return email.rpartition("@")[2].lower()
