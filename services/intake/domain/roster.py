"""The on-air roster (I18): nobody is on two shows at once, and a leader is told in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from shared.calendar import WorkingCalendar
from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Slot:
    """When a leader is on the air: from `starts_at` up to `ends_at`."""

    show: str
    starts_at: datetime
    ends_at: datetime


def placed(new: Slot, others: Iterable[Slot], now: datetime) -> None:
    """Whether the leader can be there. others: his other shows. Raises Refusal: past, or elsewhere (409)."""
    if new.ends_at <= new.starts_at:
        raise Refusal("ends_at", new.ends_at.isoformat(), "it lies before the start", "check the times")
    if new.starts_at <= now:
        raise Refusal("starts_at", new.starts_at.isoformat(), "it lies in the past", "a show is entered beforehand")
    for other in others:
        if other.show != new.show and new.starts_at < other.ends_at and other.starts_at < new.ends_at:
            reason = f"the leader is on another show then ({other.show})"
            raise Refusal("leader", other.show, reason, "name another leader, or another time", 409)


def warned_at(starts_at: datetime, days: int, opens: time, calendar: WorkingCalendar, now: datetime) -> datetime:
    """When the leader is told: at the opening of the working day that lies `days` before the show, or at once."""
    day = calendar.add_working_days(calendar.local_date(starts_at), -days)
    return max(datetime.combine(day, opens, calendar.zone), now)
