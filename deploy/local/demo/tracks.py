"""What is not simply solved within its period: a plan with its promise, an explanation, an extension (R2, R3, R8)."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from deploy.local.demo import papers
from deploy.local.demo.http import House
from deploy.local.demo.script import Matter
from deploy.local.demo.stage import Stage
from shared.calendar import WorkingCalendar
from shared.programme import Programme

PLANNED, EXPLAINED = "planned", "explained"


def steps_of(planned: int) -> tuple[int, int, int]:
    """Working days after the plan on which its two milestones are due and done, and until the promised day.

    planned: the working days that the programme gives a plan (60: 12, 30, 40).
    """
    return planned // 5, planned // 2, planned * 2 // 3


class Tracks:
    """Acts of a unit and the office on one case, in order, as acts of the case's group `who`."""

    def __init__(self, stage: Stage, house: House, programme: Callable[[], Programme]) -> None:
        # Asked each time: the days off of a year may be published while the play goes on.
        self._stage, self._house, self._programme = stage, house, programme
        self._zone = programme().zone

    @property
    def _calendar(self) -> WorkingCalendar:
        return self._programme().working_calendar

    def begin(self, number: str, matter: Matter, who: str, at: datetime) -> None:
        """The unit accepted the case: what it will ask for or plan, from the next day on."""
        if matter.track == PLANNED:
            self._stage.plan(at + timedelta(days=1), who, partial(self._plan, number, matter, who))
        if matter.extension:
            self._stage.plan(at + timedelta(days=7), who, partial(self._ask_extension, number, matter, who))

    async def explain(self, number: str, matter: Matter, who: str, at: datetime) -> None:
        """The unit explains in place of solving; the office approves it the same day."""
        handler = self._house.person("handler", unit=matter.lead_unit)
        body = papers.explanation(matter)
        await handler.post("rectification", f"/api/v1/cases/{number}/explanation", body, at=at)
        self._stage.plan(at + timedelta(hours=4), who, partial(self._approve, number))

    async def _approve(self, number: str, at: datetime) -> None:
        path = f"/api/v1/cases/{number}/explanation/approval"
        await self._house.person("office").post("rectification", path, at=at)

    async def _plan(self, number: str, matter: Matter, who: str, at: datetime) -> None:
        """Plan and written promise, filed the next day; then the milestones, and whether the promise was kept."""
        today = self._calendar.local_date(at)
        days = [
            self._calendar.add_working_days(today, after) for after in steps_of(self._programme().deadlines.planned)
        ]
        body = papers.plan(matter, days)
        handler = self._house.person("handler", unit=matter.lead_unit)
        await handler.post("rectification", f"/api/v1/cases/{number}/plan", body, at=at)
        self._stage.plan(at + timedelta(days=1), who, partial(self._file, number))
        done = [datetime.combine(day, time(15), tzinfo=self._zone) for day in days]
        for n, when in enumerate(done[:-1], 1):
            self._stage.plan(when, who, partial(self._complete, number, matter, n))
        self._stage.plan(done[-1] + timedelta(days=4), who, partial(self._inspect, number, matter))

    async def _file(self, number: str, at: datetime) -> None:
        path = f"/api/v1/cases/{number}/plan/filing"
        await self._house.person("office").post("rectification", path, at=at)

    async def _complete(self, number: str, matter: Matter, n: int, at: datetime) -> None:
        path = f"/api/v1/cases/{number}/milestones/{n}/completion"
        body = {"evidence": [f"进度照片-{matter.ticket}-{n}"]}
        await self._house.person("handler", unit=matter.lead_unit).post("rectification", path, body, at=at)

    async def _inspect(self, number: str, matter: Matter, at: datetime) -> None:
        """The inspector finds the promise in the register and looks whether it was kept."""
        inspector = self._house.person("inspector")
        for promise in await inspector.every("rectification", "/api/v1/commitments", unit=matter.lead_unit):
            if promise["case"] == number:
                path = f"/api/v1/commitments/{promise['commitment']}/inspection"
                await inspector.post("rectification", path, papers.promise_inspection(matter), at=at)

    async def _ask_extension(self, number: str, matter: Matter, who: str, at: datetime) -> None:
        body: dict[str, Any] = {"days": matter.extension, "reasons": "需会同有关部门调取档案核查，无法在原期限内办结"}
        handler = self._house.person("handler", unit=matter.lead_unit)
        await handler.post("rectification", f"/api/v1/cases/{number}/extension", body, at=at)
        self._stage.plan(at + timedelta(days=1), who, partial(self._grant, number))

    async def _grant(self, number: str, at: datetime) -> None:
        body = {"granted": True, "reasons": "情况属实，同意延期"}
        await self._house.person("office").post("rectification", f"/api/v1/cases/{number}/decision", body, at=at)
