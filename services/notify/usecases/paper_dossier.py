"""A unit's year-end dossier (N9): everything on record about it in a year, a sheet a subject."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping
from sqlmodel import Session

from services.notify.domain.figures import rate
from services.notify.domain.quarter import year
from services.notify.domain.recipient import UNIT_ROLES
from services.notify.store import directory as people
from services.notify.store import record, registered
from services.notify.usecases.counting import counted, instants
from services.notify.usecases.desk import Desk
from services.notify.usecases.paper_book import Book, Column
from services.notify.usecases.paper_ledger import lines
from services.notify.usecases.paper_monthly import FIGURES
from services.notify.usecases.paper_words import SUBJECTS, content, label
from shared.errors import Refusal
from shared.language import Language

HEADINGS = {
    "zh": ("时间", "事项", "编号", "内容", "依据（事件）"),
    "en": ("When", "What", "Number", "What it says", "Event"),
}
WIDTHS = (17, 22, 20, 70, 36)


def workbook(
    desk: Desk, session: Session, unit: str, of: int, now: datetime, language: Language, *, own: bool = False
) -> bytes:
    """The dossier as .xlsx. own: as the unit itself may read it, without what others recorded in its windows: findings
    come to it by their approval (I7). Raises Refusal (404 no such unit)."""
    name = people.names(session, [unit]).get(unit, {}).get(language)
    if name is None:
        raise Refusal("unit", unit, "no such unit is registered", "use a key of the register", 404)
    span = year(of)
    since, until = instants(desk, span)
    chinese = language == "zh"
    title = f"{name} {of}年度档案" if chinese else f"{name}: dossier of {of}"
    book = Book(title, desk.programme.zone, now)
    _summary(desk, session, book, unit, title, of, now, language)
    rows = [row for row in record.between(session, since, until, unit=unit) if not (own and _of_others(row))]
    columns = [Column(heading, width) for heading, width in zip(HEADINGS[language], WIDTHS, strict=True)]
    for key, (zh, en, kinds) in SUBJECTS.items():
        found = [row for row in rows if row["kind"] in kinds]
        sheet = zh if chinese else en
        book.sheet(sheet, f"{title} · {sheet}", columns, _rows(desk, found, language))
        if key == "cases":
            _open(desk, session, book, unit, min(now, until), language)
    _letters(desk, session, book, unit, (since, until), title, language)
    return book.close()


def _of_others(row: RowMapping) -> bool:
    return bool(row["kind"] == "intake.inspection.recorded" and row["facts"].get("by") != "unit")


def _rows(desk: Desk, found: Iterable[RowMapping], language: Language) -> Iterable[list[Any]]:
    for row in found:
        said = content(desk.programme, row["kind"], row["facts"], language)
        yield [row["at"], label(row["kind"], language), row["case"] or "", said, row["event"]]


def _summary(
    desk: Desk, session: Session, book: Book, unit: str, title: str, of: int, now: datetime, language: Language
) -> None:
    chinese = language == "zh"
    period = counted(desk, session, year(of), now)
    own = next(one for one in period.units if one.unit == unit)
    rows: list[list[object]] = [[zh if chinese else en, getattr(own, key)] for key, zh, en in FIGURES]
    rows.append(["满意率（%）" if chinese else "Satisfied (%)", rate(own.graded - own.bad, own.graded)])
    today = desk.calendar.local_date(now)
    people_of = people.directory(session, [unit])
    for role, zh, en in (("main_leader", "主要负责人", "Main leader"), ("deputy_in_charge", "分管领导", "Deputy")):
        holder = people_of.seat(unit, role, today)
        rows.append([zh if chinese else en, holder[0].name if holder else ""])
    columns = [Column("项目" if chinese else "Figure", 30), Column("数量" if chinese else "Count", 20)]
    book.sheet("概况" if chinese else "summary", title, columns, rows, landscape=False)


def _open(desk: Desk, session: Session, book: Book, unit: str, at: datetime, language: Language) -> None:
    chinese = language == "zh"
    headings = (
        ("编号", "问题", "责任人", "交办日期", "办理期限", "逾期（工作日）")
        if chinese
        else ("Case", "Matter", "Answers for it", "Handed over", "Due", "Late (working days)")
    )
    columns = [Column(heading, width) for heading, width in zip(headings, (16, 50, 14, 13, 13, 12), strict=True)]
    rows = [
        [line.case, line.title, line.person, line.opened, line.due, line.late or None]
        for line in lines(desk, session, at, language, unit)
    ]
    name = "在办问题" if chinese else "open cases"
    book.sheet(name, name, columns, rows, red=5)


def _letters(
    desk: Desk, session: Session, book: Book, unit: str, span: tuple[datetime, datetime], title: str,
    language: Language,
) -> None:  # fmt: skip
    name = "通知" if language == "zh" else "letters"
    # what the office was told about the unit is not of its dossier: some of it before an approval (I7)
    found = registered.planned_between(session, *span, unit=unit, roles=UNIT_ROLES)
    rows = (letter(row) for row in found)
    book.sheet(name, f"{title} · {name}", letter_columns(language), rows)


def letter_columns(language: Language) -> list[Column]:
    """Columns of a register of notices (N8)."""
    headings = (
        ("通知", "时间", "发出", "事由（事件类型）", "编号", "收件人", "身份", "结果", "原因")
        if language == "zh"
        else ("Notice", "Planned", "Due", "Kind of event", "Number", "To", "Role", "Outcome", "Reason")
    )
    return [Column(h, w) for h, w in zip(headings, (28, 17, 17, 40, 16, 14, 16, 12, 30), strict=True)]


def letter(row: RowMapping) -> list[Any]:
    """A row of a register of notices."""
    event = str(row["event"]).removeprefix("minping.").removesuffix(".v1")
    return [
        row["id"], row["planned_at"], row["due"], event, row["case"] or "", row["name"], row["role"], row["state"],
        row["reason"],
    ]  # fmt: skip
