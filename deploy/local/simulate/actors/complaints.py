"""Petitioners, hotlines, clerk, approver and handlers: what is reported all through the years, and how each goes.

How often a unit is late, empty or careless follows from its diligence; each way a case can go is met at least once.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from deploy.local.demo.casework import Casework
from deploy.local.demo.script import HOTLINE_CHANNELS, Matter, Script
from deploy.local.demo.tracks import Tracks, steps_of
from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.world import World
from shared.programme.parts import Topic

A_YEAR = 5
"""Reports about a unit in a year, on the average; the worst gets twice as many."""

FIRST_AFTER, LAST_BEFORE = 3, 20
"""Days of a span on which nothing is reported: after its beginning, before the last daily window closes."""

ANSWERS = ("very_satisfied", "satisfied", "satisfied", "basically_satisfied")
STORIES = (
    "去{unit}办事，{what}，来回跑了{n}趟仍没有结果。",
    "向{unit}反映{what}已{n}天，没有人答复。",
    "{unit}在办理中存在{what}的情况，同去的{n}个人都遇到了。",
    "上次去{unit}，{what}，请核实处理，已是第{n}次反映。",
)
EMPTY_WORDS = "已高度重视，将进一步加强管理，提高认识。"

PLANNED = 4
"""Of twelve matters this one needs conditions: a plan and a promise."""


class Complaints:
    """Makes the matters of all years from programme and seed; the demo's casework plays them."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan every report."""
        world, cycle = self._world, self._world.cycles[0]
        matters = sorted(self._matters(), key=lambda matter: (matter.reported_at, matter.row))
        script = Script(cycle.name, tuple(matters), (), world.starts, world.ends, cycle.publish_by)
        tracks = Tracks(world.stage, world.house, lambda: world.programme)
        Casework(world.stage, world.house, world.hotline, tracks, script)

    def _matters(self) -> Iterator[Matter]:
        world = self._world
        channels = [one for one in world.programme.channels if not one.requires and not one.verification]
        channels = [one for one in channels if one.identity == "vault"]
        first = min(one.opens for one in world.cycles) + timedelta(days=FIRST_AFTER)
        last = max(one.closes for one in world.cycles) - timedelta(days=LAST_BEFORE)
        row = 0
        for unit in world.cast.units:
            chance = world.chance("complaints", unit.key)
            number = round(A_YEAR * (last - first).days / 365) * (2 if unit.key == world.cast.worst else 1)
            for _ in range(max(1, number)):
                row += 1
                day = first + timedelta(days=chance.randrange((last - first).days))
                planned = row % 12 == PLANNED  # such a matter came by a channel whose matters may be planned (R2)
                fit = [one for one in channels if not planned or world.programme.may_take("planned", one.key)]
                channel = chance.choice(fit).key
                matter = self._matter(row, unit, channel, self._moment(day, chance), chance)
                yield self._fate(row, matter, unit, chance)
                if row % 11 == 3:  # somebody else with the very same matter: linked, never merged
                    later = matter.reported_at + timedelta(days=2)
                    yield replace(matter, ticket=f"{matter.ticket}-B", reported_at=later, row=row + 10_000)

    def _moment(self, day: date, chance: Random) -> datetime:
        return datetime.combine(
            day, time(chance.randrange(8, 18), chance.randrange(60)), tzinfo=self._world.programme.zone
        )

    def _matter(self, row: int, unit: CastUnit, channel: str, at: datetime, chance: Random) -> Matter:
        topic: Topic = chance.choice(self._world.programme.topics)
        words = topic.keywords or (topic.label.zh,)
        text = chance.choice(STORIES).format(unit=unit.name, what=chance.choice(words), n=chance.randrange(2, 30))
        phone = f"1380000{row % 10_000:04d}"
        return Matter(
            row=row, ticket=f"T{row:05d}", by_bus=channel in HOTLINE_CHANNELS, channel=channel,
            title=f"{unit.name}{topic.label.zh}", text=f"{text}（编号{row}）", reported_at=at,
            identity={"name": f"来访人{row}", "phone": phone} if chance.random() < 0.8 else {},
            unit=unit.key, lead_unit=unit.key, topic=topic.key, solved_at=None, reply="已核实处理，感谢监督。",
        )  # fmt: skip

    def _fate(self, row: int, matter: Matter, unit: CastUnit, chance: Random) -> Matter:
        """How it goes: every way is met once in a dozen rows, the rest follows the unit's diligence."""
        world = self._world
        calls: tuple[str, ...] = (chance.choice(ANSWERS),)
        if not matter.identity:
            calls = ("not_reached",)
        in_time = chance.random() < unit.diligence
        days = chance.randrange(3, 12) if in_time else chance.randrange(17, 45)
        done = world.after(world.day(matter.reported_at), days)
        solved = world.at(done, 10, row % 60)
        promised = steps_of(world.programme.deadlines.planned)[-1]
        much_later = world.at(world.after(world.day(matter.reported_at), promised + 6), 10, row % 60)
        extended = world.at(world.after(world.day(matter.reported_at), 20), 10, row % 60)
        matter = replace(matter, callbacks=calls, solved_at=solved, misconduct=chance.random() < 0.15)
        match row % 12:
            case 1:
                bad = ("dissatisfied", "very_dissatisfied")[row // 12 % 2]
                return replace(matter, callbacks=(bad, "basically_satisfied"))
            case 2:
                return replace(matter, screening="outside_jurisdiction", solved_at=None)
            case 4:
                promise = ("kept", "broken", "late")[row // 12 % 3]
                return replace(matter, track="planned", promise=promise, solved_at=much_later)
            case 5:
                return replace(matter, track="explained")
            case 6:
                return replace(matter, solved_at=None)
            case 7:
                return replace(matter, returned_once=True, reply=EMPTY_WORDS)
            case 8:
                return replace(matter, extension=10, solved_at=extended)
            case 9:
                return replace(matter, callbacks=("not_reached",))
            case 10:
                return replace(matter, screening="unfounded", solved_at=None)
        return matter
