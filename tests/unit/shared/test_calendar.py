"""Properties of the working calendar, provisional years, hours, and the explanation."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import DayKind, OfficialYear, WorkingCalendar, explain, explanation
from shared.errors import Refusal
from shared.festivals import FIRST_YEAR, LAST_YEAR, statutory_days_off
from shared.programme import load

CALENDAR = WorkingCalendar()
SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE = timedelta(days=1)
days_of_any_year = st.dates(date(FIRST_YEAR + 1, 1, 1), date(LAST_YEAR - 2, 12, 31))
periods = st.integers(1, 260)


@given(days_of_any_year, periods)
def test_a_period_ends_on_its_last_working_day_and_holds_exactly_that_many(start: date, days: int) -> None:
    due = CALENDAR.due(start, days)
    assert due.days[0].date == start + ONE
    assert due.days[-1].date == due.date
    assert due.days[-1].works
    assert sum(day.works for day in due.days) == days
    assert [b.date - a.date for a, b in zip(due.days, due.days[1:], strict=False)] == [ONE] * (len(due.days) - 1)
    assert due.provisional == any(not CALENDAR.is_official(day.date.year) for day in due.days)
    assert due.expires_at.astimezone(SHANGHAI) == datetime.combine(due.date + ONE, time(0), SHANGHAI)


@given(days_of_any_year, periods)
def test_a_later_start_or_a_longer_period_never_ends_earlier(start: date, days: int) -> None:
    due = CALENDAR.due(start, days).date
    assert CALENDAR.due(start + ONE, days).date >= due
    assert CALENDAR.due(start, days + 1).date > due


@given(days_of_any_year, periods)
def test_working_days_between_is_the_inverse_of_due(start: date, days: int) -> None:
    due = CALENDAR.due(start, days).date
    assert CALENDAR.working_days_between(start, due) == days
    assert CALENDAR.working_days_between(due, start) == -days


@given(days_of_any_year, periods)
def test_going_back_from_a_working_day_undoes_going_on(start: date, days: int) -> None:
    day = CALENDAR.roll(start)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(day, days), -days) == day


@given(days_of_any_year)
def test_a_fixed_date_rolls_to_the_first_working_day_from_it(day: date) -> None:
    rolled = CALENDAR.roll(day)
    assert CALENDAR.is_working_day(rolled).works
    assert rolled >= day
    assert not any(CALENDAR.is_working_day(day + n * ONE).works for n in range((rolled - day).days))
    assert CALENDAR.add_working_days(day, 0) == rolled


@given(st.datetimes(datetime(2018, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC)))  # noqa: DTZ001 hypothesis wants naive bounds
def test_ordinary_letters_wait_for_the_hours_of_a_working_day(at: datetime) -> None:
    opens, closes = time(9), time(17, 30)
    sent = CALENDAR.next_working_hours(at, opens, closes)
    local = sent.astimezone(SHANGHAI)
    assert sent >= at
    assert CALENDAR.is_working_day(local.date()).works
    assert opens <= local.time() < closes
    assert sent == at or local.time() == opens
    assert CALENDAR.next_working_hours(sent, opens, closes) == sent


@pytest.mark.parametrize(
    ("at", "sent"),
    [
        ("2026-09-30T17:29:59+08:00", "2026-09-30T17:29:59+08:00"),
        ("2026-09-30T17:30:00+08:00", "2026-10-08T09:00:00+08:00"),
        ("2026-10-10T03:00:00+08:00", "2026-10-10T09:00:00+08:00"),  # a make-up Saturday
        ("2026-10-09T23:30:00+00:00", "2026-10-10T09:00:00+08:00"),
    ],
)
def test_working_hours_by_example(at: str, sent: str) -> None:
    assert CALENDAR.next_working_hours(datetime.fromisoformat(at)) == datetime.fromisoformat(sent)


def test_warnings_three_and_one_working_days_before_a_due_date_step_over_the_holidays() -> None:
    due = date(2026, 10, 9)
    assert CALENDAR.add_working_days(due, -1) == date(2026, 10, 8)
    assert CALENDAR.add_working_days(due, -3) == date(2026, 9, 29)
    assert CALENDAR.add_working_days(due, 3) == date(2026, 10, 13)  # Saturday the 10th is worked


@pytest.mark.parametrize(
    ("start", "days", "provisional"),
    [
        (date(2026, 12, 30), 1, False),  # ends on 31 December, at the very end of the known year
        (date(2026, 12, 31), 1, True),
        (date(2026, 12, 28), 15, True),
        (date(2028, 6, 1), 15, True),
        (date(2003, 12, 31), 5, False),  # the start itself is not counted
        (date(2003, 12, 30), 5, True),
    ],
)
def test_a_count_is_provisional_when_it_touches_a_year_without_a_published_calendar(
    start: date, days: int, provisional: bool
) -> None:
    assert CALENDAR.due(start, days).provisional is provisional


@pytest.mark.parametrize("year", [2000, *range(2027, LAST_YEAR + 1)])
def test_provisional_years_have_the_statutory_days_that_the_package_holidays_computes(year: int) -> None:
    expected = {day for day in holidays.country_holidays("CN", years=year) if day.year == year}
    # Mid-Autumn on the Sunday of National Day: that package makes the one Sunday good twice, we once
    expected -= {date(2039, 10, 6)}
    assert set(statutory_days_off(year)) == expected


@pytest.mark.parametrize("year", range(2001, 2004))
def test_the_provisional_years_before_2004_have_the_festivals_of_the_package_holidays(year: int) -> None:
    # for these years that package also has the days of the notices, which a provisional year never has
    china = holidays.country_holidays("CN", years=year, observed=False, language="en_US")
    festivals = {day for day, name in china.items() if "substituted" not in name}
    assert {d for d, (zh, _) in statutory_days_off(year).items() if "补假" not in zh} == festivals


def test_a_provisional_year_has_no_make_up_days() -> None:
    for year in (2001, 2027, 2030):
        kinds = {CALENDAR.is_working_day(date(year, 1, 1) + n * ONE) for n in range(365)}
        assert DayKind.MAKE_UP not in kinds


def test_a_year_entered_in_the_programme_counts_as_published() -> None:
    own = OfficialYear(2027, (date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)), (date(2027, 1, 9),))
    due = WorkingCalendar(SHANGHAI, (own,)).due(date(2026, 12, 31), 6)
    assert (due.date, due.provisional) == (date(2027, 1, 9), False)


@pytest.mark.parametrize("year", [1999, 2051])
def test_a_year_out_of_reach_is_refused_with_what_to_do(year: int) -> None:
    with pytest.raises(Refusal) as refused:
        CALENDAR.due(date(year, 6, 1), 3)
    assert refused.value.field == "date"
    assert "2000 to 2050" in refused.value.reason


@pytest.mark.parametrize("days", [0, -1])
def test_a_period_of_no_days_is_refused(days: int) -> None:
    with pytest.raises(Refusal):
        CALENDAR.due(date(2026, 1, 5), days)


def test_another_time_zone_ends_its_days_at_its_own_midnight() -> None:
    urumqi = WorkingCalendar(ZoneInfo("Asia/Urumqi"))
    assert urumqi.due(date(2026, 3, 2), 1).expires_at == datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
    assert urumqi.local_date(datetime(2026, 3, 2, 17, 59, tzinfo=UTC)) == date(2026, 3, 2)


def test_the_explanation_names_each_day_in_both_languages() -> None:
    due = CALENDAR.due(date(2026, 9, 28), 15)
    text = "\n".join(explain(due))
    assert "2026-10-10 周六  第 5日 · day  5  调休上班（国庆节） · make-up workday (National Day)" in text
    assert "暂定" not in text
    data = explanation(due, SHANGHAI)
    assert data["due"] == "2026-10-23"
    assert data["expires_at"] == "2026-10-24T00:00:00+08:00"
    assert data["provisional"] is False
    assert "暂定" in "\n".join(explain(CALENDAR.due(date(2026, 12, 28), 15)))


def test_the_programme_gives_its_calendar() -> None:
    assert load("window-units").working_calendar == CALENDAR
