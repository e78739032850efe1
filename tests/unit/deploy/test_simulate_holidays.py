"""The notice on the holidays of a year that is not published yet, and how it is entered into a programme file (R3)."""

from datetime import date

import pytest

from deploy.local.simulate.holidays import entered, notice_of
from shared.calendar import OfficialYear, WorkingCalendar
from shared.festivals import statutory_days_off
from shared.programme import bundled
from shared.programme.check import parse
from shared.programme.sources import source


@pytest.mark.parametrize("year", range(2027, 2041))
def test_r3_a_notice_gives_all_statutory_days_off_and_lends_as_many_days_as_are_worked_on_weekends(year: int) -> None:
    notice = notice_of(year)
    statutory = statutory_days_off(year)
    assert set(statutory) <= set(notice.days_off)
    lent = [day for day in notice.days_off if day.weekday() < 5 and day not in statutory]
    assert len(lent) == len(notice.make_up) > 0
    assert all(day.weekday() == 6 and day not in notice.days_off for day in notice.make_up)
    assert len(set(notice.make_up)) == len(notice.make_up)
    assert WorkingCalendar(extra=(notice,)).is_official(year)


def test_r3_a_notice_makes_some_date_in_the_spring_festival_later() -> None:
    before, after = WorkingCalendar(), WorkingCalendar(extra=(notice_of(2027),))
    start, days = date(2026, 11, 18), before.working_days_between(date(2026, 11, 18), date(2027, 2, 12))
    assert before.due(start, days).date == date(2027, 2, 12)
    assert after.due(start, days).date == date(2027, 2, 14)


@pytest.mark.parametrize("key", bundled())
def test_r3_a_notice_is_entered_into_each_programme_file_and_nothing_else_changes(key: str) -> None:
    before, _ = parse(source(key))
    once, twice = notice_of(2027), notice_of(2028)
    text = entered(entered(source(key), [once]), [once, twice])
    after, problems = parse(text)
    assert before is not None and after is not None, problems
    assert [OfficialYear(one.year, one.days_off, one.make_up) for one in after.calendar] == [once, twice]
    assert after.model_dump(exclude={"calendar"}) == before.model_dump(exclude={"calendar"})
