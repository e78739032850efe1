"""The directory as a table that an office keeps: its columns, rows read with every error named, rows written (N1)."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from services.notify.domain.recipient import OFFICE_ROLES, UNIT_ROLES, Holder
from services.notify.domain.row_errors import RowError, folded
from shared.errors import Refusal
from shared.spreadsheet import Column, plain_text

COLUMNS: dict[str, Column] = {
    "unit": Column("单位编号", 18),
    "unit_name": Column("单位名称", 24),
    "role": Column("职务", 14),
    "person": Column("人员编号", 16),
    "name": Column("姓名", 12),
    "email": Column("电子邮件", 30),
    "since": Column("任职日期", 13),
    "until": Column("离任日期", 13),
    "substitute": Column("AB角", 10),
    "fields": Column("分管", 24),
    "language": Column("信件语言", 10),
    "contacts": Column("其他联系方式", 36),
}
"""Fields of a row with their headings. `unit_name` is for people: nothing is taken from it where there is a key."""

ALIASES = {
    "unit": ("单位编号", "单位", "单位代码", "unit"),
    "unit_name": ("单位名称", "unit_name"),
    "role": ("职务", "角色", "role"),
    "person": ("人员编号", "工号", "person"),
    "name": ("姓名", "name"),
    "email": ("电子邮件", "邮箱", "电子邮箱", "email"),
    "since": ("任职日期", "到任日期", "since"),
    "until": ("离任日期", "until"),
    "substitute": ("ab角", "代理", "substitute"),
    "fields": ("分管", "分管领域", "分管工作", "fields"),
    "language": ("信件语言", "语言", "language"),
    "contacts": ("其他联系方式", "contacts"),
}
NEEDED = ("role", "person", "name", "email", "since")
ROLE_LABELS = {
    "handler": "经办人", "main_leader": "主要负责人", "deputy_in_charge": "分管领导", "superior": "上级领导",
    "office": "评议办", "approver": "审批领导", "leading_group": "领导小组", "discipline": "纪检部门",
    "auditor": "审计人员", "operator": "运行人员", "supervisor": "监督员", "evaluator": "评议员",
}  # fmt: skip
STANDS_IN = {"": (False, False), "否": (False, False), "ab角": (True, False), "b角": (True, False),
             "是": (True, False), "代行": (True, True), "代行职务": (True, True)}  # fmt: skip
LANGUAGES = {"": None, "中文": "zh", "zh": "zh", "英文": "en", "en": "en"}
PERSON = re.compile(r"[^\x00-\x1f|]{1,64}")
CHANNEL = re.compile(r"[a-z][a-z0-9_-]*")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_SPLIT = re.compile(r"[、,，;；\n]+")
_SPLIT_CONTACTS = re.compile(r"[；\n]+")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Words:
    """What the cells may name beside keys: units and fields by the names that people write."""

    units: Mapping[str, str]
    fields: Mapping[str, str]
    language: str


def columns(header: Sequence[str]) -> dict[str, str]:
    """Field → the column of the table that holds it. Raises Refusal (422) where one that is needed is missing."""
    known = {alias: field for field, aliases in ALIASES.items() for alias in aliases}
    found: dict[str, str] = {}
    for column in header:
        field = known.get(folded(column))
        if field is not None:
            found.setdefault(field, column)
    missing = [COLUMNS[field].heading for field in NEEDED if field not in found]
    if "unit" not in found and "unit_name" not in found:
        missing.insert(0, COLUMNS["unit"].heading)
    if missing:
        raise Refusal("header", "、".join(header)[:200], f"columns are missing: {'、'.join(missing)}",
                      f"the headings are: {'、'.join(c.heading for c in COLUMNS.values())}")  # fmt: skip
    return found


def read_rows(
    header: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str]]], words: Words
) -> tuple[list[tuple[int, Holder]], list[RowError]]:
    """Every row as a term of office with its number, and every error of every row. Raises Refusal for the header."""
    at = columns(header)
    found: list[tuple[int, Holder]] = []
    errors: list[RowError] = []
    seen: dict[tuple[str, str, str, date], int] = {}
    for number, cells in rows:
        values = {field: plain_text(cells.get(column, "")).strip() for field, column in at.items()}
        if not any(values.values()):
            continue
        reader = _Reader(number, values, words)
        term = reader.term()
        errors += reader.errors
        if term is None:
            continue
        key = (term.unit, term.role, term.person, term.since)
        if key in seen:
            errors.append(
                RowError(number, "person", term.person, f"row {seen[key]} has the same term", "leave one of them out")
            )
            continue
        seen[key] = number
        found.append((number, term))
    return found, errors


class _Reader:
    """One row; errors are gathered, not raised."""

    def __init__(self, number: int, values: Mapping[str, str], words: Words) -> None:
        self._number = number
        self._values = values
        self._words = words
        self.errors: list[RowError] = []

    def term(self) -> Holder | None:
        unit, role = self._unit(), self._role()
        person, name = self._text("person", PERSON), self._text("name", None)
        email = self._text("email", None)
        since, until = self._day("since", needed=True), self._day("until", needed=False)
        substitute, acting = self._one_of("substitute", STANDS_IN, (False, False))
        language = self._one_of("language", LANGUAGES, None)
        fields, contacts = self._fields(), self._contacts()
        if self.errors or since is None:
            return None
        return Holder(
            unit, role, person, name, email, since, until, substitute, language or self._words.language,
            contacts, fields, acting,
        )  # fmt: skip

    def _say(self, field: str, reason: str, remedy: str) -> None:
        self.errors.append(RowError(self._number, field, self._values.get(field, "")[:80], reason, remedy))

    def _unit(self) -> str:
        for field in ("unit", "unit_name"):
            said = self._values.get(field, "")
            if said:
                found = self._words.units.get(said)
                if found is None:
                    self._say(field, "no registered unit", "give the unit's key, `office` for the appraisal office")
                return found or ""
        self._say("unit", "is empty", "give the unit's key, `office` for the appraisal office")
        return ""

    def _role(self) -> str:
        said = self._values.get("role", "")
        known = {label: key for key, label in ROLE_LABELS.items()} | {key: key for key in OFFICE_ROLES | UNIT_ROLES}
        if said not in known:
            self._say("role", "no such office", f"use one of: {'、'.join(ROLE_LABELS.values())}")
        return known.get(said, "")

    def _text(self, field: str, pattern: re.Pattern[str] | None) -> str:
        said = self._values.get(field, "")
        if not said:
            self._say(field, "is empty", f"fill in {COLUMNS[field].heading}")
        elif len(said) > 254 or (pattern is not None and not pattern.fullmatch(said)):
            self._say(field, "is too long, or has a character that it may not have", "write it shorter, on one line")
        return said

    def _day(self, field: str, *, needed: bool) -> date | None:
        said = unicodedata.normalize("NFKC", self._values.get(field, ""))
        if not said and not needed:
            return None
        match = _DAY.fullmatch(said)
        try:
            if match:
                return date(*(int(part) for part in match.groups()))
        except ValueError:
            pass  # the 31st of a short month: said below like any other day that is none
        self._say(field, "is no day" if said else "is empty", "write it like 2026-03-01")
        return None

    def _one_of(self, field: str, known: Mapping[str, T], default: T) -> T:
        said = folded(self._values.get(field, ""))
        if said not in known:
            self._say(field, "is none of the words known here", f"use one of: {'、'.join(k for k in known if k)}")
        return known.get(said, default)

    def _fields(self) -> tuple[str, ...]:
        found: list[str] = []
        for one in (part.strip() for part in _SPLIT.split(self._values.get("fields", "")) if part.strip()):
            key = self._words.fields.get(one)
            if key is None:
                self._say("fields", f"{one} is no topic and no dimension of the programme",
                          f"use some of: {'、'.join(self._words.fields)}"[:400])  # fmt: skip
            elif key not in found:
                found.append(key)
        return tuple(found)

    def _contacts(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for one in (part.strip() for part in _SPLIT_CONTACTS.split(self._values.get("contacts", "")) if part.strip()):
            channel, sign, address = (part.strip() for part in one.partition("="))
            if not sign or not address or not CHANNEL.fullmatch(channel):
                self._say("contacts", f"{one} is no address on a channel", "write it like sms=13800000000；wecom=wang")
            else:
                found[channel] = address
        return found


def row_of(term: Holder, unit_name: str, field_label: Callable[[str], str]) -> list[object]:
    """A term as a row that is read back to the same term."""
    stands_in = "代行职务" if term.acting else "AB角" if term.substitute else ""
    cells: dict[str, object] = {
        "unit": term.unit, "unit_name": unit_name, "role": ROLE_LABELS[term.role], "person": term.person,
        "name": term.name, "email": term.email, "since": term.since, "until": term.until, "substitute": stands_in,
        "fields": "、".join(field_label(one) for one in term.fields),
        "language": "英文" if term.language == "en" else "中文",
        "contacts": "；".join(f"{channel}={address}" for channel, address in sorted(term.contacts.items())),
    }  # fmt: skip
    return [cells[field] for field in COLUMNS]
