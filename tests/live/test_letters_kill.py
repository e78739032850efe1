"""The sender is killed again and again in the middle of its work (T7): nobody gets a second copy, nothing is lost."""

import asyncio
import random
import signal
import sys
from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.support.mail_server import MailServer
from tests.support.notify_house import House, bare_house, database_url, furnish, passed

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
__all__ = ["bare_house", "database_url"]

ROOT = Path(__file__).parents[2]
LETTERS = 240
KILLS = 6


async def test_no_kill_of_the_sender_makes_a_second_copy_or_loses_a_letter(
    bare_house: House, database_url: str
) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    await furnish(bare_house)
    for number in range(LETTERS):
        await bare_house.hear("2026-03-31T00:00", passed(f"2026-{number:06d}", roles=("handler",)))
    mail = MailServer()
    await mail.start()
    kills = 0
    for _ in range(KILLS + 1):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.support.letters_worker",
            database_url,
            str(mail.port),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        assert process.stdout is not None
        await process.stdout.readline()
        before = len(mail.letters)
        if kills < KILLS:
            wanted = before + chance.randrange(0, LETTERS // KILLS)
            with suppress(TimeoutError):
                async with asyncio.timeout(20):
                    while len(mail.letters) < wanted and process.returncode is None:
                        await asyncio.sleep(chance.random() / 1000)
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
        await asyncio.wait_for(process.wait(), 60)
    await mail.stop()
    assert process.returncode == 0
    ids = [str(message_from_bytes(raw, policy=policy.default)["Message-ID"]) for _, raw in mail.letters]
    assert len(set(ids)) == len(ids), "a second copy"
    found = await bare_house.notices(template="deadline_passed")
    by_state = {state: [n for n in found if n["state"] == state] for state in {n["state"] for n in found}}
    assert set(by_state) <= {"sent", "uncertain"}
    assert all(f"<{n['letter']}@minping.example>" in ids for n in by_state["sent"]), "lost"
    assert len(by_state.get("uncertain", [])) <= 2 * kills, "at most the letters in the air are in doubt"
    assert kills >= KILLS // 2
