"""The small types a programme is written with: labels, shares, days of a year, codes."""

from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError


class Part(BaseModel):
    """A frozen piece of a programme. An unknown field is an error: a slip must not pass as a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def unsaid(value: Any) -> bool:
    """A field that came later and is not written stands in no hash: rules that say nothing of it keep theirs."""
    return not value


class Label(Part):
    """What people read: Chinese always, English for those who want it."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def __str__(self) -> str:
        return self.zh


def _share(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("share", "a share is written like 75% or 0.75")
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return Decimal(value.strip()[:-1].strip()) / 100
        except InvalidOperation:
            raise PydanticCustomError("share", "a share is written like 75% or 0.75") from None
    return value


def _fraction(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    text = str(value).strip()
    try:
        if text.endswith("%"):
            return Fraction(text[:-1].strip()) / 100
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise PydanticCustomError("fraction", "a fraction is written like 2/3, 70% or 0.7") from None


def _positive_fraction(value: Any) -> Fraction:
    fraction = _fraction(value)
    if not 0 < fraction <= 1:
        raise PydanticCustomError("fraction", "a fraction lies above 0 and is at most 1")
    return fraction


Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
"""A name used by programs: lower case letters, digits, - and _."""

Share = Annotated[Decimal, BeforeValidator(_share), Field(ge=0, le=1)]
"""A share of a whole, 0 to 1, exact; written `75%` or `0.75`."""

Ratio = Annotated[
    Fraction,
    BeforeValidator(_positive_fraction),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["2/3"]}),
]
"""An exact fraction above 0, at most 1; written `2/3`."""

WorkingDays = Annotated[int, Field(ge=1, le=365, strict=True)]
"""A number of working days."""

Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
"""A whole number, 0 or more."""

Number = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
"""A whole number, 1 or more."""


class YearDay(Part):
    """A day of a programme's year; written `06-30`, or `+1 01-31` for a day of the following year."""

    month: int
    day: int
    years_later: int = 0

    def on(self, year: int) -> date:
        """The day itself for the programme year `year`."""
        return date(year + self.years_later, self.month, self.day)

    def __str__(self) -> str:
        return f"{'+1 ' if self.years_later else ''}{self.month:02d}-{self.day:02d}"


def _year_day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text, later = value.strip(), 0
    if text.startswith("+1"):
        text, later = text[2:].strip(), 1
    try:
        # 2001 is no leap year: 29 February does not exist in every year a programme runs
        day = date.fromisoformat(f"2001-{text}")
    except ValueError:
        raise PydanticCustomError(
            "year_day", "a day of the year is written like 06-30, or +1 01-31 in the following year"
        ) from None
    return {"month": day.month, "day": day.day, "years_later": later}


YearDayText = Annotated[
    YearDay,
    BeforeValidator(_year_day),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^(\+1 )?[0-9]{2}-[0-9]{2}$", "examples": ["06-30", "+1 01-31"]}),
]


class Window(Part):
    """Days of a year, both inclusive."""

    opens: YearDayText
    closes: YearDayText

    def on(self, year: int) -> tuple[date, date]:
        """The first and the last day for the programme year `year`."""
        return self.opens.on(year), self.closes.on(year)

    def holding(self, day: date) -> tuple[date, date] | None:
        """The first and the last day of that year's window which holds the day; None where none does."""
        for year in (day.year, day.year - 1):  # one that begins in the following year belongs to the year before
            first, last = self.on(year)
            if first <= day <= last:
                return first, last
        return None
