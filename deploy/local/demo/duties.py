"""The units' dated duties (R9): each looks once a period at what it owes, hands it in, inspects itself each quarter.

A few of the bundled cycle are late or leave one out; those of a real export are in time: nothing is known of them.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from deploy.local.demo import papers
from deploy.local.demo.http import House
from deploy.local.demo.script import Script
from deploy.local.demo.stage import Stage
from shared.programme import Programme, demo

AFTERWARDS = timedelta(days=60)
"""How long after the cycle the play may go on, with the meeting and the ranking."""

LOOKS_AFTER = timedelta(days=2)
"""Then rolled to a working day: before the first reminder of what is due on the 10th."""

INSPECTS_AFTER = timedelta(days=66)
OPENS = time(9, 30)


class Duties:
    """Plans every unit's looks. A duty is seen before it is handed in: the stage stops where periods open."""

    def __init__(self, stage: Stage, house: House, programme: Programme, script: Script) -> None:
        self._stage, self._house, self._zone = stage, house, programme.zone
        calendar = programme.working_calendar
        self._late = {(one.unit, one.obligation, one.period): one.handed_in for one in script.duties}
        self._inspections = {one.key for one in programme.obligations if one.inspection}
        first = script.starts.astimezone(self._zone).date()
        days = openings(programme, first, (script.ends + AFTERWARDS).astimezone(self._zone).date())
        stage.stop_at(self._at(day, time()) for day in days)
        looks = {day: self._at(calendar.roll(day + LOOKS_AFTER), OPENS) for day in days}
        for minute, unit in enumerate(demo.units()):
            for day in days:
                self._then(unit.key, looks[day] + timedelta(minutes=minute), self._look, day)

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=self._zone)

    def _then(self, unit: str, at: datetime, act: Any, *given: Any) -> None:
        self._stage.plan(at, f"duties of {unit}", partial(act, unit, *given))

    async def _look(self, unit: str, opened: date, at: datetime) -> None:
        """The handler sees what was announced, hands in what he has and puts down when he does the rest."""
        handler = self._house.person("handler", unit=unit)
        ready = []
        for duty in await handler.every("rectification", "/api/v1/obligations", unit=unit, state="open"):
            if duty["opens"] != opened.isoformat():
                continue
            on = self._late.get((unit, duty["obligation"], duty["period"]), at.date())
            if on is None:
                continue
            if duty["obligation"] in self._inspections:
                self._then(unit, self._at(opened + INSPECTS_AFTER, OPENS), self._inspect)
            elif on > at.date():
                self._then(unit, self._at(on, OPENS), self._hand_in, [duty])
            else:
                ready.append(duty)
        if ready:
            await self._hand_in(unit, ready, at)

    async def _hand_in(self, unit: str, ready: list[dict[str, Any]], at: datetime) -> None:
        handler = self._house.person("handler", unit=unit)
        for duty in ready:
            path = f"/api/v1/obligations/{duty['id']}/fulfilment"
            await handler.post("rectification", path, papers.fulfilment(duty), at=at)
        self._then(unit, at + timedelta(days=1), self._accept, ready)

    async def _accept(self, unit: str, handed_in: list[dict[str, Any]], at: datetime) -> None:
        """The office read it."""
        for duty in handed_in:
            path = f"/api/v1/obligations/{duty['id']}/acceptance"
            await self._house.person("office").post("rectification", path, at=at)

    async def _inspect(self, unit: str, at: datetime) -> None:
        """The unit's own covert inspection of the quarter; the record meets the duty."""
        handler = self._house.person("handler", unit=unit)
        await handler.post("intake", "/api/v1/inspections", papers.covert(unit, at), at=at)


def openings(programme: Programme, first: date, last: date) -> list[date]:
    """The days on which units are told of a duty, each once."""
    of_units: Iterable[Any] = (one for one in programme.obligations if not one.who.office)
    return sorted({period.opens for one in of_units for period in one.when.opening(first, last)})
