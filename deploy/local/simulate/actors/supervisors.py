"""Supervisors and monitoring points (I10): letters and terms, contact cards, presence, briefings, reports of a point.

One term ends within the year and is renewed after the warning; another, a unit's, is forgotten and expires: its holder
is refused his next card. One card is answered late by its unit.
"""

from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.demo.http import Answered
from deploy.local.simulate.actors.own_inspections import quarters
from deploy.local.simulate.course import Course, Fate
from deploy.local.simulate.story import years
from deploy.local.simulate.world import World
from services.intake.domain.quarter import Quarter
from services.intake.usecases.contact_cards import CHANNEL as CARD

SUPERVISORS = ("supervisor-1", "supervisor-2")
NAMES = ("钱立新", "孙秀英", "周明远", "吴思源")
CARDS = (
    (3, 16, "办事大厅{topic}：陪同邻居办理时亲眼所见，承诺的时限没有兑现"),
    (6, 11, "{topic}：走访企业时三家反映同样的情况"),
    (9, 18, "{topic}：暗中陪办一件事，来回四趟"),
)
"""Month, day and what is written; the second is answered late."""

LATE = 1


class Supervisors:
    """The register of supervisors, its people and their cards; the monitoring points."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._appointed: dict[str, str] = {}

    async def begin(self) -> None:
        """Plan appointments, cards, meetings, briefings, and the reports of the points."""
        world = self._world
        first = next(years(world))[0]
        unit = world.chance("appoints").choice(world.cast.units).key
        day = world.roll(date(first, 1, 8))
        for n, (account, kind) in enumerate((*zip(SUPERVISORS, ("supervisor", "efficiency_supervisor"), strict=True),
                                             ("special-inspector-1", "special_inspector"))):  # fmt: skip
            until = None if n == 0 else (date(first, 5, 31) if n == 1 else date(first, 8, 15))
            appointer = unit if n == 2 else ""
            world.plan(world.at(day, 9, 30 + n), f"appoints {n}", self._appoint, n, account, kind, until, appointer)
        world.plan(world.at(world.roll(date(first, 5, 20)), 10), "appoints 1", self._renew)
        world.plan(world.at(world.roll(date(first, 8, 24)), 10), "appoints 2", self._refused, "special-inspector-1")
        for year, _, _ in years(world):
            self._cards(year)
            self._points(year)
        for quarter in quarters(world):
            after = world.after(quarter.last, 7)
            world.plan(world.at(after, 9, 10), "supervisors meet", self._meet, quarter)

    async def _appoint(self, n: int, account: str, kind: str, until: date | None, unit: str, at: datetime) -> None:
        """By letter: the office, or a unit's leader for his unit."""
        world, on = self._world, self._world.day(at)
        who = world.person("leader", unit=unit) if unit else world.person("office")
        body: dict[str, Any] = {
            "account": account, "name": NAMES[n], "kind": kind, "letter": f"聘字〔{on.year}〕{n + 1}号",
            "letter_date": on.isoformat(), "since": on.isoformat(), "until": until and until.isoformat(),
        }  # fmt: skip
        made = await who.post("intake", "/api/v1/supervisors", body, at=at)
        self._appointed[account] = made["id"]

    async def _renew(self, at: datetime) -> None:
        """The warning came: a new letter before the term is over."""
        on = self._world.day(at)
        body = {
            "letter": f"续聘字〔{on.year}〕1号", "letter_date": on.isoformat(),
            "since": date(on.year, 6, 1).isoformat(), "until": date(on.year + 3, 5, 31).isoformat(),
        }  # fmt: skip
        path = f"/api/v1/supervisors/{self._appointed[SUPERVISORS[1]]}/renewal"
        await self._world.person("office").post("intake", path, body, at=at)

    async def _refused(self, account: str, at: datetime) -> None:
        """Whose term is over writes no card."""
        try:
            await self._world.person("supervisor", name=account).post(
                "intake", "/api/v1/cards", {"text": "聘期已满后仍想反映的情况"}, at=at
            )
        except Answered as answer:
            if answer.status != 403:
                raise
            self._world.saw("I10", "聘期届满的监督员再写联系卡，被告知先续聘（403）")
        else:
            raise AssertionError("a supervisor whose term is over wrote a card")

    def _cards(self, year: int) -> None:
        world = self._world
        if not any(one.key == CARD for one in world.programme.channels):
            return
        for n, (month, day, _) in enumerate(CARDS):
            at = world.at(world.roll(date(year, month, day)), 9, 15)
            world.plan(at, f"card {year} {n}", self._write, year, n)

    async def _write(self, year: int, n: int, at: datetime) -> None:
        """A supervisor writes what he saw; the office answers within days, and the matter goes its way."""
        world = self._world
        chance = world.chance("card", year, n)
        unit, topic = chance.choice(world.cast.units), chance.choice(world.programme.topics)
        text = f"{unit.name}{CARDS[n][2].format(topic=topic.label.zh)}（{year}年联系卡{n + 1}）"
        body = {"title": f"{unit.name}{topic.label.zh}", "text": text, "unit": unit.key, "topic": topic.key}
        card = await world.person("supervisor", name=SUPERVISORS[0]).post("intake", "/api/v1/cards", body, at=at)
        who = f"card {year} {n}"
        await Course(world, who, card["number"], unit.key, Fate(days=7)).take_up(world.same_day(at, 60))
        office = world.at(world.after(world.day(at), 3), 11)
        world.plan(office, who, self._answer, card["id"], None)
        answered = world.at(world.after(world.day(at), 14 if n == LATE else 6), 15, 30)
        world.plan(answered, who, self._answer, card["id"], unit.key)

    async def _answer(self, card: str, unit: str | None, at: datetime) -> None:
        """The unit or the office answers; the office also tells the unit of the card."""
        world = self._world
        path = f"/api/v1/cards/{card}"
        who = world.person("handler", unit=unit) if unit else world.person("office")
        if not unit:
            told = {"on": world.day(at).isoformat(), "how": "电话告知单位主要负责人并送达联系卡复印件"}
            await who.post("intake", f"{path}/telling", told, at=at)
        text = (
            "已约谈当班人员并公布整改时限，欢迎再来检查"
            if unit
            else "联系卡收悉，已批转承办单位，处理情况将通报全体监督员"
        )
        await who.post("intake", f"{path}/answer", {"text": text}, at=at)

    async def _meet(self, quarter: Quarter, at: datetime) -> None:
        """The supervisors' meeting after a quarter: who came, and what they are told."""
        world = self._world
        here = [self._appointed[one] for one in SUPERVISORS]
        if quarter.number in (2, 3):
            present, absent = here[:1], here[1:]
        else:
            present, absent = here, []
        body = {
            "meeting": f"{quarter}监督员例会", "on": world.day(at).isoformat(), "present": present, "absent": absent,
            "words": "听取季度通报并交办联系卡事项",
        }  # fmt: skip
        await world.person("office").post("intake", "/api/v1/presences", body, at=at)
        told = await world.person("supervisor", name=SUPERVISORS[0]).get("intake", f"/api/v1/briefings/{quarter}")
        cards = told["cards"]["submitted"]
        says = f"受理 {told['registered']} 件，检查发现 {told['findings']} 个，联系卡 {cards} 张"
        world.saw("I10", f"{quarter}通报：{says}；例会到会 {len(present)} 人，缺席 {len(absent)} 人")

    def _points(self, year: int) -> None:
        world = self._world
        channel = next((one.key for one in world.programme.channels if "point" in one.requires), None)
        if channel is None:
            return
        at = world.at(world.roll(date(year, 2, 26)), 9, 45)
        world.plan(at, f"point {year}", self._register_point, f"point-{year}", channel)

    async def _register_point(self, key: str, channel: str, at: datetime) -> None:
        """The office registers an enterprise; it reports by a sign-in of its own name, and the clerk once for it."""
        world, on = self._world, self._world.day(at)
        body = {
            "key": key, "name": "云溪精密零件有限公司", "kind": "enterprise", "since": on.isoformat(),
            "until": (on + timedelta(days=360)).isoformat(),
        }  # fmt: skip
        await world.person("office").post("intake", "/api/v1/monitoring-points", body, at=at)
        chance = world.chance("point", key)
        for n, month in enumerate((4, 8)):
            unit, topic = chance.choice(world.cast.units), chance.choice(world.programme.topics)
            when = world.at(world.roll(date(on.year, month, 14)), 16, 20)
            world.plan(when, f"point {on.year} {n}", self._point_reports, key, channel, unit.key, topic.key, n)

    async def _point_reports(self, key: str, channel: str, unit: str, topic: str, n: int, at: datetime) -> None:
        world = self._world
        name, label = world.cast.unit(unit).name, world.programme.topic(topic).label.zh
        body: dict[str, Any] = {
            "channel": channel, "title": f"{name}{label}", "unit": unit, "topic": topic,
            "text": f"监测点记录：企业到{name}办理变更，遇到{label}，共用去{12 + n}个工作日（{key}）。",
            "identity": "confidential", "person": {"name": "云溪精密零件有限公司", "phone": "13500000088"},
        }  # fmt: skip
        if n == 0:
            who = world.person("source", name=key)
        else:
            who, body = world.person("clerk"), body | {"particulars": {"point": key}}
        receipt = await who.post("intake", "/api/v1/complaints", body, at=at)
        course = Course(world, f"point {key} {n}", receipt["number"], unit, Fate(grade="very_satisfied"))
        await course.take_up(world.same_day(at, 30))
