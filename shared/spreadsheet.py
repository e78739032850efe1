"""Tables as .xlsx for people: a heading, rows as they come, constant memory, and nothing in a cell that runs (X7)."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

MOST_ROWS = 1_048_575
"""rows under the heading that a sheet of .xlsx can hold"""
LONGEST_CELL = 32_767
RUNS = ("=", "+", "-", "@", "\t", "\r")
"""What a program may take for the beginning of a formula, when the sheet is opened or saved as .csv."""
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and its width in characters."""

    heading: str
    width: int = 14


def write(
    target: IO[bytes],
    sheet: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    zone: ZoneInfo,
    title: str = "",
    made: datetime,
) -> int:
    """Write a workbook of one sheet; returns how many rows it holds.

    Texts are texts, never formulas: one that begins like a formula is led by an apostrophe, so that it stays a text
    when the sheet is saved as .csv and opened again. Instants are shown in `zone`; None is an empty cell. Raises
    ValueError for more rows than a sheet can hold.
    """
    import xlsxwriter  # 12 MB in memory: it comes with the first table, not with the service

    book = xlsxwriter.Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    # Else the library writes the present of the machine: the same table would be another file each time.
    book.set_properties({"title": title or sheet, "created": made.astimezone(zone).replace(tzinfo=None)})
    page = book.add_worksheet(sheet)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "valign": "top"})
    for position, column in enumerate(columns):
        page.set_column(position, position, column.width)
        page.write_string(0, position, column.heading, bold)
    page.freeze_panes(1, 0)
    count = 0
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise ValueError(f"more than {MOST_ROWS} rows do not fit into a sheet")
        for position, value in enumerate(row):
            _cell(value, zone, page, (count, position), wrapped, day, moment)
    book.close()
    return count


def neutral(text: str) -> str:
    """A text as a cell may hold it: what begins like a formula is led by an apostrophe, controls are gone."""
    kept = "".join(char for char in text if char >= " " or char in "\n\t")[:LONGEST_CELL]
    return f"'{kept}"[:LONGEST_CELL] if kept.startswith(RUNS) else kept


def plain_text(text: str) -> str:
    """A cell's text as it was before `neutral`: without the apostrophe that leads what begins like a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(RUNS) else text


def write_csv(target: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> int:
    """Write a table as .csv that Excel and WPS open as it is: UTF-8 with its mark; returns how many rows it holds.

    Days as 2026-03-01, None as an empty cell; nothing in a cell that runs, as in `write`.
    """
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
    out = csv.writer(text)
    out.writerow([column.heading for column in columns])
    count = 0
    for row in rows:
        out.writerow(["" if value is None else neutral(str(value)) for value in row])
        count += 1
    text.flush()
    text.detach()
    return count


def _cell(value: Any, zone: ZoneInfo, page: Any, at: tuple[int, int], wrapped: Any, day: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_string(*at, "是" if value else "否", wrapped)
    elif isinstance(value, (int, float, Decimal)):
        page.write_number(*at, value, wrapped)
    elif isinstance(value, datetime):
        page.write_datetime(*at, value.astimezone(zone).replace(tzinfo=None), moment)
    elif isinstance(value, date):
        page.write_datetime(*at, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 - a day has no zone
    else:
        page.write_string(*at, neutral(str(value)), wrapped)
