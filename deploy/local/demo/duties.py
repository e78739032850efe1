"""The dated duties (R9): when a period opens all see what they owe; each hands it in, inspects itself, is read.

When and how each duty is met is the caller's: the demo has a few that are late or left out, a simulated year many.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from deploy.local.demo import papers
from deploy.local.demo.http import House, Person
from deploy.local.demo.script import Script
from deploy.local.demo.stage import Stage
from shared.calendar import WorkingCalendar
from shared.programme import Programme
from shared.programme.obligations import OFFICE

AFTERWARDS = timedelta(days=60)
"""How long after the cycle the play may go on, with the meeting and the ranking."""

LOOKS_AFTER = timedelta(days=2)
"""Then rolled to a working day: before the first reminder of what is due on the 10th."""

INSPECTS_AFTER = timedelta(days=66)
RETURNED_AFTER, ACCEPTED_AFTER = timedelta(hours=6), timedelta(days=1)
OPENS = time(9, 30)
UNREAD = ["材料过于笼统，缺少具体措施和责任人，请补充后重报"]

Duty = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a duty is met. on: the day of handing in, None for never. returned: the office returns it once."""

    on: date | None
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """Who owes what in a play. manner: of a duty as the service lists it, on the day it is looked at.

    inspects: whether the units' own inspections are played here. looks_after, opens: when a new duty is looked at.
    office: whether the office's own duties are played.
    """

    units: tuple[str, ...]
    first: date
    last: date
    manner: Callable[[Duty, date], Manner]
    inspects: bool = True
    office: bool = False
    looks_after: timedelta = LOOKS_AFTER
    opens: time = OPENS


def of_script(script: Script, programme: Programme, units: Iterable[str]) -> Owed:
    """As the demo plays them: all at the first look, but for those that the script has late or never."""
    late = {(one.unit, one.obligation, one.period): one.handed_in for one in script.duties}

    def manner(duty: Duty, today: date) -> Manner:
        return Manner(late.get((duty["unit"], duty["obligation"], duty["period"]), today))

    first = script.starts.astimezone(programme.zone).date()
    return Owed(tuple(units), first, (script.ends + AFTERWARDS).astimezone(programme.zone).date(), manner)


class Duties:
    """Plans the looks. A duty is seen before it is handed in: the stage stops where periods open."""

    def __init__(self, stage: Stage, house: House, programme_now: Callable[[], Programme], owed: Owed) -> None:
        # Asked each time: the days off of a year may be published while the play goes on.
        self._stage, self._house, self._programme, self._owed = stage, house, programme_now, owed
        programme = programme_now()
        self._zone = programme.zone
        self._inspections = {one.key for one in programme.obligations if one.inspection}
        self._order = {unit: minute for minute, unit in enumerate((*owed.units, OFFICE))}
        days = openings(programme, owed.first, owed.last, office=owed.office)
        stage.stop_at(self._at(day, time()) for day in days)
        for day in days:
            look = self._at(self._calendar.roll(day + owed.looks_after), owed.opens)
            stage.plan(look, "duties", partial(self._look, day))

    @property
    def _calendar(self) -> WorkingCalendar:
        return self._programme().working_calendar

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, tzinfo=self._zone)

    def _then(self, unit: str, at: datetime, act: Any, *given: Any) -> None:
        self._stage.plan(at, f"duties of {unit}", partial(act, unit, *given))

    def _who(self, unit: str) -> Person:
        return self._house.person("office") if unit == OFFICE else self._house.person("handler", unit=unit)

    async def _look(self, opened: date, at: datetime) -> None:
        """What was announced is looked through, and each puts down when he hands in what."""
        ready: dict[tuple[str, date], list[Duty]] = defaultdict(list)
        today = at.astimezone(self._zone).date()
        for duty in await self._house.person("office").every("rectification", "/api/v1/obligations", state="open"):
            if duty["opens"] != opened.isoformat() or duty["unit"] not in self._order:
                continue
            if duty["unit"] == OFFICE and not self._owed.office:
                continue
            manner = self._owed.manner(duty, today)
            if manner.on is None:
                continue
            if duty["obligation"] not in self._inspections:
                ready[duty["unit"], max(manner.on, today)].append(duty)
            elif self._owed.inspects:
                self._then(duty["unit"], self._at(opened + INSPECTS_AFTER, self._owed.opens), self._inspect)
        for (unit, day), duties in sorted(ready.items(), key=lambda one: (one[0][1], self._order[one[0][0]])):
            ordered = sorted(duties, key=lambda one: (one["due"], one["id"]))
            when = self._at(day, self._owed.opens) + timedelta(minutes=self._order[unit])
            self._then(unit, when, self._hand_in, ordered)

    async def _hand_in(self, unit: str, ready: list[Duty], at: datetime) -> None:
        for duty in ready:
            path = f"/api/v1/obligations/{duty['id']}/fulfilment"
            await self._who(unit).post("rectification", path, papers.fulfilment(duty), at=at)
        read = at.astimezone(self._zone).date()
        back = [duty for duty in ready if self._owed.manner(duty, read).returned and "again" not in duty]
        if back:
            self._then(unit, at + RETURNED_AFTER, self._send_back, back)
        self._then(unit, at + ACCEPTED_AFTER, self._accept, [duty for duty in ready if duty not in back])

    async def _send_back(self, unit: str, handed_in: list[Duty], at: datetime) -> None:
        """The office finds it too thin; the unit does it again the next working day."""
        for duty in handed_in:
            path = f"/api/v1/obligations/{duty['id']}/return"
            await self._house.person("approver").post("rectification", path, {"reasons": UNREAD}, at=at)
        day = self._calendar.add_working_days(at.astimezone(self._zone).date(), 1)
        again = [duty | {"again": True} for duty in handed_in]
        self._then(unit, self._at(day, self._owed.opens), self._hand_in, again)

    async def _accept(self, unit: str, handed_in: list[Duty], at: datetime) -> None:
        """It was read: a unit's by the office, the office's own by the approver."""
        reader = self._house.person("approver" if unit == OFFICE else "office")
        for duty in handed_in:
            await reader.post("rectification", f"/api/v1/obligations/{duty['id']}/acceptance", at=at)

    async def _inspect(self, unit: str, at: datetime) -> None:
        """The unit's own covert inspection of the quarter; the record meets the duty."""
        await self._who(unit).post("intake", "/api/v1/inspections", papers.covert(unit, at), at=at)


def openings(programme: Programme, first: date, last: date, *, office: bool = False) -> list[date]:
    """The days on which units (and the office) are told of a duty, each once."""
    told = (one for one in programme.obligations if office or not one.who.office)
    return sorted({period.opens for one in told for period in one.when.opening(first, last)})
