"""Clerk, approver, handlers, petitioners and the office: what each does with a complaint, and when."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deploy.local.demo import papers
from deploy.local.demo.hotline import Hotline
from deploy.local.demo.http import House, Person
from deploy.local.demo.script import Matter, Script, same_day
from deploy.local.demo.stage import Stage
from deploy.local.demo.tracks import EXPLAINED, Tracks

GUARDS = ("measures_carried_out", "misconduct_dealt_with", "problem_solved", "public_answered")
STANDARDS = ("facts_clear", "problem_handled", "measures_in_place", "public_satisfied")
BAD = ("dissatisfied", "very_dissatisfied")
MOMENT = timedelta(seconds=1)


@dataclass
class Case:
    """What the people know of a case: who petitioned, how often it was solved, whether it is written off."""

    number: str
    lead: Matter
    petitioners: dict[str, Matter] = field(default_factory=dict)
    round: int = 0
    accepted: bool = False
    closed: bool = False


class Casework:
    """Plays every matter of the script. Figures of cases come from the services; these are the rows' fates."""

    def __init__(self, stage: Stage, house: House, hotline: Hotline, tracks: Tracks, script: Script) -> None:
        self._stage, self._house, self._hotline, self._tracks = stage, house, hotline, tracks
        self._groups = script.groups()
        self._receipts: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._reading = asyncio.Lock()
        self.case_of: dict[str, Case] = {}
        self.number_of: dict[str, str] = {}
        self.fates: dict[str, int] = defaultdict(int)
        for matter in script.matters:
            self._then(matter, matter.reported_at, self._report)

    def _then(self, matter: Matter, at: datetime, act: Any) -> None:
        async def perform(when: datetime) -> None:
            await act(matter, when)

        self._stage.plan(at, self._groups[matter.ticket], perform)

    async def _report(self, matter: Matter, at: datetime) -> None:
        if matter.by_bus:
            await self._hotline.report(matter, at)
        elif matter.channel == "inspection_covert":
            body = papers.inspection(matter, at)
            made = await self._house.person("inspector").post("intake", "/api/v1/inspections", body, at=at)
            self._receipts[matter.ticket].append({"state": "registered", "number": made["findings"][0]})
        else:
            photo = []
            if matter.channel == "photo_tip":
                sent = await self._house.person("clerk").send("intake", papers.UPLOAD, papers.photo(), at=at)
                photo.append(sent["sha"])
            body = {
                "ticket": matter.ticket,
                "channel": matter.channel,
                "title": matter.title,
                "text": matter.text,
                "unit": matter.unit,
                "topic": matter.topic,
                "identity": "named" if matter.identity else "anonymous",
                "person": matter.identity or None,
                "particulars": papers.particulars(matter),
                "evidence": photo,
            }
            answer = await self._house.person("clerk").post("intake", "/api/v1/complaints", body, at=at)
            self._receipts[matter.ticket].append(answer)
        self._then(matter, same_day(at, 10), self._take_up)

    async def _receipt(self, ticket: str) -> dict[str, Any]:
        """The next receipt of a ticket; one that was sent twice gets two."""
        async with self._reading:
            while not self._receipts[ticket]:
                for receipt in await self._hotline.receipts():
                    self._receipts[receipt["ticket"]].append(receipt)
        return self._receipts[ticket].popleft()

    async def _take_up(self, matter: Matter, at: datetime) -> None:
        """The clerk screens and fills in the transfer card, a leader approves, all on the day of the report."""
        receipt = await self._receipt(matter.ticket)
        if receipt["state"] == "kept_for_repair":
            self.fates["kept_for_repair"] += 1
            return
        number = receipt["number"]
        self.number_of[matter.ticket] = number
        if receipt["state"] == "repeated":
            self.fates["repeated"] += 1
            return
        if lead := receipt.get("linked_to"):
            self.fates["repeated"] += 1
            await self._joined(self.case_of[lead], number, matter, at)
            return
        self.fates["registered"] += 1
        case = self.case_of[number] = Case(number, matter, {number: matter})
        clerk, approver = self._house.person("clerk"), self._house.person("approver")
        accepted = matter.screening == "accepted"
        reason = "属本级受理范围" if accepted else "不属本级受理范围，已告知向有权机关反映"
        screening: dict[str, Any] = {"decision": matter.screening, "reason": reason}
        if accepted:
            screening["transfer"] = {"lead_unit": matter.lead_unit, "track": matter.track}
        if matter.screening == "outside_jurisdiction":
            screening["referral"] = papers.COURT
        await clerk.post("intake", f"/api/v1/complaints/{number}/screening", screening, at=at)
        if not accepted:
            return
        approved = max(at, min(same_day(at, 20), self._stage.horizon))
        await approver.post("intake", f"/api/v1/transfers/{number}/approval", at=approved)
        self._then(matter, same_day(approved, 40), lambda _, when: self._accept(case, when))

    async def _joined(self, case: Case, number: str, matter: Matter, at: datetime) -> None:
        case.petitioners[number] = matter
        if not case.closed:
            return
        case.closed = False
        again = matter.solved_at or at + timedelta(days=3)
        self._then(matter, max(again, at + MOMENT), lambda _, when: self._solve(case, when))

    def _handler(self, case: Case) -> Person:
        return self._house.person("handler", unit=case.lead.lead_unit)

    async def _accept(self, case: Case, at: datetime) -> None:
        await self._handler(case).post("rectification", f"/api/v1/cases/{case.number}/acceptance", at=at)
        case.accepted = True
        self._tracks.begin(case.number, case.lead, self._groups[case.lead.ticket], at)
        if case.lead.solved_at is not None:
            when = max(case.lead.solved_at, at + MOMENT)
            self._then(case.lead, when, lambda _, moment: self._solve(case, moment))

    async def _solve(self, case: Case, at: datetime) -> None:
        case.round += 1
        if case.lead.track == EXPLAINED:
            who = self._groups[case.lead.ticket]
            await self._tracks.explain(case.number, case.lead, who, at)
            self._then(case.lead, at + timedelta(hours=20), lambda _, when: self._call_back(case, when))
            return
        found = case.lead.misconduct
        body = {
            "measures": "已派员现场核查并落实整改措施",
            "reply": case.lead.reply or "您反映的问题已核实处理，感谢监督。",
            "misconduct_found": found,
            "misconduct_dealt_with": "对责任人批评教育并限期改正" if found else "未发现违纪违规",
            "evidence": [f"整改记录-{case.lead.ticket}-{case.round}"],
        }
        await self._handler(case).post("rectification", f"/api/v1/cases/{case.number}/solution", body, at=at)
        self._then(case.lead, at + timedelta(hours=20), lambda _, when: self._call_back(case, when))

    async def _call_back(self, case: Case, at: datetime) -> None:
        """A clerk rings up every petitioner who can be reached; one who never answers takes three days."""
        if case.lead.returned_once and case.round == 1:
            path = f"/api/v1/cases/{case.number}/return"
            reasons = {"reasons": ["整改材料不全，需补充现场照片"]}
            await self._house.person("office").post("rectification", path, reasons, at=at)
            self._then(case.lead, at + timedelta(days=2), lambda _, when: self._solve(case, when))
            return
        clerk = self._house.person("clerk")
        tasks = await clerk.get("intake", "/api/v1/callbacks", state="open", case=case.number)
        bad = again = False
        for task in tasks["items"]:
            grade = case.petitioners[task["number"]].answer(case.round)
            graded = {"result": "graded", "grade": grade, "confirmed": True}
            answer = {"result": "not_reached"} if grade == "not_reached" else graded
            path = f"/api/v1/callbacks/{case.number}/{task['number']}"
            told = await clerk.post("intake", path, answer, at=at)
            again |= told["state"] == "open"
            bad |= grade in BAD
        if bad:
            self._then(case.lead, at + timedelta(days=3), lambda _, when: self._solve(case, when))
        elif again:
            self._then(case.lead, at + timedelta(days=1), lambda _, when: self._call_back(case, when))
        else:
            self._then(case.lead, at + timedelta(hours=3), lambda _, when: self._close(case, when))

    async def _close(self, case: Case, at: datetime) -> None:
        """The office looks at the four guards, each with its evidence, and signs."""
        office = self._house.person("office")
        guards = {
            name: {"holds": True, "evidence": f"核查记录-{case.lead.ticket}-{name}", "by": "评议办核查员"}
            for name in GUARDS
        }
        body = {"guards": guards, "standards": dict.fromkeys(STANDARDS, True)}
        await office.post("rectification", f"/api/v1/cases/{case.number}/closing", body, at=at)
        case.closed = True
