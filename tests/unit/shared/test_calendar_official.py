"""Deadlines of 2018–2026 against a second, independent source.

The product reads the package `chinesecalendar`. The second source is the package `holidays`
(another project, other authors, its own transcription of the State Council's notices): its days
off, plus `weekend_workdays`, the make-up workdays behind its "substituted" days. The count here is
a loop of its own, so the product's arithmetic is checked too. As a guard against one error in both,
the notice of 2026 stands below in full, written down a third time.
"""

from datetime import UTC, date, datetime, timedelta

import holidays
import pytest

from shared.calendar import DayKind, WorkingCalendar, published_years

CALENDAR = WorkingCalendar()
ONE = timedelta(days=1)
FIRST, LAST = 2018, 2026


def every_day(first: date, last: date) -> list[date]:
    return [first + n * ONE for n in range((last - first).days + 1)]


@pytest.fixture(scope="module")
def second_source() -> dict[date, bool]:
    """Each day of 2018–2026: is it worked, by `holidays`?"""
    china = holidays.country_holidays("CN", years=range(FIRST, LAST + 1))
    return {
        day: day in china.weekend_workdays or (day.weekday() < 5 and day not in china)
        for day in every_day(date(FIRST, 1, 1), date(LAST, 12, 31))
    }


def test_the_package_knows_the_calendar_of_2026_and_none_beyond() -> None:
    assert published_years() == tuple(range(2004, 2027))


def test_every_day_of_2018_to_2026_is_what_the_second_source_says(second_source: dict[date, bool]) -> None:
    wrong = [day for day, works in second_source.items() if CALENDAR.is_working_day(day).works is not works]
    assert wrong == []


@pytest.mark.parametrize("days", [1, 2, 5, 10, 15, 60])
def test_deadlines_of_every_start_day_agree_with_the_second_source(days: int, second_source: dict[date, bool]) -> None:
    checked = 0
    for start in every_day(date(FIRST, 1, 1), date(LAST, 12, 31)):
        expected, left = start, days
        while left and expected < date(LAST, 12, 31):
            expected += ONE
            left -= second_source[expected]
        due = CALENDAR.due(start, days)
        if left:
            assert due.provisional, start
            assert due.date.year == LAST + 1, start
        else:
            assert (due.date, due.provisional) == (expected, False), start
            checked += 1
    assert checked > 3_180


def test_the_notice_for_2026_day_by_day() -> None:
    # 国务院办公厅关于2026年部分节假日安排的通知
    spans = ["0101-0103", "0215-0223", "0404-0406", "0501-0505", "0619-0621", "0925-0927", "1001-1007"]
    off = set()
    for span in spans:
        first, last = (date(2026, int(t[:2]), int(t[2:])) for t in span.split("-"))
        off |= set(every_day(first, last))
    make_up = {date(2026, m, d) for m, d in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]}
    for day in every_day(date(2026, 1, 1), date(2026, 12, 31)):
        kind = CALENDAR.is_working_day(day)
        if day in off:
            assert kind is DayKind.HOLIDAY, day
        elif day in make_up:
            assert kind is DayKind.MAKE_UP, day
        else:
            assert kind is (DayKind.WEEKEND if day.weekday() >= 5 else DayKind.COUNTED), day


def test_a_make_up_saturday_counts_and_a_national_day_friday_does_not() -> None:
    due = CALENDAR.due(date(2026, 9, 28), 15)
    assert due.date == date(2026, 10, 23)
    assert due.expires_at == datetime(2026, 10, 23, 16, 0, tzinfo=UTC)
    kinds = {d.date: d.kind for d in due.days}
    assert kinds[date(2026, 10, 10)] is DayKind.MAKE_UP
    assert kinds[date(2026, 10, 2)] is DayKind.HOLIDAY
    assert len(due.days) == (due.date - due.start).days
