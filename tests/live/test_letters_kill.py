"""The sender is killed again and again in the middle of its work (T7): nobody gets a second copy, nothing is lost.

`MINPING_LETTERS=10000` for the full run.
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest

from deploy.local.layout import Ports
from services.notify.store import letters, notices
from shared.contracts.scoring import UnitRegistered
from tests.support.notify_house import House, bare_house, database_url, furnish, passed, seat
from tests.support.wait import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
__all__ = ["bare_house", "database_url"]

ROOT = Path(__file__).parents[2]
LETTERS = int(os.environ.get("MINPING_LETTERS", "1000"))
KILLS = 5 if LETTERS < 5000 else 12
UNITS = 40
WITHIN_S = 60 + LETTERS / 20


async def start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )


async def fill(house: House) -> None:
    """Many units, each with a handler and a leader; a letter to each of the two about each case."""
    await furnish(house)
    for unit in range(UNITS):
        key = f"u{unit}"
        await house.hear("2026-01-01T08:00", UnitRegistered(unit=key, name=f"第{unit}所", category="c", scope="s"))
        await house.hold("2026-01-01T08:00", seat(key, "handler", f"wang{unit}"), seat(key, "main_leader", f"li{unit}"))
    for start in range(0, LETTERS // 2, 250):
        await asyncio.gather(
            *(
                house.hear("2026-03-31T00:00", passed(f"2026-{number:06d}", f"u{number % UNITS}"))
                for number in range(start, min(start + 250, LETTERS // 2))
            )
        )


def ids(folder: Path) -> list[str]:
    """Message-IDs of all that the sink took."""
    parser = BytesHeaderParser()
    return [str(parser.parsebytes(file.read_bytes())["Message-ID"]) for file in folder.glob("*.eml")]


async def test_n3_no_kill_of_the_sender_makes_a_second_copy_or_loses_a_letter(
    bare_house: House, database_url: str, tmp_path: Path
) -> None:
    """T7: thousands of letters, `kill -9` in the middle, on the real sink."""
    seed = random.randrange(10**9)
    chance = random.Random(seed)
    await fill(bare_house)
    folder, port = tmp_path / "letters", Ports.free().smtp
    sink = await start("deploy.local.smtp_sink", "--port", str(port), "--folder", str(folder))
    await until(folder.is_dir, "the sink")
    began, kills = time.perf_counter(), 0
    marks = sorted(chance.sample(range(1, LETTERS), KILLS))
    try:
        async with asyncio.timeout(WITHIN_S):
            for mark in [*marks, None]:
                worker = await start("tests.support.letters_worker", database_url, str(port))
                assert worker.stdout is not None
                await worker.stdout.readline()
                if mark is None:
                    assert await worker.wait() == 0
                    break
                while worker.returncode is None and sum(1 for _ in folder.iterdir()) < mark:
                    await asyncio.sleep(0.002)
                await asyncio.sleep(chance.random() / 100)
                if worker.returncode is None:
                    worker.send_signal(signal.SIGKILL)
                    kills += 1
                await worker.wait()
    finally:
        sink.terminate()
        await sink.wait()
    taken = ids(folder)
    told = await bare_house.unit.read(letters.counts)
    found = [n for n in await notices_of(bare_house) if n["template"] == "deadline_passed"]
    states = Counter(n["state"] for n in found)
    took = time.perf_counter() - began
    print(f"seed {seed}: {len(taken)} letters, {kills} kills, {len(taken) / took:.0f}/s, {dict(states)}, {told}")
    assert kills >= KILLS - 2
    assert len(set(taken)) == len(taken), "a second copy"
    assert len(found) == LETTERS, "somebody was left out"
    assert set(states) <= {"sent", "uncertain"}
    assert {f"<{n['letter']}@minping.example>" for n in found if n["state"] == "sent"} <= set(taken), "lost"
    assert states["uncertain"] <= 2 * kills, "at most the letters in the air are in doubt: one a connection"


async def notices_of(house: House) -> list[dict[str, object]]:
    """All notices, page by page, as an operator lists them."""
    found: list[dict[str, object]] = []
    while True:
        after = int(str(found[-1]["seq"])) if found else 0
        page = await house.unit.read(lambda s, after=after: notices.page(s, after, 1000))  # type: ignore[misc]  # bound here
        found += [dict(row) for row in page]
        if len(page) < 1000:
            return found
