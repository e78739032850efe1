"""A unit's table of service receipts, row by row (S13): which column holds what, every row taken or refused.

Only unit, section, day and number are taken. A receipt's own number serves to find one that stands there twice; what
else the table tells of people is never looked at.
"""

import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.scoring.domain.register_rows import Refused
from shared.errors import Refusal

HEADERS = {
    "unit": "单位编码 编码 代码 unit key code",
    "name": "单位名称 名称 单位 办理单位 办事单位 name",
    "section": "科室 处室 窗口 岗位 站所 section post",
    "served_on": "办事日期 办理日期 办结日期 服务日期 日期 served_on date day",
    "count": "份数 数量 回执数 件数 count number",
    "receipt": "回执号 回执编号 办件编号 受理编号 受理号 流水号 receipt",
}
LONGEST_SECTION = 64
_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT]+\d{1,2}[:时].*)?|(\d{4})(\d{2})(\d{2})"
)


@dataclass(frozen=True, slots=True)
class Receipts:
    """What a row says: `count` receipts of a unit (and section) for services of one day."""

    row: int
    unit: str
    section: str
    served_on: dt.date
    count: int
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for rows that do not say it."""

    unit: str = ""
    served_on: dt.date | None = None


def columns(header: Sequence[str]) -> dict[str, str]:
    """Field → column of a table's header. Raises Refusal for a field that stands in two columns."""
    fields = {alias: field for field, aliases in HEADERS.items() for alias in aliases.split()}
    found: dict[str, str] = {}
    for column in header:
        field = fields.get(unicodedata.normalize("NFKC", column).strip().lower())
        if field and field in found:
            raise Refusal("header", column, f"{field} stands in {found[field]} already", "leave one of them out")
        if field:
            found[field] = column
    return found


def take_rows(
    header: Sequence[str],
    rows: Iterable[tuple[int, Mapping[str, str]]],
    named: Callable[[str], str],
    defaults: Defaults,
) -> tuple[list[Receipts], list[Refused]]:
    """The rows that can be read and those that cannot, each with field, reason and remedy; empty rows are passed over.

    named: the key of the unit of a name (raises Refusal).
    """
    at = columns(header)
    taken: list[Receipts] = []
    refused: list[Refused] = []
    seen: dict[tuple[str, str], int] = {}
    for number, cells in rows:
        row = {field: cells.get(column, "").strip() for field, column in at.items()}
        if at and not any(row.values()):
            continue
        try:
            one = _receipts(number, row, named, defaults)
            if one.receipt and (first := seen.setdefault((one.unit, one.receipt), number)) != number:
                raise Refusal("receipt", one.receipt, f"stands in row {first} already", "leave one of them out")
            taken.append(one)
        except Refusal as why:
            refused.append(Refused(number, why.field, str(why.value or ""), why.reason, why.remedy))
    return taken, refused


def digest(taken: Iterable[Receipts]) -> str:
    """What a table says, as SHA-256 whatever the order of its rows: the same table twice is found by it."""
    lines = sorted([r.unit, r.section, r.served_on.isoformat(), str(r.count), r.receipt] for r in taken)
    return hashlib.sha256(json.dumps(lines, ensure_ascii=False).encode()).hexdigest()


def day_of(said: str) -> dt.date:
    """A day as tables have it: 2026-03-02, 2026/3/2, 2026年3月2日, 20260302, also with a time. Raises Refusal."""
    match = _DAY.fullmatch(unicodedata.normalize("NFKC", said).strip())
    if match:
        try:
            return dt.date(*(int(part) for part in match.groups() if part))
        except ValueError:
            pass
    raise Refusal("served_on", said[:64], "is no day that can be read", "write it as 2026-03-02")


def _receipts(number: int, row: Mapping[str, str], named: Callable[[str], str], defaults: Defaults) -> Receipts:
    unit = row.get("unit") or (named(row["name"]) if row.get("name") else defaults.unit)
    if not unit:
        raise Refusal("unit", "", "no unit is named", "add a column 单位编码, or name one unit for the whole table")
    section = row.get("section", "")
    if len(section) > LONGEST_SECTION:
        raise Refusal("section", section[:LONGEST_SECTION], f"is over {LONGEST_SECTION} characters", "shorten it")
    day = day_of(row["served_on"]) if row.get("served_on") else defaults.served_on
    if day is None:
        raise Refusal("served_on", "", "no day is given", "add a column 办事日期, or give one day for the whole table")
    said = row.get("count") or "1"
    if not said.isascii() or not said.isdigit() or not 1 <= int(said[:9]) <= 10_000:
        raise Refusal("count", said[:64], "is no number from 1 to 10,000", "write how many receipts the row stands for")
    if row.get("receipt") and int(said) > 1:
        raise Refusal("count", said[:64], "one receipt has one code", "leave the number or the receipt out")
    return Receipts(number, unit, section, day, int(said), row.get("receipt", ""))
