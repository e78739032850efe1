"""The one-page ledger (N9): all open cases, on a landscape page of A4, the longest due first."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from services.notify.domain.letter import one_line
from services.notify.domain.recipient import Directory
from services.notify.store import directory as people
from services.notify.store import record
from services.notify.terms import TERMS
from services.notify.usecases.desk import Desk
from services.notify.usecases.paper_book import Book, Column
from shared.language import Language, said

ON_A_PAGE = 36
"""Rows that can be read on one page; the rest stand on a second sheet."""

LONGEST_TITLE = 28
"""Characters of a matter that stand in one line of the ledger."""


@dataclass(frozen=True, slots=True)
class Line:
    """A case of the ledger. late: working days after its date, 0 if it is not past."""

    case: str
    unit: str
    title: str
    person: str
    track: str
    opened: date
    due: date | None
    late: int


def lines(desk: Desk, session: Session, at: datetime, language: Language, unit: str | None = None) -> list[Line]:
    """The cases that are open at a moment."""
    today = desk.calendar.local_date(at)
    rows = record.open_at(session, at, unit)
    keys = {row["unit"] for row in rows if row["unit"]}
    names, seats = people.names(session, keys), people.directory(session, keys)
    return [
        Line(
            row["case"],
            names.get(row["unit"], {}).get(language, row["unit"] or ""),
            one_line(row["title"], LONGEST_TITLE),
            person(seats, row["unit"], today),
            TERMS[language].get(row["track"], row["track"]),
            desk.calendar.local_date(row["opened_at"]),
            row["due"],
            late(desk, row["due"], today),
        )
        for row in rows
    ]


def person(seats: Directory, unit: str | None, day: date) -> str:
    """Who answers for a unit's cases on a day: its handler, else its main leader (R4)."""
    for role in ("handler", "main_leader"):
        found = seats.seat(unit or "", role, day)
        if found:
            return found[0].name
    return ""


def late(desk: Desk, due: date | None, today: date) -> int:
    """Working days after a date."""
    return desk.calendar.working_days_between(due, today) if due is not None and today > due else 0


def workbook(desk: Desk, session: Session, now: datetime, language: Language) -> bytes:
    """The ledger as .xlsx: one page; where that is not enough, all cases on a second sheet."""
    found = lines(desk, session, now, language)
    overdue = sum(1 for line in found if line.late)
    chinese = language == "zh"
    office, today = said(desk.programme.office, language), desk.calendar.local_date(now)
    title = f"{office}在办问题总账" if chinese else f"{office}: all open cases"
    counted = (
        f"截至{today}，在办{len(found)}件，其中逾期{overdue}件。"
        if chinese
        else f"On {today}: {len(found)} open, {overdue} of them past due."
    )
    notes = [counted]
    if len(found) > ON_A_PAGE:
        rest = len(found) - ON_A_PAGE
        notes.append(f"另有{rest}件见“全部”表。" if chinese else f"{rest} more on the sheet “all”.")
    book = Book(title, desk.programme.zone, now)
    table = [_row(number, line) for number, line in enumerate(found, 1)]
    name = "一页总账" if chinese else "one page"
    book.sheet(name, title, _columns(chinese), table[:ON_A_PAGE], notes=notes, pages_high=1, red=8)
    if len(found) > ON_A_PAGE:
        book.sheet("全部" if chinese else "all", title, _columns(chinese), table, notes=notes[:1], red=8)
    return book.close()


def _columns(chinese: bool) -> list[Column]:
    headings = (
        ("序号", "编号", "单位", "问题", "责任人", "办理方式", "交办日期", "办理期限", "逾期（工作日）")
        if chinese
        else ("No.", "Case", "Unit", "Matter", "Answers for it", "Track", "Handed over", "Due", "Late (working days)")
    )
    widths = (6, 14, 26, 58, 12, 12, 12, 12, 15)
    return [Column(heading, width) for heading, width in zip(headings, widths, strict=True)]


def _row(number: int, line: Line) -> list[object]:
    return [
        number, line.case, line.unit, line.title, line.person, line.track, line.opened, line.due, line.late or None
    ]  # fmt: skip
