"""The monthly table (N9): a unit a row, what came, what was closed, what went wrong, and how people found it."""

from datetime import datetime

from sqlmodel import Session

from services.notify.domain.figures import Unit, rate
from services.notify.domain.quarter import Span
from services.notify.store import directory as people
from services.notify.usecases.counting import Period, counted
from services.notify.usecases.desk import Desk
from services.notify.usecases.paper_book import Book, Column
from shared.language import Language, said

FIGURES = (
    ("opened", "交办", "Handed over"), ("closed", "办结", "Closed"), ("solved", "其中已解决", "Solved"),
    ("open", "期末在办", "Open at the end"), ("late", "逾期办结", "Closed late"), ("no_result", "无结果", "No result"),
    ("escalated", "严重逾期", "Long overdue"), ("broken", "承诺未兑现", "Promises broken"),
    ("missed", "任务未完成", "Duties missed"), ("findings", "检查发现", "Findings"), ("graded", "回访评价", "Answers"),
    ("bad", "不满意", "Bad answers"),
)  # fmt: skip


def workbook(desk: Desk, session: Session, span: Span, now: datetime, language: Language) -> bytes:
    """A span's table as .xlsx, landscape, one page wide; the last row is the sum."""
    period = counted(desk, session, span, now)
    names = people.names(session, [unit.unit for unit in period.units])
    chinese = language == "zh"
    office = said(desk.programme.office, language)
    title = f"{office}{span.name}办理情况表" if chinese else f"{office}: {span.name}"
    columns = [Column("单位" if chinese else "Unit", 28)]
    columns += [Column(zh if chinese else en, 9) for _, zh, en in FIGURES]
    columns.append(Column("满意率（%）" if chinese else "Satisfied (%)", 9))
    rows = [_row(names.get(unit.unit, {}).get(language, unit.unit), unit) for unit in period.units]
    rows.append(_row("合计" if chinese else "All units", _sum(period)))
    book = Book(title, desk.programme.zone, now)
    notes = [f"{span.first} – {span.last}"]
    book.sheet(span.name, title, columns, rows, notes=notes)
    return book.close()


def _row(name: str, unit: Unit) -> list[object]:
    figures: list[object] = [getattr(unit, key) for key, _, _ in FIGURES]
    return [name, *figures, rate(unit.graded - unit.bad, unit.graded)]


def _sum(period: Period) -> Unit:
    made = Unit("")
    for key, _, _ in FIGURES:
        setattr(made, key, period.total(key))
    return made
