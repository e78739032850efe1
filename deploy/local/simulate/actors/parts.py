"""The composite's other parts (S9): the office enters what panels, inspections and reviews gave, another confirms.

Each value has its document. One that was read wrongly is refused and entered again; one is corrected with its reason.
"""

from datetime import datetime
from functools import partial
from typing import Any

from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.ending import ONE_DAY, ending, mark, refused, scored_by
from deploy.local.simulate.story import Story, begin
from deploy.local.simulate.world import World
from shared.programme import CycleDates
from shared.programme.composite import CompositePart

ASKED = 60


class Parts:
    """Whoever enters values, and whoever looks at them a second time."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan every part of every cycle, rounds at their end."""
        world = self._world
        for cycle in world.cycles:
            for number, part in enumerate(one for one in world.programme.composite if not one.is_computed):
                units = [one for one in scored_by(world, part) if not self._filed(part, one)]
                if not units:
                    continue
                last = ending(world, cycle).values
                opens, closes = part.window.on(cycle.opens.year) if part.window else (None, last)
                at = world.at(world.roll(min(closes, last)), 14, number)
                who = f"{part.key} of {cycle.name}"
                begin(world, at, who, partial(self._entered, cycle, part, units))
                if opens and (early := world.at(opens - ONE_DAY, 9, number)) > world.starts:
                    world.plan(early, who, self._too_early, cycle, part, units[0])

    def _filed(self, part: CompositePart, unit: CastUnit) -> bool:
        """Whether the review of what the unit itself files gives this value."""
        rule = self._world.programme.rollup.of(unit.category)
        return rule is not None and rule.part == part.key

    def _value(self, cycle: CycleDates, part: CompositePart, unit: CastUnit, by: int = 0) -> dict[str, Any]:
        world = self._world
        words = (part.key, cycle.name)
        body: dict[str, Any] = {
            "unit": unit.key, "document": f"{cycle.name} {part.label.zh}评分表（{unit.name}）",
            "sample": max(ASKED, part.least_sample) if part.least_sample else None,
        }  # fmt: skip
        if part.items:
            return body | {"items": {item.key: str(mark(world, unit, *words, item.key) - by) for item in part.items}}
        return body | {"value": str(mark(world, unit, *words) - by)}

    async def _post(self, cycle: CycleDates, part: CompositePart, step: str, body: Any, at: datetime, by: str) -> Any:
        path = f"/api/v1/cycles/{cycle.name}/parts/{part.key}/{step}"
        return await self._world.person("office", name=by).post("scoring", path, body, at=at)

    async def _too_early(self, cycle: CycleDates, part: CompositePart, unit: CastUnit, at: datetime) -> None:
        body = {"values": [self._value(cycle, part, unit)]}
        if await refused(409, self._post(cycle, part, "values", body, at, "office-1")):
            self._world.saw("S9", f"{cycle.name} {part.label.zh}：轮次开始前不能录入")

    async def _entered(self, cycle: CycleDates, part: CompositePart, units: list[CastUnit], at: datetime) -> Story:
        """All values; the first was read wrongly, the last is corrected later."""
        world, wrong, late = self._world, units[0], units[-1]
        values = [self._value(cycle, part, one, by=9 if one is wrong else 0) for one in units]
        entered = await self._post(cycle, part, "values", {"values": values}, at, "office-1")
        named = [{"unit": one["unit"], "version": one["version"]} for one in entered]
        at = yield world.same_day(at, 60)
        if await refused(403, self._decide(cycle, part, named, at, "office-1")):
            world.saw("S9", f"{cycle.name} {part.label.zh}：录入的人不能自己确认")
        await self._decide(cycle, part, named[1:], at, "office-2")
        await self._decide(cycle, part, named[:1], at, "office-2", "与评分表不符，请重新录入")
        at = yield world.same_day(at, 30)
        again = {"values": [self._value(cycle, part, wrong)]}
        if late is not wrong:
            reason = {"reason": "评分表第二页漏加，已更正"}
            again["values"].append(self._value(cycle, part, late, by=-1 if late.standing < 0.7 else 1) | reason)
        entered = await self._post(cycle, part, "values", again, at, "office-1")
        at = yield world.same_day(at, 30)
        named = [{"unit": one["unit"], "version": one["version"]} for one in entered]
        await self._decide(cycle, part, named, at, "office-2")

    async def _decide(
        self, cycle: CycleDates, part: CompositePart, values: list[Any], at: datetime, by: str, refused_for: str = ""
    ) -> None:
        body = {"values": values, "confirmed": not refused_for, "reason": refused_for}
        await self._post(cycle, part, "decision", body, at, by)
