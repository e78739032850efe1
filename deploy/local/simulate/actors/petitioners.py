"""Who complains of the same, and who does not stop (I5): a hot matter, links made and undone, a serial petitioner."""

from datetime import datetime, timedelta
from functools import partial

from deploy.local.simulate.course import Course, Fate
from deploy.local.simulate.story import Story, Told, begin, years
from deploy.local.simulate.world import World

HOT, LINKED, SERIAL = 52, 88, 120
"""Days after the year's beginning on which each story begins."""

COMPLAINTS_OF_ONE = ("门口的树该修剪了", "公告栏的字太小", "等候区没有靠背椅")


class Petitioners:
    """Three stories a year."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the beginnings."""
        world = self._world
        for year, opens, _ in years(world):
            units = world.chance("petitioners", year).sample(world.cast.units, 3)
            told = (
                (HOT, "停止发放补贴", self._hot),
                (LINKED, "停车场收费", self._linked),
                (SERIAL, "不让进门", self._serial),
            )
            for unit, (days, title, story) in zip(units, told, strict=True):
                key = f"petitioner-{year}-{days}"
                case = Told(world, unit.key, key, f"{unit.name}{title}", f"反映{unit.name}{title}")
                at = world.at(world.roll(opens + timedelta(days=days)), 8, 50)
                begin(world, at, key, partial(story, case))

    def _person(self, case: Told, n: int) -> dict[str, str]:
        phone = self._world.chance("phone", case.key).randrange(10_000)
        return {"name": f"同村村民{n}", "phone": f"136{n:04d}{phone:04d}"}

    async def _hot(self, case: Told, at: datetime) -> Story:
        """One after the other says the same, until the matter is hot; all are called back."""
        case.number = await case.reported(at)
        await Course(self._world, f"{case.key} course", case.number, case.unit_key, Fate(days=12)).take_up(at)
        for n in range(1, self._world.programme.hot_from_petitioners):
            at = yield case.later(at, 1, 9)
            await case.reported(at, person=self._person(case, n))

    async def _linked(self, case: Told, at: datetime) -> Story:
        """A clerk links what reads alike, and undoes it when it turns out to be another place; suggestions (I14)."""
        world, clerk = self._world, self._world.person("clerk")
        case.number = await case.reported(at)
        await Course(world, f"{case.key} course", case.number, case.unit_key, Fate(days=10)).take_up(at)
        at = yield case.later(at, 2)
        text = f"{case.text}，南门停车场也这样（{case.key}）"
        alike = await case.reported(at, text=text, person=self._person(case, 1))
        shown = await clerk.get("intake", f"/api/v1/complaints/{alike}")
        seen = await clerk.get("intake", f"/api/v1/complaints/{alike}/similar")
        if shown["suggested_unit"]["key"] != case.unit_key or case.number not in [
            one["number"] for one in seen["similar"]
        ]:
            raise AssertionError(f"{alike}: {shown['suggested_unit']}, {seen['similar']}")
        world.saw(
            "I14",
            f"{case.title}：系统建议承办单位（依据：{shown['suggested_unit']['basis']}）和一件相近事项，由工作人员决定",
        )
        body = {"lead": case.number, "reason": "同一停车场收费问题"}
        await clerk.post("intake", f"/api/v1/complaints/{alike}/link", body, at=world.same_day(at, 20))
        at = yield case.later(at, 2)
        undone = {"reason": "经核为另一处停车场，由物业经营"}
        await clerk.post("intake", f"/api/v1/complaints/{alike}/unlink", undone, at=at)
        at = yield case.soon(at)
        unfounded = {"decision": "unfounded", "reason": "经核该停车场收费公示齐全，标准合规"}
        await clerk.post("intake", f"/api/v1/complaints/{alike}/screening", unfounded, at=at)

    async def _serial(self, case: Told, at: datetime) -> Story:
        """The same person again and again with what is nothing: two persons leave him out of the rates, openly."""
        world, clerk, office = self._world, self._world.person("clerk"), self._world.person("office")
        person = self._person(case, 7)
        for what in COMPLAINTS_OF_ONE:
            number = await case.reported(at, text=f"{case.text}，{what}（{case.key}）", person=person)
            body = {"decision": "unfounded", "reason": "与上次反映相同性质，现场核查不存在问题"}
            await clerk.post("intake", f"/api/v1/complaints/{number}/screening", body, at=world.same_day(at, 30))
            at = yield case.later(at, 2)
        reason = {"number": number, "reason": "三周内反复反映不实事项，经劝告无效"}
        proposed = await clerk.post("intake", "/api/v1/petitioners/exclusions", reason, at=at)
        at = yield case.later(at, 2)
        path = f"/api/v1/petitioners/exclusions/{proposed['id']}"
        await office.post("intake", f"{path}/confirmation", {"reason": "情况属实，两人认定"}, at=at)
        at = yield case.soon(at)
        case.number = await case.reported(at, text=f"{case.text}，门卫登记要排队（{case.key}）", person=person)
        await Course(world, f"{case.key} course", case.number, case.unit_key, Fate(grade="very_dissatisfied")).take_up(
            at
        )
        at = yield case.later(at, 40)
        figures = await world.anybody().get("intake", "/api/v1/public/exclusions")
        world.saw("I5", f"公开列出：{figures['petitioners']} 人 {figures['complaints']} 件不计入满意率")
        await office.post("intake", f"{path}/restoration", {"reason": "已恢复正常反映，撤销认定"}, at=at)
