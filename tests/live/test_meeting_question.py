"""A meeting's question that got a date, through three real services and the real bus: one case, that date (S4 ③)."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.demo.appraisal import Appraisal
from deploy.local.demo.http import House
from deploy.local.demo.script import bundled
from deploy.local.demo.stage import Stage
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared.programme import demo, load

pytestmark = pytest.mark.live


class Hall(Appraisal):
    """The demo's meeting up to open ballots."""

    async def hold(self) -> dict[str, Any]:
        """Statements, questions, a promise: what became of it."""
        await self._stage.begin()
        await self.set_up()
        await self.to_open_ballots()
        await self._stage.quiet()
        office = self._house.person("office")
        found = await office.get("rectification", "/api/v1/cases")
        return {
            "questions": await self._house.anybody().get("scoring", f"/api/v1/meetings/{self._meeting}/questions"),
            "cases": found["items"],
        }


async def held(deployment: Deployment) -> tuple[dict[str, Any], str]:
    programme, people = load("window-units"), House(deployment.urls, deployment.token)
    script = bundled(programme)
    try:
        async with deployment.bus.connect("driver") as driver:
            stage = Stage(people, driver, window=timedelta(days=60), start=script.starts)
            hall = Hall(stage, people, deployment, programme, script)
            found = await hall.hold()
            return found, (script.meeting_day + timedelta(days=demo.meeting().questions[1].days)).isoformat()
    finally:
        await people.close()


def test_s4_a_promise_in_the_hall_is_a_case_of_the_ledger_due_on_the_promised_day(tmp_path: Path) -> None:
    with Deployment(tmp_path / "data", Ports.free(), Plan(clock="simulated")) as deployment:
        found, promised = asyncio.run(held(deployment))
        answered, deferred = found["questions"]["items"]
        assert (answered["state"], deferred["state"], deferred["due"]) == ("answered", "deferred", promised)
        [case] = found["cases"]
        assert (case["unit"], case["due"]) == (deferred["unit"], promised)
        with sqlite3.connect(deployment.layout.database("intake")) as register:
            rows = register.execute("SELECT source, ticket FROM complaint").fetchall()
        assert [source for source, _ in rows] == ["meeting"]
