"""A register of units as an office keeps it, row by row (S1): which column holds what, every row taken or refused."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.scoring.domain.unit import Unit, register
from shared.errors import Refusal
from shared.programme.schema import Programme

HEADERS = {
    "unit": "单位编码 编码 代码 unit key code",
    "name": "单位名称 名称 单位 name",
    "name_en": "英文名称 英文名 name_en",
    "category": "类别 单位类别 category",
    "scope": "排名范围 范围 scope",
    "township": "乡镇 乡镇街道 街道 所属乡镇 township",
    "parent": "主管部门 上级主管部门 上级单位 parent department",
    "group": "分组 组别 group",
    "key_unit": "重点单位 重点评议单位 重点 key_unit key",
}
REQUIRED = ("unit", "name", "category")
_YES, _NO = frozenset({"是", "√", "重点", "1", "yes", "true", "y"}), frozenset({"", "否", "0", "no", "false", "n"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not taken: number, field, what stands there, why, what to do."""

    row: int
    field: str
    value: str
    reason: str
    remedy: str


def columns(header: Sequence[str]) -> dict[str, str]:
    """Field → column of a table's header. Raises Refusal for a column that is missing or stands twice."""
    fields = {alias: field for field, aliases in HEADERS.items() for alias in reversed(aliases.split())}
    found: dict[str, str] = {}
    for column in header:
        field = fields.get(column.strip().lower())
        if field and field in found:
            raise Refusal("header", column, f"{field} stands in {found[field]} already", "leave one of them out")
        if field:
            found[field] = column
    for field in REQUIRED:
        if field not in found:
            remedy = f"name a column one of: {HEADERS[field].replace(' ', ', ')}"
            raise Refusal("header", field, "no column holds it", remedy)
    return found


def take_rows(
    programme: Programme, header: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str]]]
) -> tuple[list[tuple[int, Unit]], list[Refused]]:
    """Units as the programme allows them, with their rows, and the rows that it does not allow. Categories and groups
    by key or Chinese label."""
    at = columns(header)
    categories = {one.label.zh: one.key for one in programme.categories}
    groups = {one.label.zh: one.key for one in programme.groups}
    taken: list[tuple[int, Unit]] = []
    refused: list[Refused] = []
    seen: set[str] = set()
    for number, cells in rows:
        row = dict.fromkeys(HEADERS, "") | {field: cells.get(column, "").strip() for field, column in at.items()}
        try:
            unit = register(
                programme, key=row["unit"], name=row["name"], name_en=row["name_en"],
                category=categories.get(row["category"], row["category"]), scope=row["scope"] or None,
                township=row["township"] or None, parent=row["parent"] or None,
                group=groups.get(row["group"], row["group"]) or None, key_unit=_flag(row["key_unit"]),
            )  # fmt: skip
            if unit.key in seen:
                raise Refusal("unit", unit.key, "stands in the table twice", "leave one of the rows out")
            seen.add(unit.key)
            taken.append((number, unit))
        except Refusal as why:
            refused.append(Refused(number, why.field, str(why.value or ""), why.reason, why.remedy))
    return taken, refused


def _flag(said: str) -> bool:
    if said.lower() in _YES | _NO:
        return said.lower() in _YES
    raise Refusal("key_unit", said, "is neither yes nor no", "write 是 or 否")
