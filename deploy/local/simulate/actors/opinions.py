"""Panels, appointed and published (S1), and appraisal opinions, drafted, signed and fed back in a meeting (S14).

Each problem that an opinion names becomes a case of its unit. Of a group with a panel it is the panel that writes.
"""

from datetime import datetime
from functools import partial
from typing import Any

from deploy.local.demo.http import Person
from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.course import Course
from deploy.local.simulate.ending import ending, refused
from deploy.local.simulate.story import Story, begin
from deploy.local.simulate.world import World
from shared.programme import CycleDates

PROBLEM = "窗口人员对新办理流程不熟悉，群众重复跑动（{cycle}）"
EACH = 3
"""Opinions of a cycle: on the worst unit and on others."""


class Opinions:
    """Panels and the office who tell units' leaderships what was found."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._panels: set[str] = set()

    async def begin(self) -> None:
        """Appoint panels; plan the opinions of each cycle."""
        world = self._world
        for group in world.programme.groups:
            if group.panel:
                await self._appoint(group.key)
            if group.dimensions:
                shown = await world.anybody().get("scoring", "/api/v1/groups")
                own = next(one for one in shown if one["group"] == group.key)
                weights = "、".join(f"{key} {weight}" for key, weight in sorted(own["dimensions"].items()))
                world.saw("own-method", f"{group.label.zh}自己的评议内容和权重：{weights}")
        for cycle in world.cycles:
            at = world.at(ending(world, cycle).follows, 9)
            for number, unit in enumerate(self._units()):
                told = partial(self._opinion, cycle, unit)
                begin(world, world.same_day(at, number), f"opinion {unit.key} of {cycle.name}", told)

    def _units(self) -> list[CastUnit]:
        """The worst, and of each group and scope one, until there are enough."""
        world = self._world
        worst = world.cast.unit(world.cast.worst)
        found, known = [worst], {(worst.group, worst.scope)}
        for one in world.cast.units:
            if (one.group, one.scope) not in known and len(found) < max(EACH, len(self._panels)):
                known.add((one.group, one.scope))
                found.append(one)
        return found

    async def _appoint(self, group: str) -> None:
        """A leader, two members; published at once. One whose office ends early."""
        world, office = self._world, self._world.person("office")
        path, since = f"/api/v1/groups/{group}/panel", world.day(world.stage.now).isoformat()
        posts = (("组长", True), ("副组长", False), ("组员", False), ("特邀组员", False))
        made: dict[str, Any] = {}
        for number, (post, leads) in enumerate(posts, 1):
            person = f"panel-{group}-{number}"
            name = world.chance("panel", group, number).choice(world.cast.pool).name
            body = {"person": person, "name": name, "post": post, "leader": leads, "since": since}
            made = await office.post("scoring", path, body, at=world.stage.now)
        end = {"until": since, "reason": "调离本县"}
        await office.post("scoring", f"{path}/{made['number']}/ending", end, at=world.stage.now)
        sitting = await world.anybody().get("scoring", path)
        world.saw("panels", f"{group} 评议组公布：{len(sitting)}人，其中组长{sum(one['leader'] for one in sitting)}人")
        self._panels.add(group)

    def _author(self, unit: CastUnit, number: int) -> Person:
        """Who writes (2) or signs (1)."""
        if unit.group in self._panels:
            return self._world.person("supervisor", name=f"panel-{unit.group}-{number}")
        return self._world.person("office", name=f"office-{number}")

    async def _opinion(self, cycle: CycleDates, unit: CastUnit, at: datetime) -> Story:
        """Drafted, signed by another, its problem mended by the unit, told in a meeting with minutes."""
        world = self._world
        weak = unit.key == world.cast.worst
        body = {
            "unit": unit.key, "strengths": ["领导重视，承诺事项按期公开"],
            "problems": [{"text": PROBLEM.format(cycle=cycle.name), "dimension": self._dimension(unit)}],
            "recommendations": ["开展岗位培训，完善首问责任制"],
        }  # fmt: skip
        writer, leader = self._author(unit, 2), self._author(unit, 1)
        made = await writer.post("scoring", f"/api/v1/cycles/{cycle.name}/opinions", body, at=at)
        path = f"/api/v1/opinions/{made['opinion']}"
        if await refused(403, writer.post("scoring", f"{path}/signature", at=at)):
            world.saw("S14", f"{cycle.name} {unit.name}评议意见：起草的人不能签发")
        at = yield world.same_day(at, 120)
        await leader.post("scoring", f"{path}/signature", at=at)
        at = yield world.same_day(at, 30)
        seen = await leader.get("scoring", path)
        for one in seen["cases"]:
            course = Course(world, f"case of {made['opinion']}", str(one["case"]), unit.key)
            course.with_unit(at)
        at = yield world.at(world.after(world.day(at), 3), 15)
        told = {
            "held_on": world.day(at).isoformat(), "place": f"{unit.name}会议室", "attended": ["主要负责人", "分管领导"],
            "minutes": "评议意见逐条反馈，单位领导班子表态限期整改。" + ("主要负责人作检讨。" if weak else ""),
        }  # fmt: skip
        await leader.post("scoring", f"{path}/feedback", told, at=at)

    def _dimension(self, unit: CastUnit) -> str:
        return self._world.programme.dimensions_of(unit.group)[0].key
