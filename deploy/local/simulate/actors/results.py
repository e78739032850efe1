"""A cycle's end: closed, ranked, embargoed, published at the programme's time, corrected once (S10 S14 S15).

Whoever asks too early is told nothing; afterwards anybody takes the signed data away and checks it.
"""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from deploy.local.simulate.ending import ending, firsts, refused
from deploy.local.simulate.story import Story, begin
from deploy.local.simulate.world import World
from services.scoring.verify import verify_file
from shared.programme import CycleDates

CORRECTED = "复核发现一处录入有误，更正后重新公布"


class Results:
    """The office at the end of each cycle."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan each cycle's end."""
        world = self._world
        for cycle, first, _ in firsts(world):
            days = ending(world, cycle)
            world.plan(world.at(days.closing, 9), f"closing of {cycle.name}", self._close, cycle)
            at = world.at(days.ranking, 10)
            steps = (days.closing, days.ranking, days.published, days.follows)
            world.stage.stop_at(world.at(day, 8) for day in steps)
            begin(world, at, f"result of {cycle.name}", partial(self._result, cycle, first))

    def _path(self, cycle: CycleDates, step: str) -> str:
        return f"/api/v1/cycles/{cycle.name}/{step}"

    async def _close(self, cycle: CycleDates, at: datetime) -> None:
        """What is open and past due now is without result."""
        await self._world.person("office").post("scoring", self._path(cycle, "closing"), at=at)

    async def _result(self, cycle: CycleDates, first: bool, at: datetime) -> Story:
        world, office = self._world, self._world.person("office")
        await office.post("scoring", self._path(cycle, "ranking"), at=at)
        if await refused(404, world.anybody().get("scoring", self._path(cycle, "ranking"))):
            world.saw("S14", f"{cycle.name} 公布前任何人查不到名次")
        at = yield world.at(ending(world, cycle).published, 10)
        told = await office.post("scoring", self._path(cycle, "publication"), at=at)
        while not told["public"]:
            opens = max(datetime.fromisoformat(one["opens_at"]) for one in told["releases"])
            world.stage.stop_at([opens])
            at = yield max(opens, at)
            at = yield world.same_day(at, 5)
            told = await office.get("scoring", self._path(cycle, "publication"))
        await self._exports(cycle)
        if first:
            at = yield world.at(world.after(world.day(at), 1), 11)
            await self._correct(cycle, at)
            at = yield world.same_day(at, 10)
            await self._exports(cycle)

    async def _exports(self, cycle: CycleDates) -> None:
        """Anybody takes the files away and checks them offline."""
        world, anybody = self._world, self._world.anybody()
        form, base = world.programme.publication.form, f"/results/{cycle.name}"
        version = (await anybody.get("scoring", self._path(cycle, "ranking")))["version"]
        if "public" in form:
            folder = world.deployment.layout.data / f"result-{cycle.name}-{version}"
            folder.mkdir(exist_ok=True)
            for name in ("result.json", "result.json.note", "result.xlsx"):
                # JSON is parsed on its way in: the bytes that were signed are read as they came
                data = await world.house.raw("scoring", f"{base}/{name}")
                (folder / name).write_bytes(data)
            holds = verify_file(folder / "result.json").exit_code == 0
            world.saw("S14", f"{cycle.name} 第{version}版数据、签名、表格下载，签名{'相符' if holds else '不符'}")
        if "media_pack" in form:
            await anybody.get("scoring", f"{base}/media.zip")
            world.saw("S14", f"{cycle.name} 第{version}版媒体包下载")

    async def _correct(self, cycle: CycleDates, at: datetime) -> None:
        """A result found wrong: a value is corrected where people entered one, then the ranking is issued again."""
        world = self._world
        entered = [part for part in world.programme.composite if not part.is_computed]
        for part in entered[:1]:
            await self._value(cycle, part.key, at)
        await world.person("office").post("scoring", self._path(cycle, "ranking"), {"reason": CORRECTED}, at=at)

    async def _value(self, cycle: CycleDates, part: str, at: datetime) -> None:
        """The last confirmed value of a part was a hundredth too low."""
        world, path = self._world, self._path(cycle, f"parts/{part}")
        found = await world.person("office").get("scoring", f"{path}/values", limit=1000)
        known = {one["unit"]: one for one in found["items"] if one["state"] == "confirmed"}
        unit, last = min(known.items())
        marks = {key: str(Decimal(value) - Decimal("0.01")) for key, value in last["marks"].items()}
        body: dict[str, Any] = {"unit": unit, "document": f"{last['document']} 更正单", "sample": last["sample"]}
        body |= {"reason": CORRECTED} | ({"value": marks[""]} if "" in marks else {"items": marks})
        [new] = await world.person("office", name="office-1").post(
            "scoring", f"{path}/values", {"values": [body]}, at=at
        )
        named = {"values": [{"unit": unit, "version": new["version"]}], "confirmed": True}
        await world.person("office", name="office-2").post("scoring", f"{path}/decision", named, at=at)
