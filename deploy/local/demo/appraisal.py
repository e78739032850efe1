"""The office's side of the demo: units and directory, the draw, the meeting, the ranking and its consequences."""

import asyncio
import hashlib
import random
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from deploy.local.demo.hall import SPARE_CARDS, Tellers, Terminals, marks
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
        day = self._script.meeting_day
        tellers = Tellers([one.id for one in self._plan.tellers], self._plan.scrutineer.id, self._chance)
        drawn = await self._draw(day - timedelta(days=1), tellers)
        hall = await self._gather(day, tellers, drawn)
        count = await self._vote_and_count(day, tellers)
        return {
            "name": self._meeting,
            "pool": len(demo.pool()),
            "drawn": sum(len(people) for people in drawn["seated"].values()),
            "present": hall["present"],
            "ordinary_share": hall["ordinary_share"],
            "issued": count["issued"],
            "returned": count["returned"],
            "valid": count["valid"],
            "void": count["void"],
        }

    async def _act(self, role: str, step: str, body: Any = None, *, at: datetime, name: str = "") -> Any:
        path = f"/api/v1/meetings/{self._meeting}{step}"
        return await self._house.person(role, name=name).post("scoring", path, body, at=at)

    def _at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), tzinfo=self._programme.zone).astimezone(UTC)

    async def _draw(self, evening: date, tellers: Tellers) -> dict[str, Any]:
        """Commitments, the freeze, the public value, dice; who does not come is replaced."""
        at = self._at(evening, 17)
        await self._stage.play_until(at)
        scopes = sorted({unit["scope"] for unit in await self._house.anybody().get("scoring", "/api/v1/units")})
        meeting = {
            "name": self._meeting,
            "cycle": self._script.cycle,
            "date": self._script.meeting_day.isoformat(),
            "pool": POOL,
            "scopes": scopes,
        }
        await self._house.person("office").post("scoring", "/api/v1/meetings", meeting, at=at)
        for one in tellers.signers.values():
            await self._act("office", "/keys", {"role": "teller", "vkey": one.vkey}, at=at)
        await self._act("office", "/keys", {"role": "scrutineer", "vkey": tellers.scrutineer.vkey}, at=at)
        reveals = []
        for witness in self._plan.witnesses:
            nonce = hashlib.sha256(witness.nonce.encode()).digest()
            commitment = hashlib.sha256(nonce + witness.value.encode()).hexdigest()
            body = {"witness": witness.id, "commitment": commitment}
            await self._act("witness", "/commitments", body, at=at, name=witness.id)
            reveals.append({"witness": witness.id, "nonce": nonce.hex(), "value": witness.value})
        cut_off = self._at(evening, 20)
        freezing = {"public_source": self._plan.public_entropy_name, "cut_off": cut_off.isoformat()}
        await self._act("office", "/freezing", freezing, at=at)
        await self._stage.play_until(cut_off + timedelta(minutes=30))
        entropy = {"public_value": self._plan.public_entropy, "dice": self._plan.dice, "reveals": reveals}
        drawn = await self._act("office", "/draw", entropy, at=self._stage.now)
        await self._announce()
        return dict(drawn)

    async def _announce(self) -> None:
        """The office names who speaks and tells units, procedure, place and time; the others write."""
        plan, now = self._plan, self._stage.now
        spoken = {"units": list(plan.oral_statements), "reason": plan.oral_reason}
        await self._act("office", "/speakers", spoken, at=now)
        starts = self._at(self._script.meeting_day, 9)
        told = {"place": plan.place, "starts_at": starts.isoformat(), "content": "民主评议政风行风"}
        await self._act("office", "/announcement", told, at=now)
        for unit in demo.units():
            if unit.key not in plan.oral_statements:
                leader = self._house.person("leader", unit=unit.key)
                body = {"text": f"{unit.name}本周期政风行风情况报告。", "handed_in_by": "主要负责人"}
                path = f"/api/v1/meetings/{self._meeting}/statements/{unit.key}/text"
                await leader.post("scoring", path, body, at=now)
        await self._stage.quiet()

    async def open_ballots(self) -> None:
        """Statements, then questions: one is answered on the spot, another gets a date; then ballots open."""
        await self._stage.play_until(self._at(self._script.meeting_day, 9))
        now, plan = self._stage.now, self._plan
        await self._act("office", "/statements-opening", at=now)
        for unit in plan.oral_statements:
            given = {"presided_by": "主持人", "spoken_by": "主要负责人"}
            await self._act("clerk", f"/statements/{unit}/delivery", given, at=now)
        await self._act("office", "/questions-opening", at=now)
        for number, question in enumerate(plan.questions, 1):
            await self._act("clerk", "/questions", {"unit": question.unit, "text": question.text}, at=now)
            leader = self._house.person("leader", unit=question.unit)
            path = f"/api/v1/meetings/{self._meeting}/questions/{number}"
            if question.answer:
                body = {"text": question.answer, "answered_by": "主要负责人"}
                await leader.post("scoring", f"{path}/answer", body, at=now)
            else:
                due = self._script.meeting_day + timedelta(days=question.days)
                body = {"due": due.isoformat(), "reason": question.reason, "promised_by": "主要负责人"}
                await leader.post("scoring", f"{path}/deferral", body, at=now)
        await self._stage.quiet()
        await self._stage.play_until(self._at(self._script.meeting_day, 9, 30))
        await self._act("office", "/ballots-opening", at=self._stage.now)

    async def _gather(self, day: date, tellers: Tellers, drawn: dict[str, Any]) -> dict[str, Any]:
        """Key and cards, then the check-in; alternates are called while ordinary people are too few."""
        await self._stage.play_until(self._at(day, 8))
        now = self._stage.now
        invited = [person for people in drawn["seated"].values() for person in people]
        key = {"public_key": tellers.make_key(self._programme.meeting.ballot_key.needed)}
        await self._act("teller", "/key", key, at=now, name="teller-1")
        cards = tellers.print_cards(self._meeting, len(invited) + SPARE_CARDS)
        await self._act("teller", "/cards", cards, at=now, name="teller-1")
        await self._act("office", "/check-in-opening", at=now)
        for person in invited:
            if self._chance.random() < self._plan.attendance:
                await self._act("clerk", "/check-ins", {"representative": person}, at=now)
        path = f"/api/v1/meetings/{self._meeting}/hall"
        while True:
            hall = await self._house.person("clerk").get("scoring", path)
            if hall["may_open"] or not hall["to_call"]:
                return dict(hall)
            for person in hall["to_call"]:
                await self._act("clerk", "/check-ins", {"representative": person}, at=now)

    async def _vote_and_count(self, day: date, tellers: Tellers) -> dict[str, Any]:
        """Everybody present takes a card from the shuffled box and votes; then count, signatures, seal."""
        await self.open_ballots()
        now = self._stage.now
        turnout = await self._house.anybody().get("scoring", f"/api/v1/meetings/{self._meeting}/turnout")
        box = list(tellers.cards)
        self._chance.shuffle(box)
        taken, left = box[: turnout["issued"]], box[turnout["issued"] :]
        form = await self._house.anybody().get("scoring", f"/api/v1/meetings/{self._meeting}/form")
        plan = self._plan
        voting = [(card, marks(form, plan.leanings, plan.unknown_share, self._chance)) for card in taken[:-1]]
        await Terminals(self._house, self._deployment, self._meeting).cast(voting, now)
        await self._stage.quiet()
        await self._stage.play_until(self._at(day, 11))
        now = self._stage.now
        await self._act("office", "/closing", at=now)
        counted = {"shares": tellers.shares[:3], "left_in_box": len(left), "unused": 1}
        count = await self._act("teller", "/count", counted, at=now, name="teller-1")
        for name, one in list(tellers.signers.items())[:3]:
            lines = {"signatures": [one.sign(count["checkpoint"])]}
            await self._act("teller", "/signatures", lines, at=now, name=name)
        lines = {"signatures": [tellers.scrutineer.sign(count["checkpoint"])]}
        count = await self._act("scrutineer", "/signatures", lines, at=now, name=plan.scrutineer.id)
        await self._stage.quiet()
        return dict(count)

    async def rank(self) -> None:
        """Ranking, publication, and the leader's decision on every proposed consequence."""
        await self._stage.play_until(self._stage.now + timedelta(days=2))
        office = self._house.person("office")
        await office.post("scoring", f"/api/v1/cycles/{self._script.cycle}/ranking", at=self._stage.now)
        await self._act("office", "/publication", at=self._stage.now)
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
