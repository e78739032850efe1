"""The plan of the year at `/bulletin/plan`: each phase with its tasks, who answers, by when, to which standard (N7).

All of it stands in the programme: a duty is shown here before it is announced.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asked

from services.notify.pages.caching import kept
from services.notify.usecases import Desk
from shared.language import Language, said
from shared.pages import Pages, Wording
from shared.programme import Programme
from shared.programme.obligations import RESPONSIBLE, Obligation, When
from shared.web import Query, public_read

Year = Annotated[int | None, Asked(ge=2004, le=2050)]


@dataclass(frozen=True, slots=True)
class Task:
    """A duty in words. by: the day, or the rhythm in which it comes back; standard: what is to be shown."""

    name: str
    whose: str
    responsible: str
    by: str
    standard: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A phase in words with its tasks; the last one, without days, has those of no phase."""

    name: str
    first: str
    last: str
    tasks: tuple[Task, ...]


def router(house: Pages, desk: Desk) -> APIRouter:
    """The endpoint of this page, for everybody."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    @api.get("/bulletin/plan")
    async def plan(request: Request, year: Year = None, ask: Query = public_read) -> Response:
        """The plan of a year, by default of the one that runs."""
        asked = year or ask.now.astimezone(desk.programme.zone).year
        phases = tuple(phases_of(desk.programme, house.wording, house.language(request), asked))
        return kept(request, house.show(request, "bulletin_plan.html", year=asked, phases=phases))

    return api


def phases_of(programme: Programme, wording: Wording, language: Language, year: int) -> Iterator[Shown]:
    """The phases in the programme's order, each with its duties; then the duties of no phase."""
    words = _Words(programme, wording, language, year)
    for phase in programme.phases:
        first, last = phase.on(year)
        mine = (one for one in programme.obligations if one.phase == phase.key)
        yield Shown(said(phase.label, language), words.day(first), words.day(last), tuple(map(words.task, mine)))
    rest = tuple(words.task(one) for one in programme.obligations if one.phase is None)
    if rest:
        name = words.say("bulletin.plan.rest" if programme.phases else "bulletin.plan.whole")
        yield Shown(name, "", "", rest)


@dataclass(frozen=True, slots=True)
class _Words:
    programme: Programme
    wording: Wording
    language: Language
    year: int

    def say(self, key: str, **values: Any) -> str:
        return self.wording.say(self.language, key, **values)

    def day(self, day: date) -> str:
        return f"{day.year}年{day.month}月{day.day}日" if self.language == "zh" else f"{day.day} {day:%B %Y}"

    def task(self, duty: Obligation) -> Task:
        responsible = duty.responsible or ("office" if duty.who.office else "main_leader")
        return Task(
            said(duty.label, self.language), self._whose(duty), said(RESPONSIBLE[responsible], self.language),
            self._by(duty.when), tuple(said(asked.label, self.language) for asked in duty.acceptance),
        )  # fmt: skip

    def _whose(self, duty: Obligation) -> str:
        who = duty.who
        if who.office:
            return said(self.programme.office, self.language)
        if who.every_unit:
            return self.say("bulletin.plan.every_unit")
        named = [said(self.programme.category(key).label, self.language) for key in who.categories]
        return ("、" if self.language == "zh" else ", ").join([*named, *who.units])

    def _by(self, when: When) -> str:
        if when.by is not None:
            return self.day(when.by.on(self.year))
        for rhythm in ("monthly", "quarterly", "half_yearly", "annual"):
            number = getattr(when, rhythm)
            if number is not None:
                return self.say(f"bulletin.plan.{rhythm}" if number else f"bulletin.plan.{rhythm}_end", days=number)
        raise AssertionError("a duty has a rhythm: the programme was checked")
