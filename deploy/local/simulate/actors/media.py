"""What goes back to the media and upward (I12), who answers on which show, and a hotline's own ticket (I18).

Every week the office reads what it owes the media; one outcome a year it forgets until it is chased. Shows are set,
moved and called off. Half a year's outcomes are filed with the office above, which gives its receipt.
"""

from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.demo.script import Matter
from deploy.local.simulate.course import Course, Fate
from deploy.local.simulate.story import Story, begin, years
from deploy.local.simulate.world import World

OUTLET, SHOW, ABOVE = "云溪广播电台", "政风行风热线", "上级纠风工作办公室"
LOOKS_EVERY = timedelta(days=7)
"""Short enough for a period of ten working days."""

MOVED, OFF = 1, 2
"""Which show of a year is moved by a day, and which one is called off."""

HALVES = (((1, 1), (6, 30)), ((7, 1), (12, 31)))


class Media:
    """Feedback, filings, the roster, tickets."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._forgotten: dict[int, str] = {}

    async def begin(self) -> None:
        """Plan what the year brings."""
        world = self._world
        on_air = next((one.key for one in world.programme.channels if one.feedback), None)
        for year, opens, closes in years(world):
            for first, last in HALVES:
                span = date(year, *first), date(year, *last)
                begin(world, world.at(world.after(span[1], 6), 10, 40), f"filing {span[0]}", self._filing(*span))
            if on_air is None:
                continue
            day = opens + LOOKS_EVERY
            while day <= closes + timedelta(days=40):
                world.plan(world.at(world.roll(day), 16, 30), "media", self._feed_back, year)
                day += LOOKS_EVERY
            for n, month in enumerate((3, 5, 9)):
                at = world.at(world.roll(date(year, month, 4)), 9, 25)
                world.stage.stop_at([world.at(world.day(self._starts(at)) + timedelta(days=n == MOVED), 0)])
                begin(world, at, f"show {year} {n}", self._show(on_air, year, n))

    def _starts(self, at: datetime) -> datetime:
        """When a show begins that is entered then. The clock stands at the midnight before: its leader was reminded."""
        return self._world.at(self._world.after(self._world.day(at), 8), 10)

    async def _feed_back(self, year: int, at: datetime) -> None:
        """What is owed is told on the air, but for the one that lies forgotten until its chasing."""
        world, office = self._world, self._world.person("office")
        owed = await office.get("intake", "/api/v1/feedback", limit=200)
        for one in sorted(owed["items"], key=lambda item: (item["due"], item["title"])):
            if datetime.fromisoformat(one["ended_at"]) > at:  # by somebody who acts later in the same window
                continue
            forgotten = self._forgotten.setdefault(year, one["number"])
            if one["number"] == forgotten and not one["overdue"]:
                continue
            body = {
                "outlet": OUTLET, "on": world.day(at).isoformat(), "receipt": f"播出单{world.day(at):%m%d}",
                "words": f"《{SHOW}》反馈：{one['title']}一事已有结果",
            }  # fmt: skip
            await office.post("intake", f"/api/v1/complaints/{one['number']}/broadcast", body, at=at)

    def _filing(self, first: date, last: date) -> Any:
        return lambda at: self._file(first, last, at)

    async def _file(self, first: date, last: date, at: datetime) -> Story:
        """A half-year's outcomes as a sheet, and the receipt of the office above."""
        world, office, above = self._world, self._world.person("office"), self._world.person("higher_office")
        body = {"office": ABOVE, "first": first.isoformat(), "last": last.isoformat()}
        made = await office.post("intake", "/api/v1/filings", body, at=at)
        at = yield world.at(world.after(world.day(at), 4), 15)
        sheet = await above.get("intake", f"/api/v1/filings/{made['id']}/export.xlsx")
        if not sheet.startswith(b"PK"):
            raise AssertionError("the filing is no .xlsx")
        day = world.day(at)
        receipt = {"number": f"备〔{day.year}〕{day:%m%d}号", "on": day.isoformat()}
        await above.post("intake", f"/api/v1/filings/{made['id']}/receipt", receipt, at=at)
        world.saw("I12", f"{first}至{last}办理结果备案表（.xlsx）共 {made['matters']} 件，{ABOVE}已开具回执")

    def _show(self, channel: str, year: int, n: int) -> Any:
        return lambda at: self._on_air(channel, year, n, at)

    async def _on_air(self, channel: str, year: int, n: int, at: datetime) -> Story:
        """A leader is put on a show; a listener's matter is put to it; the second show is moved, the third is off."""
        world, office = self._world, self._world.person("office")
        chance = world.chance("show", year, n)
        unit, topic = chance.choice(world.cast.units), chance.choice(world.programme.topics)
        leader = world.cast.holder(unit.key, "main_leader").name
        starts = self._starts(at)
        body = {"name": SHOW, "outlet": OUTLET, "starts_at": starts.isoformat(), "unit": unit.key, "leader": leader}
        show = await office.post("intake", "/api/v1/roster", body, at=at)
        ticket = f"SHOW-{year}-{n}"
        label = f"{unit.name}{topic.label.zh}"
        matter = Matter(
            row=0, ticket=ticket, by_bus=True, channel=channel, title=label, reported_at=at, unit=unit.key,
            text=f"听众来电：{label}，希望负责人在节目里答复（{ticket}）", lead_unit=unit.key, topic=topic.key,
            identity={"name": f"听众{n + 1}", "phone": f"1340000{year}"}, solved_at=None, reply="",
        )  # fmt: skip
        await world.hotline.report(matter, world.same_day(at, 5))
        at = yield world.at(world.after(world.day(at), 1), 9)
        hotline = world.person("source", name=world.hotline.name)
        told = await hotline.get("intake", f"/api/v1/tickets/{ticket}")
        course = Course(world, f"show {year} {n} course", told["number"], unit.key, Fate(days=9))
        await course.take_up(at)
        at = yield world.at(world.after(world.day(at), 2), 9)
        await office.post("intake", f"/api/v1/roster/{show['id']}/questions", {"numbers": [told["number"]]}, at=at)
        if n == MOVED:
            later = (starts + timedelta(days=1)).isoformat()
            moved = {"reason": "电台直播间检修，顺延一天", "starts_at": later}
            await office.post("intake", f"/api/v1/roster/{show['id']}/change", moved, at=at)
        elif n == OFF:
            body = {"reason": "与防汛会商冲突，本期取消"}
            await office.post("intake", f"/api/v1/roster/{show['id']}/cancellation", body, at=at)
        at = yield world.at(world.after(world.day(at), 22), 9)
        told = await hotline.get("intake", f"/api/v1/tickets/{ticket}")
        steps = "、".join(step["status_zh"] for step in told["steps"])
        world.saw("I18", f"热线工单 {ticket}：{steps}；答复“{told['reply']}”，结果 {told['outcome']}")
