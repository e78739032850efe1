from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain.schedule import LATE, due_at, gathered, going_since, in_hours, next_at
from shared.calendar import WorkingCalendar
from shared.programme.parts import WorkingHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkingCalendar(SHANGHAI)
HOURS = WorkingHours(opens=time(9), closes=time(17, 30), digest=time(16, 30), expiry_notice=time(9))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_an_urgent_notice_goes_at_once_even_on_sunday_night() -> None:
    now = local("2026-03-08T23:10")
    assert due_at("urgent", now, HOURS, CALENDAR) == now


@pytest.mark.parametrize(
    ("arises", "goes"),
    [
        ("2026-03-09T10:00", "2026-03-09T16:30"),  # Monday morning: the same day's digest
        ("2026-03-09T16:30", "2026-03-09T16:30"),  # the very minute
        ("2026-03-09T16:31", "2026-03-10T16:30"),  # a minute late: tomorrow's
        ("2026-03-06T18:00", "2026-03-09T16:30"),  # Friday evening: Monday
        ("2026-09-30T17:00", "2026-10-08T16:30"),  # over the National Day holiday
        ("2026-02-14T10:00", "2026-02-14T16:30"),  # a make-up Saturday is a working day
    ],
)
def test_an_ordinary_notice_waits_for_the_digest_of_a_working_day(arises: str, goes: str) -> None:
    assert due_at("ordinary", local(arises), HOURS, CALENDAR) == local(goes)


@pytest.mark.parametrize(
    ("expires", "goes"),
    [
        ("2026-03-10T00:00", "2026-03-10T09:00"),  # 24:00 of Monday: Tuesday at nine
        ("2026-03-07T00:00", "2026-03-09T09:00"),  # 24:00 of Friday: Monday at nine
        ("2026-10-01T00:00", "2026-10-08T09:00"),
        ("2026-03-10T09:01", "2026-03-11T09:00"),  # recomputed in the course of the day
    ],
)
def test_an_expiry_notice_goes_at_nine_of_the_next_working_day(expires: str, goes: str) -> None:
    assert due_at("expiry", local(expires), HOURS, CALENDAR) == local(goes)


def test_due_times_are_utc_for_storage() -> None:
    assert due_at("ordinary", local("2026-03-09T10:00"), HOURS, CALENDAR).tzinfo is UTC


def test_only_ordinary_notices_are_gathered() -> None:
    assert gathered("ordinary")
    assert not gathered("urgent")
    assert not gathered("expiry")


@pytest.mark.parametrize(
    ("at", "open_"),
    [
        ("2026-03-09T09:00", True),
        ("2026-03-09T17:29", True),
        ("2026-03-09T17:30", False),
        ("2026-03-09T08:59", False),
        ("2026-03-07T12:00", False),  # Saturday
        ("2026-02-14T12:00", True),  # a make-up Saturday
        ("2026-10-05T12:00", False),  # National Day week
    ],
)
def test_n4_the_office_is_open_between_its_hours_of_a_working_day(at: str, open_: bool) -> None:
    assert in_hours(local(at), HOURS, CALENDAR) is open_
    assert going_since(local(at), HOURS, CALENDAR) == (None if open_ else local(at) - LATE)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai", "Asia/Kolkata", "UTC"])
def test_n4_nine_is_nine_by_the_clock_on_the_wall_whatever_it_does_in_the_night(zone: str) -> None:
    """T8: New York puts its clock forward on the night to Sunday 8 March 2026."""
    here = ZoneInfo(zone)
    calendar = WorkingCalendar(here)
    for day in ("2026-03-06", "2026-03-09"):
        moment = next_at(time(9), datetime.fromisoformat(f"{day}T08:00").replace(tzinfo=here), calendar)
        assert moment.astimezone(here) == datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=here)
    fridays = next_at(time(9), datetime.fromisoformat("2026-03-06T09:01").replace(tzinfo=here), calendar)
    assert fridays.astimezone(here) == datetime.fromisoformat("2026-03-09T09:00").replace(tzinfo=here)
    assert timedelta(0) < fridays - datetime.fromisoformat("2026-03-06T09:01").replace(tzinfo=here)
