"""What the actors of a simulated year share: the stage, the house, the cast, chance from the seed, the days."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any, Protocol

from deploy.local.demo.hotline import Hotline
from deploy.local.demo.http import House, Person
from deploy.local.demo.stage import Stage
from deploy.local.deployment import Deployment
from deploy.local.simulate.cast import Cast
from shared.calendar import WorkingCalendar
from shared.programme import CycleDates, Programme


@dataclass(frozen=True, slots=True)
class Checked:
    """Something that an actor looked at and that leaves no event, such as a bundle that holds; part of the report."""

    mechanism: str
    on: date
    says: str


@dataclass
class World:
    """Everything that an actor needs. Acts of one `who` come one after another, each seeing what the last one did.

    Chance comes from `chance` alone, so that the order of the acts and what other actors do change nothing.
    """

    programme: Programme
    cast: Cast
    seed: int
    cycles: tuple[CycleDates, ...]
    starts: datetime
    ends: datetime
    stage: Stage
    house: House
    deployment: Deployment
    hotline: Hotline
    require_asked: Callable[[str], None]
    """Raises Refusal for a key under which the report looks for nothing."""
    checked: list[Checked] = field(default_factory=list)

    @property
    def calendar(self) -> WorkingCalendar:
        """Working days as the programme knows them."""
        return self.programme.working_calendar

    def chance(self, *words: object) -> Random:
        """Chance of one's own for these words: the same for the same seed."""
        return Random(" ".join(str(word) for word in (self.seed, *words)))

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A time of a day in the programme's zone."""
        return datetime.combine(day, time(hour, minute), tzinfo=self.programme.zone)

    def day(self, at: datetime) -> date:
        """The local day of a time."""
        return at.astimezone(self.programme.zone).date()

    def roll(self, day: date) -> date:
        """The day, or the next working day."""
        return self.calendar.roll(day)

    def after(self, day: date, working_days: int) -> date:
        """The n-th working day after a day."""
        return self.calendar.add_working_days(day, working_days)

    def plan(self, at: datetime, who: str, act: Callable[..., Awaitable[None]], *given: Any) -> None:
        """Do `act(*given, at)` then, if that is before the end; what lies in the past is done at once."""
        if at < self.ends:
            self.stage.plan(at, who, partial(act, *given))

    async def settle(self) -> None:
        """Inside an act: wait until all services have dealt with what was done so far."""
        await self.stage.quiet()

    def person(self, role: str, *, unit: str | None = None, name: str = "") -> Person:
        """Somebody of a role, with a token."""
        return self.house.person(role, unit=unit, name=name)

    def anybody(self) -> Person:
        """Somebody who has not signed in."""
        return self.house.anybody()

    def saw(self, mechanism: str, says: str) -> None:
        """Put down what leaves no event: what was looked at, in deterministic words. Raises Refusal (unknown key)."""
        self.require_asked(mechanism)
        self.checked.append(Checked(mechanism, self.day(self.stage.now), says))

    def same_day(self, at: datetime, minutes: int) -> datetime:
        """Some minutes later on the same local day, not beyond the window: so an act may date what it does itself."""
        local = at.astimezone(self.programme.zone)
        end = local.replace(hour=23, minute=59, second=0, microsecond=0)
        return max(local, min(local + timedelta(minutes=minutes), end, self.stage.horizon.astimezone(local.tzinfo)))


class Actor(Protocol):
    """One kind of people. `begin` plans their acts on the stage; what comes of an act they plan from within it."""

    def __init__(self, world: World) -> None: ...

    async def begin(self) -> None:
        """Units, directory and cycles stand, the clock shows the first moment: plan."""
