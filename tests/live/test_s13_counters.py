"""Live counters of online evaluation in a real valkey: rebuilt when it was emptied (T10), not missed while away."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from redis.asyncio import Redis

from deploy.local.bench.evaluating import CYCLE, World
from services.scoring.counters import AWAY, LiveCounters, renew
from services.scoring.usecases import evaluation_results as results
from services.scoring.usecases.evaluations import Arrival, take

pytestmark = pytest.mark.live
AT = datetime(2026, 3, 3, 2, tzinfo=UTC)


async def more(world: World, number: int) -> None:
    """Evaluations are taken."""
    given = [Arrival(one.text, one.unit, one.marks, AT) for one in await world.issue(number)]
    await world.unit.run(lambda tx: take(world.desk, tx, given), at=AT)


async def test_s13_counters_in_an_emptied_valkey_are_rebuilt_and_equal_to_the_store(
    valkey: str, tmp_path: Path
) -> None:
    async with World.of(tmp_path / "scoring.db", 5) as world:
        live, parts = LiveCounters(valkey), _parts(world)
        assert await live.read(CYCLE) is None
        await more(world, 50)
        await renew(live, parts)
        await more(world, 23)
        await renew(live, parts)
        kept = await world.unit.read(lambda s: results.counters(s, CYCLE))
        assert (await live.read(CYCLE), kept.evaluations) == (kept, 73)
        async with Redis.from_url(valkey) as admin:
            await admin.flushall()
        assert await live.read(CYCLE) is None
        await renew(live, parts)
        assert await live.read(CYCLE) == kept
        await live.close()


async def test_s13_without_valkey_the_store_is_asked(tmp_path: Path) -> None:
    live = LiveCounters(f"redis://127.0.0.1:1/{secrets.randbelow(9)}")
    assert await live.read(CYCLE) is None
    async with World.of(tmp_path / "scoring.db", 5) as world:
        await more(world, 5)
        with pytest.raises(AWAY):
            await renew(live, _parts(world))
    await live.close()


def _parts(world: World) -> Any:
    """What `renew` needs of a running service."""
    return SimpleNamespace(unit=world.unit)
