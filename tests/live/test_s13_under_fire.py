"""Online evaluation while broker and scoring are killed again and again (S13, T1): every evaluation counted once.

`MINPING_EVALUATIONS=1000000 MINPING_EVALUATED_UNITS=1000` makes it the million of a whole province.
"""

import asyncio
import json
import os
import random
import secrets
import signal
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import httpx2
import nats
import nats.errors
import nats.js.errors
import pytest
from nats.aio.client import Client
from sqlmodel import Session

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from services.scoring.domain.cards import TOKEN_BYTES
from services.scoring.domain.evaluation import code_text
from services.scoring.store import evaluations as store
from shared.contracts.inbox import EvaluationCodesIssued, EvaluationSubmitted
from shared.programme import load
from shared.store import reader_engine
from tests.support.wait import until

pytestmark = pytest.mark.live
EVALUATIONS = int(os.environ.get("MINPING_EVALUATIONS", "20000"))
UNITS = int(os.environ.get("MINPING_EVALUATED_UNITS", "100"))
SOURCE, CYCLE = "hall", "2026-H2"
AT_ONCE = 500
PATIENCE_S = 120 + EVALUATIONS / 500


class Hall:
    """A source with its account: publishes until the broker has acknowledged, whatever happens to the broker."""

    def __init__(self, house: Deployment) -> None:
        self._house = house
        self._room = asyncio.Semaphore(AT_ONCE)
        self.acknowledged = 0
        self.client = Client()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Hall"]:
        """A connection that comes back by itself."""

        async def unheard(_: Exception) -> None:
            """What fails is raised by the call that needs it."""

        self.client = await nats.connect(
            self._house.ports.nats_url, user=SOURCE, password=self._house.keyring.password(SOURCE),
            inbox_prefix=f"_INBOX_{SOURCE}", max_reconnect_attempts=-1, reconnect_time_wait=0.1, error_cb=unheard,
        )  # fmt: skip
        yield self
        await self.client.close()

    async def send(self, bodies: Iterable[bytes]) -> None:
        """Publish all; each is acknowledged when this returns."""
        async with asyncio.TaskGroup() as group:
            for body in bodies:
                await self._room.acquire()
                group.create_task(self._one(body))

    async def _one(self, body: bytes) -> None:
        key = secrets.token_hex(12)
        try:
            while True:
                with suppress(nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError):
                    headers = {"Nats-Msg-Id": key}
                    answer = await self.client.request(
                        f"minping.inbox.evaluation.{SOURCE}", body, timeout=5, headers=headers
                    )
                    if "error" not in json.loads(answer.data):
                        self.acknowledged += 1
                        return
                await asyncio.sleep(0.1)
        finally:
            self._room.release()


def event(kind: str, data: dict[str, object]) -> bytes:
    """A message of the source."""
    head = {"specversion": "1.0", "id": secrets.token_hex(8), "source": SOURCE, "type": kind}
    return json.dumps({**head, "time": datetime.now(UTC).isoformat(), "data": data}).encode()


def evaluation(token: bytes, unit: str, marks: dict[str, str]) -> bytes:
    """An evaluation on the wire."""
    return event(EvaluationSubmitted.TYPE, {"code": code_text(token), "unit": unit, "marks": marks})


def kill(house: Deployment, part: str) -> None:
    """`kill -9`; the supervisor starts it again."""
    with suppress(ProcessLookupError):  # it is just being started again
        os.kill(house.supervisor.pid(part), signal.SIGKILL)


async def killing(house: Deployment, hall: Hall, total: int, said: list[str]) -> None:
    """Kill parts in turn, each time some more was acknowledged."""
    for number, parts in enumerate((("scoring",), ("nats",), ("nats", "scoring"), ("scoring",)), 1):
        wanted = total * number // 5
        await until(lambda wanted=wanted: hall.acknowledged >= wanted, "evaluations go on", within=PATIENCE_S)  # type: ignore[misc]  # bound at once
        for part in parts:
            kill(house, part)
            said.append(f"{part} after {hall.acknowledged}")


async def opened(house: Deployment, today: datetime) -> list[str]:
    """Units and a cycle are registered."""
    units = [f"u{number:04}" for number in range(UNITS)]
    headers = {"Authorization": f"Bearer {house.token('office')}"}
    async with httpx2.AsyncClient(base_url=house.urls["scoring"], headers=headers, trust_env=False) as office:
        for start in range(0, UNITS, 500):
            body = [{"unit": u, "name": u, "category": "service_window"} for u in units[start : start + 500]]
            (await office.post("/api/v1/units", json=body)).raise_for_status()
        span = {"starts": (today - timedelta(days=90)).isoformat(), "ends": (today + timedelta(days=90)).isoformat()}
        (await office.post("/api/v1/cycles", json={"name": CYCLE, **span})).raise_for_status()
    return units


async def test_s13_evaluations_are_counted_exactly_while_broker_and_scoring_are_killed(tmp_path: Path) -> None:
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")
    chance, programme, began = random.Random(seed), load("window-units"), time.monotonic()
    dimensions = [d.key for d in programme.dimensions]
    choices = [*(g.key for g in programme.grades), programme.abstain.key]
    today = datetime.now(programme.zone)
    with Deployment(tmp_path / "house", Ports.free(), Plan(services=("scoring",), sources=(SOURCE,))) as house:
        units = await opened(house, today)
        tokens = [(chance.randbytes(TOKEN_BYTES), units[n % UNITS]) for n in range(EVALUATIONS)]
        model: dict[str, dict[str, dict[str, int]]] = {
            u: {d: dict.fromkeys(choices, 0) for d in dimensions} for u in units
        }

        def marked() -> dict[str, str]:
            return {dimensions[0]: choices[0]} | {d: chance.choice(choices) for d in dimensions[1:]}

        announced = []
        hashed: dict[str, list[str]] = {unit: [] for unit in units}
        for token, unit in tokens:
            hashed[unit].append(sha256(token).hexdigest())
        for unit in units:
            hashes = hashed[unit]
            for start in range(0, len(hashes), 2_000):
                data = {
                    "unit": unit,
                    "served_on": today.date().isoformat(),
                    "code_hashes": hashes[start : start + 2000],
                }
                announced.append(event(EvaluationCodesIssued.TYPE, data))
        given = [(token, unit, marked()) for token, unit in tokens]
        for _, unit, marks in given:
            for dimension, choice in marks.items():
                model[unit][dimension][choice] += 1
        chance.shuffle(given)
        said: list[str] = []
        hall = Hall(house)
        async with hall.connected():
            await hall.send(announced)
            flood = len(given) // 10
            total = len(given) + 3 * flood
            killer = asyncio.create_task(killing(house, hall, total, said))
            await hall.send(evaluation(*one) for one in given)
            rubbish = [
                *(evaluation(token, unit, {dimensions[0]: choices[2]}) for token, unit, _ in given[:flood]),
                *(evaluation(*one) for one in given[:flood]),
                *(evaluation(chance.randbytes(TOKEN_BYTES), unit, marks) for _, unit, marks in given[:flood]),
            ]
            chance.shuffle(rubbish)
            await hall.send(rubbish)
            await killer
            print(f"{hall.acknowledged} acknowledged after {time.monotonic() - began:.0f} s; killed: {'; '.join(said)}")

            async def drained() -> bool:
                async with house.bus.connect("driver") as driver:
                    info = await driver.jetstream().consumer_info("EVALUATIONS", "scoring-inbox-evaluation-any")
                return info.num_pending == 0 and info.num_ack_pending == 0

            await until(drained, "all are taken", within=PATIENCE_S)
        engine = reader_engine(house.settings("scoring")["MINPING_DATABASE_URL"])
        with Session(engine) as session:
            tallies, again = store.tallies(session, CYCLE), store.recount(session, CYCLE)
            form = next(iter(store.forms(session).values()))
        engine.dispose()
        assert {key[1]: form.by_dimension(t.counts) for key, t in tallies.items()} == model
        assert sum(t.evaluations for t in tallies.values()) == EVALUATIONS
        assert again == tallies
        print(f"exact after {time.monotonic() - began:.0f} s")
