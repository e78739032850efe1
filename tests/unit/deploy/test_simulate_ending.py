"""A cycle's end as the simulated people arrange it: its days, who canvasses, what is thought of whom."""

import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest

from deploy.local.simulate.cast import cast as cast_of
from deploy.local.simulate.ending import canvasser, ending, mark, scope, scopes, thought_of, voted_on
from deploy.local.simulate.gathering import changed
from deploy.local.simulate.play import cycles_of
from deploy.local.simulate.world import World
from shared.programme import load

PROGRAMMES = ("window-units", "provincial-bureau", "county", "culture-bureau", "integrity-drive")
NOBODY = cast(Any, None)


def world_of(key: str, years: int = 2) -> World:
    """A world in which nobody acts."""
    programme = load(key)
    cycles = cycles_of(programme, 2026, years)
    starts = datetime(2026, 1, 1, tzinfo=UTC)
    return World(
        programme, cast_of(programme, 2026), 2026, cycles, starts, starts, NOBODY, NOBODY, NOBODY, NOBODY, NOBODY
    )


@pytest.mark.parametrize("key", PROGRAMMES)
def test_every_cycle_ends_in_order_on_working_days_before_its_publication_is_due(key: str) -> None:
    world = world_of(key)
    for cycle in world.cycles:
        days = ending(world, cycle)
        order = [days.closing, days.values, days.ranking, days.published, days.follows]
        assert order == sorted(order) and cycle.closes < days.closing
        assert all(world.roll(day) == day for day in order)
        assert days.published <= world.roll(cycle.publish_by)
        if voted_on(world):
            assert days.meeting is not None and cycle.meeting_opens is not None and cycle.meeting_closes is not None
            assert cycle.meeting_opens <= days.meeting <= cycle.meeting_closes
            assert days.closing < days.meeting - timedelta(days=1), "the evening before, the cycle is closed"


@pytest.mark.parametrize("key", PROGRAMMES)
def test_what_others_file_is_reviewed_before_the_ranking(key: str) -> None:
    world = world_of(key)
    for cycle in world.cycles:
        for rule in world.programme.rollup.takes:
            late = world.after(rule.by.on(cycle.opens.year), 1)
            assert late < ending(world, cycle).ranking


@pytest.mark.parametrize("key", PROGRAMMES)
def test_the_worst_is_thought_least_of_and_nobody_canvasses_in_its_scope(key: str) -> None:
    world = world_of(key)
    worst = world.cast.unit(world.cast.worst)
    others = [one for one in world.cast.units if one is not worst]
    assert all(thought_of(world, worst) < thought_of(world, one) for one in others)
    assert mark(world, worst, "panel") < 80 <= min(mark(world, one, "panel") for one in others if one.standing > 0.5)
    who = canvasser(world)
    asked = any(rule.when.canvassing for rule in world.programme.consequences)
    assert (who is not None) == asked
    assert who is None or scope(world, who) != scope(world, worst)


def test_of_two_units_at_the_end_of_another_scope_nobody_can_say_which_is_the_worse() -> None:
    world = world_of("window-units")
    doubtful = [one for one in world.cast.units if 0.4 < thought_of(world, one) < 0.5]
    assert len(doubtful) == 2 and len({scope(world, one) for one in doubtful}) == 1
    assert len(scopes(world)[scope(world, doubtful[0])]) > 2


def test_a_bundle_with_one_blank_more_is_another_bundle() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("tally.json", b"{}")
        made.writestr("rules.json", b"{}")
    with zipfile.ZipFile(io.BytesIO(changed(target.getvalue()))) as found:
        assert {name: found.read(name) for name in found.namelist()} == {"tally.json": b"{} ", "rules.json": b"{}"}


def test_a_mark_of_the_same_seed_is_the_same() -> None:
    first, second = world_of("county"), world_of("county")
    unit = first.cast.units[0]
    assert mark(first, unit, "june", date(2026, 6, 1)) == mark(second, unit, "june", date(2026, 6, 1))
