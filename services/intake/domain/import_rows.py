"""Rows of an export to reports, with the real mess of such files (I13). Pure: the file is read elsewhere.

A row either gives a `Report` or a `RowProblem` that names its number and field; no row gives neither.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from services.intake.domain.targets import Timed
from shared.errors import Refusal

FIELDS = (
    "ticket", "reported_at", "text", "title", "unit", "topic", "place",
    "petitioner", "phone", "address", "id_number", "reply", "replied_at", "target", "flag",
)  # fmt: skip
REQUIRED = ("ticket", "reported_at", "text")
LONGEST = {"ticket": 64, "text": 20_000, "title": 500, "unit": 64, "topic": 64, "place": 200}

_HEADERS = {
    "ticket": "留言编号 编号 工单编号 工单号 信件编号 受理编号 ticket ticket_id case_enquiry_id id",
    "reported_at": "留言时间 投诉时间 来电时间 反映时间 受理时间 登记时间 reported_at time date open_dt",
    "text": "留言详情 留言内容 投诉内容 反映内容 内容 诉求内容 text content description body",
    "title": "留言主题 主题 标题 title subject case_title",
    "unit": "被投诉单位 被反映单位 涉及单位 unit",
    "topic": "问题类型 topic",
    "place": "地点 事发地点 place location",
    "petitioner": "留言用户 投诉人 反映人 来电人 姓名 联系人 petitioner name",
    "phone": "电话 联系电话 手机 手机号 来电号码 phone tel",
    "address": "住址 联系地址 address",
    "id_number": "身份证号 身份证号码 id_number",
    "reply": "答复意见 答复内容 回复内容 处理结果 reply",
    "replied_at": "答复时间 回复时间 办结时间 replied_at closed_dt",
    "target": "办理期限 办结期限 截止时间 应办结时间 target target_dt",
    "flag": "是否超期 是否逾期 是否按时 办理时限状态 flag ontime_status",
}

_STAMP = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[\sT]*(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*(?:[:分]\s*(\d{1,2}))?(?:\.(\d{1,6})\d*)?\s*[分秒]?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\xa0]")
_WHOLE = re.compile(r"-?\d+\.0+")


@dataclass(frozen=True, slots=True)
class Report:
    """A row that can be registered. `row` is its number in the file, as a spreadsheet shows it; times are aware."""

    row: int
    ticket: str
    reported_at: datetime
    text: str
    title: str = ""
    unit: str | None = None
    topic: str | None = None
    place: str | None = None
    identity: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    reply: str = ""
    replied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that cannot be registered as it is: which field, what stands there, why not.

    `partial` holds the fields that could be read, so that the row can be kept for repair beside its error.
    """

    row: int
    field: str
    value: str
    reason: str
    remedy: str
    partial: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    identity: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)


def column_map(
    header: Sequence[object], given: Mapping[str, str] | None = None, required: Sequence[str] = REQUIRED
) -> dict[str, int]:
    """Which column holds which field. Of columns with the same name the first counts; `name#2` is the second.

    given: header → field, from the command line, before the known headers. Raises Refusal naming what is missing.
    """
    names = numbered([_plain(cell) for cell in header])
    found: dict[str, int] = {}
    for source, target in (given or {}).items():
        if target not in FIELDS:
            raise Refusal("--map", f"{source}={target}", "no such field", f"use one of: {', '.join(FIELDS)}")
        wanted = _plain(source).removesuffix("#1")
        if wanted not in names:
            raise Refusal("--map", f"{source}={target}", "the file has no such column", f"it has: {_shown(names)}")
        found.setdefault(target, names.index(wanted))
    taken = set(found.values())
    for target, known in _HEADERS.items():
        if target in found:
            continue
        position = next((names.index(n) for n in known.split() if n in names and names.index(n) not in taken), None)
        if position is not None:
            found[target] = position
            taken.add(position)
    missing = [name for name in required if name not in found]
    if missing:
        maps = " ".join(f"--map COLUMN={name}" for name in missing)
        raise Refusal(
            "header", _shown(names), f"no column holds {', '.join(missing)}, so nothing was registered",
            f"say which one does ({maps}); a table without them is no export of complaints",
        )  # fmt: skip
    return found


def numbered(names: Sequence[str]) -> list[str]:
    """Names that occur again get their number: `hours`, `hours#2`."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return out


def read_rows(
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    zone: ZoneInfo,
    given: Mapping[str, str] | None = None,
    first_row: int = 2,
) -> Iterator[Report | RowProblem]:
    """Every row as a Report or a RowProblem; empty rows and repeated headers are passed over.

    zone: what naive times mean. first_row: number of the first of `rows` in the file. Raises Refusal for a header
    that lacks a needed column.
    """
    columns = column_map(header, given)
    for number, row in kept_rows(header, rows, first_row):
        yield read_row(number, {name: row[at] if at < len(row) else "" for name, at in columns.items()}, zone)


def kept_rows(
    header: Sequence[object], rows: Iterable[Sequence[object]], first_row: int = 2
) -> Iterator[tuple[int, Sequence[object]]]:
    """The rows that say something, with their numbers: neither empty nor the header again."""
    repeated = [_plain(cell) for cell in header]
    first = next((at for at, name in enumerate(repeated) if name), 0)
    for number, row in enumerate(rows, start=first_row):
        if all(_is_empty(cell) for cell in row):
            continue
        if first < len(row) and _plain(row[first]) == repeated[first] and [_plain(cell) for cell in row] == repeated:
            continue
        yield number, row


def read_timed(
    header: Sequence[object],
    rows: Iterable[Sequence[object]],
    zone: ZoneInfo,
    given: Mapping[str, str] | None = None,
    first_row: int = 2,
) -> Iterator[Timed]:
    """Every row's own times and flag. Raises Refusal for a header that lacks one of them."""
    columns = column_map(header, given, ("reported_at", "target", "replied_at", "flag"))
    for number, row in kept_rows(header, rows, first_row):
        cells = {name: row[at] if at < len(row) else "" for name, at in columns.items()}
        moments: dict[str, datetime | None] = {}
        problem = ""
        for name in ("reported_at", "target", "replied_at"):
            try:
                moments[name] = moment_of(cells[name], zone)
            except ValueError as error:
                problem = f"{name}: {error}"
        yield Timed(
            row=number, opened=moments.get("reported_at"), target=moments.get("target"),
            closed=moments.get("replied_at"), flag=text_of(cells["flag"]), problem=problem,
        )  # fmt: skip


def read_row(number: int, cells: Mapping[str, object], zone: ZoneInfo) -> Report | RowProblem:
    """One row, by field."""
    partial = {name: text_of(cells.get(name, "")) for name in FIELDS}
    identity = {
        name: partial.pop(key)
        for key, name in (
            ("petitioner", "name"), ("phone", "phone"), ("address", "address"), ("id_number", "id_number"),
        )
    }  # fmt: skip
    identity = {name: value for name, value in identity.items() if value}

    stamps: dict[str, datetime | None] = {}
    unread: dict[str, str] = {}
    for name in ("reported_at", "replied_at"):
        try:
            stamps[name] = moment = moment_of(cells.get(name), zone)
            partial[name] = moment.isoformat() if moment else ""
        except ValueError as error:
            unread[name] = str(error)

    def problem(name: str, reason: str, remedy: str) -> RowProblem:
        return RowProblem(
            row=number, field=name, value=partial[name][:80], reason=reason, remedy=remedy,
            partial=partial, identity=identity,
        )  # fmt: skip

    if not partial["ticket"]:
        return problem("ticket", "the row has no number of its own", "give each row its ticket number")
    if not partial["text"]:
        return problem("text", "nothing is reported", "give the text of the complaint")
    for name, most in LONGEST.items():
        if len(partial[name]) > most:
            return problem(name, f"it has more than {most:,} characters", "shorten it")
    for name, wrong in unread.items():
        return problem(name, wrong, "write it like 2026-03-05 09:30:00")
    reported_at = stamps["reported_at"]
    if reported_at is None:
        return problem("reported_at", "no time of report", "write it like 2026-03-05 09:30:00")
    return Report(
        row=number, ticket=partial["ticket"], reported_at=reported_at, text=partial["text"],
        title=partial["title"], unit=partial["unit"] or None, topic=partial["topic"] or None,
        place=partial["place"] or None, identity=identity, reply=partial["reply"],
        replied_at=stamps["replied_at"],
    )  # fmt: skip


def text_of(value: object) -> str:
    """A cell as text: trimmed of white space (NBSP too), `3681.0` is 3681, control characters are gone."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = _CONTROL.sub(" ", str(value)).replace("\ufeff", "").strip()
    return text.split(".")[0] if _WHOLE.fullmatch(text) else text


def moment_of(value: Any, zone: ZoneInfo) -> datetime | None:
    """A cell as an aware time; a naive one is local to `zone`, a date alone is its beginning. None if empty.

    Raises ValueError saying what is wrong.
    """
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(0), zone)
    text = unicodedata.normalize("NFKC", text_of(value))
    if not text:
        return None
    match = _STAMP.fullmatch(text)
    if not match:
        raise ValueError("this is no time that can be read")
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    try:
        day_of = date(int(year), int(month), int(day))
        clock = time(int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "").ljust(6, "0")))
        local = datetime.combine(day_of, clock, zone)
        return datetime.fromisoformat(local.replace(tzinfo=None).isoformat() + offset) if offset else local
    except ValueError:
        raise ValueError("there is no such day or hour") from None


def _plain(cell: object) -> str:
    return unicodedata.normalize("NFKC", text_of(cell)).casefold()


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not text_of(cell))


def _shown(names: Sequence[str]) -> str:
    return ", ".join(name[:30] for name in names[:60]) or "nothing"
