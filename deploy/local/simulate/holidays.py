"""The State Council's yearly notice on holidays, as it might read for a year that the software does not know. Pure."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from shared.calendar import OfficialYear
from shared.festivals import LABOUR, NATIONAL, SPRING, statutory_days_off

LONG = {SPRING: 8, LABOUR: 5, NATIONAL: 7}
"""Festivals whose days off are made one long row with working days borrowed from weekends around it."""

_ONE = timedelta(days=1)


def notice_of(year: int) -> OfficialYear:
    """Days off and make-up workdays of a year, in the manner of the notices of the years before. Raises KeyError."""
    statutory = statutory_days_off(year)
    off = set(statutory)
    borrowed: list[tuple[date, date]] = []
    for festival, length in LONG.items():
        first = min(day for day, name in statutory.items() if name == festival)
        row = [first + n * _ONE for n in range(length)]
        lent = [day for day in row if day.weekday() < 5 and day not in statutory]
        borrowed += [(row[0], row[-1])] * len(lent)
        off |= set(row)
    worked: list[date] = []
    for position, (first, last) in enumerate(borrowed):
        worked.append(_sunday(first, -_ONE, off, worked) if position % 2 == 0 else _sunday(last, _ONE, off, worked))
    return OfficialYear(year, tuple(sorted(off)), tuple(sorted(worked)))


def entered(text: str, years: Iterable[OfficialYear]) -> str:
    """A programme file in which these years, and no others, stand under `calendar`."""
    without = re.sub(r"^calendar:.*\n(?:[ #-].*\n|\n)*", "", text.rstrip("\n") + "\n", flags=re.MULTILINE)
    lines = ["calendar:"]
    for one in years:
        off, worked = (", ".join(day.isoformat() for day in days) for days in (one.days_off, one.make_up))
        lines.append(f"  - {{year: {one.year}, days_off: [{off}], make_up: [{worked}]}}")
    return without + "\n".join(lines) + "\n"


def _sunday(start: date, step: timedelta, off: set[date], worked: list[date]) -> date:
    """The nearest Sunday before or after that is neither a day off of the notice nor worked already."""
    day = start + step
    while day.weekday() != 6 or day in off or day in worked:
        day += step
    return day
