"""Facts made fit to stand in a document: nothing in them is a template, a control, or turns the text around it (X9)."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from services.notify.documents.kinds import KINDS, Field
from shared.errors import Refusal

# what XML forbids, what a line is broken by besides \n, and what turns or hides the text around it on the screen
FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]")
OVERRIDES = re.compile(r"[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST = 20_000
"""Characters of one field: a paper that is longer was not meant."""

Facts = Mapping[str, Any]


def worded_day(day: date, language: str) -> str:
    """2026年3月2日, 2 March 2026: Arabic numerals, no zeros before them."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B %Y}"


def clean(value: object, language: str) -> str:
    """Any value as text of one or more lines."""
    if value is None:
        return ""
    if isinstance(value, date):
        return worded_day(value, language)
    if isinstance(value, Decimal | int | float | str):
        return OVERRIDES.sub("", FORBIDDEN.sub(" ", str(value)[:LONGEST].replace("\r\n", "\n"))).strip()
    raise TypeError(f"{type(value).__name__} cannot stand in a document")


def day(value: object, language: str) -> str:
    """A day in words; also from ISO 8601, as facts are stored."""
    if isinstance(value, str) and ISO_DAY.fullmatch(value):
        return worded_day(date.fromisoformat(value), language)
    return line(value, language)


def line(value: object, language: str) -> str:
    """One line."""
    return " ".join(clean(value, language).split("\n"))


def paragraphs(value: object, language: str) -> list[str]:
    """The paragraphs of a text, or of several."""
    texts = value if isinstance(value, list | tuple) else [value]
    return [piece.strip() for text in texts for piece in clean(text, language).split("\n") if piece.strip()]


def filled(kind: str, facts: Facts, language: str) -> dict[str, Any]:
    """All fields of a kind, those that are not given empty. Raises Refusal for one that is missing or not known."""
    fields = KINDS[kind].fields
    for name in facts:
        if name not in fields:
            raise Refusal(f"facts.{name}", name, f"no field of {kind}", f"use one of: {', '.join(sorted(fields))}")
    made = {name: _made(field, facts.get(name), language) for name, field in fields.items()}
    made["addressee"] = made["addressee"].rstrip("：:")  # the template has the colon
    if language == "zh" and made.get("cycle", "").isdigit():
        made["cycle"] += "年度"
    for name, field in fields.items():
        if field.needed and not made[name]:
            raise Refusal(f"facts.{name}", "", f"{kind} cannot be without it", "give it")
    return made


def _made(field: Field, value: object, language: str) -> Any:
    match field.form:
        case "line":
            return line(value, language)
        case "day":
            return day(value, language)
        case "lines":
            return [line(entry, language) for entry in _listed(value)]
        case "paragraphs":
            return paragraphs(value, language)
        case "flag":
            return bool(value)
        case "sections":
            return [_section(entry, language) for entry in _listed(value)]


def _section(entry: Any, language: str) -> dict[str, Any]:
    table = entry.get("table")
    shown = None
    if table:
        head = [line(name, language) for name in table["head"]]
        rows = [[line(value, language) for value in row] for row in table["rows"]]
        uneven = next((number for number, row in enumerate(rows, 1) if len(row) != len(head)), None)
        if uneven is not None or not head:
            raise Refusal("facts.sections.table", uneven, "not as many values as columns", "fill every column")
        shown = {"head": head, "rows": rows}
    return {
        "heading": line(entry.get("heading"), language),
        "paragraphs": paragraphs(entry.get("paragraphs") or (), language),
        "table": shown,
    }


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
