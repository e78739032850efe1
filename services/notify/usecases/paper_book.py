"""Workbooks for leaders (N9): sheets that print on A4 as they are, with nothing in a cell that runs (X7, X9)."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shared.spreadsheet import LONGEST_CELL, neutral

A4 = 9
RED = "#9A1B1E"
LINE = 16.5
"""Points of a line of a cell: rows are made as high as their text, which not every program does by itself."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and its width in characters."""

    heading: str
    width: int = 12


class Book:
    """A workbook being written; `made` is what it says of its own age, so that the same paper is the same file."""

    def __init__(self, title: str, zone: ZoneInfo, made: datetime) -> None:
        import xlsxwriter  # 12 MB in memory: it comes with the first table, not with the service

        self._target = io.BytesIO()
        self._zone = zone
        self._book = xlsxwriter.Workbook(
            self._target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self._book.set_properties({"title": title, "created": made.astimezone(zone).replace(tzinfo=None)})
        style = self._book.add_format
        self._title = style({"bold": True, "font_size": 16, "align": "center", "font_color": RED})
        self._note = style({"font_size": 10, "text_wrap": True, "valign": "top"})
        self._head = style({"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1,
                            "bg_color": "#F5F5F4"})  # fmt: skip
        self._cell = style({"text_wrap": True, "valign": "vcenter", "border": 1})
        self._day = style({"num_format": "yyyy-mm-dd", "valign": "vcenter", "border": 1})
        self._moment = style({"num_format": "yyyy-mm-dd hh:mm", "valign": "vcenter", "border": 1})
        self._bad = style({"text_wrap": True, "valign": "vcenter", "border": 1, "font_color": RED, "bold": True})

    def sheet(
        self, name: str, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *,
        notes: Sequence[str] = (), landscape: bool = True, pages_high: int = 0, red: int | None = None,
    ) -> int:  # fmt: skip
        """A sheet with a title, notes and a table; returns its rows. pages_high: 0 as many as it takes, one page wide.

        red: the position of a figure that is red where it is not nothing.
        """
        page = self._book.add_worksheet(name[:31])
        page.set_paper(A4)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
        page.fit_to_pages(1, pages_high)
        page.set_footer("&C&P / &N")
        if landscape:
            page.set_landscape()
        last = len(columns) - 1
        page.merge_range(0, 0, 0, last, "", self._title)
        page.write_string(0, 0, neutral(title), self._title)
        page.set_row(0, 2 * LINE)
        at = 1
        for note in notes:
            page.merge_range(at, 0, at, last, "", self._note)
            page.write_string(at, 0, neutral(note), self._note)
            at += 1
        for position, column in enumerate(columns):
            page.set_column(position, position, column.width)
            page.write_string(at, position, neutral(column.heading), self._head)
        page.set_row(at, LINE * max(_lines(column.heading, column.width) for column in columns))
        page.repeat_rows(at)
        page.freeze_panes(at + 1, 0)
        first = at + 1
        for row in rows:
            at += 1
            texts = zip(row, columns, strict=True)
            page.set_row(at, LINE * max(_lines(str(value or ""), column.width) for value, column in texts))
            for position, value in enumerate(row):
                self._write(page, at, position, value, self._bad if position == red and value else self._cell)
        return at - first + 1

    def _write(self, page: Any, row: int, position: int, value: Any, style: Any) -> None:
        if value is None or value == "":
            page.write_blank(row, position, None, style)
        elif isinstance(value, bool):
            page.write_string(row, position, "是" if value else "否", style)
        elif isinstance(value, int | float | Decimal):
            page.write_number(row, position, value, style)
        elif isinstance(value, datetime):
            page.write_datetime(row, position, value.astimezone(self._zone).replace(tzinfo=None), self._moment)
        elif isinstance(value, date):
            midnight = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day has no zone
            page.write_datetime(row, position, midnight, self._day)
        else:
            page.write_string(row, position, neutral(str(value))[:LONGEST_CELL], style)

    def close(self) -> bytes:
        """The finished workbook."""
        self._book.close()
        return self._target.getvalue()


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column of so many characters; a Chinese one is two wide."""
    wide = (sum(2 if ord(char) > 0x2E7F else 1 for char in line) for line in text[:LONGEST_CELL].split("\n"))
    return min(sum(max(1, -(-one // max(width - 1, 1))) for one in wide), 24)
