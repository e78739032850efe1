"""Every channel that the programme lists is used at least once a year, with what it asks for (I1).

What other actors bring in (inspections, cards, points, exposures) is left to them, as is what the house itself enters.
"""

from datetime import datetime, timedelta
from typing import Any

from deploy.local.demo import papers
from deploy.local.demo.http import Answered
from deploy.local.simulate.course import Course, Fate
from deploy.local.simulate.story import years
from deploy.local.simulate.world import World
from services.intake.domain.inspection import CHANNELS as INSPECTIONS
from services.intake.usecases.orders import CHANNEL as ORDERED
from shared.programme import Programme
from shared.programme.parts import Channel

FIRST, APART = 12, 14
BY_OTHERS = frozenset({"card", "point", "inspection"})
GRADES = ("satisfied", "very_satisfied", "basically_satisfied")
IDENTITY = ("named", "confidential", "anonymous")


class Channels:
    """One report a year and channel, run through to the end."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the reports."""
        world = self._world
        for year, opens, _ in years(world):
            for n, channel in enumerate(played(world.programme)):
                at = world.at(world.roll(opens + timedelta(days=FIRST + APART * n)), 11, n)
                world.plan(at, f"channel {year} {channel.key}", self._report, channel, year, n)
            at = world.at(world.roll(opens + timedelta(days=FIRST)), 20, 15)
            world.plan(at, f"open311 {year}", self._open311, year)

    def _body(self, channel: Channel, year: int, n: int, at: datetime) -> dict[str, Any]:
        world = self._world
        chance = world.chance("channel", year, channel.key)
        unit, topic = chance.choice(world.cast.units), chance.choice(world.programme.topics)
        known = {
            "outlet": "云溪日报", "date": world.day(at).isoformat(), "meeting": f"{year}年集中评议大会",
            "show": "政风行风热线", "survey": f"{year}年社情民意调查", "record": f"DZJC-{year}-{n:03d}",
            "letter_number": f"上转〔{year}〕{n}号", "address": f"https://yunxi.example/{channel.key}/{year}",
        }  # fmt: skip
        identity = "anonymous" if channel.identity == "none" else IDENTITY[n % len(IDENTITY)]
        person = {"name": f"来信人{n}", "phone": f"1330000{year}", "address": "云溪镇一号院"}
        return {
            "channel": channel.key, "title": f"{unit.name}{topic.label.zh}", "unit": unit.key, "topic": topic.key,
            "text": f"经{channel.label.zh}反映：{unit.name}{topic.label.zh}，请核实（{year}年第{n + 1}号来件）。",
            "particulars": {name: known[name] for name in channel.requires if name in known},
            "identity": identity, "person": person if identity != "anonymous" else None,
        }  # fmt: skip

    async def _report(self, channel: Channel, year: int, n: int, at: datetime) -> None:
        world, body = self._world, self._body(channel, year, n, at)
        clerk = world.person("clerk")
        if "evidence" in channel.requires:
            await self._refused_without(body, at)
            sent = await clerk.send("intake", papers.UPLOAD, papers.photo(), at=at)
            body["evidence"] = [sent["sha"]]
        if channel.key == "web_form":
            receipt = await world.anybody().post("intake", "/api/v1/public/complaints", body, at=at)
            page = await world.anybody().get("intake", f"/track/{receipt['tracking_code']}")
            if receipt["number"].encode() not in page:
                raise AssertionError("the tracking page does not show the number")
            world.saw("I2", f"{channel.label.zh}登记后当场给出编号和查询码，凭码打开的查询页显示办理状态")
        else:
            receipt = await clerk.post("intake", "/api/v1/complaints", body, at=at)
        fate = Fate(days=4 + n % 7, grade=GRADES[n % len(GRADES)])
        who = f"channel {year} {channel.key} course"
        await Course(world, who, receipt["number"], body["unit"], fate).take_up(world.same_day(at, 35))

    async def _refused_without(self, body: dict[str, Any], at: datetime) -> None:
        """A photo tip without a photo is told what is missing."""
        try:
            await self._world.person("clerk").post("intake", "/api/v1/complaints", body, at=at)
        except Answered as answer:
            if answer.status != 422:
                raise
            self._world.saw("I2", f"{body['title']}：未附证据，当场告知缺“evidence”（422）")
        else:
            raise AssertionError("a channel that asks for evidence took a report without")

    async def _open311(self, year: int, at: datetime) -> None:
        """A city's app reports by the standard Open311; the person gets a tracking code."""
        world = self._world
        chance = world.chance("open311", year)
        unit, topic = chance.choice(world.cast.units), chance.choice(world.programme.topics)
        form = {
            "service_code": topic.key, "address_string": "云溪镇便民服务中心",
            "description": f"{unit.name}：{topic.label.zh}（随手上报{year}）", "attribute[unit]": unit.key,
            "attribute[publish_consent]": "yes",
        }  # fmt: skip
        token = world.deployment.token("source", name="city-app", sub="city-app")
        headers = {"Authorization": f"Bearer {token}", "Minping-At": at.isoformat()}
        made = await world.house.call("POST", "intake", "/open311/v2/requests.json", headers, data=form)
        number = made[0]["service_request_id"]
        await Course(world, f"open311 {year} course", number, unit.key).take_up(world.same_day(at, 30))


def played(programme: Programme) -> tuple[Channel, ...]:
    """The channels that are played here."""
    return tuple(
        one
        for one in programme.channels
        if not one.verification and one.key not in INSPECTIONS and one.key != ORDERED
        and not BY_OTHERS & set(one.requires)
    )  # fmt: skip
