"""Units look at their own windows, inner offices and posts every quarter, and mend what they find (I9, R10).

In each quarter that is asked for one unit does not, and another records it only when the quarter is over.
"""

from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.course import Course, Fate
from deploy.local.simulate.story import years
from deploy.local.simulate.world import World
from services.intake.domain.inspection import OWN
from services.intake.domain.quarter import Quarter
from shared.programme.parts import Topic

FOUND = "自查发现{unit}{place}{what}，已责令当场改正（{quarter}自查）"
MENDED = "对责任人批评教育并扣发当月绩效，重新培训上岗"
GOOD = "{place}实行“一次告知单”双人复核，{quarter}无一件退件"
FINDS, HAS_GOOD_PRACTICE = 0.12, 0.2


class OwnInspections:
    """The units' own inspections of all quarters; where none are asked for, one unit a year still reports itself."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._duty = world.programme.inspections.coverage

    async def begin(self) -> None:
        """Plan them."""
        world = self._world
        for quarter in quarters(world):
            if self.is_asked_for:
                self._plan_quarter(quarter)
        if any(one.key == OWN for one in world.programme.channels):
            for year, _, _ in years(world):
                unit = world.chance("reports itself", year).choice(world.cast.units)
                at = world.at(world.roll(date(year, 5, 12)), 10, 5)
                world.plan(at, f"self-report {year}", self._report_itself, unit, year)

    @property
    def is_asked_for(self) -> bool:
        """Whether the programme asks units to inspect themselves."""
        return "unit" in self._duty.by or any(one.inspection for one in self._world.programme.obligations)

    def _plan_quarter(self, quarter: Quarter) -> None:
        world = self._world
        asked = [one for one in world.cast.units if not self._duty.categories or one.category in self._duty.categories]
        missing, late = world.chance("own inspections", quarter).sample(asked, 2)
        for unit in asked:
            if unit == missing:
                continue
            chance = world.chance("own inspection", quarter, unit.key)
            on = world.roll(quarter.first + timedelta(days=chance.randrange(30, 76)))
            at = world.at(on, 14, chance.randrange(60))
            if unit == late and self._duty.report_within > 1:
                on = world.calendar.add_working_days(quarter.following.first, -1)
                at = world.at(world.after(quarter.last, 2), 9, 40)
            world.plan(at, f"own inspection {quarter} {unit.key}", self._inspect, unit, quarter, on)

    async def _inspect(self, unit: CastUnit, quarter: Quarter, on: date, at: datetime) -> None:
        world, programme = self._world, self._world.programme
        chance = world.chance("own inspection found", quarter, unit.key)
        place = chance.choice(programme.inspections.places)
        item = chance.choice(programme.inspections.checklist)
        topic: Topic = chance.choice(programme.topics)
        body: dict[str, Any] = {
            "unit": unit.key, "place": place.key, "kind": (self._duty.kinds or ("covert",))[0], "on": on.isoformat(),
            "answers": {one.key: {"answer": "yes"} for one in programme.inspections.checklist},
        }  # fmt: skip
        if chance.random() < FINDS:
            body["answers"][item.key] = {"answer": "no", "words": f"{item.label.zh}没有执行到位"}
            what = f"存在{(topic.keywords or (topic.label.zh,))[0]}问题"
            text = FOUND.format(unit=unit.name, place=place.label.zh, what=what, quarter=quarter)
            body["findings"] = [{"text": text, "title": f"自查：{topic.label.zh}", "topic": topic.key,
                                 "institution": item.key}]  # fmt: skip
        if chance.random() < HAS_GOOD_PRACTICE:
            body["good_practice"] = GOOD.format(place=place.label.zh, quarter=quarter)
        handler = world.person("handler", unit=unit.key)
        made = await handler.post("intake", "/api/v1/inspections", body, at=at)
        for n, number in enumerate(made["findings"], 1):
            who = f"own finding {quarter} {unit.key} {n}"
            await Course(world, who, number, unit.key, Fate(days=4, misconduct=MENDED)).take_up(world.same_day(at, 30))

    async def _report_itself(self, unit: CastUnit, year: int, at: datetime) -> None:
        """What a unit finds of itself before anybody complains, and mends with accountability, is not deducted."""
        world = self._world
        topic = world.chance("reports itself of", year).choice(world.programme.topics)
        body = {
            "channel": OWN, "title": f"自查自纠：{topic.label.zh}", "topic": topic.key,
            "text": f"{unit.name}在{year}年专项自查中发现{topic.label.zh}问题一起，主动报告并整改。",
        }  # fmt: skip
        handler = world.person("handler", unit=unit.key)
        receipt = await handler.post("intake", "/api/v1/complaints", body, at=at)
        course = Course(world, f"self-report {year}", receipt["number"], unit.key, Fate(days=5, misconduct=MENDED))
        await course.take_up(world.same_day(at, 45))


def quarters(world: World) -> list[Quarter]:
    """The quarters of the years that are played."""
    return [Quarter(year, number) for year, _, _ in years(world) for number in (1, 2, 3, 4)]
