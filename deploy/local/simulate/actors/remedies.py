"""What follows when a solution does not hold, or nobody had to ask for it (R2, R5, R6, R10); who handles it (R1)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from deploy.local.simulate.story import Story, Told, begin, years
from deploy.local.simulate.world import World

FIRST, APART = 17, 11
"""Days after a year's beginning on which the first story begins, and from one to the next."""

TITLES = {
    "explained": "要求免除现场核验", "disputed": "补偿标准存在争议", "handed_over": "窗口排队过长",
    "mended_itself": "收费公示不全", "again": "同一问题反复出现", "objected": "答复与事实不符",
    "nothing_there": "反映吃拿卡要", "rude": "工作人员态度生硬",
}  # fmt: skip

Way = Callable[[Told, datetime], Story]


class Remedies:
    """A story of each kind a year, each with another unit."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the beginnings."""
        world = self._world
        stories: tuple[tuple[str, Way], ...] = (
            ("explained", self._explained), ("disputed", self._disputed), ("handed_over", self._handed_over),
            ("mended_itself", self._mended_itself), ("again", self._again), ("objected", self._objected),
            ("nothing_there", self._nothing_there), ("rude", self._rude),
        )  # fmt: skip
        for year, opens, _ in years(world):
            units = [unit for unit in world.cast.units if unit.key != world.cast.worst]
            world.chance("remedies", year).shuffle(units)
            for number, (name, story) in enumerate(stories):
                unit = units[number % len(units)]
                text = f"在{unit.name}办事时遇到：{TITLES[name]}，请核实处理"
                case = Told(world, unit.key, f"{year}-{name}", f"{unit.name}{TITLES[name]}", text)
                day = world.roll(opens + timedelta(days=FIRST + APART * number))
                begin(world, world.at(day, 9, 30 + number), f"story {year} {name}", partial(story, case))

    async def _explained(self, case: Told, at: datetime) -> Story:
        """The explanation is returned once: no word of the rule it rests on; the second one is approved."""
        await case.opened(at, track="explained")
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 3)
        basis = [{"name": "上级有关规定", "number": "略"}]
        empty = {"basis": basis, "reasoning": "按规定办理", "text": "请理解支持。"}
        await case.unit("explanation", empty, at=at)
        at = yield case.later(at, 1)
        await case.office("return", {"reasons": ["说明未写明依据的条款，不能使群众信服"]}, at=at)
        at = yield case.later(at, 2)
        whole = {
            "basis": [{"name": "服务事项现场核验办法（虚构）", "number": "云政发〔2025〕12号"}],
            "reasoning": "核验须本人到场，窗口无权免除；已开通预约上门办理", "text": "可预约上门办理，无需往返。",
        }  # fmt: skip
        await case.unit("explanation", whole, at=at)
        at = yield case.later(at, 1)
        await case.office("explanation/approval", at=at)
        at = yield case.later(at, 1)
        await case.answered(case.grade(), at)
        at = yield case.later(at, 1)
        await case.closed(at)

    async def _disputed(self, case: Told, at: datetime) -> Story:
        """The petitioner is content with nothing: after two returns a leader closes it as disputed, with reasons."""
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        for _ in range(2):
            at = yield case.later(at, 3)
            await case.unit("solution", case.solution(), at=at)
            at = yield case.later(at, 1)
            await case.answered(case.grade(bad=True), at)
        at = yield case.later(at, 2)
        reasons = {"reasons": "补偿已按评估结论支付，当事人要求超出法定标准，建议循诉讼途径"}
        await case.office("dispute", reasons, at=at, role="approver")

    async def _handed_over(self, case: Told, at: datetime) -> Story:
        """The main leader names a handler; who leaves hands all his open matters over, and one comes back."""
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        clerks = [f"{case.unit_key}-clerk-{number}" for number in (1, 2)]
        first = {"handler": clerks[0], "reason": "熟悉业务"}
        at = yield case.later(at, 1)
        await case.unit("assignment", first, at=at, role="leader")
        at = yield case.later(at, 3)
        leader = self._world.person("leader", unit=case.unit_key)
        moved = {"from": clerks[0], "to": clerks[1], "reason": "调离岗位，未办结事项移交"}
        made = await leader.post("rectification", "/api/v1/handovers", moved, at=at)
        self._world.saw("R1", f"{case.unit_key} 承办人调离，移交未办结事项 {len(made['cases'])} 件")
        at = yield case.later(at, 4)
        await case.unit("solution", case.solution(), at=at)
        begin(self._world, case.later(at, 1), f"story {case.key} end", case.settled)

    async def _mended_itself(self, case: Told, at: datetime) -> Story:
        """The unit reports its own problem before anybody complains, deals with whoever is to blame."""
        topic = self._world.chance("story", case.key).choice(self._world.programme.topics).key
        body = {
            "channel": "self_inspection", "title": case.title, "topic": topic,
            "text": f"自查发现{case.title}，责任人已处理，正在整改（{case.key}）",
        }  # fmt: skip
        handler = self._world.person("handler", unit=case.unit_key)
        told = await handler.post("intake", "/api/v1/complaints", body, at=at)
        case.number = str(told["number"])
        at = yield case.soon(at)
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 5)
        await case.unit("solution", case.solution(misconduct="对责任人批评教育并责令检查"), at=at)
        at = yield case.later(at, 2)
        await case.closed(at)

    async def _again(self, case: Told, at: datetime) -> Story:
        """Written off, and four weeks later somebody else comes with the very same matter: the case is open again."""
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 5)
        await case.unit("solution", case.solution(), at=at)
        at = yield case.later(at, 1)
        await case.answered(case.grade(), at)
        at = yield case.later(at, 1)
        await case.closed(at)
        at = yield case.later(at, 20)
        await case.reported(at)
        at = yield case.later(at, 3)
        await case.unit("solution", case.solution(reply="已重新核查，增设岗位，问题不再发生。"), at=at)
        begin(self._world, case.later(at, 1), f"story {case.key} end", case.settled)

    async def _objected(self, case: Told, at: datetime) -> Story:
        """Content on the telephone, and after the closing not: his objection opens the case again."""
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 6)
        await case.unit("solution", case.solution(), at=at)
        at = yield case.later(at, 1)
        await case.answered(case.grade(), at)
        at = yield case.later(at, 1)
        await case.closed(at)
        at = yield case.later(at, 10)
        path = f"/api/v1/public/track/{case.code}/objection"
        words = {"grade": case.grade(bad=True), "words": "问题又回来了，并没有真正解决"}
        await self._world.anybody().post("intake", path, words, at=at)
        at = yield case.later(at, 3)
        await case.unit("solution", case.solution(reply="已现场返工并请您验收。"), at=at)
        begin(self._world, case.later(at, 1), f"story {case.key} end", case.settled)

    async def _nothing_there(self, case: Told, at: datetime) -> Story:
        """The unit looked into it and found nothing: nobody has to call solved what was no case."""
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 6)
        await case.unit("solution", case.solution(reply="经查无此事，附核查材料。") | {"finding": "unfounded"}, at=at)
        begin(self._world, case.later(at, 1), f"story {case.key} end", case.settled)

    async def _rude(self, case: Told, at: datetime) -> Story:
        """Empty words for a solution: the petitioner is very dissatisfied, and the unit has to do it again."""
        worst = next(one.key for one in reversed(self._world.programme.callback.grades) if one.bad)
        await case.opened(at)
        at = yield case.soon(at)
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 4)
        await case.unit("solution", case.solution(reply="已高度重视，将进一步加强管理，提高认识。"), at=at)
        at = yield case.later(at, 1)
        await case.answered(worst, at)
        at = yield case.later(at, 2)
        body = case.solution(misconduct="当事人已当面道歉，离岗培训", reply="当事人已向您当面道歉。")
        await case.unit("solution", body, at=at)
        begin(self._world, case.later(at, 1), f"story {case.key} end", case.settled)
