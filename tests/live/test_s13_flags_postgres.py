"""Codes by table, flags, devices and the office's decisions where the store is PostgreSQL (S13)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.scoring.store import Base
from services.scoring.usecases import embargo
from services.scoring.usecases.evaluation_watch import forget_devices
from shared.migrate import upgrade
from shared.store import writer_engine
from shared.tick import Aside
from tests.service.scoring.house import OFFICE, House
from tests.service.scoring.people import People
from tests.service.scoring.test_s13_evaluations import by_bus, counted, message
from tests.service.scoring.test_s13_flags import PHONES, arrived, issued, listed, phoned, various
from tests.service.scoring.test_s13_receipts import RECEIPTS, imported, table
from tests.support.postgres import Postgres

pytestmark = pytest.mark.live


@pytest.fixture
async def people(postgres: Postgres) -> AsyncIterator[People]:
    url = postgres.database()
    engine = writer_engine(url)
    upgrade(engine, "scoring", Base)
    engine.dispose()
    house = House(url)
    house.unit.start()
    found = People(house)
    await found.prepare()
    yield found
    await house.close()


async def test_s13_on_postgres_the_same_is_flagged_decided_and_forgotten(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = people.house
    dims = [d.key for d in house.desk.programme.dimensions]
    assert (await imported(house, table(*RECEIPTS)))["issued"] == 4
    assert (await house.post("/evaluation-codes/import", table(*RECEIPTS), at="2026-03-02 18:00")).status_code == 409
    await arrived(house, "u01", various(dims, 33), "2026-03-05 09:59")
    await arrived(house, "u01", various(dims, 33), "2026-03-05 10:00")
    codes = await issued(house, 8, "u02")
    await asyncio.gather(
        *(phoned(house, [code], m, PHONES[0]) for code, m in zip(codes, various(dims, 8), strict=True))
    )
    assert [(one["unit"], one["kind"], one["number"]) for one in await listed(house)] == [
        ("u01", "burst", 6), ("u02", "device", 3),
    ]  # fmt: skip
    [device] = await listed(house, kind="device")
    path = f"/evaluation-flags/{device['flag']}/decision"
    assert (await house.done(path, {"decision": "set_apart", "reason": "代评"}))["state"] == "set_apart"
    shown = (await house.get("/cycles/2026-H1/evaluations/inside", OFFICE)).json()["items"]
    assert [(one["evaluations"], one["set_apart"]) for one in shown] == [(66, 0), (8, 3)]
    await by_bus(house, *(message(code, "u02", {dims[0]: "satisfied"}) for code in codes))  # used: nothing changes
    tally = await counted(house, "u02")
    assert tally is not None and tally.evaluations == 8
    monkeypatch.setattr(embargo, "is_public", lambda session, cycle: True)
    await house.unit.run(lambda tx: forget_devices(tx, Aside()), at=house.clock.now())
    assert await house.rows("SELECT salt, devices_left FROM evaluation_salt") == [(None, False)]
    assert await house.rows("SELECT count(*) FROM evaluation_device") == [(0,)]
