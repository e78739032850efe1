"""Paper for a hall without tablets (S16): the sheet to fill in, the table to key it in, and reading that table."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import python_calamine

from services.scoring.domain.rehearsal import MEMBER, SAYS
from shared.errors import Refusal

CARD, SPOILED = "评议卡 card", "作废 spoiled"
_YES = ("1", "是", "x", "X", "√", "yes")
_STYLE = """
body { font: 11pt "Noto Serif CJK SC", "SimSun", serif; margin: 12mm }
h1 { font-size: 16pt; margin: 0 0 2mm } p { margin: 0 0 3mm }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #000; padding: 1.2mm 1.5mm; text-align: center }
td:first-child { text-align: left } thead { display: table-header-group } tr { break-inside: avoid }
.card { border: 1px dashed #000; height: 22mm; padding: 2mm; margin: 4mm 0 } .rehearsal { font-size: 20pt }
"""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A row of the table: where it stands, the card, and its marks (None: spoiled)."""

    row: int
    card: str
    marks: dict[str, dict[str, str]] | None


def headings(form: Mapping[str, Any]) -> list[str]:
    """The table's headings: the card, spoiled, then `unit.dimension` with their names."""
    cells = [
        f"{unit['key']}.{dimension['key']} {unit['name']} {dimension['label']}"
        for unit in form["units"]
        for dimension in form["dimensions"]
    ]
    return [CARD, SPOILED, *cells]


def legend(form: Mapping[str, Any]) -> str:
    """Which number stands for which grade."""
    grades = [f"{number}={grade['label']}" for number, grade in enumerate(form["grades"], 1)]
    return "  ".join((*grades, "0 或空 or empty=不了解"))


def sheet(form: Mapping[str, Any], *, rehearsal: bool) -> str:
    """The paper to fill in, as a page to print: a row a unit, a grade by number, a place for the card."""
    mark = f'<p class="rehearsal">★ {SAYS} {MEMBER} ★</p>' if rehearsal else ""
    heads = "".join(f"<th>{escape(d['label'])}</th>" for d in form["dimensions"])
    empty = "<td>&#8195;</td>" * len(form["dimensions"])
    rows = "".join(f"<tr><td>{escape(unit['name'])}</td>{empty}</tr>" for unit in form["units"])
    return (
        f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>纸质测评表 {escape(form["meeting"])}</title>'
        f"<style>{_STYLE}</style>{mark}<h1>纸质测评表 · {escape(form['meeting'])}</h1>"
        f"<p>每格填一个数字：{escape(legend(form))}。不写姓名。填好后连同评议卡一起投入票箱。</p>"
        f"<table><thead><tr><th>单位</th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        f'<div class="card">评议卡贴在这里 the card goes here</div></html>\n'
    )


def read_table(path: Path, form: Mapping[str, Any]) -> Iterator[Keyed]:
    """The papers of a keyed-in table. Raises Refusal naming row and column."""
    rows = _rows(path)
    if not rows:
        raise Refusal("file", str(path), "is empty", "fill in the table of `minping meeting paper-form`")
    keys = [cell.split()[0] if cell.split() else "" for cell in rows[0]]
    wanted = [heading.split()[0] for heading in headings(form)]
    if missing := [key for key in wanted if key not in keys]:
        raise Refusal("columns", missing[:5], "are missing", "fill in the table of `minping meeting paper-form`")
    choices = _choices(form)
    for number, cells in enumerate(rows[1:], 2):
        by_key = dict(zip(keys, cells, strict=False))
        card = by_key.get(wanted[0], "").strip()
        if not card:
            continue  # an empty row of the form
        if by_key.get(wanted[1], "").strip() in _YES:
            yield Keyed(number, card, None)
            continue
        marks: dict[str, dict[str, str]] = {}
        for key in wanted[2:]:
            said = by_key.get(key, "").strip()
            if said not in choices:
                raise Refusal(f"row {number}, {key}", said, f"is no grade: {legend(form)}", "look at the paper again")
            unit, _, dimension = key.partition(".")
            marks.setdefault(unit, {})[dimension] = choices[said]
        yield Keyed(number, card, marks)


def _choices(form: Mapping[str, Any]) -> dict[str, str]:
    """What may stand in a cell → the ballot's key."""
    found = {"": form["abstain"], "0": form["abstain"], form["abstain"]: form["abstain"], "不了解": form["abstain"]}
    for number, grade in enumerate(form["grades"], 1):
        found |= {str(number): grade["key"], grade["label"]: grade["key"], grade["key"]: grade["key"]}
    return found


def _rows(path: Path) -> list[list[str]]:
    try:
        if path.suffix.lower() == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                return [list(row) for row in csv.reader(file)]
        book = python_calamine.CalamineWorkbook.from_path(path)
        return [[_text(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python()]
    except (OSError, ValueError, csv.Error, python_calamine.CalamineError) as error:
        raise Refusal("file", str(path), f"cannot be read: {error}", "save it as .xlsx or .csv (UTF-8)") from error


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a spreadsheet holds every number as one with a point
    return "" if cell is None else str(cell)


def labels(form: Mapping[str, Any], cells: Sequence[str]) -> list[str]:
    """Cells (`unit.dimension`) as people read them."""
    units = {u["key"]: u["name"] for u in form["units"]}
    dimensions = {d["key"]: d["label"] for d in form["dimensions"]}
    found = []
    for cell in cells:
        unit, _, dimension = cell.partition(".")
        found.append(f"{units.get(unit, unit)}·{dimensions.get(dimension, dimension)}")
    return found
