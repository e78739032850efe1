"""What the benches of online evaluation share: units, codes and messages, scoring's store and its single writer."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from services.scoring.domain.cards import TOKEN_BYTES
from services.scoring.domain.evaluation import code_text
from services.scoring.domain.note import signer
from services.scoring.store import Base
from services.scoring.store import evaluations as store
from services.scoring.store.tables import CycleRow, UnitRow
from services.scoring.usecases import evaluation_codes
from services.scoring.usecases.desk import Desk
from shared.bus.provision import request
from shared.bus.topology import STREAMS, consumer
from shared.contracts.inbox import EvaluationSubmitted
from shared.migrate import upgrade
from shared.programme import load
from shared.store import Outgoing, Tables, Tx, reader_engine, writer_engine
from shared.unit import Unit

SUBJECT = "minping.inbox.evaluation.bench"
STREAM = next(one for one in STREAMS if one.name == "EVALUATIONS")
CONSUMER = consumer("scoring", EvaluationSubmitted)
CYCLE = "2026-H1"
SERVED = date(2026, 3, 2)
NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A code, its unit, and the marks that are given with it."""

    token: bytes
    unit: str
    marks: dict[str, str]

    @property
    def text(self) -> str:
        """The code as printed."""
        return code_text(self.token)

    def body(self, number: int, since: datetime = NOW) -> bytes:
        """The message of a source."""
        at = (since + timedelta(milliseconds=number)).isoformat().replace("+00:00", "Z")
        event = {
            "specversion": "1.0", "id": f"bench-{self.token.hex()}", "source": "bench",
            "type": EvaluationSubmitted.TYPE, "time": at, "datacontenttype": "application/json",
            "data": {"code": self.text, "unit": self.unit, "marks": self.marks},
        }  # fmt: skip
        return json.dumps(event, ensure_ascii=False).encode()


class World:
    """Scoring's store and single writer without the service, filled with units; makes codes and evaluations."""

    def __init__(self, path: Path, units: int, seed: int = 13) -> None:
        self.desk = Desk(load("window-units"), signer("bench", b"b" * 32), random.Random(seed).randbytes)
        self.units = [f"u{number:04}" for number in range(units)]
        self._chance = random.Random(seed)
        url = f"sqlite:///{path}"
        writer, reader = writer_engine(url), reader_engine(url)
        upgrade(writer, "scoring", Base)
        self._engines = writer, reader
        out: list[Outgoing] = []
        self.unit = Unit(
            "scoring", writer, reader, Tables.of(Base), programme="window-units", committed=out.extend
        )  # fmt: skip

    @classmethod
    @asynccontextmanager
    async def of(cls, path: Path, units: int) -> AsyncIterator[World]:
        """A world in which units and a cycle are registered."""
        world = cls(path, units)
        world.unit.start()
        try:
            await world.unit.run(world._prepare, at=NOW)
            yield world
        finally:
            await world.unit.stop()
            for engine in world._engines:
                engine.dispose()

    def _prepare(self, tx: Tx) -> None:
        tx.session.add(
            CycleRow(
                name=CYCLE, starts=datetime(2025, 12, 31, 16, tzinfo=UTC), ends=datetime(2026, 6, 30, 16, tzinfo=UTC),
                programme_sha256=self.desk.sha256,
            )
        )  # fmt: skip
        tx.session.add_all(
            UnitRow(key=u, name=f"窗口{u}", category="service_window", scope="approval-centre") for u in self.units
        )

    async def issue(self, number: int) -> list[Evaluation]:
        """New codes in the store, spread evenly over the units, and an evaluation for each; in random order."""
        made = self.evaluations(number)
        by_unit: dict[str, list[bytes]] = {}
        for one in made:
            by_unit.setdefault(one.unit, []).append(one.token)
        for start in range(0, len(self.units), 100):
            part = {unit: by_unit.get(unit, []) for unit in self.units[start : start + 100]}
            await self.unit.run(lambda tx, part=part: self._register(tx, part), at=NOW)  # type: ignore[misc]  # bound at once
        return made

    def evaluations(self, number: int) -> list[Evaluation]:
        """Codes that no store knows so far, with an evaluation each; in random order."""
        p, chance = self.desk.programme, self._chance
        choices = [*(g.key for g in p.grades), p.abstain.key]
        made = []
        for n in range(number):
            marks = {d.key: chance.choice(choices) for d in p.dimensions}
            marks[p.dimensions[0].key] = chance.choice(choices[:-1])
            made.append(Evaluation(chance.randbytes(TOKEN_BYTES), self.units[n % len(self.units)], marks))
        chance.shuffle(made)
        return made

    def _register(self, tx: Tx, part: dict[str, list[bytes]]) -> None:
        for unit, tokens in part.items():
            hashes = [sha256(token).hexdigest() for token in tokens]
            for start in range(0, len(hashes), 2_000):
                evaluation_codes.register(
                    self.desk, tx, unit, "", SERVED, hashes[start : start + 2_000], "bench"
                )  # fmt: skip

    async def counted(self) -> int:
        """How many evaluations the tallies hold."""
        found = await self.unit.read(lambda session: store.tallies(session, CYCLE))
        return sum(tally.evaluations for tally in found.values())


async def fill(admin: Client, bodies: Iterator[bytes], tell: Any = None) -> int:
    """Put messages into the stream fast: as atomic batches, which outside sources may not send.

    The stream is set back to what is declared before this returns.
    """
    await _atomic(admin, True)
    try:
        number, batch = 0, []
        for body in bodies:
            batch.append(body)
            if len(batch) == AT_ONCE:
                await publish_batch(admin, SUBJECT, batch, f"fill-{number}")
                number += len(batch)
                batch = []
                if tell and number % 100_000 == 0:
                    tell(f"{number:,} messages in the stream")
        if batch:
            await publish_batch(admin, SUBJECT, batch, f"fill-{number}")
        return number + len(batch)
    finally:
        await _atomic(admin, False)


async def publish_batch(client: Client, subject: str, bodies: Sequence[bytes], key: str) -> None:
    """One atomic batch (ADR-50). Raises AssertionError where it is not taken whole."""
    for number, body in enumerate(bodies, 1):
        headers = {"Nats-Batch-Id": key, "Nats-Batch-Sequence": str(number)}
        if number < len(bodies):
            await client.publish(subject, body, headers=headers)
            continue
        answer = await client.request(subject, body, timeout=30, headers={**headers, "Nats-Batch-Commit": "1"})
        if json.loads(answer.data).get("count") != len(bodies):
            raise AssertionError(f"a batch of {len(bodies)} was answered {answer.data!r}")


async def _atomic(admin: Client, allowed: bool) -> None:
    config = {**STREAM.config(), "allow_atomic": allowed}
    answer = await request(admin, f"STREAM.UPDATE.{STREAM.name}", config)
    if "error" in answer:
        raise AssertionError(answer["error"])
