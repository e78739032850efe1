"""Who holds which office changes in mid-year (N1), and letters come back (N3).

A main leader goes and his open matters go to the successor, a term ends before anybody thinks of it, a handler is ill,
an address takes no letters, somebody calls our letters spam, and of one letter nobody knows whether it went.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from deploy.local.simulate.cast import Holder
from deploy.local.simulate.story import Story, begin, years
from deploy.local.simulate.world import World
from deploy.local.smtp_sink import UNCLEAR

REPLACED, EXPIRES, ILL, BOUNCES, SPAM, DOUBT = 140, 185, 95, 75, 120, 165
"""Days after a year's beginning."""

LOOKED = timedelta(days=3)
"""Between two looks for a letter that might come back."""


class Leaders:
    """One of each a year."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan them."""
        world = self._world
        for year, opens, _ in years(world):
            units = [unit.key for unit in world.cast.units]
            world.chance("leaders", year).shuffle(units)
            for number, (after, way) in enumerate((
                (REPLACED, self._replaced), (EXPIRES, self._expires), (ILL, self._ill),
                (BOUNCES, self._bounces), (SPAM, self._spam), (DOUBT, self._in_doubt),
            )):  # fmt: skip
                # A leader is missed where much is open: in the unit that people complain of most.
                unit = world.cast.worst if way == self._replaced else units[number]
                at = world.at(world.roll(opens + timedelta(days=after)), 11, number)
                begin(world, at, f"leaders {year} {number}", partial(way, unit, year))

    async def _entered(self, holder: Holder, at: datetime, since: date, **more: Any) -> Any:
        body = {"person": holder.person, "name": holder.name, "email": holder.email, "since": since.isoformat()}
        path = f"/api/v1/directory/{holder.unit}/{holder.role}"
        return await self._world.person("office").put("notify", path, body | more, at=at)

    def _another(self, unit: str, role: str, year: int, what: str) -> Holder:
        """Somebody who comes into an office, or stands in."""
        before = self._world.cast.holder(unit, role)
        names = sorted({one.name for one in self._world.cast.holders})
        name = self._world.chance("comes", unit, role, year).choice(names)
        person = f"{before.person}-{what}-{year}"
        return Holder(unit, role, person, name, before.title, f"{role}-{what}-{year}@{unit}.yunxi.example")

    async def _replaced(self, unit: str, year: int, at: datetime) -> Story:
        """The main leader is moved elsewhere; what is open is his successor's from the first day."""
        world = self._world
        comes = self._another(unit, "main_leader", year, "new")
        told = await self._entered(comes, at, world.day(at))
        at = yield world.same_day(at, 60)
        found = await world.person("office").get("notify", f"/api/v1/directory/{unit}")
        held = next(one for one in found["offices"] if one["role"] == "main_leader")["terms"]
        if len(held) < 2 or not any(one["until"] for one in held):
            raise AssertionError(f"{unit} does not know who led it before: {held}")
        office = world.person("office")
        cases = await office.every("rectification", "/api/v1/cases", unit=unit)
        still = sum(one["state"] != "closed" for one in cases)
        moved = told["notices_moved"]
        says = f"{unit} 主要负责人{year}年调整：未办结事项 {still} 件由继任者负责，未发通知改送 {moved} 件，历任留痕"
        world.saw("N1", says)

    async def _expires(self, unit: str, year: int, at: datetime) -> Story:
        """A deputy's term ends in four weeks, nobody is named: the office is warned, and names one too late."""
        world = self._world
        until = world.day(at) + timedelta(days=28)
        await self._entered(world.cast.holder(unit, "deputy_in_charge"), at, world.day(at), until=until.isoformat())
        at = yield world.at(world.roll(until + timedelta(days=6)), 10)
        await self._entered(self._another(unit, "deputy_in_charge", year, "new"), at, world.day(at))

    async def _ill(self, unit: str, year: int, at: datetime) -> Story:
        """The handler is ill: a substitute acts for a month (AB角)."""
        until = self._world.day(at) + timedelta(days=30)
        stands_in = self._another(unit, "handler", year, "b")
        acts: dict[str, Any] = {"until": until.isoformat(), "substitute": True, "acting": True}
        await self._entered(stands_in, at, self._world.day(at), **acts)
        yield at

    async def _bounces(self, unit: str, year: int, at: datetime) -> Story:
        """A letter comes back: no such mailbox. The next in line is told; a new address heals it."""
        world, operator = self._world, self._world.person("operator")
        while (notice := await self._sent(unit)) is None:
            at = yield at + LOOKED
        body = {
            "id": f"bounce-{year}", "kind": "hard", "message_id": notice["letter"], "status": "5.1.1",
            "reason": "550 user unknown",
        }  # fmt: skip
        await operator.post("notify", "/api/v1/bounces", body, at=at)
        at = yield world.same_day(at, 30)
        found = await operator.get("notify", "/api/v1/notices", cause=notice["cause"], limit=1000)
        following = sum(one["person"] != notice["person"] for one in found["notices"])
        world.saw("N3", f"退信一封：{notice['person']} 的地址失效，同一事项另告知 {following} 人，未重发")
        at = yield world.at(world.after(world.day(at), 10), 10)
        holder = world.cast.holder(unit, "main_leader")
        lifted = {"address": holder.email, "reason": "单位邮箱已恢复，经电话核实"}
        await operator.post("notify", "/api/v1/suppressions/lift", lifted, at=at)

    async def _spam(self, unit: str, year: int, at: datetime) -> Story:
        """Somebody marks our letter as spam: his address is left alone until he wants letters again."""
        world, operator = self._world, self._world.person("operator")
        holder = world.cast.holder(unit, "superior")
        body = {"id": f"spam-{year}", "kind": "complaint", "address": holder.email, "reason": "marked as spam"}
        await operator.post("notify", "/api/v1/bounces", body, at=at)
        at = yield world.at(world.after(world.day(at), 15), 10)
        lifted = {"address": holder.email, "reason": "本人来电要求恢复"}
        await operator.post("notify", "/api/v1/suppressions/lift", lifted, at=at)

    async def _in_doubt(self, unit: str, year: int, at: datetime) -> Story:
        """A mail server answers with what is neither yes nor no: nobody sends again blindly, the operator looks."""
        world, operator = self._world, self._world.person("operator")
        holder = world.cast.holder(unit, "handler")
        await self._entered(replace(holder, email=f"{UNCLEAR}{unit}.yunxi.example"), at, world.day(at))
        letters: list[str] = []
        while not letters:
            at = yield at + LOOKED
            found = await operator.get("notify", "/api/v1/notices", state="uncertain", limit=1000)
            firsts = {one["letter"]: one["id"] for one in reversed(found["notices"])}
            letters = [firsts[letter] for letter in firsts]
        await self._entered(holder, at, world.day(at))
        for notice in letters:
            decision = {"decision": "sent", "reason": "经查对方邮件日志，信已投递"}
            await operator.post("notify", f"/api/v1/notices/{notice}/resolution", decision, at=at)
        world.saw("N3", f"存疑信件 {len(letters)} 封，核对邮件日志后由系统值班定为已投递，未重发")

    async def _sent(self, unit: str) -> dict[str, Any] | None:
        """A letter that the unit's main leader got, the latest by its case and template."""
        person = self._world.cast.holder(unit, "main_leader").person
        found = await self._world.person("operator").get(
            "notify", "/api/v1/notices", unit=unit, person=person, state="sent", limit=1000
        )
        sent = [one for one in found["notices"] if one["letter"]]
        return max(sent, key=lambda one: (one["due"], one["case"] or "", one["template"]), default=None)
