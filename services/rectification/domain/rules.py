"""The programme's rules as the decisions of this service use them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from shared.calendar import Due, OfficialYear, WorkingCalendar, published_years
from shared.programme.schema import Programme


@dataclass(frozen=True, slots=True)
class Rules:
    """A programme and its working days. Periods count from the local day of an instant (R3)."""

    programme: Programme
    calendar: WorkingCalendar

    @classmethod
    def of(cls, programme: Programme) -> "Rules":
        """The rules of a programme, with the calendar years entered in it."""
        extra = tuple(OfficialYear(y.year, y.days_off, y.make_up) for y in programme.calendar)
        return cls(programme, WorkingCalendar(programme.zone, extra))

    @property
    def opens(self) -> time:
        """Local time at which an office day begins: warnings and escalations come then."""
        return self.programme.working_hours.opens

    @property
    def known_calendar(self) -> str:
        """What is officially known of the calendar; when it changes, provisional dates are counted anew (R3)."""
        own = ",".join(repr(year) for year in self.calendar.extra)
        return f"{published_years()!r};{own}"

    def due(self, started_at: datetime, days: int) -> Due:
        """The end of a period of `days` working days that starts at an instant (R3)."""
        return self.calendar.due(self.calendar.local_date(started_at), days)

    def working_days_late(self, due: date, at: datetime) -> int:
        """Working days from the due date to the day of `at`, at least 1: a day off after the due date is late too."""
        return max(1, self.calendar.working_days_between(due, self.calendar.local_date(at)))

    def is_bad(self, grade: str | None) -> bool:
        """Whether a petitioner's grade sends the case back (I11)."""
        return any(g.bad for g in self.programme.callback.grades if g.key == grade)

    def bad_among(self, grades: Iterable[str | None]) -> bool:
        """Whether any of the grades is bad."""
        return any(self.is_bad(grade) for grade in grades)

    def may_reopen(self, closed_at: datetime, at: datetime) -> bool:
        """Whether `at` lies within the days after closing in which a case reopens; the last day counts (R6)."""
        passed = self.calendar.local_date(at) - self.calendar.local_date(closed_at)
        return passed.days <= self.programme.reopen_within_days
