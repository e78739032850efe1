"""The office's side of the demo: units and directory, the draw, the meeting, the ranking and its consequences."""

import asyncio
import hashlib
import random
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from deploy.local.demo.assembly import Assembly, Revealed
from deploy.local.demo.hall import Marks, Tellers, marks
from deploy.local.demo.http import House
from deploy.local.demo.script import Script
from deploy.local.demo.stage import Stage
from deploy.local.deployment import Deployment
from services.scoring.verify import verify_file
from shared.programme import Programme, demo

POOL = "yunxi"
SEED = 20260710


class Appraisal:
    """Everything around the cases, through the public interfaces only."""

    def __init__(
        self, stage: Stage, house: House, deployment: Deployment, programme: Programme, script: Script
    ) -> None:
        self._stage, self._house, self._deployment = stage, house, deployment
        self._programme, self._script = programme, script
        self._plan = demo.meeting()
        self._meeting = f"meeting-{script.cycle}"
        self._chance = random.Random(SEED)

    async def set_up(self) -> None:
        """Units, the directory, the cycle and the pool."""
        office = self._house.person("office")
        now = self._stage.now
        units = [
            {name: value for name, value in asdict(unit).items() if name != "keywords"} | {"unit": unit.key}
            for unit in demo.units()
        ]
        keys = ("unit", "name", "name_en", "category", "township", "parent")
        await office.post("scoring", "/api/v1/units", [{key: unit[key] for key in keys} for unit in units], at=now)
        await self._stage.quiet()
        since = now.astimezone(self._programme.zone).date().isoformat()
        rows = [
            {
                "unit": leader.unit or "office",
                "role": leader.role,
                "person": leader.person,
                "name": leader.name,
                "email": leader.email,
                "since": since,
            }
            for leader in demo.leaders()
        ]
        await office.post("notify", "/api/v1/directory/import", {"rows": rows}, at=now)
        script = self._script
        cycle = {"name": script.cycle, "starts": script.starts.isoformat(), "ends": script.ends.isoformat()}
        await office.post("scoring", "/api/v1/cycles", cycle, at=now)
        members = [{"id": one.id, "stratum": one.stratum, "conflicts": one.conflicts} for one in demo.pool()]
        await office.post("scoring", f"/api/v1/pools/{POOL}", {"members": members}, at=now)
        await self._stage.quiet()

    async def close_cycle(self) -> None:
        """The cycle ends: what is open and past due then is without result."""
        path = f"/api/v1/cycles/{self._script.cycle}/closing"
        await self._house.person("office").post("scoring", path, at=self._stage.now)
        await self._stage.quiet()

    async def hold_meeting(self) -> dict[str, Any]:
        """The evening's draw and the next day's meeting, up to the seal; returns its figures."""
        meeting, hall = await self.to_open_ballots()
        count = await self._vote_and_count(meeting)
        return {
            "name": self._meeting,
            "pool": len(demo.pool()),
            "drawn": len(meeting.invited),
            "present": hall["present"],
            "ordinary_share": hall["ordinary_share"],
            "issued": count["issued"],
            "returned": count["returned"],
            "valid": count["valid"],
            "void": count["void"],
        }

    async def to_open_ballots(self) -> tuple[Assembly, dict[str, Any]]:
        """The draw, the announcement, the hall, statements and questions; the meeting and how its hall is."""
        plan, day = self._plan, self._script.meeting_day
        tellers = Tellers([one.id for one in plan.tellers], plan.scrutineer.id, self._chance)
        needed = self._programme.meeting.ballot_key.needed
        meeting = Assembly(self._house, self._deployment, self._meeting, tellers, self._chance, needed=needed)
        await self._draw(meeting, day - timedelta(days=1))
        hall = await self._gather(meeting, day)
        await self._open_ballots(meeting)
        return meeting, hall

    def _at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), tzinfo=self._programme.zone).astimezone(UTC)

    async def _draw(self, meeting: Assembly, evening: date) -> None:
        """Commitments, the freeze, the public value, dice; who does not come is replaced."""
        at, plan = self._at(evening, 17), self._plan
        await self._stage.play_until(at)
        scopes = sorted({unit["scope"] for unit in await self._house.anybody().get("scoring", "/api/v1/units")})
        body = {
            "cycle": self._script.cycle,
            "date": self._script.meeting_day.isoformat(),
            "pool": POOL,
            "scopes": scopes,
        }
        witnesses = [Revealed(one.id, one.value, hashlib.sha256(one.nonce.encode()).digest()) for one in plan.witnesses]
        cut_off = self._at(evening, 20)
        await meeting.prepare(body, witnesses, plan.public_entropy_name, cut_off, at)
        await self._stage.play_until(cut_off + timedelta(minutes=30))
        await meeting.draw(plan.public_entropy, plan.dice, self._stage.now)
        await self._announce(meeting)

    async def _announce(self, meeting: Assembly) -> None:
        """The office names who speaks and tells units, procedure, place and time; the others write."""
        plan, now = self._plan, self._stage.now
        spoken = {"units": list(plan.oral_statements), "reason": plan.oral_reason}
        await meeting.act("office", "/speakers", spoken, at=now)
        starts = self._at(self._script.meeting_day, 9)
        await meeting.announce(plan.place, starts, "民主评议政风行风", now)
        for unit in demo.units():
            if unit.key not in plan.oral_statements:
                await meeting.write(unit.key, f"{unit.name}本周期政风行风情况报告。", now)
        await self._stage.quiet()

    async def _gather(self, meeting: Assembly, day: date) -> dict[str, Any]:
        """Key and cards, then the check-in; alternates are called while ordinary people are too few."""
        await self._stage.play_until(self._at(day, 8))
        now = self._stage.now
        await meeting.open_hall(now)
        coming = [person for person in meeting.invited if self._chance.random() < self._plan.attendance]
        await meeting.check_in(coming, now)
        return await meeting.call_alternates(now)

    async def _open_ballots(self, meeting: Assembly) -> None:
        """Statements, then questions: one is answered on the spot, another gets a date; then ballots open."""
        await self._stage.play_until(self._at(self._script.meeting_day, 9))
        now, plan = self._stage.now, self._plan
        await meeting.act("office", "/statements-opening", at=now)
        await meeting.deliver(plan.oral_statements, now)
        await meeting.act("office", "/questions-opening", at=now)
        for number, question in enumerate(plan.questions, 1):
            reply = {"text": question.answer, "answered_by": "主要负责人"}
            if not question.answer:
                due = self._script.meeting_day + timedelta(days=question.days)
                reply = {"due": due.isoformat(), "reason": question.reason, "promised_by": "主要负责人"}
            await meeting.ask(number, question.unit, question.text, reply, now)
        await self._stage.quiet()
        await self._stage.play_until(self._at(self._script.meeting_day, 9, 30))
        await meeting.act("office", "/ballots-opening", at=self._stage.now)

    async def _vote_and_count(self, meeting: Assembly) -> dict[str, Any]:
        """Everybody present takes a card from the shuffled box and votes; then count, signatures, seal."""
        plan, taken = self._plan, await meeting.take_cards()

        def opinion(form: Mapping[str, Any]) -> Marks:
            return marks(form, plan.leanings, plan.unknown_share, self._chance)

        await meeting.vote(taken[:-1], opinion, self._stage.now)
        await self._stage.quiet()
        await self._stage.play_until(self._at(self._script.meeting_day, 11))
        now = self._stage.now
        await meeting.act("office", "/closing", at=now)
        counted = await meeting.count(1, now)
        count = await meeting.sign(counted["checkpoint"], now)
        await self._stage.quiet()
        return count

    async def rank(self) -> None:
        """Ranking, publication, and the leader's decision on every proposed consequence."""
        await self._stage.play_until(self._stage.now + timedelta(days=2))
        office = self._house.person("office")
        await office.post("scoring", f"/api/v1/cycles/{self._script.cycle}/ranking", at=self._stage.now)
        path = f"/api/v1/meetings/{self._meeting}/publication"
        await office.post("scoring", path, at=self._stage.now)
        await self._stage.play_until(self._stage.now + timedelta(days=1))
        approver = self._house.person("approver")
        for one in await approver.get("scoring", "/api/v1/consequences", cycle=self._script.cycle):
            answer = "已查阅名次置信区间和问题台账，仍按方案处理。" if one["review"] else ""
            path = f"/api/v1/consequences/{one['id']}/confirmation"
            await approver.post("scoring", path, {"answer": answer}, at=self._stage.now)
        await self._stage.play_until(self._stage.now + timedelta(days=10))

    async def results(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The published ranking and the consequences."""
        cycle = self._script.cycle
        ranking = await self._house.anybody().get("scoring", f"/api/v1/cycles/{cycle}/ranking")
        decided = await self._house.person("office").get("scoring", "/api/v1/consequences", cycle=cycle)
        wanted = ("unit", "kind", "state", "review", "rule", "reason")
        return list(ranking["rows"]), [{name: one[name] for name in wanted} for one in decided]

    async def verified_bundle(self) -> dict[str, Any]:
        """Fetch the published bundle as anybody may, and check it offline."""
        data = await self._house.anybody().get("scoring", f"/api/v1/meetings/{self._meeting}/bundle")
        path: Path = self._deployment.layout.data / f"{self._meeting}.zip"
        await asyncio.to_thread(path.write_bytes, data)
        report = await asyncio.to_thread(verify_file, path)
        wrong = [f"{check.name} {check.where}: {check.says}" for check in report.failures]
        return {"bundle": str(path), "verified": report.exit_code == 0, "failures": wrong}
