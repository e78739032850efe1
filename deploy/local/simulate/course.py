"""The course of a matter that was reported already: screening, gate, unit, callback, closing, as a story of its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deploy.local.simulate.story import Story, Told, begin
from deploy.local.simulate.world import World

Then = Callable[[datetime], Awaitable[None]]
REASON = "属本级受理范围"


@dataclass(frozen=True, slots=True)
class Fate:
    """How a matter goes. days: working days until the unit reports it solved. misconduct: how it was dealt with, empty
    where none was found. grade: what all petitioners say.
    """

    days: int = 6
    grade: str = "satisfied"
    misconduct: str = ""


class Course:
    """One matter. `then(at)` is done the day after it is closed. `who` is nobody else's."""

    def __init__(
        self, world: World, who: str, number: str, unit: str, fate: Fate | None = None, then: Then | None = None
    ) -> None:
        self.world, self.number, self.unit = world, number, unit
        self._who, self._fate, self._then = who, fate or Fate(), then

    async def take_up(self, at: datetime, **card: Any) -> None:
        """A clerk accepts it and fills in the card, the approver signs, on one day; the unit goes on from there."""
        await self.ask(at, **card)
        await self.approve(self.world.same_day(at, 20))

    async def ask(self, at: datetime, **card: Any) -> None:
        """A clerk accepts it and fills in the card: from now it waits at the gate."""
        transfer = {"lead_unit": self.unit, "track": "immediate", **card}
        body = {"decision": "accepted", "reason": REASON, "transfer": transfer}
        await self.world.person("clerk").post("intake", f"/api/v1/complaints/{self.number}/screening", body, at=at)

    async def approve(self, at: datetime, body: dict[str, Any] | None = None) -> None:
        """The approver signs, and the unit goes on."""
        await self.world.person("approver").post("intake", f"/api/v1/transfers/{self.number}/approval", body, at=at)
        self.with_unit(at)

    def with_unit(self, at: datetime) -> None:
        """The unit has it: it takes it in hand the same day, solves it, and the office writes it off."""
        begin(self.world, self.world.same_day(at, 40), self._who, self._through)

    async def _through(self, at: datetime) -> Story:
        world, fate = self.world, self._fate
        case = Told(world, self.unit, self._who, "", "", self.number)
        await case.unit("acceptance", at=at)
        minute = world.chance("solved at", self._who).randrange(60)
        at = yield case.later(at, fate.days) + timedelta(minutes=minute)
        await case.unit("solution", case.solution(misconduct=fate.misconduct), at=at)
        at = yield at + timedelta(hours=20)
        await case.answered(fate.grade, at)
        at = yield at + timedelta(hours=3)
        await case.closed(at)
        if self._then is not None:
            at = yield at + timedelta(days=1)
            await self._then(at)
