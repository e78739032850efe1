"""Cases whose dates do not simply run (R2, R3, R4, R8): standstill, another track, refusals, milestones, late marks."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from deploy.local.simulate.story import Story, Told, begin, years
from deploy.local.simulate.world import World

FIRST, APART = 12, 11
"""Days after a year's beginning on which the first story begins, and from one to the next."""

STEPS, PROMISED = (6, 14), 30
"""Working days after the plan: its milestones, and the promised day."""

TITLES = {
    "waits": "补充材料迟迟未定", "law_suit": "合同纠纷已诉至法院", "other_track": "门前道路需分段改造",
    "refused": "档案多年未移交", "excused": "系统停用无法办理", "dismissed": "答复一拖再拖",
    "hard": "历年遗留问题未解决",
}  # fmt: skip


class Terms:
    """A story of each kind a year, each with another unit."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the beginnings."""
        stories: tuple[tuple[str, Callable[[Told, datetime], Story]], ...] = (
            ("waits", self._waits), ("law_suit", self._law_suit), ("other_track", self._other_track),
            ("refused", self._refused), ("excused", self._excused), ("dismissed", self._dismissed),
            ("hard", self._hard),
        )  # fmt: skip
        world = self._world
        for year, opens, _ in years(world):
            units = [unit for unit in world.cast.units if unit.key != world.cast.worst]
            world.chance("terms", year).shuffle(units)
            for number, (name, story) in enumerate(stories):
                unit = units[number % len(units)]
                text = f"在{unit.name}办事时遇到：{TITLES[name]}，请核实处理"
                case = Told(world, unit.key, f"{year}-{name}", f"{unit.name}{TITLES[name]}", text)
                day = world.roll(opens + timedelta(days=FIRST + APART * number))
                begin(world, world.at(day, 9, 10 + number), f"story {year} {name}", partial(story, case))

    async def _waits(self, case: Told, at: datetime) -> Story:
        """The unit waits for the complainant, by its request; then the day count of the date is asked for."""
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 4)
        ground = {"ground": "waiting_for_complainant", "reasons": "需反映人补充合同原件，已书面通知"}
        await case.unit("suspension", ground, at=at)
        at = yield case.later(at, 1)
        await case.office("decision", {"granted": True, "reasons": "情况属实"}, at=at)
        at = yield case.later(at, 8)
        await case.office("resumption", at=at)
        at = yield case.later(at, 3)
        await self._explained(case)
        await case.unit("solution", case.solution(), at=at)
        at = yield case.later(at, 1)
        await case.answered(case.grade(), at)
        at = yield case.later(at, 1)
        await case.closed(at)

    async def _law_suit(self, case: Told, at: datetime) -> Story:
        """The office lets it stand still while a court has it."""
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 3)
        await case.office("suspension", {"ground": "law_suit", "reasons": "当事人已提起诉讼，待判决"}, at=at)
        at = yield case.later(at, 25)
        await case.office("resumption", at=at)
        at = yield case.later(at, 5)
        await case.unit("solution", case.solution(), at=at)
        at = yield case.later(at, 1)
        await case.answered(case.grade(), at)
        at = yield case.later(at, 1)
        await case.closed(at)

    async def _other_track(self, case: Told, at: datetime) -> Story:
        """It needs conditions: another track, a plan that is returned, a milestone late, a record corrected."""
        world = self._world
        case.number = await case.reported(at, track="planned")
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 5)
        await case.unit("track", {"track": "planned", "reasons": "须列入年度工程，短期内不具备条件"}, at=at)
        at = yield case.later(at, 1)
        await case.office("decision", {"granted": True, "reasons": "同意列入限期整改"}, at=at)
        at = yield case.later(at, 2)
        days = [world.after(world.day(at), after) for after in (*STEPS, PROMISED)]
        await case.unit("plan", _plan(days, "加强管理，尽快完成"), at=at)
        at = yield case.later(at, 1)
        reasons = ["措施过于笼统，未写明分段工期和资金来源"]
        await case.office("plan/return", {"reasons": reasons}, at=at)
        at = yield case.later(at, 1)
        await case.unit("plan", _plan(days, "分两段施工，资金列入本年预算，每段完工后由居民代表验收"), at=at)
        at = yield case.later(at, 1)
        await case.office("plan/filing", at=at)
        late, done, promised = days
        at = yield world.at(world.after(late, 4), 15)
        await case.unit("milestones/1/completion", {"evidence": [f"进度照片-{case.number}-1"]}, at=at)
        at = yield world.at(done, 15)
        await case.unit("milestones/2/completion", {"evidence": [f"进度照片-{case.number}-2"]}, at=at)
        at = yield case.later(at, 2)
        await case.unit("solution", case.solution(), at=at)
        at = yield case.later(at, 1)
        await case.answered(case.grade(), at)
        at = yield case.later(at, 1)
        await case.closed(at)
        at = yield world.at(world.after(promised, 3), 10)
        path = f"/api/v1/commitments/{case.number}-1"
        await world.person("inspector").post("rectification", f"{path}/inspection", _found("broken"), at=at)
        at = yield case.later(at, 2)
        reason = {"reason": "检查组走错路段，经复查承诺事项已完成，但晚于承诺之日"}
        await world.person("office").post("rectification", f"{path}/correction", _found("late") | reason, at=at)

    async def _refused(self, case: Told, at: datetime) -> Story:
        """More time is asked for without need and refused; it is solved in time all the same."""
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 6)
        await case.unit("extension", {"days": 10, "reasons": "近期工作较多"}, at=at)
        at = yield case.later(at, 1)
        refused = {"granted": False, "reasons": "工作繁忙不是延期的理由，请按期办结"}
        await case.office("decision", refused, at=at)
        at = yield case.later(at, 6)
        await case.unit("solution", case.solution(), at=at)
        at = yield case.later(at, 1)
        await case.answered(case.grade(), at)
        at = yield case.later(at, 1)
        await case.closed(at)

    def _excused(self, case: Told, at: datetime) -> Story:
        """Late for no fault of the unit's: the appeal is upheld."""
        return self._appealed(case, at, "因全市业务系统停用十日，无法调取记录", upheld=True)

    def _dismissed(self, case: Told, at: datetime) -> Story:
        """Late by the unit's own doing: the appeal is dismissed."""
        return self._appealed(case, at, "经办人外出学习，无人接手", upheld=False)

    async def _appealed(self, case: Told, at: datetime, grounds: str, *, upheld: bool) -> Story:
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 17)
        await case.unit("solution", case.solution(), at=at)
        at = yield case.later(at, 1)
        await case.answered(case.grade(), at)
        at = yield case.later(at, 1)
        await case.closed(at)
        at = yield case.later(at, 2)
        await case.unit("lateness-appeal", {"grounds": grounds}, at=at, role="leader")
        at = yield case.later(at, 2)
        reason = "停用通知属实，迟延不可归责于单位" if upheld else "内部人员安排不是逾期的理由"
        await case.office("lateness-appeal/ruling", {"upheld": upheld, "reason": reason}, at=at, role="approver")

    async def _hard(self, case: Told, at: datetime) -> Story:
        """An outstanding problem with two units that help; overdue until the leading group hears of it."""
        cooperating, ground = self._others(case.unit_key)
        await case.opened(at, cooperating_units=[cooperating], territorial_unit=ground)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        await case.office("difficulty", {"difficulty": "long_standing", "reason": "群众连年反映未决"}, at=at)
        at = yield case.later(at, 7)
        given = {"text": "已提供历年档案并派员参加现场协调", "evidence": [f"协办记录-{case.number}"]}
        await case.unit("contributions", given, at=at, by=cooperating)
        at = yield case.later(at, 19)
        late = {"text": "已腾退占用场地", "evidence": [f"属地记录-{case.number}"]}
        await case.unit("contributions", late, at=at, by=ground)
        at = yield case.later(at, 1)
        await case.unit("solution", case.solution(misconduct="对分管科室负责人诫勉谈话"), at=at)
        at = yield case.later(at, 1)
        await case.answered(case.grade(), at)
        at = yield case.later(at, 1)
        await case.closed(at)

    def _others(self, unit: str) -> tuple[str, str]:
        others = [one.key for one in self._world.cast.units if one.key != unit]
        first, second = self._world.chance("helpers", unit).sample(others, 2)
        return first, second

    async def _explained(self, case: Told) -> None:
        """The count of the date that decides, day by day."""
        office = self._world.person("office")
        found = await office.get("rectification", f"/api/v1/cases/{case.number}/deadlines")
        decides = next(one for one in found["items"] if one["kind"] == "solve")
        told = await office.get("rectification", f"/api/v1/deadlines/{decides['id']}/explanation")
        counted = sum(day["number"] is not None for day in told["days"])
        suspended = sum(day["kind"] == "suspended" for day in told["days"])
        says = f"{case.number}：{told['zh'][-1]}（计入 {counted} 个工作日，中止 {suspended} 日不计）"
        self._world.saw("R3", says)


def _plan(days: list[date], measures: str) -> dict[str, object]:
    *steps, promised = days
    names = ("完成勘查并公布方案", "主体完工并验收")
    return {
        "measures": measures, "responsible": "分管负责人", "conditions": "资金到位",
        "milestones": [
            {"name": name, "due": day.isoformat(), "who": "承办科室"} for name, day in zip(names, steps, strict=True)
        ],
        "commitment": {
            "text": f"{promised.month}月{promised.day}日前全线通行", "person": "单位负责人",
            "due": promised.isoformat(), "to": "反映问题的群众",
        },
    }  # fmt: skip


def _found(verdict: str) -> dict[str, object]:
    """What was found when the promised day was over."""
    findings = {"broken": "未见完工路段", "late": "全线通行，晚于承诺之日两日"}
    return {"verdict": verdict, "findings": findings[verdict], "evidence": ["践诺检查照片"], "survey": {}}
