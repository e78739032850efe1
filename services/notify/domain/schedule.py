"""When a notice goes out (N4): urgent at once, expiry notices at their hour, the rest with the day's digest."""

from datetime import UTC, datetime, time, timedelta
from typing import Literal

from shared.calendar import WorkingCalendar
from shared.programme.parts import WorkingHours

Urgency = Literal["ordinary", "urgent", "expiry"]

LATE = timedelta(hours=2)
"""A letter that did not go for so long after its moment waits for working hours, and is gathered with others."""


def due_at(urgency: Urgency, now: datetime, hours: WorkingHours, calendar: WorkingCalendar) -> datetime:
    """The moment (UTC) at which a notice of `urgency` that arose at `now` is to be sent (N4).

    Raises Refusal for a year of which no calendar can be made.
    """
    if urgency == "urgent":
        return now.astimezone(UTC)
    return next_at(hours.expiry_notice if urgency == "expiry" else hours.digest, now, calendar)


def next_at(hour: time, now: datetime, calendar: WorkingCalendar) -> datetime:
    """The first moment (UTC), not before `now`, that is `hour` o'clock local of a working day."""
    day = calendar.roll(calendar.local_date(now))
    moment = datetime.combine(day, hour, calendar.zone)
    if moment < now:
        moment = datetime.combine(calendar.add_working_days(day, 1), hour, calendar.zone)
    return moment.astimezone(UTC)


def gathered(urgency: Urgency) -> bool:
    """Whether notices of this urgency share one letter a person and day (the digest)."""
    return urgency == "ordinary"


def in_hours(now: datetime, hours: WorkingHours, calendar: WorkingCalendar) -> bool:
    """Whether the office is open at `now`: between its hours of a working day, make-up workdays among them."""
    here = now.astimezone(calendar.zone)
    return calendar.is_working_day(here.date()).works and hours.opens <= here.time() < hours.closes


def going_since(now: datetime, hours: WorkingHours, calendar: WorkingCalendar) -> datetime | None:
    """None in working hours: everything that is due goes. Else what is not urgent goes if it was due since then."""
    return None if in_hours(now, hours, calendar) else now - LATE
