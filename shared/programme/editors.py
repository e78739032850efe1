"""The programme file's JSON Schema, by which editors complete, explain and check while one writes."""

from typing import Any

from shared.programme.extending import OWN
from shared.programme.schema import Programme
from shared.programme.sources import bundled

EXTENDS = "A bundled programme: each part that this file does not write is that one's, whole."
ADDRESS = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a programme file, from the models that read it.

    It knows types, names and bounds; what must hold between fields only `minping programme check` tells.
    """
    schema = Programme.model_json_schema()
    schema.pop("description", None)
    whole: dict[str, Any] = _plain(schema)
    needed = whole.pop("required")
    whole["properties"] = {"extends": {"enum": list(bundled()), "description": EXTENDS}, **whole["properties"]}
    return {
        "$schema": ADDRESS,
        "title": "民评评议方案 · Minping programme",
        "anyOf": [{"required": ["extends", *OWN]}, {"required": needed}],
        **whole,
    }


def _plain(schema: Any) -> Any:
    """Without the titles that repeat a field's name."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
    return [_plain(value) for value in schema] if isinstance(schema, list) else schema
