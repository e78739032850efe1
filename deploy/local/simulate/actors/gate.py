"""The gate and what lies around it (I4, I6, I7, I17): returned for information, outside jurisdiction; approved late, by
a deputy, amended, refused; objections upheld and rejected.
"""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta

from deploy.local.demo import papers
from deploy.local.demo.http import Answered
from deploy.local.simulate.course import Course, Fate
from deploy.local.simulate.story import Story, Told, begin, years
from deploy.local.simulate.world import World

SECOND_APPROVER, DEPUTY = "approver-2", "office-deputy"
FIRST, APART = 24, 13
"""Days after the year's beginning on which the first of the stories begins, and from one to the next."""

Way = Callable[[Told, datetime], Story]


class Gate:
    """A story of each kind a year, each about another unit."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the beginnings."""
        world = self._world
        ways: tuple[tuple[str, Way], ...] = (
            ("补件要求前后不一", self._informed),
            ("合同货款纠纷不予受理", self._outside),
            ("审批迟迟没有结果", self._late),
            ("业务咨询无人接待", self._stood_in),
            ("两个部门互相推诿", self._amended),
            ("要求公布内部讨论稿", self._refused),
            ("事项归属说不清", self._upheld),
            ("夜间服务点关门", self._rejected),
        )
        for year, opens, _ in years(world):
            units = list(world.cast.units)
            world.chance("gate", year).shuffle(units)
            for n, (title, way) in enumerate(ways):
                unit, key = units[n % len(units)], f"gate-{year}-{n}"
                case = Told(world, unit.key, key, f"{unit.name}{title}", f"在{unit.name}遇到{title}，请核实处理")
                at = world.at(world.roll(opens + timedelta(days=FIRST + APART * n)), 9, 5 + n)
                begin(world, at, key, self._of(way, case))

    def _of(self, way: Way, case: Told) -> Callable[[datetime], Story]:
        return lambda at: way(case, at)

    def _course(self, case: Told, unit: str = "", fate: Fate | None = None) -> Course:
        return Course(self._world, f"{case.key} course", case.number, unit or case.unit_key, fate)

    def _other(self, case: Told, n: int = 0) -> str:
        """Another unit than the case's."""
        others = [one.key for one in self._world.cast.units if one.key != case.unit_key]
        self._world.chance("other unit", case.key).shuffle(others)
        return others[n]

    async def _informed(self, case: Told, at: datetime) -> Story:
        """Too little is said: it goes back, the complainant adds by his code, and it is screened again (I4)."""
        case.number = await case.reported(at)
        body = {"decision": "returned_for_information", "reason": "请补充办理日期、窗口号和所办事项"}
        clerk = self._world.person("clerk")
        await clerk.post("intake", f"/api/v1/complaints/{case.number}/screening", body, at=at)
        at = yield case.later(at, 3, 20)
        words = {"text": "补充：上月十二日上午，三号窗口，办理变更登记。"}
        await self._world.anybody().post("intake", f"/api/v1/public/track/{case.code}/information", words, at=at)
        at = yield case.later(at, 1, 9)
        await self._course(case).take_up(at)

    async def _outside(self, case: Told, at: datetime) -> Story:
        """A quarrel about money is for the court, and he is told where that is (I4)."""
        case.number = await case.reported(at)
        at = yield case.soon(at)
        body = {
            "decision": "outside_jurisdiction",
            "reason": "属民事合同纠纷，不属本级受理范围",
            "referral": papers.COURT,
        }
        clerk = self._world.person("clerk")
        await clerk.post("intake", f"/api/v1/complaints/{case.number}/screening", body, at=at)

    async def _late(self, case: Told, at: datetime) -> Story:
        """The approver lets it lie beyond its two days and the first step of the ladder, and is chased (I7)."""
        case.number = await case.reported(at)
        course = self._course(case)
        await course.ask(case.soon(at))
        at = yield case.later(at, self._world.programme.deadlines.approval + 5)
        await course.approve(at)
        at = yield case.later(at, 1)
        await self._look_at_papers(case)

    async def _look_at_papers(self, case: Told) -> None:
        """Card and letter as .docx hold the number, the unit and the track (I6)."""
        world = self._world
        card = await world.person("handler", unit=case.unit_key).get("intake", f"/api/v1/transfers/{case.number}/card")
        made = []
        for kind in ("transfer_card", "recommendation_letter"):
            listed = await world.person("office").get("notify", "/api/v1/documents", kind=kind, case=case.number)
            for one in listed["documents"][:1]:
                file = await world.person("office").get("notify", f"/api/v1/documents/{one['id']}.docx")
                with zipfile.ZipFile(io.BytesIO(file)) as opened:
                    text = opened.read("word/document.xml").decode()
                made.append(kind if case.number in text else "")
        if made != ["transfer_card", "recommendation_letter"]:
            raise AssertionError(f"papers of {case.number}: {made}")
        says = f"第 {card['version']} 版，限 {card['days']} 个工作日"
        world.saw("I6", f"{case.title}：登记转办卡、整改建议书已成文（.docx），{says}")

    async def _stood_in(self, case: Told, at: datetime) -> Story:
        """The approver on duty is away: he cannot sign himself, his deputy does, on record (I7)."""
        world = self._world
        first = world.day(at)
        away = {
            "deputy": DEPUTY, "first": first.isoformat(), "last": (first + timedelta(days=6)).isoformat(),
            "reason": "外出培训",
        }  # fmt: skip
        absent = world.person("approver", name=SECOND_APPROVER)
        await absent.post("intake", "/api/v1/absences", away, at=at)
        case.number = await case.reported(at)
        course = self._course(case)
        await course.ask(case.soon(at))
        at = yield case.later(at, 1, 11)
        path = f"/api/v1/transfers/{case.number}/approval"
        try:
            await absent.post("intake", path, at=at)
        except Answered as answer:
            if answer.status != 409:
                raise
            world.saw("I7", f"{first}起外出的批准人自行批转被拒（409），由其AB角批转")
        else:
            raise AssertionError("an approver entered as absent approved a transfer")
        at = yield case.soon(at)
        await world.person("office", name=DEPUTY).post("intake", path, {"words": "代批：请抓紧办理"}, at=at)
        course.with_unit(at)

    async def _amended(self, case: Told, at: datetime) -> Story:
        """The approver puts a cooperating and a territorial unit on the card and shortens the period (I7)."""
        case.number = await case.reported(at)
        course = self._course(case)
        await course.ask(case.soon(at))
        at = yield case.later(at, 1, 15)
        amend = {"cooperating_units": [self._other(case)], "territorial_unit": self._other(case, 1), "days": 12}
        await course.approve(at, {"amend": amend, "words": "两家共同办理，不得推诿"})

    async def _refused(self, case: Told, at: datetime) -> Story:
        """The approver says no, in words; the complainant is answered (I4, I7)."""
        case.number = await case.reported(at)
        await self._course(case).ask(case.soon(at))
        at = yield case.later(at, 1, 16)
        body = {"reason": "内部讨论稿依规不予公开，正式文件将于印发后公布"}
        await self._world.person("approver").post("intake", f"/api/v1/transfers/{case.number}/refusal", body, at=at)

    async def _upheld(self, case: Told, at: datetime) -> Story:
        """It is another unit's matter: the objection is upheld, a new card goes through the gate (I17)."""
        at = yield await self._objected(case, at, "该事项依三定方案由另一单位承办，附编办文件")
        world, other = self._world, self._other(case)
        body = {"upheld": True, "reason": "依三定方案，异议成立，改由有职责的单位承办", "lead_unit": other}
        await world.person("office").post("intake", f"/api/v1/transfers/{case.number}/objection/ruling", body, at=at)
        at = yield case.soon(at)
        await world.person("approver").post("intake", f"/api/v1/transfers/{case.number}/approval", at=at)
        self._course(case, other).with_unit(at)

    async def _rejected(self, case: Told, at: datetime) -> Story:
        """The matter is the unit's after all (I17)."""
        at = yield await self._objected(case, at, "夜间服务点由物业管理，与本单位无关")
        body = {"upheld": False, "reason": "服务点由该单位设立并挂牌，异议不成立"}
        path = f"/api/v1/transfers/{case.number}/objection/ruling"
        await self._world.person("office").post("intake", path, body, at=at)
        self._course(case).with_unit(at)

    async def _objected(self, case: Told, at: datetime, reason: str) -> datetime:
        """Transferred, and contested by the unit the same afternoon; when the office rules."""
        await case.opened(at)
        body = {"reason": reason, "evidence": ["机构编制文件"]}
        handler = self._world.person("handler", unit=case.unit_key)
        await handler.post(
            "intake", f"/api/v1/transfers/{case.number}/objection", body, at=self._world.same_day(at, 300)
        )
        return case.later(at, 2, 9)
