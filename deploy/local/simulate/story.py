"""A story: one case of its own, told step by step. Between two steps the story says when it goes on.

    async def told(case: Told, at: datetime) -> Story:
        await case.unit("acceptance", at=at)
        at = yield case.later(at, 3)
        await case.unit("solution", case.solution(), at=at)

Each step is one act on the stage: what it brought about is there when the next one begins.
"""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.demo.casework import GUARDS, STANDARDS
from deploy.local.simulate.world import World

Story = AsyncGenerator[datetime, datetime]
"""Yields when it goes on; is sent that time back."""

NEXT = timedelta(seconds=1)


def begin(world: World, at: datetime, who: str, story: Callable[[datetime], Story]) -> None:
    """Let a story begin then; `who` is nobody else's."""

    async def first(when: datetime) -> None:
        told = story(when)
        await _go_on(told, None, when)

    async def _go_on(told: Story, sent: datetime | None, at: datetime) -> None:
        try:
            when = await told.asend(sent)  # type: ignore[arg-type]  # the first one takes nothing
        except StopAsyncIteration:
            return

        async def following(later: datetime) -> None:
            await _go_on(told, later, later)

        world.plan(max(when, at + NEXT), who, following)

    world.plan(at, who, first)


def years(world: World) -> Iterator[tuple[int, date, date]]:
    """Each year that is played: the year, its first day, and the last one of its daily part."""
    for year in sorted({cycle.opens.year for cycle in world.cycles}):
        of_it = [cycle for cycle in world.cycles if cycle.opens.year == year]
        yield year, min(cycle.opens for cycle in of_it), max(cycle.closes for cycle in of_it)


@dataclass
class Told:
    """A case of a story: who has it, and what unit, office and clerk do with it. `key` makes its texts its own.

    number, code: of the case's complaint, once it is reported.
    """

    world: World
    unit_key: str
    key: str
    title: str
    text: str
    number: str = ""
    code: str = ""
    body: dict[str, Any] = field(default_factory=dict)

    def later(self, at: datetime, working_days: int, hour: int = 10) -> datetime:
        """Working days later, at an hour."""
        return self.world.at(self.world.after(self.world.day(at), working_days), hour)

    def soon(self, at: datetime) -> datetime:
        """Some minutes later the same day."""
        return self.world.same_day(at, 30)

    async def reported(self, at: datetime, *, named: bool = True, track: str = "immediate", **more: Any) -> str:
        """A clerk writes it down; its number. A second call is another person with the very same matter.

        track: one that matters of its channel must be able to take (R2).
        """
        programme = self.world.programme
        chance = self.world.chance("story", self.key)
        channels = [one for one in programme.channels if not one.requires and not one.verification]
        fit = [one for one in channels if one.identity == "vault" and programme.may_take(track, one.key)]
        channel = chance.choice(fit).key
        person = {"name": f"来访人{self.key}", "phone": f"1390000{chance.randrange(10_000):04d}"}
        self.body = {
            "channel": channel, "title": self.title, "text": f"{self.text}（{self.key}）", "unit": self.unit_key,
            "topic": chance.choice(programme.topics).key, "identity": "named" if named else "anonymous",
            "person": person if named else None,
        } | more  # fmt: skip
        answer = await self.world.person("clerk").post("intake", "/api/v1/complaints", self.body, at=at)
        self.code = self.code or str(answer["tracking_code"])
        return str(answer["number"])

    async def opened(self, at: datetime, *, track: str = "immediate", **card: Any) -> None:
        """Reported, accepted and approved on one day: the unit has a case."""
        self.number = self.number or await self.reported(at, track=track)
        transfer = {"lead_unit": self.unit_key, "track": track, **card}
        body = {"decision": "accepted", "reason": "属本级受理范围", "transfer": transfer}
        path = f"/api/v1/complaints/{self.number}/screening"
        await self.world.person("clerk").post("intake", path, body, at=at)
        await self.world.person("approver").post("intake", f"/api/v1/transfers/{self.number}/approval", at=at)

    async def unit(self, step: str, body: Any = None, *, at: datetime, by: str = "", role: str = "handler") -> Any:
        """Somebody of the lead unit, or of the unit `by`, does a step."""
        person = self.world.person(role, unit=by or self.unit_key)
        return await person.post("rectification", f"/api/v1/cases/{self.number}/{step}", body, at=at)

    async def office(self, step: str, body: Any = None, *, at: datetime, role: str = "office") -> Any:
        """The office does a step."""
        path = f"/api/v1/cases/{self.number}/{step}"
        return await self.world.person(role).post("rectification", path, body, at=at)

    def solution(self, *, misconduct: str = "", reply: str = "您反映的问题已核实处理，感谢监督。") -> dict[str, Any]:
        """A unit's report that it is solved. misconduct: how it was dealt with; empty when none was found."""
        return {
            "measures": "已派员现场核查并落实整改措施", "reply": reply, "misconduct_found": bool(misconduct),
            "misconduct_dealt_with": misconduct or "未发现违纪违规", "evidence": [f"整改记录-{self.number}"],
        }  # fmt: skip

    async def answered(self, grade: str, at: datetime) -> None:
        """A clerk rings up who complained."""
        clerk = self.world.person("clerk")
        tasks = await clerk.get("intake", "/api/v1/callbacks", state="open", case=self.number)
        for task in tasks["items"]:
            body = {"result": "graded", "grade": grade, "confirmed": True}
            await clerk.post("intake", f"/api/v1/callbacks/{self.number}/{task['number']}", body, at=at)

    async def closed(self, at: datetime) -> None:
        """The office looks at the four guards, each with its evidence, and signs."""
        guards = {
            name: {"holds": True, "evidence": f"核查记录-{self.number}-{name}", "by": "评议办核查员"} for name in GUARDS
        }
        await self.office("closing", {"guards": guards, "standards": dict.fromkeys(STANDARDS, True)}, at=at)

    async def settled(self, at: datetime) -> Story:
        """The happy end, as a story of its own: the petitioner is content, the office writes it off."""
        await self.answered(self.grade(), at)
        at = yield self.later(at, 1)
        await self.closed(at)

    def grade(self, *, bad: bool = False) -> str:
        """An answer of the programme's callback that is bad, or good."""
        grades: Sequence[Any] = self.world.programme.callback.grades
        return next(str(one.key) for one in (reversed(grades) if not bad else grades) if one.bad is bad)
