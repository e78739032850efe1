"""Consequences (S12): each proposal is confirmed, or not, by a leader in writing; carried out, closed with proof.

One is appealed, one is sent back, one is overdue; a rectification is a case of its unit, and one is badly mended.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from deploy.local.simulate.ending import ONE_DAY, ending, is_public
from deploy.local.simulate.orders import case_of
from deploy.local.simulate.story import Story, Told, begin
from deploy.local.simulate.world import World
from shared.programme import CycleDates

LOOKS = (0, 6, 14, 22)
"""Working days after the publication on which the leader looks at what is proposed."""
DOUBT = "已查阅名次的置信区间、各单位问题台账和日常得分，名次虽有存疑，所涉问题属实，仍按方案处理。"
OVERDUE = ("key_help_list", "loss_of_awards", "accountability", "written_self_criticism", "circulated_criticism")
"""Of these the first that is confirmed in a cycle is carried out too late."""
BY_THE_UNIT = ("written_self_criticism", "rectification", "accountability")
"""Carried out by the unit's own leader."""


class Consequences:
    """The approver, the office and the leaders of units after each publication."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the leader's looks at each cycle's proposals."""
        world = self._world
        for cycle in world.cycles:
            first = ending(world, cycle).follows
            for after in LOOKS:
                day = world.after(first, after) if after else first
                world.plan(world.at(day, 11), f"decisions of {cycle.name}", self._decide, cycle, not after)

    async def _decide(self, cycle: CycleDates, first: bool, at: datetime) -> None:
        """Everything that is proposed is decided; once one is not confirmed, with the reason."""
        world, approver = self._world, self._world.person("approver")
        if not await is_public(world, cycle):
            return
        found = await approver.get("scoring", "/api/v1/consequences", cycle=cycle.name)
        proposed = sorted((one for one in found if one["state"] == "proposed"), key=_order)
        refused = self._not_confirmed(proposed) if first else None
        confirmed = []
        for one in proposed:
            path = f"/api/v1/consequences/{one['id']}"
            if one is refused:
                reason = {"reason": "该单位年内有未办结的群众反映，暂不表彰，办结后再议"}
                await approver.post("scoring", f"{path}/withdrawal", reason, at=at)
                continue
            answer = {"answer": DOUBT if one["review"] else ""}
            await approver.post("scoring", f"{path}/confirmation", answer, at=at)
            confirmed.append(one)
        for number, one in enumerate(confirmed):
            way = self._mended if one["kind"] == "rectification" else self._carried
            way = self._way(one, confirmed) if first else way
            begin(world, world.same_day(at, 30 + number), f"consequence {one['id']}", partial(way, one))

    def _not_confirmed(self, proposed: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
        """A commendation where there are several, else a penalty of a rule that has several."""
        for kind in ("commendation", "key_help_list", "loss_of_awards"):
            of_it = [one for one in proposed if one["kind"] == kind]
            if len(of_it) > 1:
                return of_it[-1]
        return proposed[-1] if len(proposed) > 1 else None

    def _way(self, one: dict[str, Any], confirmed: Sequence[dict[str, Any]]) -> Any:
        """How it goes: one is overdue, one appealed, one sent back, the first ordered case is mended badly."""
        late = min(
            confirmed, key=lambda c: (OVERDUE.index(c["kind"]) if c["kind"] in OVERDUE else len(OVERDUE), _order(c))
        )
        rest = [c for c in confirmed if c is not late and c["kind"] != "rectification"]
        if one is late:
            return self._overdue
        if one["kind"] == "rectification":
            return self._mended
        if rest and one is rest[0]:
            return self._appealed
        if len(rest) > 1 and one is rest[1]:
            return self._sent_back
        return self._carried

    async def _act(self, one: dict[str, Any], step: str, body: Any, at: datetime, role: str = "office") -> Any:
        path = f"/api/v1/consequences/{one['id']}/{step}"
        unit = one["unit"] if role == "leader" else None
        name = "office-2" if role == "office" and step == "closure" else ""
        return await self._world.person(role, unit=unit, name=name).post("scoring", path, body, at=at)

    async def _execute(self, one: dict[str, Any], at: datetime) -> None:
        role = "leader" if one["kind"] in BY_THE_UNIT else "office"
        await self._act(one, "execution", {"evidence": f"{one['kind']}办理材料（{one['id']}）"}, at, role)

    async def _close(self, one: dict[str, Any], at: datetime) -> None:
        await self._act(one, "closure", {"proof": "材料齐全，措施落实，经核实销案"}, at)

    def _later(self, at: datetime, days: int) -> datetime:
        return self._world.at(self._world.after(self._world.day(at), days), 15)

    async def _carried(self, one: dict[str, Any], at: datetime) -> Story:
        """In time."""
        at = yield self._later(at, 1 + self._world.chance("carried", one["id"]).randrange(6))
        await self._execute(one, at)
        at = yield self._later(at, 2)
        await self._close(one, at)

    async def _overdue(self, one: dict[str, Any], at: datetime) -> Story:
        """Nothing is done until the deadline has passed and the superior was told."""
        due = self._world.after(self._world.day(at), self._days(one))
        self._world.stage.stop_at([self._world.at(due + ONE_DAY, 10)])  # who is told is told by the clock
        at = yield self._later(at, self._days(one) + 3)
        await self._execute(one, at)
        at = yield self._later(at, 1)
        await self._close(one, at)

    def _days(self, one: dict[str, Any]) -> int:
        rules = self._world.programme.consequences
        return next(rule.deadline for rule in rules if rule.key == one["rule"])

    async def _appealed(self, one: dict[str, Any], at: datetime) -> Story:
        """The unit's leader contests it; somebody else rules that it stands."""
        at = yield self._later(at, 2)
        await self._act(one, "appeal", {"grounds": "本单位已作整改，请从轻处理"}, at, "leader")
        at = yield self._later(at, 2)
        await self._act(one, "ruling", {"upheld": False, "reason": "事实清楚，程序合规，维持"}, at)
        at = yield self._later(at, 2)
        await self._execute(one, at)
        at = yield self._later(at, 1)
        await self._close(one, at)

    async def _sent_back(self, one: dict[str, Any], at: datetime) -> Story:
        """The evidence is not enough; the second time it is."""
        at = yield self._later(at, 3)
        await self._execute(one, at)
        at = yield self._later(at, 1)
        await self._act(one, "return", {"reason": "只有文字说明，没有会议记录和照片"}, at)
        at = yield self._later(at, 4)
        await self._execute(one, at)
        at = yield self._later(at, 1)
        await self._close(one, at)

    async def _mended(self, one: dict[str, Any], at: datetime) -> Story:
        """The ordered case is sent back twice before it is mended: poor rectification, where there is a rule for it."""
        at = yield self._later(at, 1)
        number = await case_of(self._world, one["unit"], f"按评议结果限期整改：{one['reason']}")
        case = Told(self._world, one["unit"], one["id"], "", "", number)
        await case.unit("acceptance", at=at)
        for _ in range(2):
            at = yield self._later(at, 1)
            await case.unit("solution", case.solution(reply="已高度重视，将进一步加强管理。"), at=at)
            at = yield self._later(at, 1)
            await case.office("return", {"reasons": ["没有具体措施和责任人，空话代替整改"]}, at=at)
        at = yield self._later(at, 2)
        await case.unit("solution", case.solution(misconduct="对责任人诫勉谈话并调离窗口"), at=at)
        at = yield self._later(at, 1)
        await case.closed(at)
        at = yield self._later(at, 1)
        await self._execute(one, at)
        at = yield self._later(at, 1)
        await self._close(one, at)


def _order(one: dict[str, Any]) -> tuple[str, str]:
    """The same order whatever the ids are."""
    return str(one["unit"]), str(one["id"])
