"""A courier is killed again and again in the middle of its work: no second copy of a message, none is lost (N3)."""

import asyncio
import random
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from services.notify.carriers.secrets import read_ways
from tests.support.channel_house import channels_file, with_channels
from tests.support.gateway import Gateway
from tests.support.notify_house import House, bare_house, database_url, furnish, passed, seat

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
__all__ = ["bare_house", "database_url"]

ROOT = Path(__file__).parents[2]
MESSAGES = 40
KILLS = 2


async def test_n3_no_kill_of_a_courier_makes_a_second_copy_or_loses_a_message(
    bare_house: House, database_url: str, tmp_path: Path
) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    gateway = Gateway()
    await gateway.start()
    path = channels_file(tmp_path, gateway.port, sms={"per_minute": 6000})
    bare_house.desk = with_channels(read_ways(path, 5), ("sms",))
    await furnish(bare_house)
    await bare_house.hold("2026-01-02T09:00", seat("tax", "handler", "wang", contacts={"sms": "138"}))
    for number in range(MESSAGES):
        await bare_house.hear("2026-03-31T00:00", passed(f"2026-{number:06d}", roles=("handler",)))
    kills = 0
    for _ in range(KILLS + 1):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.messages_worker", database_url, str(path),
            stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        assert process.stdout is not None
        await process.stdout.readline()
        if kills < KILLS:
            wanted = len(gateway.heard) + chance.randrange(1, MESSAGES // KILLS - 4)
            with suppress(TimeoutError):
                async with asyncio.timeout(30):
                    while len(gateway.heard) < wanted and process.returncode is None:
                        await asyncio.sleep(chance.random() / 1000)
            if process.returncode is None:
                process.kill()
                kills += 1
        await asyncio.wait_for(process.wait(), 60)
    await gateway.stop()
    assert process.returncode == 0
    ids = [one["said"]["id"] for one in gateway.heard]
    assert len(set(ids)) == len(ids), "a second copy"
    found = await bare_house.notices(template="deadline_passed")
    uncertain = [n for n in found if n["state"] == "uncertain"]
    assert {n["state"] for n in found} <= {"sent", "uncertain"}
    assert all(n["letter"] in ids for n in found if n["state"] == "sent"), "lost"
    assert len(uncertain) <= kills, "at most the message in the air is in doubt"
    assert kills == KILLS
