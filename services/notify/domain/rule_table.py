"""Rules as a table that an office can read and change (N2): columns, rows read with every error, rows written."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from services.notify.domain.row_errors import RowError, folded
from shared.errors import Refusal
from shared.spreadsheet import Column, plain_text

COLUMNS: dict[str, Column] = {
    "number": Column("序号", 6),
    "event": Column("事件", 34),
    "event_label": Column("事件说明", 22),
    "steps": Column("期限节点", 24),
    "tells": Column("告诉谁", 26),
    "template": Column("信件模板", 26),
    "channels": Column("渠道", 14),
    "fallback_channels": Column("备用渠道", 14),
    "urgency": Column("缓急", 10),
    "language": Column("语言", 10),
    "documents": Column("附件文书", 24),
    "remark": Column("备注", 40),
}
"""Fields of a row with their headings. `number` and `event_label` are for people: nothing is taken from them."""

NEEDED = ("event", "tells", "template")
URGENCIES = {"ordinary": "普通", "urgent": "紧急", "expiry": "逾期通知"}
LANGUAGES = {"zh": "中文", "en": "英文"}
READERS_LANGUAGE = "随收信人"
AS_ESCALATED = "按提醒升级规则"
_STEPS = {"warning": "到期前{}个工作日", "escalation": "逾期{}个工作日"}
EXPIRED = "到期"
_SPLIT = re.compile(r"[、,，;；/\n]+")
_CODE = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Known:
    """What cells may name: keys with the names that people write. channels: that there are, beside e-mail."""

    events: Mapping[str, str]
    roles: Mapping[str, str]
    templates: frozenset[str]
    documents: Mapping[str, str]
    channels: frozenset[str]


def columns(header: Sequence[str]) -> dict[str, str]:
    """Field → column of the table. Raises Refusal (422) where one that is needed is missing."""
    known = {folded(column.heading): field for field, column in COLUMNS.items()} | {key: key for key in COLUMNS}
    found: dict[str, str] = {}
    for column in header:
        field = known.get(folded(column))
        if field is not None:
            found.setdefault(field, column)
    missing = [COLUMNS[field].heading for field in NEEDED if field not in found]
    if missing:
        raise Refusal("header", "、".join(header)[:200], f"columns are missing: {'、'.join(missing)}",
                      f"the headings are: {'、'.join(c.heading for c in COLUMNS.values())}")  # fmt: skip
    return found


def read_rows(
    header: Sequence[str], rows: Iterable[tuple[int, Mapping[str, str]]], known: Known
) -> tuple[list[tuple[int, dict[str, Any], str]], list[RowError]]:
    """Every row as the values of a rule with its number and remark, and every error. Raises Refusal for the header."""
    at = columns(header)
    found: list[tuple[int, dict[str, Any], str]] = []
    errors: list[RowError] = []
    for number, cells in rows:
        values = {field: plain_text(cells.get(column, "")).strip() for field, column in at.items()}
        if not any(values[field] for field in values.keys() - {"number", "event_label"}):
            continue
        reader = _Reader(number, values, known)
        rule = reader.rule()
        errors += reader.errors
        if not reader.errors:
            found.append((number, rule, " ".join(values.get("remark", "").split())))
    return found, errors


def row_of(number: int, rule: Mapping[str, Any], remark: str, known: Known) -> list[object]:
    """A rule as a row that is read back to the same rule."""
    cells: dict[str, object] = {
        "number": number,
        "event": rule["event"],
        "event_label": known.events.get(rule["event"], ""),
        "steps": "、".join(step_label(step) for step in rule["steps"] or ()),
        "tells": "、".join(known.roles.get(role, role) for role in rule["tells"]),
        "template": rule["template"],
        "channels": "、".join(rule["channels"]),
        "fallback_channels": "、".join(rule["fallback_channels"]),
        "urgency": URGENCIES[rule["urgency"]],
        "language": LANGUAGES.get(rule["language"] or "", READERS_LANGUAGE),
        "documents": "、".join(known.documents.get(kind, kind) for kind in rule["documents"]),
        "remark": remark,
    }
    return [cells[field] for field in COLUMNS]


def line_of(rule: Mapping[str, Any], remark: str) -> str:
    """A rule as a line of the programme's file; what is as by default is left out."""
    parts = [f"event: {rule['event']}", f"tells: [{', '.join(rule['tells'])}]", f"template: {rule['template']}"]
    if tuple(rule["channels"]) != ("email",):
        parts.append(f"channels: [{', '.join(rule['channels'])}]")
    for field in ("fallback_channels", "documents", "steps"):
        if rule[field]:
            parts.append(f"{field}: [{', '.join(rule[field])}]")
    if rule["urgency"] != "ordinary":
        parts.append(f"urgency: {rule['urgency']}")
    if rule["language"]:
        parts.append(f"language: {rule['language']}")
    return f"  - {{{', '.join(parts)}}}{f'   # {remark}' if remark else ''}"


def step_label(step: str) -> str:
    """A step of a deadline as people write it."""
    kind, _, days = step.rpartition("_")
    if kind in _STEPS and days.isdigit():
        return _STEPS[kind].format(days)
    return EXPIRED if step == "expired" else step


class _Reader:
    """One row; errors are gathered, not raised."""

    def __init__(self, number: int, values: Mapping[str, str], known: Known) -> None:
        self._number = number
        self._values = values
        self._known = known
        self.errors: list[RowError] = []

    def rule(self) -> dict[str, Any]:
        roles = {**{label: key for key, label in self._known.roles.items()}, **{key: key for key in self._known.roles}}
        kinds = {label: key for key, label in self._known.documents.items()}
        kinds |= {key: key for key in self._known.documents}
        urgencies = {label: key for key, label in URGENCIES.items()} | {key: key for key in URGENCIES}
        languages = {label: key for key, label in LANGUAGES.items()} | {key: key for key in LANGUAGES}
        channels = {name: name for name in {"email", *self._known.channels}}
        return {
            "event": self._one("event", self._known.events, "no letters are written about this event"),
            "tells": self._many("tells", roles, "no such role"),
            "template": self._one("template", self._known.templates, "no such template"),
            "channels": self._many("channels", channels, "no such channel") or ["email"],
            "fallback_channels": self._many("fallback_channels", channels, "no such channel"),
            "urgency": self._word("urgency", urgencies, "ordinary"),
            "language": self._word("language", {**languages, READERS_LANGUAGE: None}, None),
            "documents": self._many("documents", kinds, "no such kind of document"),
            "steps": self._steps() or None,
        }

    def _say(self, field: str, value: str, reason: str, known: Iterable[str]) -> None:
        possible = list(known)
        near = get_close_matches(value, possible, n=3, cutoff=0.5)
        remedy = f"did you mean: {'、'.join(near)}" if near else f"use one of: {'、'.join(possible)}"[:600]
        self.errors.append(RowError(self._number, field, value[:80], reason, remedy))

    def _one(self, field: str, known: Iterable[str], reason: str) -> str:
        said = self._values.get(field, "")
        possible = sorted(known)
        if said not in possible:
            self._say(field, said, reason if said else "is empty", possible)
        return said

    def _many(self, field: str, known: Mapping[str, str], reason: str) -> list[str]:
        found: list[str] = []
        said = [part.strip() for part in _SPLIT.split(self._values.get(field, "")) if part.strip()]
        if not said and field in NEEDED:
            self._say(field, "", "is empty", known)
        for one in said:
            if one not in known:
                self._say(field, one, reason, known)
            elif known[one] in found:
                self._say(field, one, "stands there twice", ["name it once"])
            else:
                found.append(known[one])
        return found

    def _word(self, field: str, known: Mapping[str, Any], default: Any) -> Any:
        said = self._values.get(field, "")
        if not said:
            return default
        if said not in known:
            self._say(field, said, "is none of the words known here", known)
        return known.get(said, default)

    def _steps(self) -> list[str]:
        found: list[str] = []
        for one in (part.strip() for part in _SPLIT.split(self._values.get("steps", "")) if part.strip()):
            days = re.sub(r"\D", "", one)
            for kind, label in _STEPS.items():
                if days and one == label.format(days):
                    found.append(f"{kind}_{days}")
                    break
            else:
                if one == EXPIRED or _CODE.fullmatch(one):
                    found.append("expired" if one == EXPIRED else one)
                else:
                    self._say("steps", one, "no step of a deadline", [EXPIRED, *(s.format(3) for s in _STEPS.values())])
        return found
