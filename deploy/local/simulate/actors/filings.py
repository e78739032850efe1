"""Filing upward (S14, roll-up): offices below file their signed results; verified, reviewed, marked.

One is signed with a wrong key and refused, one comes too late, one is returned and filed anew; then all are accepted.
"""

import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.ending import mark, refused
from deploy.local.simulate.story import Story, begin
from deploy.local.simulate.world import World
from services.scoring.domain.filing import pack
from services.scoring.domain.note import Signer, signer
from services.scoring.domain.signed_filing import Scored, signed_filing
from shared.programme import CycleDates
from shared.programme.rollup import Takes

BUREAUS = ("教育局", "民政局", "住建局", "卫健局", "供电公司")
"""Units of an office below, as its own result ranks them."""


class Filings:
    """Offices below, the office that reviews, and whoever confirms the mark."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Register the offices' keys; plan what each files for each cycle."""
        world = self._world
        for rule in world.programme.rollup.takes:
            below = [one for one in world.cast.units if one.category in rule.categories]
            for one in below:
                await self._register(one)
            for cycle in world.cycles:
                by = rule.by.on(cycle.opens.year)
                for number, one in enumerate(below):
                    late = number == 1
                    day = world.after(by, 1) if late else world.roll(by - timedelta(days=7))
                    told = partial(self._filed, cycle, rule, one, number)
                    begin(world, world.at(day, 9, number), f"filing of {one.key} {cycle.name}", told)

    def _signer(self, unit: CastUnit, forged: str = "") -> Signer:
        seed = hashlib.sha256(f"{self._world.seed} {unit.key} {forged}".encode()).digest()
        return signer(unit.key, seed)

    async def _register(self, unit: CastUnit) -> None:
        """Its key is entered by one person and compared by another."""
        world, now = self._world, self._world.stage.now
        body = {"unit": unit.key, "vkey": self._signer(unit).vkey, "account": unit.key}
        entered = await world.person("office", name="office-1").post("scoring", "/api/v1/filing-offices", body, at=now)
        decision = {"version": entered["version"], "confirmed": True}
        path = f"/api/v1/filing-offices/{unit.key}/decision"
        await world.person("approver").post("scoring", path, decision, at=now)

    def _result(
        self, cycle: CycleDates, unit: CastUnit, day: date, version: int, reason: str = "", forged: str = ""
    ) -> dict[str, Any]:
        """What the office below brings: its result, signed, as a file."""
        world = self._world
        scored = [
            Scored(f"{unit.key}-{number}", f"{unit.name[:3]}{name}", mark(world, unit, "below", cycle.name, number))
            for number, name in enumerate(BUREAUS, 1)
        ]
        made = signed_filing(
            programme="county", cycle=cycle.name, units=scored, signer=self._signer(unit, forged),
            issued_at=world.at(day, 9), version=version, reason=reason,
        )  # fmt: skip
        return {
            "filing": f"{unit.key}-{cycle.name}-{version}{forged}", "cycle_name": cycle.name, "for_cycle": cycle.name,
            "unit": unit.key, "kind": "result", "document": pack(made.data), "compression": "gzip",
            "note": made.note, "sha256": made.sha256,
        }  # fmt: skip

    async def _bring(self, body: dict[str, Any], at: datetime) -> dict[str, Any]:
        return dict(await self._world.person("office").post("scoring", "/api/v1/filings", body, at=at))

    async def _filed(self, cycle: CycleDates, rule: Takes, unit: CastUnit, number: int, at: datetime) -> Story:
        world, day = self._world, self._world.day(at)
        if number == 0:  # somebody else's key
            wrong = await self._bring(self._result(cycle, unit, day, 1, forged="x"), at)
            world.saw("S14", f"{unit.name} {cycle.name}上报的结果签名不符：{wrong['state']}")
        filed = await self._bring(self._result(cycle, unit, day, 1), at)
        at = yield world.same_day(at, 240)
        if number == 2:
            returned = {"decision": "returned", "reasons": "未附问题整改情况，请补充后重新上报"}
            await self._review(filed, returned, at)
            at = yield world.at(world.after(world.day(at), 1), 10)
            again = self._result(cycle, unit, world.day(at), 2, "补充问题整改情况")
            filed = await self._bring(again, at)
            at = yield world.same_day(at, 60)
        accepted: dict[str, Any] = {"decision": "accepted", "reasons": ""}
        part = world.programme.part(rule.part) if rule.part else None
        if part and part.items:
            accepted["items"] = {item.key: str(self._mark(cycle, unit, item.key)) for item in part.items}
        elif part:
            accepted["mark"] = str(self._mark(cycle, unit))
        reviewed = await self._review(filed, accepted, at)
        if part is None:
            return
        at = yield world.same_day(at, 60)
        path = f"/api/v1/cycles/{cycle.name}/parts/{part.key}/decision"
        decided = {"values": [{"unit": unit.key, "version": reviewed["part_version"]}], "confirmed": True}
        if await refused(403, world.person("office").post("scoring", path, decided, at=at)):
            world.saw("S9", f"{unit.name} {cycle.name}上报结果的审核分须由另一人确认")
        await world.person("approver").post("scoring", path, decided, at=at)

    def _mark(self, cycle: CycleDates, unit: CastUnit, item: str = "") -> Decimal:
        return mark(self._world, unit, "filed", cycle.name, item)

    async def _review(self, filed: dict[str, Any], body: dict[str, Any], at: datetime) -> dict[str, Any]:
        path = f"/api/v1/filings/{filed['id']}/review"
        return dict(await self._world.person("office").post("scoring", path, body, at=at))
