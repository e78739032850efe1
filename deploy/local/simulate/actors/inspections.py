"""The office inspects by plans that are drawn and stay hidden until done; supervisors inspect besides (I9).

Two inspectors go where the plan says, on its day, by its kind. What they find becomes complaints and runs to a closed
case; good practice is put down too. Where the programme asks the office to cover every unit, one is left out a quarter.
"""

from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.demo import papers
from deploy.local.simulate.actors.own_inspections import quarters
from deploy.local.simulate.course import Course, Fate
from deploy.local.simulate.world import World
from services.intake.domain import plan as draw
from services.intake.domain.quarter import Quarter
from shared.programme.oversight import InspectionKind
from shared.programme.parts import Topic

COVERT: InspectionKind = "covert"
EVERY: tuple[InspectionKind, ...] = ("open", "covert", "call_on", "patrol", "check", "regular", "spot")
A_SAMPLE = 4
INSPECTORS = ("inspector-1", "inspector-2")
FOUND = "{visit}：{unit}{place}{what}，当场记录在案"
GOOD = "{place}设置“潮汐窗口”，排队不超过十分钟，值得推广"
FINDS, HAS_GOOD_PRACTICE = 0.25, 0.25
OPENED_BY = timedelta(days=12)
"""After a quarter's end: by then the clock stands beyond it, whatever window of the stage it is."""

DEALT_WITH = "对责任人约谈并通报"


class Inspections:
    """The office's plans of all quarters and what the inspectors make of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._duty = world.programme.inspections.coverage
        self._kinds = list(self._duty.kinds) if "office" in self._duty.by and self._duty.kinds else list(EVERY)

    async def begin(self) -> None:
        """Plan the plans."""
        world = self._world
        for quarter in quarters(world):
            first = world.roll(quarter.first)
            world.plan(world.at(first, 9, 20), "inspection plans", self._draw, quarter)
            opened = world.roll(quarter.last + OPENED_BY)
            world.plan(world.at(opened, 16, 10), "inspection plans", self._check, quarter)
            if quarter.number == 2:
                world.plan(world.at(first, 9, 50), "inspection plans", self._await_lottery, quarter)
            on = world.roll(
                quarter.first + timedelta(days=world.chance("supervisor inspects", quarter).randrange(20, 80))
            )
            world.plan(world.at(on, 15, 5), "supervisor inspects", self._supervisor_inspects, quarter)

    def _units(self, quarter: Quarter) -> tuple[list[str], int]:
        """Whom the plan is drawn from, and how many targets."""
        world = self._world
        if "office" not in self._duty.by:
            return [one.key for one in world.cast.units], A_SAMPLE
        wanted = self._duty.categories
        asked = [one.key for one in world.cast.units if not wanted or one.category in wanted]
        asked.remove(world.chance("left out", quarter).choice(asked))
        return asked, len(asked)

    async def _draw(self, quarter: Quarter, at: datetime) -> None:
        """The office commits to a plan, which is drawn at once, and says who inspects which target."""
        units, count = self._units(quarter)
        body = {"quarter": str(quarter), "count": count, "kinds": self._kinds, "units": units}
        plan = await self._world.person("office").post("intake", "/api/v1/inspection-plans", body, at=at)
        await self._assign(plan["id"], quarter, at)

    async def _await_lottery(self, quarter: Quarter, at: datetime) -> None:
        """A second plan, of covert visits, is drawn from a number that nobody knows when it is committed to."""
        world = self._world
        drawn = world.at(world.after(world.day(at), 5), 21, 30)
        named = f"福彩3D第{quarter.year}{drawn.timetuple().tm_yday:03d}期开奖号码"
        entropy = {"name": named, "cut_off": drawn.isoformat()}
        units = [one.key for one in world.cast.units]
        body = {"quarter": str(quarter), "count": 2, "kinds": [COVERT], "units": units, "entropy": entropy}
        plan = await world.person("office").post("intake", "/api/v1/inspection-plans", body, at=at)
        announced = world.at(world.after(world.day(drawn), 1), 9, 5)
        world.plan(announced, "inspection plans", self._draw_with, plan["id"], quarter)

    async def _draw_with(self, plan: str, quarter: Quarter, at: datetime) -> None:
        world = self._world
        value = f"{world.chance('lottery', quarter).randrange(1000):03d}"
        await world.person("office").post("intake", f"/api/v1/inspection-plans/{plan}/draw", {"value": value}, at=at)
        await self._assign(plan, quarter, at)

    async def _assign(self, plan: str, quarter: Quarter, at: datetime) -> None:
        """Each target has an inspector, who goes there on its day."""
        world = self._world
        shown = await world.person("office").get("intake", f"/api/v1/inspection-plans/{plan}")
        public = await world.anybody().get("intake", f"/api/v1/public/inspection-plans/{plan}")
        if any(target["opened"] for target in public["targets"]) or public["seed"]:
            raise AssertionError(f"the targets of {plan} are public before they are done")
        sure: dict[bool, int] = {}
        for target in shown["targets"]:
            n = target["position"]
            sure.setdefault(target["kind"] == COVERT, n)  # the first covert and the first open visit find something
            inspector = INSPECTORS[n % 2]
            path = f"/api/v1/inspection-plans/{plan}/targets/{n}/assignment"
            await world.person("office").post("intake", path, {"inspector": inspector}, at=at)
            when = world.at(date.fromisoformat(target["on"]), 10, n % 60)
            finds = n in sure.values()
            world.plan(when, inspector, self._inspect, plan, quarter, target, inspector, finds)

    async def _inspect(
        self, plan: str, quarter: Quarter, target: dict[str, Any], inspector: str, finds: bool, at: datetime
    ) -> None:
        """An inspector at the place: he sees his own targets alone, records, and what he found goes its way."""
        world = self._world
        person = world.person("inspector", name=inspector)
        n = target["position"]
        body = self._record(target["unit"], target["place"], target["kind"], f"抽查{plan}第{n}号", at, finds=finds)
        body |= {"plan": plan, "position": n}
        if body["findings"]:
            sent = await person.send("intake", papers.UPLOAD, papers.photo(), at=at)
            body["findings"][0]["evidence"] = [sent["sha"]]
        made = await person.post("intake", "/api/v1/inspections", body, at=at)
        if finds and quarter.number == 3 and target["kind"] != COVERT:
            later = world.same_day(at, 240)
            world.plan(later, inspector, self._correct, made["id"], made["findings"], body, inspector)
            return
        await self._follow(made["findings"], target["unit"], f"finding {plan} {n}", at)

    def _record(
        self, unit: str, place: str, kind: str, visit: str, at: datetime, *, finds: bool = False
    ) -> dict[str, Any]:
        """A record of one visit, with what chance lets him find."""
        world, inspections = self._world, self._world.programme.inspections
        chance = world.chance("inspection", visit)
        where = next(one.label.zh for one in inspections.places if one.key == place)
        item = chance.choice(inspections.checklist)
        topic: Topic = chance.choice(world.programme.topics)
        answers = {one.key: {"answer": "yes"} for one in inspections.checklist}
        findings = []
        name = world.cast.unit(unit).name
        if chance.random() < FINDS or finds:
            answers[item.key] = {"answer": "no", "words": f"{item.label.zh}没有执行到位"}
            what = f"存在{chance.choice(topic.keywords or (topic.label.zh,))}问题"
            text = FOUND.format(visit=visit, unit=name, place=where, what=what)
            title = f"{name}：{topic.label.zh}"
            findings.append({"text": text, "title": title, "topic": topic.key, "institution": item.key})
        return {
            "unit": unit, "place": place, "kind": kind, "on": world.day(at).isoformat(), "answers": answers,
            "findings": findings,
            "good_practice": GOOD.format(place=where) if chance.random() < HAS_GOOD_PRACTICE else "",
        }  # fmt: skip

    async def _follow(self, numbers: list[str], unit: str, who: str, at: datetime) -> None:
        world = self._world
        for i, number in enumerate(numbers, 1):
            chance = world.chance("finding", who, i)
            fate = Fate(days=chance.randrange(3, 12), misconduct=DEALT_WITH if chance.random() < 0.5 else "")
            course = Course(world, f"{who} {i}", number, unit, fate)
            await course.take_up(world.same_day(at, 45))

    async def _correct(self, key: str, findings: list[str], body: dict[str, Any], inspector: str, at: datetime) -> None:
        """Looked at again the finding does not stand: a new version, the old one stays."""
        answers = {name: {"answer": "yes"} for name in body["answers"]}
        changed = {name: body[name] for name in ("place", "kind", "on", "good_practice")} | {
            "answers": answers, "withdrawn": findings, "reason": "复核监控录像，当时正值换班交接，不构成问题",
        }  # fmt: skip
        path = f"/api/v1/inspections/{key}/correction"
        await self._world.person("inspector", name=inspector).post("intake", path, changed, at=at)

    async def _supervisor_inspects(self, quarter: Quarter, at: datetime) -> None:
        """A supervisor goes to a unit of his own choice."""
        world = self._world
        chance = world.chance("supervisor inspects", quarter, "where")
        kinds = [kind for kind in self._kinds if kind in ("call_on", "patrol", "check", "open")] or ["call_on"]
        unit, place = chance.choice(world.cast.units).key, chance.choice(world.programme.inspections.places).key
        body = self._record(unit, place, chance.choice(kinds), f"监督员{quarter}走访", at, finds=quarter.number == 1)
        if quarter.number == 2:
            body["good_practice"] = GOOD.format(place="服务窗口")
        made = await world.person("supervisor", name="supervisor-1").post("intake", "/api/v1/inspections", body, at=at)
        await self._follow(made["findings"], unit, f"supervisor's finding {quarter}", at)

    async def _check(self, quarter: Quarter, at: datetime) -> None:
        """Anybody draws again what was published when the quarter was over."""
        world = self._world
        listed = await world.person("auditor").get("intake", "/api/v1/inspection-plans", quarter=str(quarter), limit=20)
        for plan in sorted(listed["items"], key=lambda one: str(one["id"])):
            public = await world.anybody().get("intake", f"/api/v1/public/inspection-plans/{plan['id']}")
            drawn = draw.draw(public["frame"], bytes.fromhex(public["seed"]), public["public_value"])
            same = [target["sealed"] for target in public["targets"]] == [one.sealed for one in drawn]
            if not same or draw.commitment(public["frame"]) != public["commitment"]:
                raise AssertionError(f"{plan['id']} does not repeat")
            world.saw("I9", f"{plan['id']}：按公布的抽签材料重抽 {len(drawn)} 个目标，与承诺和结果一致")
