"""Duties and their periods: over year ends, leap days, the Spring Festival; pure (R9)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rectification.domain.case import Signature
from services.rectification.domain.obligation import (
    Duty,
    Handing,
    State,
    accept,
    announced,
    deadline_after_return,
    deadline_of,
    hand_in,
    missed,
    send_back,
)
from services.rectification.domain.rules import Rules
from shared.errors import Refusal
from shared.programme import load
from shared.programme.obligations import Label, Obligation, Period, When, Who
from tests.unit.rectification.world import local

RULES = Rules.of(load("window-units"))
OFFICER = Signature("officer-1")


def duty(by: str = "2026-01-30", **changes: object) -> Duty:
    whole = Obligation(
        key="plan", label=Label(zh="方案", en="Plan"), who=Who(every_unit=True), when=When(quarterly=0), document=False
    )
    day = date.fromisoformat(by)
    made = announced(RULES, whole, Period("2026", date(day.year, 1, 1), day), "unit-a")
    return replace(made, **changes)  # type: ignore[arg-type]


def handing(at: str) -> Handing:
    return Handing(local(at), "handler-a", {})


@pytest.mark.parametrize(
    ("when", "year", "expected"),
    [
        ({"by": "01-30"}, 2026, [("2026", "2026-01-01", "2026-01-30")]),
        ({"by": "12-31", "opens": "10-01"}, 2026, [("2026", "2026-10-01", "2026-12-31")]),
        ({"by": "+1 01-20", "opens": "12-01"}, 2026, [("2026", "2026-12-01", "2027-01-20")]),
        ({"annual": 60}, 2027, [("2027", "2028-01-01", "2028-02-29")]),  # a leap day is a day
        ({"annual": 60}, 2026, [("2026", "2027-01-01", "2027-03-01")]),
        ({"half_yearly": 10}, 2026, [("2026-H1", "2026-07-01", "2026-07-10"), ("2026-H2", "2027-01-01", "2027-01-10")]),
    ],
)
def test_r9_periods_by_their_rhythm(when: dict[str, object], year: int, expected: list[tuple[str, str, str]]) -> None:
    found = When.model_validate(when).periods(year)
    assert [(p.key, str(p.opens), str(p.by)) for p in found] == expected


def test_r9_a_months_duty_is_due_on_a_day_of_the_next_month_over_the_years_end() -> None:
    found = When(monthly=10).periods(2026)
    assert (found[0].key, str(found[0].opens), str(found[0].by)) == ("2026-01", "2026-02-01", "2026-02-10")
    assert (found[11].key, str(found[11].opens), str(found[11].by)) == ("2026-12", "2027-01-01", "2027-01-10")


def test_r9_a_quarters_duty_within_it_opens_at_its_beginning_one_about_it_after_its_end() -> None:
    within, about = When(quarterly=0).periods(2028)[0], When(quarterly=10).periods(2028)[0]
    assert (str(within.opens), str(within.by)) == ("2028-01-01", "2028-03-31")
    assert (str(about.opens), str(about.by)) == ("2028-04-01", "2028-04-10")


RHYTHMS = st.sampled_from(
    [
        When(monthly=28),
        When(quarterly=0),
        When(quarterly=15),
        When(half_yearly=10),
        When(annual=20),
        When.model_validate({"by": "+1 01-15", "opens": "11-01"}),
    ]
)


@given(RHYTHMS, st.lists(st.integers(1, 400), min_size=1, max_size=12))
def test_r9_however_the_clock_jumps_each_period_opens_once(when: When, jumps: list[int]) -> None:
    day = start = date(2026, 1, 1)
    found: list[Period] = []
    for days in jumps:
        until = day + timedelta(days)
        found += when.opening(day + timedelta(1), until)
        day = until
    assert found == list(when.opening(start + timedelta(1), day))
    assert len(found) == len({p.key for p in found})


@pytest.mark.parametrize(
    ("by", "due"),
    [
        ("2026-01-10", "2026-01-12"),  # a Saturday
        ("2026-02-14", "2026-02-14"),  # a Saturday that is worked before the Spring Festival
        ("2026-02-15", "2026-02-24"),  # the festival: 15 to 23 February are off
        ("2026-10-01", "2026-10-08"),
    ],
)
def test_r9_a_date_on_a_day_off_rolls_and_a_make_up_workday_does_not(by: str, due: str) -> None:
    made = duty(by)
    assert str(made.due) == due
    assert made.expires_at == RULES.calendar.end_of(made.due)
    assert deadline_of(RULES, made).due == made.due


def test_r9_a_year_without_calendar_is_provisional() -> None:
    assert not duty("2026-06-30").provisional
    assert duty("2027-06-30").provisional


def test_r9_by_is_inclusive() -> None:
    assert not hand_in(duty(), handing("2026-01-30 23:59")).late
    assert hand_in(duty(), handing("2026-01-31 00:00")).late


def test_r9_missed_once_and_not_while_something_stands() -> None:
    at = duty().expires_at
    first = missed(duty(), at)
    assert (first.missed_at, missed(first, at + timedelta(9))) == (at, first)
    standing = hand_in(duty(), handing("2026-01-20 10:00"))
    assert missed(standing, at) is standing


def test_r9_a_return_within_the_period_keeps_the_date_and_the_steps_that_fired() -> None:
    back = send_back(RULES, hand_in(duty(), handing("2026-01-27 10:00")), ("空",), OFFICER, local("2026-01-28 10:00"))
    assert (back.state, back.missed_at) == (State.RETURNED, None)
    again = deadline_after_return(RULES, back, ("warning_3",), local("2026-01-28 10:00"))
    assert (again.due, again.fired) == (back.due, ("warning_3",))


def test_r9_a_return_after_the_due_day_makes_it_missed_and_gives_the_rework_period() -> None:
    at = local("2026-02-03 10:00")
    back = send_back(RULES, hand_in(duty(), handing("2026-01-27 10:00")), ("空",), OFFICER, at)
    assert back.missed_at == at
    again = deadline_after_return(RULES, back, ("warning_3",), at)
    assert (str(again.due), again.fired) == ("2026-02-10", ())


def test_r9_a_return_says_why_and_nothing_is_judged_that_was_not_handed_in() -> None:
    with pytest.raises(Refusal, match="return without reasons"):
        send_back(RULES, hand_in(duty(), handing("2026-01-27 10:00")), (" ",), OFFICER, local("2026-01-28 10:00"))
    with pytest.raises(Refusal, match="is open"):
        accept(duty(), OFFICER, local("2026-01-28 10:00"))


def test_r9_an_action_dated_before_the_duty_came_to_the_unit_is_refused() -> None:
    with pytest.raises(Refusal, match="lies before"):
        hand_in(duty(), handing("2025-12-31 10:00"))
