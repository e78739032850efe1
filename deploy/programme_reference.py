"""The reference of the programme file, written from the models that read it."""

import json
from collections.abc import Iterator
from typing import Any

from shared.programme.editors import json_schema

HEAD = """# The programme file, field by field 评议方案各字段

What each field takes, and what counts where it is not written. How to write one: [programme.md](../programme.md).
The same for editors: [programme.schema.json](../programme.schema.json) (`minping programme schema`). What must hold
between fields (weights that sum to 100, a topic's dimension that exists …) `minping programme check` tells, by line.
"""


def schema_text() -> str:
    """The JSON Schema as it stands in the docs."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n"


def programme_page() -> str:
    """One table for the file's own fields and one for each part."""
    schema = json_schema()
    parts: dict[str, Any] = schema["$defs"]
    sections = [_section("The file 方案文件", schema, parts)]
    sections += [_section(_short(name), parts[name], parts) for name in _met(schema, parts)]
    return HEAD + "\n" + "\n".join(sections)


def _met(schema: dict[str, Any], parts: dict[str, Any]) -> list[str]:
    """The parts in the order in which a reader meets them."""
    order: list[str] = []
    waiting = list(_refs(schema.get("properties", {})))
    while waiting:
        name = waiting.pop(0)
        if name not in order:
            order.append(name)
            waiting += _refs(parts[name])
    return order


def _refs(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield str(value["$ref"]).rpartition("/")[2]
        for inner in value.values():
            yield from _refs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _refs(inner)


def _section(title: str, part: dict[str, Any], parts: dict[str, Any]) -> str:
    said = " ".join(str(part.get("description", "")).split())
    needed = set(part.get("required") or part.get("anyOf", [{}])[-1].get("required", ()))
    rows = [
        (f"`{name}`", _type(field), "**needed**" if name in needed else _default(field), _what(field, parts))
        for name, field in part.get("properties", {}).items()
    ]
    lines = [f"## {title}", ""] + ([said, ""] if said else [])
    lines += ["| field | takes | without it | what |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _short(name: str) -> str:
    """`shared__programme__parts__When` stands for `parts.When`: two models have that name."""
    return ".".join(name.split("__")[-2:])


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        name = _short(str(field["$ref"]).rpartition("/")[2])
        return f"[{name}](#{name.lower().replace('.', '')})"
    if "anyOf" in field:
        kinds = [_type(kind) for kind in field["anyOf"] if kind.get("type") != "null"]
        # a decimal is a number or the same as text
        return "number" if kinds[:1] and kinds[0].startswith("number") and kinds[1:] == ["text"] else " or ".join(kinds)
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    match field.get("type"):
        case "array":
            return f"list of {_type(field['items'])}" if "items" in field else "list"
        case "object":
            inner = field.get("additionalProperties")
            return f"name: {_type(inner)}" if isinstance(inner, dict) else "map"
        case "string":
            return f"text like `{field['examples'][0]}`" if field.get("examples") else field.get("format", "text")
        case "integer" | "number" as kind:
            return ("whole number" if kind == "integer" else "number") + _bounds(field)
        case "boolean":
            return "true or false"
    return "anything"


def _bounds(field: dict[str, Any]) -> str:
    low, above, high = (field.get(name) for name in ("minimum", "exclusiveMinimum", "maximum"))
    least = f" above {above:,}" if above is not None else f" from {low:,}" if low is not None else ""
    return least.removesuffix(".0") + (f" to {high:,}".removesuffix(".0") if high is not None else "")


def _default(field: dict[str, Any]) -> str:
    if "default" not in field:
        return ""
    text = json.dumps(field["default"], ensure_ascii=False)
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}…`"


def _what(field: dict[str, Any], parts: dict[str, Any]) -> str:
    """What a field says of itself, else the first line about the part that it holds."""
    said = str(field.get("description", ""))
    for name in () if said else list(_refs(field))[:1]:
        said = str(parts[name].get("description", "")).partition("\n\n")[0]
    return " ".join(said.split())
