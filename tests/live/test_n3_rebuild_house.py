"""The whole of notify's store made anew from a real bus: as the old one, nothing sent, and the service goes on (T3)."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.commands import notice_rebuild
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from deploy.local.notice_rebuild import rebuild_house
from shared.contracts.rectification import CaseOpened, DeadlinePassed
from shared.errors import Refusal
from tests.live.test_letters_house import House, furnish
from tests.support.notify_house import local
from tests.support.wait import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
CASES = 20
PLAN = Plan(services=("notify",), clock="simulated")


@asynccontextmanager
async def running(data: Path, ports: Ports, revision: int = 0) -> AsyncIterator[House]:
    """Notify on a folder, with the users of other services."""
    deployment = Deployment(data, ports, PLAN)
    await asyncio.to_thread(deployment.start)
    try:
        bus = deployment.bus
        async with (
            httpx2.AsyncClient(base_url=deployment.urls["notify"], timeout=20) as web,
            bus.connect("scoring") as scoring,
            bus.connect("rectification") as rectification,
            bus.connect("driver") as driver,
        ):
            house = House(deployment, web, {"scoring": scoring, "rectification": rectification, "driver": driver})
            house._revision = revision
            yield house
    finally:
        await asyncio.to_thread(deployment.stop)


async def settled(house: House, sent: int) -> None:
    """As many notices were sent, and all of their events are on the bus."""

    async def all_told() -> bool:
        figures = await house.ask("GET", "/api/v1/statistics")
        said = (await house.web.get("/api/v1/quiescence")).json()
        return bool(figures["sent"] == sent and not said["in_hand"] and not said["unsent"])

    await until(all_told, f"{sent} notices are sent", within=60)


def passed(number: int) -> DeadlinePassed:
    return DeadlinePassed(
        case=f"2026-{number:06d}", unit=f"unit-{number % 5}", kind="solve", due=date(2026, 3, 30),
        expires_at=local("2026-03-31T00:00"), roles=("handler", "main_leader"),
    )  # fmt: skip


def opened(number: int) -> CaseOpened:
    return CaseOpened(
        case=f"2026-{number:06d}", lead_unit=f"unit-{number % 5}", track="immediate", title="窗口办事拖延",
        due=date(2026, 3, 30), expires_at=local("2026-03-31T00:00"),
    )  # fmt: skip


def rows(store: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


NOTICES = "SELECT id, key, person, unit, role, template, due, state, cause, letter FROM notice ORDER BY id"
LETTERS = "SELECT id, person, email, due, state, subject, text FROM letter ORDER BY id"


async def test_n3_the_store_made_anew_from_the_bus_is_the_old_one_and_sends_nothing(tmp_path: Path) -> None:
    data, ports = tmp_path / "data", Ports.free()
    async with running(data, ports) as house:
        await furnish(house)
        for number in range(CASES):
            await house.publish("rectification", f"opened-{number}", local("2026-03-16T10:00"), opened(number))
        await house.move("2026-03-17T09:00")
        await settled(house, 2 * CASES)
        for number in range(CASES):
            await house.publish("rectification", f"passed-{number}", local("2026-03-31T00:00"), passed(number))
        await house.move("2026-03-31T09:00")
        await settled(house, 4 * CASES)
        late = local("2026-04-01T10:00")
        await house.publish("rectification", "opened-99", late, opened(99))  # told tomorrow
        await until(lambda: len(rows(store(data), "SELECT 1 FROM notice WHERE state = 'planned'")) == 2)
        with pytest.raises(Refusal):
            await asyncio.to_thread(rebuild_house, data)
        before, revision = len(house.files()), house._revision
    notices, letters = rows(store(data), NOTICES), rows(store(data), LETTERS)

    said = tmp_path / "said.json"
    stopped_at = local("2026-04-01T12:00").astimezone(UTC).replace(tzinfo=None)
    await asyncio.to_thread(notice_rebuild.rebuild, replace=True, stopped_at=stopped_at, data=data, json=said)
    done = json.loads(said.read_text())
    assert done["same"], done
    assert done["states"] == {"sent": 4 * CASES, "planned": 2}
    assert (rows(store(data), NOTICES), rows(store(data), LETTERS)) == (notices, letters)
    assert rows(Path(done["kept"]), NOTICES) == notices

    async with running(data, ports, revision) as house:
        assert len(house.files()) == before, "nothing went out"
        for number in range(CASES):  # by ids that neither the broker nor the inbox knows
            await house.publish("rectification", f"again-{number}", local("2026-03-31T00:00"), passed(number))
        await house.publish("rectification", "passed-new", local("2026-04-02T00:00"), passed(500))
        await house.move("2026-04-02T09:00")
        await settled(house, 4 * CASES + 2 + 2)
        assert len(house.files()) == before + 2 + 2, "what was still to go, and the new one"
        assert len({x["Message-ID"] for x in house.letters()}) == len(house.letters())


def store(data: Path) -> Path:
    return data / "notify" / "notify.db"
