"""Dated duties of a programme (R9): what each unit owes each period, by when, and what it must hand in.

Periods and due dates are pure arithmetic on days; that a due date on a day off rolls to the next working day is the
calendar's (`WorkingCalendar.roll`). `findings` is the check of what must hold between the fields.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field

from shared.programme.marks import Finding, Said, rows
from shared.programme.messages import meant
from shared.programme.values import Code, Label, Part, YearDayText, unsaid

TASK = "task"
"""What stands for the obligation's key in a task that the office publishes."""

OFFICE = "office"
"""The unit of duties that the appraisal office itself has."""

DaysAfter = Annotated[int, Field(ge=0, le=120, strict=True)]
_RHYTHMS = ("by", "monthly", "quarterly", "half_yearly", "annual")
_WHO = ("every_unit", "categories", "units", "office")


@dataclass(frozen=True, slots=True)
class Period:
    """One period of an obligation. `opens`: the day it is announced; `by`: the last day, before any rolling."""

    key: str
    opens: date
    by: date


class Who(Part):
    """Whose duty it is: exactly one of these is written."""

    every_unit: bool = False
    categories: tuple[Code, ...] = ()
    units: tuple[str, ...] = ()
    office: bool = False

    def owes(self, unit: str, category: str) -> bool:
        """Whether a registered unit has the duty."""
        return self.every_unit or category in self.categories or unit in self.units


class When(Part):
    """The rhythm: exactly one of `by`, `monthly`, `quarterly`, `half_yearly`, `annual`; numbers are natural days.

    by: a day of each year, announced on `opens` (without it on 1 January). monthly: the day of the *next* month.
    quarterly, half_yearly, annual: days after the period's end; 0 is its last day, and such a duty, to be done
    within the period, is announced at the period's beginning, all others on the day after its end. report_within:
    working days after that day in which what was done may still be handed in.
    """

    by: YearDayText | None = None
    opens: YearDayText | None = None
    monthly: Annotated[int, Field(ge=1, le=28, strict=True)] | None = None
    quarterly: DaysAfter | None = None
    half_yearly: DaysAfter | None = None
    annual: DaysAfter | None = None
    report_within: Annotated[int, Field(ge=1, le=60, strict=True)] | None = None

    def periods(self, year: int) -> tuple[Period, ...]:
        """The periods that belong to a programme year, in order."""
        if self.by is not None:
            opens = self.opens.on(year) if self.opens else date(year, 1, 1)
            return (Period(str(year), opens, self.by.on(year)),)
        if self.monthly is not None:
            return tuple(_month(year, month, self.monthly) for month in range(1, 13))
        if self.quarterly is not None:
            return tuple(_span(f"{year}-Q{n + 1}", year, 3 * n + 1, 3, self.quarterly) for n in range(4))
        if self.half_yearly is not None:
            return tuple(_span(f"{year}-H{n + 1}", year, 6 * n + 1, 6, self.half_yearly) for n in range(2))
        return (_span(str(year), year, 1, 12, self.annual or 0),)

    def opening(self, first: date, last: date) -> tuple[Period, ...]:
        """The periods announced from `first` to `last`, both inclusive, by the day they are announced."""
        # What is announced in a year may belong to the programme year before (a report of the year) or to that year.
        found = (p for year in range(first.year - 1, last.year + 1) for p in self.periods(year))
        return tuple(sorted((p for p in found if first <= p.opens <= last), key=lambda p: (p.opens, p.key)))


class Asked(Part):
    """One thing that what is handed in must say."""

    key: Code
    label: Label


Responsible = Literal[
    "main_leader", "deputy_in_charge", "handler", "superior", "office", "approver", "leading_group", "panel",
    "guidance", "discipline",
]  # fmt: skip
RESPONSIBLE: dict[Responsible, Label] = {
    "main_leader": Label(zh="主要负责人", en="main leader"),
    "deputy_in_charge": Label(zh="分管领导", en="deputy in charge"),
    "handler": Label(zh="承办人", en="handler"),
    "superior": Label(zh="上级领导", en="superior"),
    "office": Label(zh="评议办", en="appraisal office"),
    "approver": Label(zh="审批领导", en="approver"),
    "leading_group": Label(zh="领导小组", en="leading group"),
    "panel": Label(zh="评议组", en="panel"),
    "guidance": Label(zh="指导组", en="guidance group"),
    "discipline": Label(zh="纪检部门", en="discipline office"),
}
"""What people read for who answers for a duty."""


class Obligation(Part):
    """A duty of units, or of the office, that comes back each period (R9).

    responsible: the role that answers for it, published with it; by default the main leader. phase: of the year.
    """

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=32)]
    label: Label
    who: Who
    when: When
    acceptance: tuple[Asked, ...] = ()
    document: bool = True
    published: bool = False
    inspection: bool = False
    points: Literal["obligation_missed", "none"] = "obligation_missed"
    responsible: Responsible | None = Field(default=None, exclude_if=unsaid)
    phase: Code | None = Field(default=None, exclude_if=unsaid)

    @property
    def costs(self) -> bool:
        """Whether a missed one costs a point; the office is not ranked."""
        return self.points != "none" and not self.who.office


def _first(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _month(year: int, month: int, day: int) -> Period:
    following = _first(year, month + 1)
    return Period(f"{year}-{month:02d}", following, following.replace(day=day))


def _span(key: str, year: int, month: int, months: int, after: int) -> Period:
    begins, over = _first(year, month), _first(year, month + months)
    return Period(key, over if after else begins, over + timedelta(days=after - 1))


def findings(data: Any) -> Iterator[Finding]:
    """What does not hold: who and when written once each, known categories, windows that end after they open."""
    categories = [str(row["key"]) for _, row in rows(data, "categories") if "key" in row]
    for where, row in rows(data, "obligations"):
        key, who, when = row.get("key"), row.get("who"), row.get("when")
        if key == TASK:
            yield Finding(
                (*where, "key"),
                key,
                Said("task 留给任务分解用", "`task` stands for tasks that the office publishes"),
                Said("换一个 key", "use another key"),
            )
        if isinstance(who, dict):
            named = [name for name in _WHO if who.get(name)]
            if len(named) != 1:
                yield Finding(
                    (*where, "who"),
                    ", ".join(named),
                    Said("由谁办要写一种，且只写一种", "whose duty it is must be said in exactly one way"),
                    Said(
                        "every_unit: true、categories、units、office: true 选一个",
                        "give one of every_unit: true, categories, units, office: true",
                    ),
                )
            listed = who.get("categories")
            for i, value in enumerate(listed if isinstance(listed, list) else []):
                if isinstance(value, str) and value not in categories:
                    known = ", ".join(categories)
                    yield Finding(
                        (*where, "who", "categories", i),
                        value,
                        Said("没有这个类别", "there is no such category"),
                        meant(value, categories) or Said(f"改为其中之一：{known}", f"use one of these: {known}"),
                    )
        if isinstance(when, dict):
            yield from _rhythm((*where, "when"), when)


def _rhythm(where: tuple[str | int, ...], when: dict[str, Any]) -> Iterator[Finding]:
    given = [name for name in _RHYTHMS if when.get(name) is not None]
    if len(given) != 1:
        yield Finding(
            where,
            ", ".join(given),
            Said("何时办要写一种，且只写一种", "the rhythm must be given in exactly one way"),
            Said(f"{'、'.join(_RHYTHMS)} 选一个", f"give one of {', '.join(_RHYTHMS)}"),
        )
    elif when.get("opens") is not None:
        if given != ["by"]:
            yield Finding(
                (*where, "opens"),
                when["opens"],
                Said("opens 只能和 by 一起用", "`opens` goes only with `by`"),
                Said("删掉 opens", "remove it"),
            )
        else:
            yield from _window(where, when)


def _window(where: tuple[str | int, ...], when: dict[str, Any]) -> Iterator[Finding]:
    try:
        window = When.model_validate(when)
    except ValueError:
        return  # the schema tells what is wrong with it
    (period,) = window.periods(2025)
    if period.by < period.opens:
        yield Finding(
            (*where, "by"),
            when["by"],
            Said("早于开始日", "lies before its opening"),
            Said("改正日期；次年的日期写“+1 月-日”", "correct it; a day of the following year is written `+1 MM-DD`"),
        )
