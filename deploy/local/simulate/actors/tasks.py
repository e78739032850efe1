"""The office decomposes a decision into tasks and publishes them; units do them in time, late, or badly at first (R9).

At the end of the years an auditor checks the ledger (R1).
"""

from datetime import datetime, timedelta
from functools import partial

from deploy.local.simulate.story import Story, begin, years
from deploy.local.simulate.world import World

PUBLISHED = 38
"""Days after a year's beginning."""

TASKS = (
    ("简化办事流程", "办事环节不超过三个，承诺时限压缩三成", 40, "in_time"),
    ("公开收费依据", "窗口和网上同步公示，标准与文件一致", 55, "late"),
    ("清理积压事项", "历年未结事项全部答复当事人", 70, "returned"),
)
"""Content, acceptance standard, working days, and how it goes."""


class Tasks:
    """Three tasks of a decision a year."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan publication and the check at the end."""
        world = self._world
        for year, opens, _ in years(world):
            if world.programme.obligations:
                at = world.at(world.roll(opens + timedelta(days=PUBLISHED)), 11)
                begin(world, at, f"tasks {year}", partial(self._decomposed, year))
        world.plan(world.at(world.day(world.ends) - timedelta(days=2), 17), "ledger", self._checked)

    async def _decomposed(self, year: int, at: datetime) -> Story:
        """Published with decision, lead, cooperating and territorial unit, person, date and acceptance standard."""
        world = self._world
        office = world.person("office")
        units = [unit.key for unit in world.cast.units if unit.key != world.cast.worst]
        world.chance("tasks", year).shuffle(units)
        days = []
        for number, (content, standard, within, way) in enumerate(TASKS):
            lead, cooperating, ground = (units[(number + of) % len(units)] for of in (0, 3, 4))
            due = world.after(world.day(at), within)
            body = {
                "decision": f"{year}年评议工作实施意见（虚构）第{number + 1}条",
                "content": content, "standard": standard,
                "lead_unit": lead, "cooperating_units": [cooperating], "territorial_unit": ground,
                "person": world.cast.holder(lead, "main_leader").name, "due": due.isoformat(),
            }  # fmt: skip
            task = await office.post("rectification", "/api/v1/tasks", body, at=at)
            days.append((world.after(due, 4) if way == "late" else due - timedelta(days=3), task, way))
        for day, task, way in sorted(days, key=lambda one: one[0]):
            at = yield world.at(world.roll(day), 10)
            await self._shown(task, at)
            if way == "returned":
                at = yield world.same_day(at, 240)
                path = f"/api/v1/obligations/{task['duty']}/return"
                reasons = {"reasons": ["清单与台账对不上，尚有事项未答复"]}
                await world.person("approver").post("rectification", path, reasons, at=at)
                at = yield world.at(world.after(world.day(at), 1), 10)
                await self._shown(task, at)
            at = yield world.at(world.after(world.day(at), 1), 10)
            await office.post("rectification", f"/api/v1/obligations/{task['duty']}/acceptance", at=at)

    async def _shown(self, task: dict[str, object], at: datetime) -> None:
        """The lead unit shows that the standard is met."""
        units = task["units"]
        if not isinstance(units, list):
            raise TypeError("a task names its units")
        body = {"answers": {"standard": "已按标准完成并自查"}, "documents": ["完成情况报告.pdf"], "address": ""}
        handler = self._world.person("handler", unit=str(units[0]))
        await handler.post("rectification", f"/api/v1/obligations/{task['duty']}/fulfilment", body, at=at)

    async def _checked(self, at: datetime) -> None:
        """An auditor checks every entry of the chain."""
        found = await self._world.person("auditor").get("rectification", "/api/v1/ledger/verification")
        if not found["holds"]:
            raise AssertionError(f"the ledger does not hold: {found}")
        self._world.saw("R1", "台账哈希链从头到尾完整")
