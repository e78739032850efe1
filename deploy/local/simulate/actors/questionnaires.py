"""Questionnaires (S8, S9): opened in their days, codes for people whom each unit served, answered; one annulled.

A code answers once. Of a unit that too few have answered about there is no value, and it is not ranked.
"""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.ending import ending, refused, thought_of
from deploy.local.simulate.world import World
from shared.programme import CycleDates
from shared.programme.questionnaire import Question, Questionnaire

MORE = 2
"""Answers beyond the least."""
BEFORE_THE_END = timedelta(days=20)


class Questionnaires:
    """The office that asks, people who answer, and the leader who annuls one that went to the wrong people."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan every questionnaire that enters a score, in every cycle."""
        world = self._world
        for cycle in world.cycles:
            for asked in world.programme.questionnaires:
                units = self._about(asked.key)
                if units:
                    who = f"questionnaire {asked.key} of {cycle.name}"
                    world.plan(world.at(self._day(cycle, asked.key), 9), who, self._opened, cycle, asked, units, who)
                    world.plan(world.at(ending(world, cycle).follows, 14), who, self._reported, cycle, asked)

    def _about(self, key: str) -> list[CastUnit]:
        """The units in whose score it enters."""
        world = self._world
        daily = world.programme.points.questionnaire
        if daily is not None and daily.key == key:
            return list(world.cast.units)
        parts = [one for one in world.programme.composite if one.is_computed and one.questionnaire == key]
        return [one for one in world.cast.units if any(part.counts_for(one.category) for part in parts)]

    def _day(self, cycle: CycleDates, key: str) -> date:
        """A working day of its round, else some weeks before the cycle closes."""
        window = self._world.programme.questionnaire_window(key)
        first, last = window.on(cycle.opens.year) if window else (cycle.opens, cycle.closes)
        return self._world.roll(max(first, last - BEFORE_THE_END))

    async def _opened(
        self, cycle: CycleDates, asked: Questionnaire, units: list[CastUnit], who: str, at: datetime
    ) -> None:
        path = f"/api/v1/cycles/{cycle.name}/questionnaires/{asked.key}"
        office = self._world.person("office")
        await office.post("scoring", f"{path}/opening", at=at)
        for number, unit in enumerate(units):
            when = self._world.same_day(at, 20 + number)
            self._world.plan(when, f"{who} {unit.key}", self._answered, cycle, asked, unit, path)

    async def _answered(self, cycle: CycleDates, asked: Questionnaire, unit: CastUnit, path: str, at: datetime) -> None:
        """People answer about a unit; one sends his answer twice, one tries to change it."""
        world = self._world
        body = {"unit": unit.key, "count": asked.least + MORE}
        issued = await world.person("clerk").post("scoring", f"{path}/codes", body, at=at)
        given = [
            {"code": code, "answers": self._answers(asked, unit, cycle.name, number)}
            for number, code in enumerate(issued["texts"])
        ]
        async with asyncio.TaskGroup() as group:
            for one in given:
                group.create_task(self._send(one, at))
        if unit.key != world.cast.worst:
            return
        again = await self._send(given[0], at)
        other = next(one["answers"] for one in given if one["answers"] != given[0]["answers"])
        changing = self._send(given[0] | {"answers": other}, at)
        if again["state"] == "repeated" and await refused(409, changing):
            world.saw("questionnaire", f"{cycle.name} {asked.label.zh}：重发算同一份，一码只答一次")

    async def _reported(self, cycle: CycleDates, asked: Questionnaire, at: datetime) -> None:
        """Anybody reads what was answered, after the publication."""
        path = f"/api/v1/cycles/{cycle.name}/questionnaires/{asked.key}"
        report = await self._world.anybody().get("scoring", path, limit=500)
        for one in report["items"]:
            says = f"{cycle.name} {asked.label.zh} {one['unit']}：{one['answers']}份答卷，得分{one['score']}"
            self._world.saw("questionnaire", says)

    async def _send(self, given: dict[str, Any], at: datetime) -> dict[str, Any]:
        return dict(await self._world.anybody().post("scoring", "/api/v1/questionnaire-answers", given, at=at))

    def _answers(self, asked: Questionnaire, unit: CastUnit, *words: object) -> dict[str, Any]:
        chance = self._world.chance("answer", asked.key, unit.key, *words)
        liking = thought_of(self._world, unit)
        found: dict[str, Any] = {}
        for question in asked.questions:
            felt = liking + chance.gauss(0, 0.15)
            if question.kind == "text":
                found[question.key] = f"希望{unit.name}公开办理进度。"
                continue
            keys = self._choices(question)
            key = keys[0] if felt >= 0.62 else keys[min(1, len(keys) - 1)] if felt >= 0.38 else keys[-1]
            found[question.key] = [key] if question.kind == "multiple" else key
        return found

    def _choices(self, question: Question) -> list[str]:
        """What may be chosen and counts, the best first."""
        if question.kind == "grade":
            return [grade.key for grade in self._world.programme.grades]
        marked = [one for one in question.options if one.mark is not None]
        return [one.key for one in sorted(marked or question.options, key=lambda one: -(one.mark or 0))]
