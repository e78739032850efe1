"""Media exposures (I8): the discipline office verifies first; one holds, one does not, one is verified late and chased.

What holds runs to a closed case, and the outcome is followed up in the media with the leader's statement and promise.
"""

from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.simulate.course import Course, Fate
from deploy.local.simulate.story import Story, begin, years
from deploy.local.simulate.world import World

OUTLET = "云溪日报“作风曝光台”"
TOLD = "对窗口负责人诫勉谈话，对当班人员调离岗位"
TRUE, UNTRUE = "经调取监控和询问当事人，报道情况属实", "报道所指时段该窗口因停电公告停办，情况不属实"
WAYS = ((2, 24, True, 3), (5, 19, False, 2), (9, 9, True, 9))
"""Month, day of the exposure; whether it holds; working days until the discipline office says so."""


class Exposures:
    """Three exposures a year on every channel that is verified first."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan them."""
        world = self._world
        for channel in (one for one in world.programme.channels if one.verification):
            for year, _, _ in years(world):
                for n, (month, day, holds, days) in enumerate(WAYS):
                    who = f"exposure {channel.key} {year} {n}"
                    at = world.at(world.roll(date(year, month, day)), 8, 40 + n)
                    begin(world, at, who, self._way(channel.key, who, holds, days))

    def _way(self, channel: str, who: str, holds: bool, days: int) -> Any:
        return lambda at: self._exposed(channel, who, holds, days, at)

    async def _exposed(self, channel: str, who: str, holds: bool, days: int, at: datetime) -> Story:
        world = self._world
        chance = world.chance(who)
        unit, topic = chance.choice(world.cast.units), chance.choice(world.programme.topics)
        requires = world.programme.channel(channel).requires
        known = {"outlet": OUTLET, "date": world.day(at).isoformat(), "address": "https://yunxi.example/exposure"}
        body = {
            "channel": channel, "title": f"曝光：{unit.name}{topic.label.zh}", "unit": unit.key, "topic": topic.key,
            "text": f"{OUTLET}报道：记者在{unit.name}暗访，拍到{topic.label.zh}的情况（{world.day(at)}）。",
            "particulars": {name: known[name] for name in requires if name in known},
        }  # fmt: skip
        receipt = await world.person("clerk").post("intake", "/api/v1/complaints", body, at=at)
        number = receipt["number"]
        at = yield world.at(world.after(world.day(at), days), 15, 10)
        found = {
            "verified": holds, "outlet": OUTLET, "evidence": [f"纪检核实笔录-{number}"],
            "reason": TRUE if holds else UNTRUE,
        }  # fmt: skip
        await world.person("discipline").post("intake", f"/api/v1/complaints/{number}/verification", found, at=at)
        at = yield world.at(world.after(world.day(at), 1), 9, 30)
        if not holds:
            body = {"decision": "unfounded", "reason": "纪检部门核实，所报情况不属实，已请媒体更正"}
            await world.person("clerk").post("intake", f"/api/v1/complaints/{number}/screening", body, at=at)
            return

        async def followed(when: datetime) -> None:
            await self._followed(number, unit.name, when)

        await Course(world, f"{who} case", number, unit.key, Fate(days=7, misconduct=TOLD), followed).take_up(at)

    async def _followed(self, number: str, unit: str, at: datetime) -> None:
        """The outcome and who was held to account are published, with the leader's words."""
        on = self._world.day(at)
        body = {
            "outlet": OUTLET,
            "on": on.isoformat(),
            "outcome": "问题已整改到位，受影响的群众逐一回访",
            "accountability": TOLD,
            "statement": f"{unit}主要负责人公开致歉，表示诚恳接受监督",
            "promise": "三个月内实行窗口全程录音录像并向社会开放查询",
            "promise_due": (on + timedelta(days=90)).isoformat(),
        }
        await self._world.person("office").post("intake", f"/api/v1/complaints/{number}/coverage", body, at=at)
