"""What must hold between dates, times and conditions: cycles, working hours, official years, consequences.

Like `rules`, told also when other fields are malformed: each entry that is well formed in itself is looked at.
"""

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Any, TypeVar

from pydantic import ValidationError

from shared.programme.marks import Finding, Path, Said, rows
from shared.programme.parts import CalendarYear, ConsequenceRule, Cycle, WorkingHours
from shared.programme.values import Part

_YEAR = 2025  # no leap year, and neither has a programme's day of the year
P = TypeVar("P", bound=Part)


def findings(data: Any) -> Iterator[Finding]:
    """Everything that does not hold."""
    yield from _cycles(list(_valid(Cycle, rows(data, "cycles"))))
    hours = data.get("working_hours") if isinstance(data, dict) else None
    for _, each in _valid(WorkingHours, [(("working_hours",), hours)]):
        yield from _hours(each)
    for path, year in _valid(CalendarYear, rows(data, "calendar")):
        yield from _calendar(path, year)
    for path, rule in _valid(ConsequenceRule, rows(data, "consequences")):
        yield from _consequence(path, rule)


def _valid(model: type[P], entries: Any) -> Iterator[tuple[Path, P]]:
    for path, entry in entries:
        try:
            yield path, model.model_validate(entry)
        except ValidationError:
            continue  # the schema tells what is wrong with it


def _after(path: Path, first: date, then: date, zh: str, en: str) -> Iterator[Finding]:
    if then < first:
        yield Finding(
            path,
            f"{then:%m-%d}",
            Said(f"早于{zh}({first:%m-%d})", f"lies before {en} ({first:%m-%d})"),
            Said("改正日期；次年的日期写“+1 月-日”", "correct it; a day of the following year is written `+1 MM-DD`"),
        )


def _cycles(cycles: list[tuple[Path, Cycle]]) -> Iterator[Finding]:
    windows: list[tuple[Path, date, date]] = []
    for path, cycle in cycles:
        opens, closes = cycle.daily.opens.on(_YEAR), cycle.daily.closes.on(_YEAR)
        yield from _after((*path, "daily", "closes"), opens, closes, "开始日", "its opening")
        published, end = cycle.publish_by.on(_YEAR), closes
        if cycle.meeting:
            meeting = cycle.meeting.on(_YEAR)
            yield from _after((*path, "meeting", "opens"), opens, meeting[0], "日常评议开始日", "the cycle's opening")
            yield from _after((*path, "meeting", "closes"), *meeting, "开始日", "its opening")
            end = max(meeting[1], closes)
        yield from _after((*path, "publish_by"), end, published, "评议结束日", "the cycle's end")
        windows.append((path, opens, closes))
    for (_, opens, closes), (later, other_opens, other_closes) in combinations(windows, 2):
        if opens <= other_closes and other_opens <= closes:
            yield Finding(
                (*later, "daily", "opens"),
                f"{other_opens:%m-%d}",
                Said("与前面的周期重叠，同一事实会记两次", "overlaps an earlier cycle: one fact would count twice"),
                Said("让各周期的日常评议首尾相接", "let the daily windows follow one another"),
            )


def _hours(hours: WorkingHours) -> Iterator[Finding]:
    wrong = [name for name in ("digest", "expiry_notice") if not hours.opens <= getattr(hours, name) < hours.closes]
    for name in ["closes"] if hours.closes <= hours.opens else wrong:
        yield Finding(
            ("working_hours", name),
            f"{getattr(hours, name):%H:%M}",
            Said("不在工作时间之内", "lies outside the working hours"),
            Said(
                f"不早于 {hours.opens:%H:%M}，早于下班时间",
                f"give a time from {hours.opens:%H:%M} on, before closing",
            ),
        )


def _calendar(path: Path, year: CalendarYear) -> Iterator[Finding]:
    for name, days in (("days_off", year.days_off), ("make_up", year.make_up)):
        for j, day in enumerate(days):
            here: Path = (*path, name, j)
            if day.year != year.year:
                yield Finding(
                    here,
                    day.isoformat(),
                    Said(f"不是 {year.year} 年的日期", f"is no day of {year.year}"),
                    Said("写到它自己的年份下面", "enter it with its own year"),
                )
            if name == "make_up" and (day.weekday() < 5 or day in year.days_off):
                yield Finding(
                    here,
                    day.isoformat(),
                    Said("调休上班日应是周末，且不在放假日里", "a make-up workday is a weekend day that is not off"),
                    Said("对照放假通知改正", "compare it with the official notice"),
                )


def _consequence(path: Path, rule: ConsequenceRule) -> Iterator[Finding]:
    when = rule.when
    here: Path = (*path, "when")
    by_rank = when.last_in_scope or when.canvassing or when.top or when.below is not None
    if when.is_of_ranking and not by_rank:
        yield Finding(
            here,
            "",
            Said("没有条件，人人都会适用", "has no condition: it would befall everybody"),
            Said("写明 last_in_scope、below、canvassing 或 top", "give last_in_scope, below, canvassing or top"),
        )
    if not when.is_of_ranking and (by_rank or when.scopes or when.years_running > 1):
        yield Finding(
            here,
            "",
            Said("整改、科室、城市排名、推荐与名次条件不能同时成立", "such a fact cannot go with conditions on a rank"),
            Said("分成两条规则", "make two rules of it"),
        )
    if when.top and (when.last_in_scope or when.canvassing or when.below is not None):
        yield Finding(
            (*here, "top"),
            when.top,
            Said("前几名与末位、低分、拉选票不能同时成立", "top cannot go with last, below or canvassing"),
            Said("分成两条规则", "make two rules of it"),
        )
    if when.top is None and (when.top_share is not None or when.at_least is not None):
        name = "top_share" if when.top_share is not None else "at_least"
        yield Finding(
            (*here, name),
            str(getattr(when, name)),
            Said("只能和 top 一起用", "goes only with top"),
            Said("加上 top，或删掉它", "add top, or remove it"),
        )
