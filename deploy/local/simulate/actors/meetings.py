"""The meetings: draw, five steps, vote, count, seal (S3–S7), once without quorum and held again, once partly on paper.

Whoever acts out of turn is refused; the guidance group halts a step and lets it go on.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from deploy.local.demo.hall import Marks
from deploy.local.simulate.course import Course
from deploy.local.simulate.ending import ONE_DAY, ending, firsts, refused, voted_on
from deploy.local.simulate.gathering import Gathering, changed
from deploy.local.simulate.orders import case_of
from deploy.local.simulate.story import Story, begin
from deploy.local.simulate.world import World
from services.scoring.domain.cards import Card
from services.scoring.verify import verify_bytes, verify_file
from services.scoring.verify.recount import recount
from shared.programme import CycleDates

ON_PAPER = 3
TOO_FEW = 26
"""Representatives who come to a meeting in vain: fewer than a quorum."""
QUESTIONS = ("办理时限为什么一再推迟，什么时候能办结？", "一次性告知的材料清单在哪里能查到？")
PROMISED = 20
"""Days until the leader's promise in the hall is due."""


class Meetings:
    """Everybody at the meetings of every cycle."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan each meeting of each cycle: one for each group with a method of its own, one for the rest."""
        world = self._world
        own = {group.key for group in world.programme.groups if group.dimensions or group.panel}
        by_group: dict[str | None, list[str]] = {}
        for one in voted_on(world):
            by_group.setdefault(one.group if one.group in own else None, []).append(one.key)
        for cycle, first, last in firsts(world):
            day = ending(world, cycle).meeting
            for group, units in by_group.items() if day else ():
                assert day is not None  # the loop runs only then
                name = f"M-{cycle.name}" + (f"-{group}" if group else "")
                make = partial(Gathering, world, cycle, units=units, group=group)
                if last and group == next(iter(by_group)):
                    vain = make(name=f"{name}-1", day=_before(world, day))
                    begin(world, vain.evening, f"meeting {name}", partial(self._in_vain, vain))
                    again = make(name=name, day=day, rerun_of=vain.name)
                else:
                    again = make(name=name, day=day)
                begin(world, again.evening, f"meeting {name}", partial(self._held, again, cycle, first))

    async def _in_vain(self, meeting: Gathering, at: datetime) -> Story:
        """So few come that there is no quorum: counted, refused, annulled."""
        await meeting.prepare(at)
        at = yield meeting.lot
        await meeting.draw(at)
        speak = await meeting.announce(at, named=False)
        at = yield meeting.hour(8)
        people = meeting.assembly.invited
        ordinary = meeting.ordinary(people)
        coming = [*ordinary[: TOO_FEW - 4], *[one for one in people if one not in ordinary][:4]]
        await meeting.hall(at, absent=[one for one in people if one not in coming])
        await meeting.assembly.act("office", "/statements-opening", at=at)
        await meeting.assembly.deliver(speak, at)
        await meeting.assembly.act("office", "/questions-opening", at=at)
        await meeting.assembly.act("office", "/ballots-opening", at=at)
        await meeting.vote(at)
        at = yield meeting.hour(11)
        await meeting.assembly.act("office", "/closing", at=at)
        if await refused(409, meeting.assembly.count(1, at)):
            self._world.saw("S6", f"{meeting.name} 到会{len(coming)}人，有效票不足法定数，不能计票")
        reason = {"reason": "到会人数不足，有效票达不到法定数，择日重开"}
        await meeting.assembly.act("office", "/annulment", reason, at=at)

    async def _held(self, meeting: Gathering, cycle: CycleDates, first: bool, at: datetime) -> Story:
        """From the evening before to the signed minutes."""
        world, hall = self._world, meeting.assembly
        frozen = await meeting.prepare(at)
        world.saw("S2", f"{meeting.name} 冻结时{frozen['eligible']}人可抽，{frozen['excluded']}人有利害关系不参加")
        at = yield meeting.lot
        await meeting.draw(at)
        speak = await meeting.announce(at, named=first)
        await self._repeat_the_draw(meeting)
        at = yield meeting.hour(8)
        if await refused(409, hall.act("office", "/ballots-opening", at=at)):
            world.saw("S4", f"{meeting.name} 签到前要求开始投票，被拒绝：步骤不能提前")
        found = await meeting.hall(at, absent=self._absent(meeting))
        world.saw("S7", f"{meeting.name} 到会{found['present']}人，普通群众{found['ordinary']}人，达到比例")
        at = yield meeting.hour(9)
        await hall.act("office", "/statements-opening", at=at)
        await hall.deliver(speak[:1], at)
        await hall.act("guidance", "/halt", {"reason": "述职超时，请主持人掌握时间"}, at=at)
        if await refused(409, hall.act("office", "/questions-opening", at=at)):
            world.saw("S4", f"{meeting.name} 指导组叫停后，下一步不能开始")
        await hall.act("guidance", "/resumption", {"reason": "已提醒，继续"}, at=at)
        await hall.deliver(speak[1:], at)
        at = yield meeting.hour(9, 20)
        await hall.act("office", "/questions-opening", at=at)
        await self._questions(meeting, at)
        at = yield meeting.hour(9, 30)
        await hall.act("office", "/ballots-opening", at=at)
        papers = await meeting.vote(at, on_paper=ON_PAPER if first else 0)
        await self._again(meeting, at)
        if papers:
            await self._on_paper(meeting, papers, at)
        at = yield meeting.hour(11)
        await meeting.count_and_seal(at)
        at = yield meeting.hour(11, 30)
        await meeting.sign_minutes(at)
        await self._mend(meeting, at)
        at = yield world.at(ending(world, cycle).follows, 16)
        await self._check(meeting)

    def _absent(self, meeting: Gathering) -> list[str]:
        """So many ordinary people stay away that alternates must be called."""
        people = meeting.assembly.invited
        ordinary = meeting.ordinary(people)
        others = len(people) - len(ordinary)
        share = float(self._world.programme.meeting.ordinary_present_least)
        most = int(others * share / (1 - share))
        return ordinary[: max(0, len(ordinary) - most + 2)]

    async def _repeat_the_draw(self, meeting: Gathering) -> None:
        data = await self._world.house.raw("scoring", f"/api/v1/meetings/{meeting.name}/draw-proof")
        path = self._world.deployment.layout.data / f"{meeting.name}.draw_proof.json"
        path.write_bytes(data)
        same = verify_file(path).exit_code == 0
        self._world.saw("S3", f"{meeting.name} 用公开的材料重抽一遍，结果{'一致' if same else '不一致'}")

    async def _questions(self, meeting: Gathering, at: datetime) -> None:
        """One is answered on the spot, the other gets a date."""
        units = sorted(meeting.units, key=lambda key: self._world.cast.unit(key).standing)
        answer = {"text": "清单已张贴在大厅，网上同步公布。", "answered_by": "主要负责人"}
        due = (meeting.day + timedelta(days=PROMISED)).isoformat()
        promise = {"due": due, "reason": "需与上级部门对接系统", "promised_by": "主要负责人"}
        await meeting.assembly.ask(1, units[-1], QUESTIONS[1], answer, at)
        await meeting.assembly.ask(2, units[0], QUESTIONS[0], promise, at)

    async def _mend(self, meeting: Gathering, at: datetime) -> None:
        """What was promised in the hall is a case: the unit mends it."""
        unit = min(meeting.units, key=lambda key: self._world.cast.unit(key).standing)
        number = await case_of(self._world, unit, QUESTIONS[0])
        Course(self._world, f"promise of {meeting.name}", number, unit).with_unit(self._world.same_day(at, 30))

    async def _again(self, meeting: Gathering, at: datetime) -> None:
        """A terminal repeats a ballot, somebody tries to use a used card."""
        terminals = meeting.assembly.terminals
        (card, text), (_, other) = terminals.sent[:2]
        same = await terminals.again(card, text, at)
        if same == "repeated" and await refused(409, terminals.again(card, other, at)):
            self._world.saw("S5", f"{meeting.name} 网络重发算同一票，用过的卡不能再投")

    async def _on_paper(self, meeting: Gathering, cards: list[Card], at: datetime) -> None:
        """Two terminals fail: papers are keyed in twice by two people, one by a third who settles where they differ."""
        reason = {"reason": "两台终端断电，未投的代表改用纸质票"}
        await meeting.assembly.act("office", "/paper-fallback", reason, at=at)
        await meeting.assembly.act("guidance", "/paper-fallback/confirmation", at=at)
        form = await meeting.assembly.read("/form")
        for card in cards:
            ballot = meeting.opinion(form)
            await self._key(meeting, card, ballot, "clerk", "clerk-1", at)
            if card is cards[-1]:
                misread = dict(reversed(ballot.items()))
                unit = next(iter(ballot))
                misread[unit] = dict.fromkeys(ballot[unit], form["abstain"])
                if misread != ballot:
                    await self._key(meeting, card, misread, "teller", "teller-4", at)
                    await self._key(meeting, card, ballot, "clerk", "clerk-3", at)
                    continue
            await self._key(meeting, card, ballot, "teller", "teller-4", at)
        view = await meeting.assembly.read("/paper-fallback", "office")
        self._world.saw("S16", f"{meeting.name} 纸质票{view['accepted']}张，由不同的人两次录入，不一致的由第三人核定")

    async def _key(self, meeting: Gathering, card: Card, ballot: Marks, role: str, who: str, at: datetime) -> Any:
        body = {"card": card.text, "marks": ballot}
        return await meeting.assembly.act(role, "/paper-ballots", body, at=at, name=who)

    async def _check(self, meeting: Gathering) -> None:
        """Anybody verifies the published bundle offline, and counts it again; a changed one does not hold."""
        world = self._world
        data = await world.house.raw("scoring", f"/api/v1/meetings/{meeting.name}/bundle")
        holds, forged = verify_bytes(data, meeting.name).exit_code == 0, verify_bytes(changed(data), meeting.name)
        says = f"{meeting.name} 封存包核验{'通过' if holds else '不通过'}，改动一处后核验不通过"
        if forged.exit_code != 0:
            world.saw("S6", says)
        counted = recount(data)
        same = "一致" if counted.holds else "不一致"
        world.saw("S15", f"{meeting.name} 从封存包重新计票，{counted.ballots}张，{same}")


def _before(world: World, day: date) -> date:
    """The working day before the day before."""
    found = day - 2 * ONE_DAY
    while world.roll(found) != found:
        found -= ONE_DAY
    return found
