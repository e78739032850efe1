"""Beside the service: how many online evaluations there are, in valkey, where any number of pages may ask (S13).

What stands there is written from the store, never counted up: an emptied valkey is right again a second later, and one
that is away costs nothing but that the store is asked instead.
"""

import asyncio

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlmodel import Session

from services.scoring.store import evaluations as store
from services.scoring.usecases import evaluation_results as results
from services.scoring.usecases.evaluation_results import Counters
from shared.service import Parts

LOOK_S = 1.0
TOTAL = "(all)"
"""field of the sum; no unit's key has such characters"""
AWAY = (RedisError, OSError, TimeoutError)
log = structlog.get_logger()


class LiveCounters:
    """The counters as valkey has them: one hash a cycle, written whole."""

    def __init__(self, url: str) -> None:
        self._valkey: Redis = Redis.from_url(url, decode_responses=True, socket_timeout=1, socket_connect_timeout=1)

    async def read(self, cycle: str) -> Counters | None:
        """The counters of a cycle; None where valkey does not have them or is away."""
        try:
            found = await self._valkey.hgetall(_key(cycle))
        except AWAY:
            return None
        if TOTAL not in found:
            return None
        return results.counters_of(cycle, ((str(k), int(v)) for k, v in found.items() if k != TOTAL))

    async def shown(self, cycle: str) -> int | None:
        """The sum that valkey has of a cycle. Raises RedisError, OSError, TimeoutError."""
        found = await self._valkey.hget(_key(cycle), TOTAL)
        return None if found is None else int(found)

    async def write(self, counters: Counters) -> None:
        """Put a cycle's counters in place of those that stand. Raises RedisError, OSError, TimeoutError."""
        fields = {unit.unit: unit.evaluations for unit in counters.units} | {TOTAL: counters.evaluations}
        async with self._valkey.pipeline(transaction=True) as pipe:
            pipe.delete(_key(counters.cycle))
            pipe.hset(_key(counters.cycle), mapping={k: str(v) for k, v in fields.items()})
            await pipe.execute()

    async def close(self) -> None:
        """Close the connections."""
        await self._valkey.aclose()


async def keep(live: LiveCounters, parts: Parts) -> None:
    """Until cancelled: where valkey says something else than the store, write it anew."""
    away = False
    try:
        while True:
            try:
                await renew(live, parts)
                away = False
            except AWAY as error:
                if not away:
                    log.warning("live_counters_away", error=type(error).__name__)
                away = True
            await asyncio.sleep(LOOK_S)
    finally:
        await live.close()


async def renew(live: LiveCounters, parts: Parts) -> None:
    """Bring valkey up to the store once. Raises RedisError, OSError, TimeoutError."""
    for cycle, total in (await parts.unit.read(store.totals)).items():
        if await live.shown(cycle) == total:
            continue

        def counted(session: Session, cycle: str = cycle) -> Counters:
            return results.counters(session, cycle)

        await live.write(await parts.unit.read(counted))


def _key(cycle: str) -> str:
    return f"minping:evaluations:{cycle}"
