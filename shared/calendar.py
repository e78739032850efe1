"""Working days in China: statutory holidays, make-up workdays, and periods counted in them (R3). Pure.

Three sources, in this order: years entered in the programme (`OfficialYear`, from the State
Council's notice), the package chinesecalendar (2004 to the last year it knows), and for other years
weekends and statutory days only, which makes every count that touches such a year *provisional*.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from chinese_calendar import constants as published

from shared.errors import Refusal
from shared.festivals import FIRST_YEAR, LAST_YEAR, statutory_days_off

_CHINA = ZoneInfo("Asia/Shanghai")
_ONE = timedelta(days=1)
_NATIONAL_DAY = (10, 1)
_WEEKDAYS_ZH = "一二三四五六日"


class DayKind(StrEnum):
    """What a day counts as."""

    COUNTED = "counted"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"

    @property
    def works(self) -> bool:
        """Whether the day is a working day."""
        return self in (DayKind.COUNTED, DayKind.MAKE_UP)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, what it counts as, and the festival that makes it a day off or a make-up workday."""

    date: date
    kind: DayKind
    name: str = ""
    name_en: str = ""

    @property
    def works(self) -> bool:
        """Whether the day is a working day."""
        return self.kind.works


@dataclass(frozen=True, slots=True)
class OfficialYear:
    """A year's published calendar: all days off of the notice, and the weekend days that are worked."""

    year: int
    days_off: tuple[date, ...]
    make_up: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A period of `asked` working days counted from `start`.

    It expires at 24:00 local of `date`, which is `expires_at` (UTC). `days` holds every day from the one
    after `start` through `date`. `provisional`: the count touches a year without a published calendar.
    """

    start: date
    asked: int
    date: date
    expires_at: datetime
    provisional: bool
    days: tuple[Day, ...] = field(repr=False)

    def numbered(self) -> tuple[tuple[int | None, Day], ...]:
        """Each day with its number in the count, None for a day off."""
        rows: list[tuple[int | None, Day]] = []
        number = 0
        for day in self.days:
            number += day.works
            rows.append((number if day.works else None, day))
        return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Year:
    days: tuple[Day, ...]
    working: tuple[int, ...]  # positions in `days` of the working days
    official: bool


def published_years() -> tuple[int, ...]:
    """The years whose official calendar the installed package knows."""
    return tuple(sorted({d.year for d in published.holidays if (d.month, d.day) == _NATIONAL_DAY}))


def _kinds(year: int, extra: tuple[OfficialYear, ...]) -> tuple[dict[date, Day], bool]:
    """Days of `year` that are not plain weekdays or weekends, and whether they are official."""
    for own in extra:
        if own.year == year:
            try:
                names = statutory_days_off(year)
            except KeyError:
                names = {}
            special = {d: Day(d, DayKind.HOLIDAY, *names.get(d, ("放假", "day off"))) for d in own.days_off}
            return special | {d: Day(d, DayKind.MAKE_UP, "调休上班", "make-up workday") for d in own.make_up}, True
    if year in published_years():
        chinese = {h.value: h.chinese for h in published.Holiday}
        special = {
            d: Day(d, DayKind.HOLIDAY, chinese[name], name) for d, name in published.holidays.items() if d.year == year
        }
        return special | {
            d: Day(d, DayKind.MAKE_UP, chinese[name], name) for d, name in published.workdays.items() if d.year == year
        }, True
    try:
        statutory = statutory_days_off(year)
    except KeyError:
        raise Refusal(
            "date",
            year,
            f"working days are known from {FIRST_YEAR} to {LAST_YEAR} only",
            "check the date",
        ) from None
    return {d: Day(d, DayKind.HOLIDAY, *name) for d, name in statutory.items()}, False


@lru_cache(maxsize=256)
def _year(year: int, extra: tuple[OfficialYear, ...]) -> _Year:
    special, official = _kinds(year, extra)
    days = []
    day = date(year, 1, 1)
    while day.year == year:
        plain = DayKind.WEEKEND if day.weekday() >= 5 else DayKind.COUNTED
        days.append(special.get(day) or Day(day, plain))
        day += _ONE
    return _Year(tuple(days), tuple(i for i, d in enumerate(days) if d.works), official)


def _position(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working days in one time zone. `extra`: years entered by hand, which go before the package's.

    Every method raises Refusal for a year before 2000 or after 2050.
    """

    zone: ZoneInfo = _CHINA
    extra: tuple[OfficialYear, ...] = ()

    def _year(self, year: int) -> _Year:
        return _year(year, self.extra)

    def day(self, day: date) -> Day:
        """The day with its kind and the festival's name."""
        return self._year(day.year).days[_position(day)]

    def is_working_day(self, day: date) -> DayKind:
        """What the day counts as; `.works` says whether it is a working day."""
        return self.day(day).kind

    def is_official(self, year: int) -> bool:
        """Whether the year's official calendar is known."""
        return self._year(year).official

    def local_date(self, at: datetime) -> date:
        """The local day of an instant."""
        return at.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """24:00 local of the day, as UTC."""
        return datetime.combine(day + _ONE, time(0), self.zone).astimezone(UTC)

    def start_of(self, day: date) -> datetime:
        """0:00 local of the day, as UTC."""
        return datetime.combine(day, time(0), self.zone).astimezone(UTC)

    def due(self, start: date, days: int) -> Due:
        """The end of a period: day 1 is the first working day after `start` (R3). `days` is at least 1."""
        if days < 1:
            raise Refusal("days", days, "a period has at least one working day", "give 1 or more")
        year, seen, left = start.year, _position(start) + 1, days
        spans: list[tuple[Day, ...]] = []
        provisional = False
        while True:
            table = self._year(year)
            worked = bisect_left(table.working, seen)  # working days of the year up to where we stand
            if seen < len(table.days) and not table.official:
                provisional = True
            if worked + left <= len(table.working):
                last = table.working[worked + left - 1]
                spans.append(table.days[seen : last + 1])
                break
            spans.append(table.days[seen:])
            left -= len(table.working) - worked
            year, seen = year + 1, 0
        end = table.days[last].date
        through = spans[0] if len(spans) == 1 else tuple(day for span in spans for day in span)
        return Due(start, days, end, self.end_of(end), provisional, through)

    def add_working_days(self, day: date, days: int) -> date:
        """The `days`-th working day after `day` (escalation), before it when negative (warnings); 0 rolls."""
        if days == 0:
            return self.roll(day)
        if days > 0:
            return self.due(day, days).date
        year, before, left = day.year, _position(day), -days
        while True:
            table = self._year(year)
            worked = bisect_left(table.working, before)  # working days of the year before where we stand
            if worked >= left:
                return table.days[table.working[worked - left]].date
            left -= worked
            year, before = year - 1, 366

    def roll(self, day: date) -> date:
        """The day itself if it is a working day, else the next one (fixed dates, R9)."""
        return day if self.day(day).works else self.due(day, 1).date

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` through `end`: `n` from `s` to `due(s, n).date`; negative backwards."""
        if end < start:
            return -self.working_days_between(end, start)
        count = 0
        for year in range(start.year, end.year + 1):
            table = self._year(year)
            low = bisect_left(table.working, _position(start) + 1) if year == start.year else 0
            high = bisect_left(table.working, _position(end) + 1) if year == end.year else len(table.working)
            count += high - low
        return count

    def next_working_hours(self, at: datetime, opens: time = time(9), closes: time = time(17, 30)) -> datetime:
        """`at` itself within the hours of a working day, else the next opening; UTC (N4). `at` is aware."""
        local = at.astimezone(self.zone)
        day, clock = local.date(), local.time()
        if self.day(day).works:
            if opens <= clock < closes:
                return at.astimezone(UTC)
            if clock < opens:
                return datetime.combine(day, opens, self.zone).astimezone(UTC)
        return datetime.combine(self.due(day, 1).date, opens, self.zone).astimezone(UTC)


def explanation(due: Due, zone: ZoneInfo) -> dict[str, object]:
    """The day-by-day count as JSON values: what `deadline explain --json` writes."""
    return {
        "from": due.start.isoformat(),
        "days": due.asked,
        "due": due.date.isoformat(),
        "expires_at": due.expires_at.astimezone(zone).isoformat(),
        "time_zone": zone.key,
        "provisional": due.provisional,
        "calendar": [
            {
                "date": day.date.isoformat(),
                "weekday": day.date.isoweekday(),
                "kind": day.kind.value,
                "counted": day.works,
                "number": number,
                "holiday": {"zh": day.name, "en": day.name_en} if day.name else None,
            }
            for number, day in due.numbered()
        ],
    }


def explain(due: Due) -> list[str]:
    """The day-by-day count for people, Chinese and English, one line a day."""
    lines = [
        f"起算日 {due.start}（不计入），{due.asked} 个工作日 · from {due.start} (not counted), {due.asked} working days"
    ]
    for number, day in due.numbered():
        what = {
            DayKind.COUNTED: "工作日 · working day",
            DayKind.WEEKEND: "周末 · weekend",
            DayKind.HOLIDAY: f"放假（{day.name}） · holiday ({day.name_en})",
            DayKind.MAKE_UP: f"调休上班（{day.name}） · make-up workday ({day.name_en})",
        }[day.kind]
        count = f"第{number:>2}日 · day {number:>2}" if number else "不计   ·   –   "
        lines.append(f"  {day.date} 周{_WEEKDAYS_ZH[day.date.weekday()]}  {count}  {what}")
    lines.append(f"届满 {due.date} 24:00 · expires at the end of {due.date}")
    if due.provisional:
        lines.append(
            "暂定：所涉年份的放假安排尚未公布，只计周末和法定节假日，公布后重新计算 · "
            "provisional: that year's official calendar is not published; weekends and statutory days only"
        )
    return lines
