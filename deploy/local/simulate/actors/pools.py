"""The pool of evaluators and conflicts of interest (S2), and before the first cycle's end a rehearsal (S16)."""

from datetime import datetime

from deploy.local.simulate.ending import ending, scopes, voted_on
from deploy.local.simulate.gathering import POOL, Gathering
from deploy.local.simulate.story import Story, begin
from deploy.local.simulate.world import World

WITH_CONFLICT = 3
"""Members of the pool who are employed by a unit."""


class Pools:
    """The office keeps the pool; members declare their conflicts."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Register the pool; plan a declaration, a withdrawal and the rehearsal."""
        world = self._world
        voted = voted_on(world)
        if not voted:
            return
        employed = {one.id: [unit.key] for one, unit in zip(world.cast.pool[:WITH_CONFLICT], voted, strict=False)}
        members = [
            {"id": one.id, "stratum": one.stratum, "conflicts": employed.get(one.id, [])} for one in world.cast.pool
        ]
        body = {"members": members}
        await world.person("office").post("scoring", f"/api/v1/pools/{POOL}", body, at=world.stage.now)
        first = ending(world, world.cycles[0])
        world.plan(world.at(first.closing, 9, 30), "pool", self._conflicts)
        assert first.meeting is not None  # units are voted on
        name = f"REHEARSAL-{world.cycles[0].name}"
        units = min((part for part in scopes(world).values() if voted[0] in part), key=len)
        day, keys = world.after(first.closing, 1), [one.key for one in units]
        rehearsal = Gathering(world, world.cycles[0], name, day, keys, rehearsal=True)
        begin(world, rehearsal.evening, f"meeting {name}", lambda at: self._rehearse(rehearsal, at))

    async def _conflicts(self, at: datetime) -> None:
        """A member of the pool now works for a unit; another has left his."""
        world, unit = self._world, voted_on(self._world)[-1].key
        declared = {"member": world.cast.pool[-1].id, "unit": unit, "kind": "related", "reason": "配偶在该单位工作"}
        await world.person("office").post("scoring", f"/api/v1/pools/{POOL}/conflicts", declared, at=at)
        left = {"member": world.cast.pool[0].id, "unit": voted_on(world)[0].key, "reason": "已离职满一年"}
        await world.person("office").post("scoring", f"/api/v1/pools/{POOL}/conflicts/withdrawal", left, at=at)

    async def _rehearse(self, meeting: Gathering, at: datetime) -> Story:
        """The whole ceremony with nothing at stake."""
        await meeting.prepare(at)
        at = yield meeting.lot
        await meeting.draw(at)
        speak = await meeting.announce(at, named=False)
        at = yield meeting.hour(8)
        await meeting.hall(at)
        at = yield meeting.hour(9)
        await meeting.assembly.act("office", "/statements-opening", at=at)
        await meeting.assembly.deliver(speak, at)
        await meeting.assembly.act("office", "/questions-opening", at=at)
        await meeting.assembly.act("office", "/ballots-opening", at=at)
        await meeting.vote(at)
        at = yield meeting.hour(11)
        await meeting.count_and_seal(at)
        published = await meeting.assembly.act("office", "/publication", at=at)
        self._world.saw("S16", f"演练{meeting.name}封存、公布为第{published['version']}版，注明演练，不产生名次")
