"""The simulated clock: it moves forward only, and each move counts once."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import ClockEntry, SimulatedClock, SystemClock
from shared.errors import Refusal

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
WEEK = timedelta(days=7)


def entry(revision: int, now: datetime = NOON) -> ClockEntry:
    """An entry whose window is a week."""
    return ClockEntry(now=now, horizon=now + WEEK, revision=revision)


def test_the_system_clock_gives_aware_utc_and_dates_actions_itself() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(0)
    assert abs(clock.at(None) - clock.now()) < timedelta(seconds=5)
    with pytest.raises(Refusal, match="dated by the server"):
        clock.at(NOON)


def test_the_first_entry_may_lie_anywhere_later_ones_never_go_back() -> None:
    clock = SimulatedClock()
    assert clock.move(entry(1, NOON - timedelta(days=3650)))
    assert clock.now() == NOON - timedelta(days=3650)
    clock.move(entry(2, NOON))
    clock.move(entry(3, NOON - WEEK))
    assert clock.now() == NOON


def test_an_entry_seen_twice_or_late_moves_nothing() -> None:
    clock = SimulatedClock()
    clock.move(entry(5))
    assert not clock.move(entry(5, NOON + WEEK)) and not clock.move(entry(4, NOON + WEEK))
    assert (clock.now(), clock.revision) == (NOON, 5)


def test_an_action_may_be_dated_in_any_zone_and_is_kept_in_utc() -> None:
    clock = SimulatedClock()
    clock.move(entry(1))
    local = (NOON + WEEK).astimezone(timezone(timedelta(hours=8)))
    assert clock.at(local) == NOON + WEEK and clock.at(local).utcoffset() == timedelta(0)
    with pytest.raises(Refusal, match="outside the window"):
        clock.at(local + timedelta(microseconds=1))


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(-1000, 1000)), max_size=20))
def test_whatever_entries_come_in_whatever_order_time_and_revision_never_go_back(moves: list[tuple[int, int]]) -> None:
    clock = SimulatedClock()
    clock.move(entry(1))
    for revision, hours in moves:
        before = (clock.revision, clock.now())
        clock.move(entry(revision, NOON + timedelta(hours=hours)))
        assert clock.revision >= before[0] and clock.now() >= before[1]
