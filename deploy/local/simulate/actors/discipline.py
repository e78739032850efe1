"""Suspected misconduct goes to the discipline organ (I15), and who complained stays in the vault unless its custodian
consents (I3).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from deploy.local.demo.http import Answered
from deploy.local.simulate.course import Course, Fate
from deploy.local.simulate.story import Story, Told, begin, years
from deploy.local.simulate.world import World

FIRST, APART = 40, 37

Way = Callable[[Told, datetime], Story]


class Discipline:
    """A story of each kind a year."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the beginnings."""
        world = self._world
        ways: tuple[tuple[str, Way], ...] = (
            ("有人收受好处费", self._confirmed), ("有人优亲厚友", self._returned), ("经办人暗示请客", self._beside),
            ("要求核对反映人", self._opened), ("打听是谁反映的", self._kept_shut),
        )  # fmt: skip
        for year, opens, _ in years(world):
            units = list(world.cast.units)
            world.chance("discipline", year).shuffle(units)
            for n, (title, way) in enumerate(ways):
                unit, key = units[n % len(units)], f"discipline-{year}-{n}"
                case = Told(world, unit.key, key, f"{unit.name}{title}", f"反映{unit.name}{title}")
                at = world.at(world.roll(opens + timedelta(days=FIRST + APART * n)), 10, 15 + n)
                begin(world, at, key, self._of(way, case))

    def _of(self, way: Way, case: Told) -> Callable[[datetime], Story]:
        return lambda at: way(case, at)

    async def _refer(self, case: Told, at: datetime) -> None:
        body = {"reason": "反映内容涉嫌违纪，移送纪检部门核查"}
        await self._world.person("clerk").post("intake", f"/api/v1/complaints/{case.number}/referral", body, at=at)

    async def _organ(self, case: Told, step: str, body: dict[str, str], at: datetime) -> None:
        path = f"/api/v1/complaints/{case.number}/referral/{step}"
        await self._world.person("discipline").post("intake", path, body, at=at)

    async def _receipt(self, case: Told, at: datetime) -> None:
        day = self._world.day(at)
        await self._organ(case, "receipt", {"receipt": f"纪收〔{day.year}〕{day:%m%d}号", "on": day.isoformat()}, at)

    async def _confirmed(self, case: Told, at: datetime) -> Story:
        """The organ takes the matter, gives its receipt and finds it true; the unit never hears of it (I15)."""
        case.number = await case.reported(at, identity="confidential")
        at = yield case.soon(at)
        await self._refer(case, at)
        at = yield case.later(at, 1)
        await self._receipt(case, at)
        try:
            handler = self._world.person("handler", unit=case.unit_key)
            await handler.get("intake", f"/api/v1/complaints/{case.number}")
        except Answered as answer:
            if answer.status != 403:
                raise
            self._world.saw("I15", "被反映单位查看移送事项被拒（403）")
        else:
            raise AssertionError("the accused unit read a matter that was referred")
        at = yield case.later(at, 25)
        await self._organ(case, "outcome", {"outcome": "confirmed", "words": "问题属实，已立案处理"}, at)

    async def _returned(self, case: Told, at: datetime) -> Story:
        """The organ finds nothing of its own in it and gives back what remains, which goes the ordinary way (I15)."""
        case.number = await case.reported(at)
        at = yield case.soon(at)
        await self._refer(case, at)
        at = yield case.later(at, 2)
        await self._receipt(case, at)
        at = yield case.later(at, 12)
        words = "未发现违纪问题，服务不规范部分退回按程序办理"
        await self._organ(case, "outcome", {"outcome": "returned", "words": words}, at)
        at = yield case.later(at, 1)
        await Course(self._world, f"{case.key} course", case.number, case.unit_key).take_up(at)

    async def _beside(self, case: Told, at: datetime) -> Story:
        """A unit has the matter when the suspicion arises: the referral stands beside the case (I15)."""
        case.number = await case.reported(at)
        await Course(self._world, f"{case.key} course", case.number, case.unit_key, Fate(days=9)).take_up(at)
        at = yield case.later(at, 2)
        await self._refer(case, at)
        at = yield case.later(at, 1)
        await self._receipt(case, at)
        at = yield case.later(at, 15)
        await self._organ(case, "outcome", {"outcome": "not_confirmed", "words": "查无实据，予以了结"}, at)

    async def _asks(self, case: Told, at: datetime, reason: str) -> str:
        body = {"number": case.number, "reason": reason}
        asked = await self._world.person("discipline").post("intake", "/api/v1/disclosures", body, at=at)
        return str(asked["id"])

    async def _opened(self, case: Told, at: datetime) -> Story:
        """The custodian consents, who asked reads it, once; the second reading is refused (I3)."""
        world = self._world
        case.number = await case.reported(at, identity="confidential")
        await Course(world, f"{case.key} course", case.number, case.unit_key).take_up(at)
        at = yield case.later(at, 1)
        key = await self._asks(case, at, "需当面核实付款凭证，须联系反映人")
        at = yield case.later(at, 1, 9)
        consent = {"reason": "理由充分，限本人查阅一次"}
        await world.person("custodian").post("intake", f"/api/v1/disclosures/{key}/consent", consent, at=at)
        at = yield case.soon(at)
        path = f"/api/v1/disclosures/{key}/reading"
        read = await world.person("discipline").post("intake", path, at=at)
        if read["identity"]["name"] != case.body["person"]["name"]:
            raise AssertionError("the vault holds another name than was given")
        try:
            await world.person("discipline").post("intake", path, at=world.same_day(at, 5))
        except Answered as answer:
            if answer.status not in (403, 409):
                raise
            world.saw("I3", f"经保管人同意查阅一次；同一申请再次查阅被拒（{answer.status}），已入审计")
        else:
            raise AssertionError("an identity was read twice")

    async def _kept_shut(self, case: Told, at: datetime) -> Story:
        """Curiosity is no reason: the custodian refuses, and the audit holds together (I3)."""
        world = self._world
        case.number = await case.reported(at, identity="confidential")
        await Course(world, f"{case.key} course", case.number, case.unit_key).take_up(at)
        at = yield case.later(at, 1)
        key = await self._asks(case, at, "想知道是谁反映的")
        at = yield case.later(at, 1, 9)
        refusal = {"reason": "不属查办必需，不同意"}
        await world.person("custodian").post("intake", f"/api/v1/disclosures/{key}/refusal", refusal, at=at)
        checked = await world.person("auditor").get("intake", "/api/v1/audit/verification")
        if not checked["holds"]:
            raise AssertionError("the vault's audit does not hold together")
