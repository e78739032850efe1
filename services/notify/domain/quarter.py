"""Spans of time that papers are about: quarters `2026-Q1`, months `2026-03`, years `2026`."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from shared.errors import Refusal

_NAME = re.compile(r"(20\d{2})-Q([1-4])")
_MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days of a period, both inclusive, under the period's name."""

    first: date
    last: date
    name: str


def quarter(name: str) -> Span:
    """A quarter by its name. Raises Refusal."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise Refusal("quarter", name, "it is no quarter", "write it like 2026-Q1")
    return _quarter(int(found[1]), int(found[2]))


def quarter_of(day: date) -> Span:
    """The quarter of a day."""
    return _quarter(day.year, (day.month + 2) // 3)


def following(span: Span) -> Span:
    """The quarter after a quarter."""
    return quarter_of(span.last + timedelta(days=1))


def month(name: str) -> Span:
    """A month by its name. Raises Refusal."""
    found = _MONTH.fullmatch(name)
    if found is None:
        raise Refusal("month", name, "it is no month", "write it like 2026-03")
    year, number = int(found[1]), int(found[2])
    return Span(date(year, number, 1), date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1), name)


def year(number: int) -> Span:
    """A calendar year. Raises Refusal."""
    if not 2004 <= number <= 2099:
        raise Refusal("year", number, "is out of reach", "give a year like 2026")
    return Span(date(number, 1, 1), date(number, 12, 31), str(number))


def _quarter(of: int, number: int) -> Span:
    first = date(of, 3 * number - 2, 1)
    after = date(of + number // 4, 3 * number % 12 + 1, 1)
    return Span(first, after - timedelta(days=1), f"{of}-Q{number}")
