"""The date of a deadline against a second count, day by day, over 2018–2026, with pauses and extensions (R3)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rectification.domain.counting import explain
from services.rectification.domain.deadline import (
    Deadline,
    Pause,
    begin,
    begin_on,
    counted,
    due_of,
    next_step,
    resume,
    stand_still,
    steps,
)
from services.rectification.domain.escalation import Kind, Phase
from services.rectification.domain.rules import Rules
from shared.calendar import OfficialYear, WorkingCalendar
from shared.programme.loader import load
from tests.unit.rectification.world import local

RULES = Rules.of(load("window-units"))
FIRST, LAST = date(2018, 1, 2), date(2026, 6, 30)
Span = tuple[date, date]


def naive(start: date, total: int, spans: list[Span]) -> date:
    """Walk one day after the other; nothing of the function under test is used but what kind of day each day is."""
    day, number = start, 0
    while True:
        day += timedelta(days=1)
        if any(first < day < resumed for first, resumed in spans) or not RULES.calendar.day(day).works:
            continue
        number += 1
        lasting = [resumed for first, resumed in spans if first == day and resumed > day]
        if number == total and not lasting:
            return day
        if number == total:
            number -= 1  # suspended on its last day: that day is not used up


def pauses_of(spans: list[Span]) -> tuple[Pause, ...]:
    return tuple(Pause(local(f"{first} 10:00"), local(f"{resumed} 15:00")) for first, resumed in spans)


@st.composite
def cases(draw: st.DrawFn) -> tuple[date, int, int, list[Span]]:
    start = FIRST + timedelta(days=draw(st.integers(0, (LAST - FIRST).days - 150)))
    days = draw(st.integers(1, 60))
    spans: list[Span] = []
    at = start
    for _ in range(draw(st.integers(0, 3))):
        first = at + timedelta(days=draw(st.integers(0, 30)))
        at = first + timedelta(days=draw(st.integers(0, 30)))
        spans.append((first, at))
    return start, days, draw(st.integers(0, days)), spans


@given(cases())
@settings(max_examples=600, deadline=None)
def test_r3_the_date_is_that_of_a_second_count_day_by_day(case: tuple[date, int, int, list[Span]]) -> None:
    start, days, more, spans = case
    found = due_of(RULES, local(f"{start} 10:00"), days, more, pauses_of(spans))
    assert found.date == naive(start, days + more, spans)
    assert found.expires_at == RULES.calendar.end_of(found.date)


@given(cases())
@settings(max_examples=200, deadline=None)
def test_r3_the_explanation_counts_every_day_and_ends_on_the_date(case: tuple[date, int, int, list[Span]]) -> None:
    start, days, more, spans = case
    begun = begin(RULES, "x", Kind.SOLVE, local(f"{start} 10:00"), days)
    deadline = counted(RULES, replace(begun, extension_days=more, pauses=pauses_of(spans)))
    rows = explain(RULES, deadline).days
    assert rows[-1].date == deadline.due
    assert [row.date for row in rows] == [start + timedelta(days=n + 1) for n in range(len(rows))]
    assert [row.number for row in rows if row.number] == list(range(1, days + more + 1))
    for row in rows:
        assert (row.kind in ("counted", "make_up")) == (row.number is not None)
        if row.kind == "suspended":
            assert any(first < row.date < resumed for first, resumed in spans)
    assert sum(row.extension_begins for row in rows) == (1 if more else 0)


@given(cases())
@settings(max_examples=100, deadline=None)
def test_r3_a_pause_or_an_extension_never_moves_a_date_earlier(case: tuple[date, int, int, list[Span]]) -> None:
    start, days, more, spans = case
    at = local(f"{start} 10:00")
    plain = due_of(RULES, at, days).date
    assert plain <= due_of(RULES, at, days, more).date <= due_of(RULES, at, days, more, pauses_of(spans)).date


@pytest.mark.parametrize(
    ("spans", "due"),
    [
        ([], "2026-03-23"),
        ([("2026-03-04", "2026-03-04")], "2026-03-23"),  # resumed on the same day: nothing lies between
        ([("2026-03-04", "2026-03-05")], "2026-03-23"),
        ([("2026-03-04", "2026-03-06")], "2026-03-24"),  # Thursday lies between
        ([("2026-03-06", "2026-03-09")], "2026-03-23"),  # only a weekend lies between
        ([("2026-03-04", "2026-03-18")], "2026-04-03"),  # nine working days lie between
        ([("2026-03-23", "2026-04-01")], "2026-04-01"),  # on its last day: it ends on the day of resuming
        ([("2026-03-23", "2026-03-28")], "2026-03-30"),  # which was a Saturday
        ([("2026-03-24", "2026-04-20")], "2026-03-23"),  # after it was over
    ],
)
def test_r3_the_first_day_of_a_suspension_and_the_day_of_resuming_count(spans: list[tuple[str, str]], due: str) -> None:
    dated = [(date.fromisoformat(first), date.fromisoformat(resumed)) for first, resumed in spans]
    assert due_of(RULES, local("2026-03-02 10:00"), 15, 0, pauses_of(dated)).date == date.fromisoformat(due)


def test_r3_paused_time_and_extension_are_kept_when_a_calendar_is_published() -> None:
    begun = begin(RULES, "x", Kind.SOLVE, local("2026-12-14 10:00"), 15)
    pause = Pause(local("2026-12-16 10:00"), local("2026-12-22 10:00"))
    before = counted(RULES, replace(begun, extension_days=5, pauses=(pause,)))
    assert before.provisional
    official = OfficialYear(2027, (date(2027, 1, 1), date(2027, 1, 6)))
    rules = replace(RULES, calendar=WorkingCalendar(RULES.calendar.zone, (official,)))
    after = counted(rules, before)
    assert not after.provisional
    # One day off more than was known: everything else is counted as before.
    assert after.due == RULES.calendar.add_working_days(before.due, 1)
    assert after.pauses == (pause,) and after.extension_days == 5


def test_r3_a_date_that_stands_still_has_no_next_step_and_says_so() -> None:
    begun = begin(RULES, "x", Kind.SOLVE, local("2026-03-02 10:00"), 15)
    still = replace(begun, pauses=(Pause(local("2026-03-04 10:00")),))
    assert next_step(RULES, still, assigned=True) is None
    assert counted(RULES, still).due == begun.due
    account = explain(RULES, still)
    assert "中止" in "".join(account.zh) and "stands still" in " ".join(account.en)


def test_r4_a_moved_date_skips_warnings_that_lie_before_and_none_of_the_later_steps() -> None:
    begun = begin(RULES, "x", Kind.SOLVE, local("2026-03-02 10:00"), 15)
    at = local("2026-03-25 10:00")
    late = counted(RULES, replace(begun, extension_days=1, runs_from=at))
    found = {step.name: step.at for step in steps(RULES, late, assigned=True)}
    assert set(found) == {"expired", "escalation_3", "escalation_7"}
    assert found["expired"] == at  # it had passed when the office decided: told at once


def test_r4_escalation_days_do_not_count_while_the_case_stands_still() -> None:
    begun = begin(RULES, "x", Kind.SOLVE, local("2026-03-02 10:00"), 15)
    pause = Pause(local("2026-03-25 15:00"), local("2026-04-13 10:00"))
    resumed = replace(counted(RULES, replace(begun, pauses=(pause,))), fired=("expired",), runs_from=pause.until)
    found = [(s.name, s.at) for s in steps(RULES, resumed, assigned=True, without=resumed.fired)]
    # Due 23 March, two days passed before the suspension, the third is the day of resuming.
    assert found[0] == ("escalation_3", local("2026-04-13 10:00"))
    assert found[1] == ("escalation_7", local("2026-04-17 09:00"))


def test_r4_warnings_and_escalation_lie_at_nine_and_the_expiry_at_midnight() -> None:
    for step in steps(RULES, begin(RULES, "x", Kind.SOLVE, local("2026-03-02 10:00"), 15), assigned=True):
        clock = step.at.astimezone(RULES.calendar.zone).strftime("%H:%M")
        assert clock == ("00:00" if step.phase is Phase.PASSED else "09:00")


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [
        ("2026-03-10 10:00", "2026-03-28 10:00", date(2026, 4, 2)),  # 13 working days lie between
        ("2026-03-16 10:00", "2026-03-28 10:00", date(2026, 3, 30)),  # its last day is not used up
        ("2026-03-17 10:00", "2026-03-28 10:00", date(2026, 3, 16)),  # it had passed
        ("2026-02-27 10:00", "2026-03-02 09:00", date(2026, 3, 16)),  # it had not begun
    ],
)
def test_r3_a_fixed_date_rolls_and_moves_with_a_suspension_as_a_period_does(since: str, until: str, due: date) -> None:
    fixed = begin_on(RULES, "x", Kind.MILESTONE, local("2026-03-02 10:00"), date(2026, 3, 14))
    assert fixed.due == date(2026, 3, 16)
    assert explain(RULES, fixed).days == ()
    again = resume(RULES, stand_still(fixed, local(since)), local(until))
    assert again.due == due
    assert counted(RULES, again).due == due, "counted anew it moves no further"


def test_r3_the_explanation_names_festival_make_up_day_and_extension() -> None:
    begun = begin(RULES, "x", Kind.SOLVE, local("2026-02-12 10:00"), 5)
    deadline: Deadline = counted(RULES, replace(begun, extension_days=2))
    account = explain(RULES, deadline)
    kinds = {row.date: (row.kind, row.name) for row in account.days}
    assert kinds[date(2026, 2, 14)][0] == "make_up"
    assert kinds[date(2026, 2, 17)] == ("holiday", "春节")
    assert next(row.number for row in account.days if row.extension_begins) == 6
    zh, en = "".join(account.zh), " ".join(account.en)
    assert "春节放假" in zh and "调休上班" in zh and "延期2个工作日" in zh and "24时届满" in zh
    assert "worked in place of a day off" in en and "Extended by 2 working days" in en


def test_r3_a_provisional_date_says_that_it_is_counted_anew_and_never_earlier() -> None:
    account = explain(RULES, begin(RULES, "x", Kind.SOLVE, local("2026-12-20 10:00"), 15))
    assert "尚未公布" in account.zh[-1] and "Provisional" in account.en[-1]


def test_r3_a_date_told_earlier_is_kept_and_the_explanation_says_so() -> None:
    begun = begin(RULES, "x", Kind.SOLVE, local("2026-03-02 10:00"), 15)
    kept = replace(begun, due=date(2026, 3, 25), expires_at=datetime(2026, 3, 25, 16, tzinfo=begun.expires_at.tzinfo))
    assert counted(RULES, kept).due == kept.due
    account = explain(RULES, kept)
    assert [row.kind for row in account.days[-2:]] == ["kept", "kept"]
    assert "不提前" in "".join(account.zh)
