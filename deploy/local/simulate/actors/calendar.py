"""The holidays of the next year are not published until late November (R3).

Until then dates in that year are provisional. When the notice is out the operator enters it into the programme file, a
leader puts the amendment on record, and the services start with the new file: dates that run are counted anew.
"""

import asyncio
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from deploy.local.demo.http import Answered
from deploy.local.simulate.holidays import entered, notice_of
from deploy.local.simulate.story import Story, Told, begin
from deploy.local.simulate.world import World
from shared.calendar import OfficialYear
from shared.festivals import LAST_YEAR
from shared.programme import load
from shared.programme.sources import source

PUBLISHED = (11, 25)
MARCH = 3
BEFORE = 7
"""Days before the notice on which a matter is begun whose date lies in the next Spring Festival."""


class Holidays:
    """One notice a year, as far as the year after it is not known and a cycle runs when it comes."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the notices, and for each a case that it moves."""
        world = self._world
        for year in range(world.day(world.starts).year, world.day(world.ends).year):
            day = world.roll(date(year, *PUBLISHED))
            running = any(one.opens <= day <= one.publish_by for one in world.cycles)
            if world.calendar.is_official(year + 1) or not running or year + 1 > LAST_YEAR:
                continue
            unit = next(unit for unit in world.cast.units if unit.key != world.cast.worst)
            case = Told(world, unit.key, f"{year}-spring", f"{unit.name}年久失修", f"{unit.name}场所年久失修，雨天漏水")
            first = world.at(world.roll(day - timedelta(days=BEFORE)), 9, 5)
            begin(world, first, f"story {year} spring", partial(self._planned, case, year + 1))
            # What is counted anew is dated by where the clock stands: just before the notice is entered.
            world.stage.stop_at([world.at(day, 19, 59)])
            world.plan(world.at(day, 20), "calendar", self._published, year + 1)

    async def _planned(self, case: Told, year: int, at: datetime) -> Story:
        """A matter that needs conditions, due on a day that the notice will make one off."""
        world = self._world
        lent = [day for day in notice_of(year).days_off if day.month < MARCH and world.calendar.day(day).works]
        days = world.calendar.working_days_between(world.day(at), max(lent))
        await case.opened(at, track="planned", days=days)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 2)
        milestone, promised = world.after(world.day(at), 15), world.after(world.day(at), 25)
        body = {
            "measures": "拆除漏水屋面，更换防水层", "responsible": "分管负责人", "conditions": "资金到位",
            "milestones": [{"name": "完成施工招标", "due": milestone.isoformat(), "who": "承办科室"}],
            "commitment": {
                "text": "屋面修缮完工", "person": "单位负责人", "due": promised.isoformat(), "to": "反映问题的群众",
            },
        }  # fmt: skip
        await case.unit("plan", body, at=at)
        at = yield case.later(at, 1)
        await case.office("plan/filing", at=at)
        at = yield world.at(milestone, 15)
        await case.unit("milestones/1/completion", {"evidence": [f"中标通知书-{case.number}"]}, at=at)
        at = yield world.at(world.after(promised, 1), 10)
        await case.unit("solution", case.solution(), at=at)
        begin(world, case.later(at, 1), f"story {case.key} end", case.settled)

    async def _published(self, year: int, at: datetime) -> None:
        """The notice is entered, put on record for the cycles that run, and the house starts with it."""
        world = self._world
        await world.settle()
        before = await self._running()
        text = self._with_notice(year)
        reason = f"国务院办公厅公布{year}年节假日安排，期限按公布的日历重新计算"
        body = {"programme": text, "reason": reason, "document": f"关于{year}年部分节假日安排的通知（虚构）"}
        for cycle in world.cycles:
            await self._amended(cycle.name, cycle.publish_by < world.day(at), body, at)
        await world.settle()
        file = world.deployment.layout.data / f"programme-{year}.yaml"
        await asyncio.to_thread(file.write_text, text, encoding="utf-8")
        await asyncio.to_thread(world.deployment.go_on_with, str(file))
        world.programme = load(file)
        await world.settle()
        self._compare(year, before, await self._running())

    def _with_notice(self, year: int) -> str:
        notice = notice_of(year)
        known = [OfficialYear(one.year, one.days_off, one.make_up) for one in self._world.programme.calendar]
        return entered(source(self._world.deployment.plan.programme), [*known, notice])

    async def _amended(self, cycle: str, may_be_over: bool, body: dict[str, str], at: datetime) -> None:
        """On record for a cycle; one whose result is published runs by its own rules for ever."""
        path = f"/api/v1/cycles/{cycle}/amendments"
        try:
            await self._world.person("approver").post("scoring", path, body, at=at)
        except Answered as refused:
            if refused.status != 409 or not may_be_over:
                raise

    async def _running(self) -> dict[int, dict[str, Any]]:
        found = await self._world.person("office").every("rectification", "/api/v1/deadlines", limit=500)
        return {int(one["id"]): one for one in found}

    def _compare(self, year: int, before: dict[int, dict[str, Any]], after: dict[int, dict[str, Any]]) -> None:
        """What moved. Raises AssertionError if a date moved earlier, or a provisional one is still called so."""
        provisional = [key for key, one in before.items() if one["provisional"] and key in after]
        moved = [key for key in provisional if after[key]["due"] != before[key]["due"]]
        earlier = [key for key in before if key in after and after[key]["due"] < before[key]["due"]]
        if earlier or any(after[key]["provisional"] for key in provisional):
            raise AssertionError(f"counted anew wrongly: {[after[key] for key in earlier or provisional]}")
        told = sorted((str(after[key]["case"]), str(before[key]["due"]), str(after[key]["due"])) for key in moved)
        named = "；".join(f"{case} 由 {old} 顺延至 {new}" for case, old, new in told[:5])
        says = f"{year}年节假日安排公布：暂定期限 {len(provisional)} 个重新计算，顺延 {len(moved)} 个，无一提前"
        self._world.saw("R3", f"{says}（{named}）" if named else says)
