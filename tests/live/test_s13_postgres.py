"""Online evaluation is counted alike on PostgreSQL and on SQLite (S13): whole batches, repeats, forgeries."""

import json
import random
import secrets
from pathlib import Path

import pytest

from services.scoring.domain.cards import TOKEN_BYTES
from services.scoring.domain.evaluation import code_text
from services.scoring.store import Base
from services.scoring.store import evaluations as store
from services.scoring.usecases.evaluation_messages import Raw, take_all
from shared.contracts.inbox import EvaluationSubmitted
from shared.migrate import upgrade
from shared.store import writer_engine
from tests.service.scoring.house import OFFICE, House
from tests.service.scoring.people import People
from tests.support.house import envelope
from tests.support.postgres import Postgres

pytestmark = pytest.mark.live
CYCLE, SERVED = "2026-H1", "2026-03-02"


def message(code: str, unit: str, marks: dict[str, str]) -> Raw:
    """An evaluation of a source."""
    body = json.loads(envelope(EvaluationSubmitted(code=code, unit=unit, marks=marks), id=secrets.token_hex(8)))
    return Raw("hall", json.dumps({**body, "time": "2026-03-05T02:00:00Z"}).encode(), 1)


async def counted(url: str, seed: int) -> tuple[dict[str, tuple[int, dict[str, dict[str, int]]]], dict[str, int], int]:
    """What a store counts and refuses of the same random evaluations, and how many were good."""
    chance = random.Random(seed)
    people = People(House(url))
    house = people.house
    house.unit.start()
    try:
        await people.prepare()
        dims = [d.key for d in house.desk.programme.dimensions]
        grades = [g.key for g in house.desk.programme.grades]
        given: list[Raw] = []
        for unit in ("u01", "u02", "u03"):
            body = {"count": 40, "served_on": SERVED}
            made = await house.done(f"/units/{unit}/evaluation-codes", body, who=OFFICE, at=f"{SERVED} 18:00")
            given += [message(code, unit, {d: chance.choice(grades) for d in dims}) for code in made["texts"]]
        forged = [message(code_text(chance.randbytes(TOKEN_BYTES)), "u01", {dims[0]: grades[0]}) for _ in range(20)]
        flood = [*given, *chance.sample(given, 50), *forged]
        chance.shuffle(flood)
        while flood:
            batch, flood = flood[:37], flood[37:]
            await house.unit.run(lambda tx, batch=batch: take_all(house.desk, tx, batch), at=house.clock.now())  # type: ignore[misc]  # bound at once
        tallies = await house.unit.read(lambda s: store.tallies(s, CYCLE))
        assert await house.unit.read(lambda s: store.recount(s, CYCLE)) == tallies
        form = next(iter((await house.unit.read(store.forms)).values()))
        refused = {row.reason: row.number for row in await house.unit.read(store.refusals)}
        shown = {key[1]: (tally.evaluations, form.by_dimension(tally.counts)) for key, tally in tallies.items()}
        return shown, refused, len(given)
    finally:
        await house.close()


async def test_s13_evaluations_are_counted_alike_on_both_stores(postgres: Postgres, tmp_path: Path) -> None:
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")
    found = []
    for url in (f"sqlite:///{tmp_path / 'scoring.db'}", postgres.database()):
        engine = writer_engine(url)
        upgrade(engine, "scoring", Base)
        engine.dispose()
        found.append(await counted(url, seed))
    assert found[0] == found[1]
    shown, refused, given = found[1]
    assert sum(evaluations for evaluations, _ in shown.values()) == given
    assert refused == {"repeated": 50, "unknown": 20}
