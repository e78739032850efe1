"""Reorganised units (S1): one is merged into another early in the first cycle, and the heir goes on with it all."""

from datetime import datetime, timedelta

from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.ending import refused
from deploy.local.simulate.world import World

AFTER = timedelta(days=12)
MERGED = "merged-1"


class Organisation:
    """The office that keeps the register of units, sections and posts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._heir: CastUnit = world.cast.units[-1]

    async def begin(self) -> None:
        """A small unit is registered; plan its end."""
        world, now = self._world, self._world.stage.now
        registered = self._heir.registered() | {
            "unit": MERGED, "name": f"{self._heir.name}服务站", "name_en": f"{self._heir.name_en} station",
        }  # fmt: skip
        await world.person("office").post("scoring", "/api/v1/units", [registered], at=now)
        world.plan(world.at(world.roll(world.day(now) + AFTER), 10), "organisation", self._merge)

    async def _merge(self, at: datetime) -> None:
        """Merged by a decision; nobody registers anything under the old key again; the history names both."""
        world, office = self._world, self._world.person("office")
        day = world.day(at)
        body = {
            "kind": "merged", "on": day.isoformat(), "document": f"编办发〔{day.year}〕3号",
            "predecessors": [MERGED, self._heir.key], "successors": [self._heir.key],
        }  # fmt: skip
        await office.post("scoring", "/api/v1/successions", body, at=at)
        again = self._heir.registered() | {"unit": MERGED}
        if await refused(409, office.post("scoring", "/api/v1/units", [again], at=at)):
            world.saw("S1", f"{self._heir.name}服务站并入{self._heir.name}后，旧编号不能再登记")
        history = await world.anybody().get("scoring", f"/api/v1/units/{self._heir.key}/history")
        world.saw("S1", f"{self._heir.name}的沿革：{len(history['successions'])}次机构改革在案")
