"""Online evaluation (S13): units give a one-time code with a receipt, people evaluate; by the web and over the bus.

A used code, an invented one and another unit's are refused. What looks odd is flagged, counted all the same, and looked
at. The section with which few are content is where the programme has a rule about that.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.ending import ONE_DAY, refused, scored_by, thought_of
from deploy.local.simulate.world import World
from services.scoring.domain.cards import TOKEN_BYTES
from services.scoring.domain.evaluation import code_text
from shared.programme import CycleDates
from shared.programme.composite import CompositePart

MORE = 4
"""Codes beyond the least that a value needs."""
MINUTE = timedelta(minutes=1)
PATIENCE_S = 60.0
SUSPICIOUS = 9
"""Evaluations of one unit from one telephone."""


class Online:
    """Units, people with receipts, and the office that looks at what is flagged."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the rounds of each cycle; without a computed part, one for the section that few are content with."""
        world = self._world
        parts = [one for one in world.programme.composite if one.is_of == "online" and one.is_computed]
        rules = [rule.when.section for rule in world.programme.consequences if rule.when.section]
        for cycle in world.cycles:
            days = [self._day(cycle, part) for part in parts]
            for part, day in zip(parts, days, strict=True):
                for number, unit in enumerate(scored_by(world, part)):
                    at = world.at(day, 9) + number * MINUTE
                    world.plan(at, f"online {unit.key}", self._round, part, unit)
            if rules:
                day = days[0] if days else world.roll(cycle.closes - timedelta(days=40))
                cards = max(rule.least_cards for rule in rules) + MORE
                world.stage.stop_at([world.at(day, 13)])  # the bus dates what arrives by the clock
                world.plan(world.at(day, 14), "online section", self._section, cards, day)
            if parts or rules:
                day = days[0] if days else world.roll(cycle.closes - timedelta(days=40))
                world.plan(world.at(day, 16), "online suspicious", self._suspicious, cycle, day)

    def _day(self, cycle: CycleDates, part: CompositePart) -> date:
        """A working day in the round, or near the end of the cycle."""
        opens, closes = part.window.on(cycle.opens.year) if part.window else (cycle.opens, cycle.closes)
        day = self._world.roll(closes - timedelta(days=15))
        return day if opens < day <= closes else opens + ONE_DAY

    async def _codes(self, unit: CastUnit, number: int, at: datetime, section: str = "") -> list[str]:
        body = {"count": number, "served_on": self._world.day(at).isoformat(), "section": section}
        handler = self._world.person("handler", unit=unit.key)
        found = await handler.post("scoring", f"/api/v1/units/{unit.key}/evaluation-codes", body, at=at)
        return list(found["texts"])

    def _marks(self, unit: CastUnit, liking: float, *words: object) -> dict[str, str]:
        world = self._world
        grades = [grade.key for grade in world.programme.grades]
        chance = world.chance("evaluation", unit.key, *words)
        felt = [liking + chance.gauss(0, 0.12) for _ in world.programme.dimensions_of(unit.group)]
        picked = [grades[0] if one >= 0.66 else grades[1] if one >= 0.38 else grades[-1] for one in felt]
        return {d.key: mark for d, mark in zip(world.programme.dimensions_of(unit.group), picked, strict=True)}

    async def _evaluate(self, code: str, marks: dict[str, str], at: datetime, device: str, unit: str = "") -> None:
        headers = {"Minping-At": at.isoformat(), "User-Agent": device}
        body = {"code": code, "marks": marks} | ({"unit": unit} if unit else {})
        await self._world.house.call("POST", "scoring", "/api/v1/evaluations", headers, json=body)

    async def _round(self, part: CompositePart, unit: CastUnit, at: datetime) -> None:
        """People evaluate the unit, each from a telephone of his own."""
        world = self._world
        liking = thought_of(world, unit)
        codes = await self._codes(unit, part.least_sample + MORE, at)
        async with asyncio.TaskGroup() as group:
            for number, code in enumerate(codes):
                marks = self._marks(unit, liking, part.key, at.date(), number)
                group.create_task(self._evaluate(code, marks, at, f"phone-{number}"))

    async def _section(self, cards: int, day: date, at: datetime) -> None:
        """A section of a unit of good standing with which few are content: its receipts' codes come over the bus."""
        world = self._world
        unit = max(world.cast.units, key=lambda one: (one.standing, one.key))
        section = f"{unit.key}-hall"
        named = [{"section": section, "unit": unit.key, "name": f"{unit.name}综合窗口", "name_en": "General desk"}]
        await world.person("office").post("scoring", "/api/v1/sections", named, at=at)
        chance = world.chance("codes", section, day)
        tokens = [chance.randbytes(TOKEN_BYTES) for _ in range(cards)]
        hashes = [hashlib.sha256(token).hexdigest() for token in tokens]
        told = {"unit": unit.key, "section": section, "served_on": day.isoformat(), "code_hashes": hashes}
        before = await self._counted(day)
        await world.hotline.evaluate(f"codes-{section}-{day}", "codes_issued", told, at)
        for number, token in enumerate(tokens):
            said = {
                "code": code_text(token), "unit": unit.key, "marks": self._marks(unit, 0.3, section, day, number),
            }  # fmt: skip
            when = world.same_day(at, 2 * number)
            await world.hotline.evaluate(f"evaluation-{section}-{day}-{number}", "submitted", said, when)
        await self._arrived(day, before + cards)
        says = f"{unit.name}综合窗口：来源经总线报来{cards}个码和{cards}份评价，全部计入"
        world.saw("S13", says)

    async def _counted(self, day: date) -> int:
        cycle = self._world.programme.cycle_on(day)
        assert cycle is not None  # its day was taken from a cycle
        found = await self._world.person("office").get(
            "scoring", f"/api/v1/cycles/{cycle.name}/evaluations/inside", limit=500
        )
        return sum(int(one["evaluations"]) for one in found["items"])

    async def _arrived(self, day: date, number: int) -> None:
        """Wait until what came over the bus is counted. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_S):
            while await self._counted(day) < number:
                await asyncio.sleep(0.02)

    async def _suspicious(self, cycle: CycleDates, day: date, at: datetime) -> None:
        """One telephone evaluates a unit again and again with its receipts; the office looks, and decides."""
        world = self._world
        unit, other = world.cast.units[0], world.cast.units[1]
        limit = world.programme.online.flags.device
        codes = await self._codes(unit, limit + SUSPICIOUS, at)
        marks = self._marks(unit, 1.0, "suspicious", day)
        for code in codes:
            await self._evaluate(code, marks, at, "one-phone")
        await self._tries(codes, marks, other, at)
        office = world.person("office")
        asked = {"cycle": cycle.name, "unit": unit.key, "kind": "device", "state": "open"}
        flags = await office.get("scoring", "/api/v1/evaluation-flags", **asked)
        for one in flags["items"]:
            beyond = f"一部手机评价{one['most']}次，超过{one['limit']}次的{one['number']}份"
            world.saw("S13", f"{unit.name}：{beyond}列为可疑，照样计入，由评议办查看")
            decision = {"decision": "set_apart", "reason": "同一手机代多人评价，情况核实"}
            await office.post("scoring", f"/api/v1/evaluation-flags/{one['flag']}/decision", decision, at=at)

    async def _tries(self, codes: Sequence[str], marks: dict[str, str], other: CastUnit, at: datetime) -> None:
        """Someone uses a used code for something else, makes a code up, or evaluates another unit."""
        last = self._world.programme.grades[-1].key
        forged = code_text(self._world.chance("forged", at.date()).randbytes(TOKEN_BYTES))
        changed = dict.fromkeys(marks, last)
        used = await refused(409, self._evaluate(codes[0], changed, at, "one-phone"))
        made_up = await refused(404, self._evaluate(forged, marks, at, "one-phone"))
        [code] = await self._codes(other, 1, at)
        wrong: Any = self._evaluate(code, marks, at, "phone-x", unit=self._world.cast.units[0].key)
        if used and made_up and await refused(422, wrong):
            self._world.saw("S13", "用过的码、编造的码、别的单位的码都被拒绝")
