"""The end of a cycle as its people arrange it: when what is done, who votes on whom, what is thought of a unit."""

from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from deploy.local.demo.http import Answered
from deploy.local.simulate.cast import CastUnit
from deploy.local.simulate.world import World
from shared.programme import CycleDates
from shared.programme.composite import CompositePart

ONE_DAY = timedelta(days=1)
NEXT_TO_IT = (0.44, 0.46)
"""What people think of two units of which nobody can say which is the worse."""


@dataclass(frozen=True, slots=True)
class Ending:
    """When the cycle is closed, its meeting held (None: nothing is voted on), its values are in, its ranking made."""

    closing: date
    meeting: date | None
    values: date
    ranking: date
    published: date
    follows: date
    """From this day on people act on the result: it is public by then, and corrected where it was wrong."""


def ending(world: World, cycle: CycleDates) -> Ending:
    """The days of a cycle's end; all of them working days before its publication is due."""
    closing = world.roll(cycle.closes + ONE_DAY)
    meeting = None
    if cycle.meeting_opens is not None and voted_on(world):
        meeting = world.after(max(cycle.meeting_opens, closing), 3)
    last = max([closing, *([world.after(meeting, 2)] if meeting else []), *filed_by(world, cycle)])
    ranking = world.after(last, 1)
    return Ending(closing, meeting, last, ranking, world.after(ranking, 1), world.after(ranking, 3))


async def is_public(world: World, cycle: CycleDates) -> bool:
    """Whether the cycle's result is published."""
    found = await world.person("office").get("scoring", f"/api/v1/cycles/{cycle.name}/publication")
    return bool(found["public"])


def filed_by(world: World, cycle: CycleDates) -> list[date]:
    """The last days on which other offices file their results with this one, those of the late ones."""
    return [world.after(rule.by.on(cycle.opens.year), 1) for rule in world.programme.rollup.takes]


def voted_on(world: World) -> list[CastUnit]:
    """The units whose score has the meeting's vote in it."""
    parts = {one.key: world.programme.parts_of(one.category) for one in world.cast.units}
    return [one for one in world.cast.units if any(part.is_of == "concentrated" for part in parts[one.key])]


def scored_by(world: World, part: CompositePart) -> list[CastUnit]:
    """The units whose score this is a part of."""
    return [one for one in world.cast.units if part.counts_for(one.category)]


def scope(world: World, unit: CastUnit) -> str:
    """Where it is ranked: `township:青石镇`."""
    return world.programme.scope_of(unit.scope, unit.township, unit.group)


def scopes(world: World) -> dict[str, list[CastUnit]]:
    """The units of each concrete scope."""
    found: dict[str, list[CastUnit]] = {}
    for one in world.cast.units:
        found.setdefault(scope(world, one), []).append(one)
    return found


def elsewhere(world: World) -> list[list[CastUnit]]:
    """The scopes in which the worst unit is not ranked."""
    worst = world.cast.unit(world.cast.worst)
    return [units for key, units in scopes(world).items() if key != scope(world, worst)]


def canvasser(world: World) -> CastUnit | None:
    """The unit of good standing that canvasses, in the last scope; None where the programme does not ask."""
    if not any(rule.when.canvassing for rule in world.programme.consequences):
        return None
    rest = elsewhere(world)
    return max(rest[-1], key=lambda one: one.standing) if rest else None


def thought_of(world: World, unit: CastUnit) -> float:
    """What people think of a unit, 0–1: its standing; two units of another scope are next to each other at its end."""
    rest = elsewhere(world)
    last_two = sorted(rest[0], key=lambda one: one.standing)[:2] if rest and len(rest[0]) > len(NEXT_TO_IT) else []
    for one, felt in zip(last_two, NEXT_TO_IT, strict=False):
        if one.key == unit.key:
            return felt
    return unit.standing


def mark(world: World, unit: CastUnit, *words: object) -> Decimal:
    """What somebody gives it of a hundred: by what is thought of it, and a little by chance; two places."""
    chance = world.chance("mark", unit.key, *words)
    felt = min(1.0, max(0.0, thought_of(world, unit)))
    value = 68 + 31 * felt + chance.uniform(-1.5, 1.5)
    return min(Decimal(100), Decimal(value).quantize(Decimal("0.01")))


async def refused(status: int, doing: Awaitable[Any]) -> bool:
    """Somebody tries what he may not: whether he was refused with this status. Any other refusal is an error."""
    try:
        await doing
    except Answered as answer:
        if answer.status != status:
            raise
        return True
    return False


def firsts(world: World) -> Iterator[tuple[CycleDates, bool, bool]]:
    """Each cycle, whether it is the first of all, and whether it is the last of the first year."""
    year = world.cycles[0].opens.year
    of_first_year = [one for one in world.cycles if one.opens.year == year]
    for one in world.cycles:
        yield one, one == of_first_year[0], one == of_first_year[-1]
