"""Canvassing (S11): established with evidence on a unit that people think well of, appealed, ruled on; a second is not.

The first stands, and the unit is ranked behind all others; in the second the evidence does not hold, and it is undone.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.ending import canvasser, refused
from deploy.local.simulate.story import Story, begin
from deploy.local.simulate.world import World
from shared.programme import CycleDates

BEFORE_THE_END = timedelta(days=45)


class Canvassers:
    """The office that found it out, and the leader who contests it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan both in the first cycle."""
        world, cycle = self._world, self._world.cycles[0]
        unit = canvasser(world)
        if unit is None:
            return
        other = next(one for one in world.cast.units if one.key not in (unit.key, world.cast.worst))
        at = world.at(world.roll(cycle.closes - BEFORE_THE_END), 10)
        found: tuple[tuple[CastUnit, bool], ...] = ((unit, True), (other, False))
        for number, (one, holds) in enumerate(found):
            told: Callable[[datetime], Story] = partial(self._canvassed, cycle, one, holds)
            begin(world, at + timedelta(minutes=number), f"canvassing {one.key}", told)

    async def _canvassed(self, cycle: CycleDates, unit: CastUnit, holds: bool, at: datetime) -> Story:
        """Established, appealed within the period, ruled on by somebody else."""
        world = self._world
        evidence = "向评议员发送购物卡的短信截图、证人笔录" if holds else "匿名来信称其请评议员吃饭"
        body = {"cycle": cycle.name, "unit": unit.key, "evidence": evidence, "persons": [f"{unit.name}办公室主任"]}
        made = await world.person("office").post("scoring", "/api/v1/canvassing", body, at=at)
        path = f"/api/v1/canvassing/{made['id']}"
        at = yield world.at(world.after(world.day(at), 2), 15)
        leader = world.person("leader", unit=unit.key)
        await leader.post("scoring", f"{path}/appeal", {"grounds": "系个人行为，单位并不知情"}, at=at)
        at = yield world.at(world.after(world.day(at), 3), 15)
        ruling = {"upheld": not holds, "reason": "证据确凿，维持" if holds else "来信所述经核不属实，撤销"}
        if await refused(403, world.person("office").post("scoring", f"{path}/ruling", ruling, at=at)):
            world.saw("S11", f"{unit.name}：认定的人不能裁定自己的认定")
        await world.person("approver").post("scoring", f"{path}/ruling", ruling, at=at)
