"""Individuals nominated, ranks among cities, results handed to other assessments with receipt, departments (S12 S1)."""

from datetime import datetime
from functools import partial
from typing import Any

from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.ending import ending, is_public, refused
from deploy.local.simulate.story import Story, begin
from deploy.local.simulate.world import World
from shared.programme import CycleDates

ASSESSMENTS = ("integrity_responsibility", "performance", "civilised_unit", "promotion_title")
OF = 13
"""Cities that are ranked."""


class Rewards:
    """The office, and leaders who think well of somebody."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan what is entered beside each cycle's result, and where the result goes."""
        world, rules = self._world, self._world.programme.consequences
        for cycle in world.cycles:
            days = ending(world, cycle)
            if any(rule.when.nominated for rule in rules):
                world.plan(world.at(days.published, 9, 10), f"nominations of {cycle.name}", self._nominate, cycle)
            ranks = [rule.when.city_rank for rule in rules if rule.when.city_rank]
            if ranks:
                at = world.at(days.ranking, 9, 20)
                begin(world, at, f"city rank of {cycle.name}", partial(self._city_ranks, cycle))
            at = world.at(world.after(days.follows, 1), 9, 30)
            begin(world, at, f"hand-over of {cycle.name}", partial(self._hand_over, cycle))

    def _best(self) -> list[CastUnit]:
        return sorted(self._world.cast.units, key=lambda one: (-one.standing, one.key))

    async def _nominate(self, cycle: CycleDates, at: datetime) -> None:
        """A leader nominates one of his people, the office another; nobody those of another unit."""
        world, (best, second, *_) = self._world, self._best()
        reasons = "全年零投诉，主动上门服务群众三百余次"
        first = {"cycle": cycle.name, "unit": best.key, "name": "李春梅", "post": "窗口负责人", "reasons": reasons}
        other = first | {"unit": second.key, "name": "何国栋", "post": "业务员"}
        leader = world.person("leader", unit=best.key)
        await leader.post("scoring", "/api/v1/nominations", first, at=at)
        if await refused(403, leader.post("scoring", "/api/v1/nominations", other, at=at)):
            world.saw("S12", f"{best.name}的负责人不能推荐别的单位的人")
        await world.person("office").post("scoring", "/api/v1/nominations", other, at=at)

    async def _city_ranks(self, cycle: CycleDates, at: datetime) -> Story:
        """One appraisal in which the city came among the first, one in which it came among the last."""
        world, units = self._world, self._best()
        worst = world.cast.unit(world.cast.worst)
        entered: list[Any] = []
        for what, rank, unit in (("全省文化市场管理评比", 2, units[0]), ("全省窗口服务暗访排名", OF - 1, worst)):
            cause = {"unit": unit.key, "ground": "经核该项指标由其承担", "persons": [f"{unit.name}负责人"]}
            body = {
                "what": what, "rank": rank, "of": OF, "causes": [cause],
                "document": f"省办通报〔{cycle.opens.year}〕{rank}号",
            }  # fmt: skip
            office = world.person("office", name="office-1")
            entered.append(await office.post("scoring", f"/api/v1/cycles/{cycle.name}/city-ranks", body, at=at))
        at = yield world.same_day(at, 120)
        for one in entered:
            path = f"/api/v1/city-ranks/{one['id']}/decision"
            await world.person("office", name="office-2").post("scoring", path, {"confirmed": True}, at=at)

    async def _hand_over(self, cycle: CycleDates, at: datetime) -> Story:
        """Results go to other assessments, each with its receipt; a department sees what its units came to."""
        world, office = self._world, self._world.person("office")
        while not await is_public(world, cycle):
            at = yield world.at(world.after(world.day(at), 1), 9, 30)
        units = [*self._best()[:1], world.cast.unit(world.cast.worst)]
        handed = []
        for number, assessment in enumerate(ASSESSMENTS):
            body = {"unit": units[number % len(units)].key, "assessment": assessment}
            handed.append(await office.post("scoring", f"/api/v1/cycles/{cycle.name}/handovers", body, at=at))
        parents = sorted({one.parent for one in world.cast.units if one.parent})
        for parent in parents[:2]:
            found = await world.anybody().get("scoring", f"/api/v1/departments/{parent}/results", cycle=cycle.name)
            name = world.cast.unit(parent).name
            world.saw("S1", f"{cycle.name} {name}所属{len(found['units'])}个单位平均{found['mean']}分，计入主管部门")
        at = yield world.at(world.after(world.day(at), 3), 10)
        for one in handed:
            receipt = {"received_by": "市考核办收文岗", "receipt": f"收文{cycle.name}-{one['assessment']}"}
            await office.post("scoring", f"/api/v1/handovers/{one['id']}/receipt", receipt, at=at)
