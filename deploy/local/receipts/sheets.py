"""What a unit is given: its codes as a table (.csv, .xlsx) and as slips to print, with links and QR codes.

The files hold the codes themselves: only their owner may read them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.local.ceremony.sheets import qr
from deploy.local.keys import write_private
from shared.errors import Refusal
from shared.spreadsheet import Column, neutral, write

A_PAGE = 21
"""Slips on a page of A4: three beside each other, seven below."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the sheets of a kind of code say."""

    code: str
    title: str
    day: str
    how: str
    en: str


RECEIPTS = Words("评价码", "请您评价", "办事日期", "扫码评价，不留姓名", "Tell us how it was")
QUESTIONNAIRES = Words("答题码", "请您答卷", "发放日期", "扫码答卷，不留姓名", "Please answer our questions")
_PAPER = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip

Batch = Mapping[str, Any]


def write_all(folder: Path, batches: Sequence[Batch], words: Words = RECEIPTS) -> list[Path]:
    """Three files a unit, in a folder that is `free`."""
    by_unit: dict[str, list[Batch]] = {}
    for batch in batches:
        by_unit.setdefault(batch["unit"], []).append(batch)
    written = []
    for unit, found in sorted(by_unit.items()):
        for name, content in _files(unit, found, words).items():
            write_private(folder / name, content)
            written.append(folder / name)
    return written


def free(folder: Path) -> None:
    """A folder for the sheets, made before codes are issued that could not be written. Raises Refusal."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        taken = next(folder.iterdir(), None)
    except OSError as error:
        raise Refusal("out", str(folder), f"cannot be used: {error.strerror}", "name another folder") from error
    if taken is not None:
        raise Refusal("out", str(folder), f"is not empty ({taken.name})", "name a new folder")


def _files(unit: str, batches: Sequence[Batch], words: Words) -> dict[str, bytes]:
    rows, name = list(_rows(batches)), batches[0]["name"]
    text, book = io.StringIO(newline=""), io.BytesIO()
    out = csv.writer(text)
    columns = (
        Column("单位编码", 16), Column("单位名称", 28), Column("科室或岗位", 18), Column(words.day, 12),
        Column("有效至", 12), Column(words.code, 38), Column("链接", 64),
    )  # fmt: skip
    out.writerow([column.heading for column in columns])
    out.writerows([neutral(cell) for cell in row] for row in rows)
    title = f"{name} {words.code}"
    write(book, words.code, columns, rows, zone=ZoneInfo("UTC"), title=title, made=datetime.now(UTC))
    slips = [
        {"section": section, "day": day, "until": until, "groups": code.split("-"), "qr": qr(link)}
        for _, _, section, day, until, code, link in rows
    ]
    pages = [slips[i : i + A_PAGE] for i in range(0, len(slips), A_PAGE)]
    page = _PAPER.get_template("slips.html").render(name=name, pages=pages, words=words)
    return {
        f"{unit}.csv": text.getvalue().encode("utf-8-sig"),  # spreadsheets take it for UTF-8 by its mark only
        f"{unit}.xlsx": book.getvalue(),
        f"{unit}.html": page.encode(),
    }


def _rows(batches: Sequence[Batch]) -> Iterator[tuple[str, ...]]:
    for batch in batches:
        begins = batch["unit"], batch["name"], batch["section"], batch["served_on"], batch["last_day"]
        for text in batch["texts"]:
            yield *begins, text, batch["link"] + text
