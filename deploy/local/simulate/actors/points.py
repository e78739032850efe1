"""The daily score (S8): lines appealed within the period, upheld or dismissed; volumes and bonuses where there are any.

A line may be appealed by the unit that it is about, and is ruled on by somebody else than who wrote it.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.ending import ending, refused
from deploy.local.simulate.story import Story, begin
from deploy.local.simulate.world import World
from shared.programme import CycleDates

LOOKS_EVERY = timedelta(days=21)
APPEALS = 4
"""Lines of a year that are appealed: every other one with success."""


class DailyPoints:
    """Leaders who look at their units' lines, and the office with what else enters the daily score."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._appealed: dict[int, int] = {}
        self._about: set[str] = set()

    async def begin(self) -> None:
        """Plan the looks of the year, and what the office enters."""
        world = self._world
        for cycle in world.cycles:
            day = cycle.opens + 2 * LOOKS_EVERY
            while day < cycle.closes - timedelta(days=10):
                world.plan(world.at(world.roll(day), 16), "lines looked at", self._look, cycle)
                day += LOOKS_EVERY
            if world.programme.points.volume is not None:
                at = world.at(ending(world, cycle).closing, 11)
                begin(world, at, f"volumes of {cycle.name}", partial(self._volumes, cycle))
            if world.programme.points.has("commendation"):
                at = world.at(world.roll(cycle.opens + timedelta(days=50)), 11)
                begin(world, at, f"commendations of {cycle.name}", partial(self._commended, cycle))

    async def _look(self, cycle: CycleDates, at: datetime) -> None:
        """Leaders look through their units' new lines; one that may be contested is."""
        world, year = self._world, cycle.opens.year
        for unit in world.cast.units:
            if self._appealed.get(year, 0) >= APPEALS:
                return
            if unit.key in self._about:
                continue
            leader = world.person("leader", unit=unit.key)
            score = await leader.get("scoring", f"/api/v1/units/{unit.key}/score", cycle=cycle.name)
            for line in sorted(score["daily"]["lines"], key=lambda one: (one["rule"], one["occurred"])):
                mine = line["stands"] and not line["appeals"] and float(line["points"]) < 0
                if line["rule"] == "commitment_broken":  # an inspector may correct it before the appeal is in
                    continue
                if not mine or datetime.fromisoformat(line["appeal_until"]) <= at:
                    continue
                number = self._appealed[year] = self._appealed.get(year, 0) + 1
                self._about.add(unit.key)
                upheld = number % 2 == 1
                told = partial(self._appeal, unit, str(line["line"]), upheld)
                begin(world, world.same_day(at, 5 * number), f"appeal {year} {number}", told)
                break

    async def _appeal(self, unit: CastUnit, line: str, upheld: bool, at: datetime) -> Story:
        world, path = self._world, f"/api/v1/points/{line}"
        other = next(one for one in world.cast.units if one.key != unit.key)
        grounds = {"grounds": "该事项已按期办结，材料附后"}
        stranger = world.person("leader", unit=other.key)
        if await refused(403, stranger.post("scoring", f"{path}/appeal", grounds, at=at)):
            world.saw("S8", f"{other.name}不能就{unit.name}的扣分申诉")
        await world.person("leader", unit=unit.key).post("scoring", f"{path}/appeal", grounds, at=at)
        at = yield world.at(world.after(world.day(at), 2), 10)
        reason = "复核属实，予以恢复" if upheld else "经复核扣分有据，维持"
        body = {"upheld": upheld, "reason": reason}
        await world.person("office", name="office-2").post("scoring", f"{path}/ruling", body, at=at)

    async def _volumes(self, cycle: CycleDates, at: datetime) -> Story:
        """Each unit's service volume with its document, confirmed by a second person."""
        world, path = self._world, f"/api/v1/cycles/{cycle.name}/volumes"
        given = [
            {
                "unit": one.key, "document": f"{cycle.name} {one.name}业务量统计表",
                "services": world.chance("volume", cycle.name, one.key).randrange(3000, 30000),
            }
            for one in world.cast.units
        ]  # fmt: skip
        office = world.person("office", name="office-1")
        entered = await office.post("scoring", path, {"volumes": given}, at=at)
        at = yield world.same_day(at, 60)
        values = [{"unit": one["unit"], "version": one["version"]} for one in entered]
        decided = {"values": values, "confirmed": True}
        await world.person("office", name="office-2").post("scoring", f"{path}/decision", decided, at=at)

    async def _commended(self, cycle: CycleDates, at: datetime) -> Story:
        """Two units are commended from outside; one bonus turns out not to be due and is withdrawn."""
        world = self._world
        best = sorted(world.cast.units, key=lambda one: (-one.standing, one.key))[:2]
        made: list[Any] = []
        for unit in best:
            body = {
                "unit": unit.key, "title": "省级青年文明号", "awarded_on": self._yesterday(at).isoformat(),
                "document": f"省文明办〔{cycle.opens.year}〕{len(made) + 1}号",
            }  # fmt: skip
            office = world.person("office", name="office-1")
            made.append(await office.post("scoring", "/api/v1/commendations", body, at=at))
        at = yield world.at(world.after(world.day(at), 1), 10)
        for one in made:
            path = f"/api/v1/commendations/{one['commendation']}/decision"
            await world.person("office", name="office-2").post("scoring", path, {"confirmed": True}, at=at)
        at = yield world.at(world.after(world.day(at), 5), 10)
        unit = best[-1]
        score = await world.person("office").get("scoring", f"/api/v1/units/{unit.key}/score", cycle=cycle.name)
        line = next(one["line"] for one in score["daily"]["lines"] if one["rule"] == "commendation")
        reason = {"reason": "表彰对象为个人而非单位，撤销加分"}
        await world.person("office").post("scoring", f"/api/v1/points/{line}/withdrawal", reason, at=at)

    def _yesterday(self, at: datetime) -> date:
        return self._world.day(at) - timedelta(days=1)
