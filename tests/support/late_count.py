"""A second count of late cases, made apart from the product: another reader's dates, another calendar, another loop."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import holidays

CLOSED_AFTER = timedelta(hours=23)
REOPEN_WITHIN = timedelta(days=90)
CHINA = holidays.country_holidays("CN", years=range(2010, 2027))


def moment(cell: object) -> datetime | None:
    """A cell of the export as a local time."""
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - local times throughout
    numbers = [int(n) for n in re.findall(r"\d+", str(cell))]
    return datetime(*numbers) if len(numbers) >= 3 else None  # noqa: DTZ001 - local times throughout


def works(day: date) -> bool:
    """A weekday that is no holiday, or a weekend day that was made a workday."""
    return bool(CHINA.is_working_day(day))


def end_of_fifteenth(start: date) -> datetime:
    """24:00 of the 15th working day, counted from the day after."""
    day, counted = start, 0
    while counted < 15:
        day += timedelta(days=1)
        counted += works(day)
    return datetime(day.year, day.month, day.day) + timedelta(days=1)  # noqa: DTZ001 - local times throughout


def same(text: str) -> str:
    """What is left of a text when width, case, white space and punctuation are folded."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def late_cases(rows: Iterable[Sequence[object]], ends: datetime) -> tuple[int, int]:
    """(cases, late cases) of rows (ticket, user, title, time, text, reply, reply time), judged at `ends`."""
    ordered = sorted(((moment(row[3]), number, row) for number, row in enumerate(rows)), key=lambda one: one[:2])
    open_until: dict[str, datetime | None] = {}
    cases = late = 0
    for reported, _, row in ordered:
        assert reported is not None
        text, solved = same(str(row[4])), moment(row[6]) if len(row) > 6 and row[6] else None
        if text in open_until:
            closed = open_until[text]
            if closed is None or reported <= closed + REOPEN_WITHIN:
                continue
        open_until[text] = solved + CLOSED_AFTER if solved else None
        cases += 1
        late += (solved or ends) >= end_of_fifteenth(reported.date())
    return cases, late
