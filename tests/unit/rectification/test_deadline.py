"""Deadlines: set once, every step once, nothing before its time (R3, R4)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rectification.domain.deadline import Deadline, begin, count_anew, fire, next_step, steps
from services.rectification.domain.escalation import Kind, Phase, ladder
from services.rectification.domain.rules import Rules
from shared.calendar import OfficialYear, WorkingCalendar
from shared.programme.loader import load
from shared.programme.schema import Escalation
from tests.unit.rectification.world import local

RULES = Rules.of(load("window-units"))


def solve(at: str = "2026-03-02 10:00", days: int = 15) -> Deadline:
    return begin(RULES, "2026-000001", Kind.SOLVE, local(at), days)


def test_day_one_is_the_day_after_the_approval_and_the_last_ends_at_midnight() -> None:
    deadline = solve()
    assert deadline.due == date(2026, 3, 23)
    assert deadline.expires_at == local("2026-03-24 00:00")
    assert not deadline.provisional


def test_an_approval_just_before_midnight_counts_from_that_local_day() -> None:
    assert solve("2026-03-02 23:59").due == date(2026, 3, 23)
    assert solve("2026-03-03 00:00").due == date(2026, 3, 24)


def test_a_make_up_workday_counts_and_the_festival_does_not() -> None:
    # Spring festival 2026: 15–23 February off, Saturdays 14 and 28 February worked.
    assert solve("2026-02-13 10:00", 3).due == date(2026, 2, 25)


def test_steps_stand_at_the_start_of_the_office_day_and_the_expiry_at_midnight() -> None:
    found = {s.name: (s.phase, s.at) for s in steps(RULES, solve(), assigned=True)}
    assert found == {
        "warning_3": (Phase.APPROACHING, local("2026-03-18 09:00")),
        "warning_1": (Phase.APPROACHING, local("2026-03-20 09:00")),
        "expired": (Phase.PASSED, local("2026-03-24 00:00")),
        "escalation_3": (Phase.ESCALATED, local("2026-03-26 09:00")),
        "escalation_7": (Phase.ESCALATED, local("2026-04-01 09:00")),
    }


def test_who_is_told_climbs_and_the_main_leader_hears_of_a_case_nobody_took() -> None:
    told = {r.name: r.tells for r in ladder(RULES, Kind.SOLVE, assigned=True)}
    assert told["warning_3"] == ("handler",)
    assert told["expired"] == ("handler", "main_leader")
    assert told["escalation_3"] == ("superior",)
    assert told["escalation_7"] == ("leading_group",)
    unassigned = {r.name: r.tells for r in ladder(RULES, Kind.SOLVE, assigned=False)}
    assert unassigned["warning_3"] == ("handler", "main_leader")


def test_a_programme_without_a_level_at_expiry_still_tells_the_main_leader() -> None:
    programme = RULES.programme.model_copy(update={"escalation": (Escalation(days=3, tells=("superior",)),)})
    names = {r.name: r.tells for r in ladder(replace(RULES, programme=programme), Kind.SOLVE, assigned=True)}
    assert names["expired"] == ("main_leader",)


def test_the_callback_is_the_offices_own_deadline() -> None:
    (only,) = ladder(RULES, Kind.CALLBACK, assigned=True)
    assert (only.name, only.tells) == ("expired", ("office",))


def test_warnings_that_lie_before_the_start_are_skipped() -> None:
    names = [s.name for s in steps(RULES, solve(days=2), assigned=True)]
    assert names == ["warning_1", "expired", "escalation_3", "escalation_7"]
    # A period of one day: the warning would lie at 09:00 of the starting day, which is over at 10:00.
    assert steps(RULES, solve(days=1), assigned=True)[0].name == "expired"
    assert steps(RULES, solve("2026-03-02 08:00", 1), assigned=True)[0].name == "warning_1"


def fire_all(deadline: Deadline, at: datetime) -> tuple[Deadline, list[str]]:
    """What a tick does with one deadline."""
    fired = []
    while (step := next_step(RULES, deadline, assigned=True)) and step.at <= at:
        deadline = fire(deadline, step)
        fired.append(step.name)
    return deadline, fired


@given(st.lists(st.integers(-24 * 40, 24 * 60), max_size=30), st.integers(0, 400), st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_each_step_fires_exactly_once_however_the_clock_jumps(hours: list[int], day: int, days: int) -> None:
    deadline = solve((date(2025, 1, 1) + timedelta(day)).isoformat() + " 11:00", days)
    whole = steps(RULES, deadline, assigned=True)
    fired: list[str] = []
    latest = deadline.started_at
    for offset in hours:
        at = deadline.expires_at + timedelta(hours=offset)
        deadline, now = fire_all(deadline, at)
        fired += now
        latest = max(latest, at)
    assert fired == [s.name for s in whole if s.at <= latest]


def newly_published(deadline: Deadline, year: OfficialYear) -> tuple[Rules, Deadline]:
    rules = replace(RULES, calendar=WorkingCalendar(RULES.calendar.zone, (year,)))
    return rules, count_anew(rules, deadline)


def test_a_date_that_reaches_into_a_year_without_calendar_is_provisional_and_counted_anew() -> None:
    deadline = begin(RULES, "x", Kind.SOLVE, local("2049-12-20 10:00"), 15)
    assert deadline.provisional
    off = tuple(date(2050, 1, d) for d in range(1, 8))
    rules, anew = newly_published(
        replace(deadline, provisional=True),
        OfficialYear(2050, off),
    )
    assert anew.due > deadline.due
    assert anew.expires_at == rules.calendar.end_of(anew.due)


def test_a_date_counted_anew_never_moves_earlier() -> None:
    deadline = begin(RULES, "x", Kind.SOLVE, local("2049-12-30 10:00"), 15)
    weekends = tuple(date(2050, 1, 1) + timedelta(d) for d in range(31))
    _, anew = newly_published(
        deadline,
        OfficialYear(2050, (date(2050, 1, 1),), make_up=tuple(d for d in weekends if d.weekday() >= 5 and d.day > 1)),
    )
    assert anew.due == deadline.due
    assert anew.expires_at == deadline.expires_at


def test_a_date_counted_anew_revives_no_step_that_fired() -> None:
    deadline = begin(RULES, "x", Kind.SOLVE, local("2049-12-20 10:00"), 15)
    deadline, _ = fire_all(deadline, deadline.expires_at)
    rules, anew = newly_published(deadline, OfficialYear(2050, tuple(date(2050, 1, d) for d in range(1, 12))))
    assert anew.due > deadline.due
    assert anew.fired == ("warning_3", "warning_1", "expired")
    step = next_step(rules, anew, assigned=True)
    assert step and step.name == "escalation_3"


def test_a_settled_date_is_never_counted_anew() -> None:
    deadline = replace(solve(), due=date(2026, 3, 20))
    assert count_anew(RULES, deadline) is deadline


@pytest.mark.parametrize(
    ("closed", "at", "may"),
    [
        ("2026-03-02 10:00", "2026-05-31 23:59", True),  # the 90th day counts
        ("2026-03-02 10:00", "2026-06-01 00:00", False),
    ],
)
def test_a_case_reopens_through_the_ninetieth_day(closed: str, at: str, may: bool) -> None:
    assert RULES.may_reopen(local(closed), local(at)) is may
