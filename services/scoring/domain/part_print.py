"""Reading the composite's other parts out of result.json again, and computing their values from what it prints (S9)."""

import re
from collections.abc import Mapping

from services.scoring.domain.canon import Json, Malformed, decimal, items, text, whole
from services.scoring.domain.parts import PartRule, PartValue, entered, resolved, with_sample
from services.scoring.domain.surveys import surveyed_again

_DAY = re.compile(r"(\+1 )?\d\d-\d\d")


def again(rule: PartRule, inputs: Mapping[str, Json]) -> PartValue:
    """The value computed again from printed inputs. Raises Malformed or Refusal."""
    sample = inputs.get("sample")
    number = None if sample is None else whole(sample, f"{rule.key}.sample")
    if "items" in inputs:
        return surveyed_again(rule, inputs)
    if "marks" not in inputs:
        return with_sample(rule, resolved(inputs), number)
    marks = inputs["marks"]
    if not isinstance(marks, Mapping):
        raise Malformed(f"{rule.key}.marks is no object")
    read = {key: decimal(mark, f"{rule.key}.{key or 'value'}") for key, mark in marks.items()}
    about = {k: v for k, v in inputs.items() if k not in ("marks", "sample")}
    return entered(rule, read, number, about)


def rules_from_json(value: Json) -> tuple[PartRule, ...]:
    """The rules of the parts as result.json prints them. Raises Malformed."""
    found = []
    for entry in items(value, "parts"):
        if not isinstance(entry, Mapping):
            raise Malformed("parts: an entry is no object")
        key = text(entry.get("part"), "parts.part")
        weights = []
        for item in items(entry.get("items"), f"parts.{key}.items"):
            if not isinstance(item, Mapping):
                raise Malformed(f"parts.{key}.items: an entry is no object")
            weights.append((text(item.get("item"), f"parts.{key}.item"), decimal(item.get("weight"), f"parts.{key}")))
        if weights and sum(w for _, w in weights) != 100:
            raise Malformed(f"parts.{key}.items: weights do not sum to 100")
        least = whole(entry.get("least"), f"parts.{key}.least")
        window = _window(entry.get("window"), f"parts.{key}.window") if "window" in entry else None
        found.append(PartRule(key, text(entry.get("kind"), f"parts.{key}.kind"), least, tuple(weights), window))
    return tuple(found)


def _window(value: Json, where: str) -> tuple[str, str]:
    days = tuple(text(day, where) for day in items(value, where))
    if len(days) != 2 or not all(_DAY.fullmatch(day) for day in days):
        raise Malformed(f"{where}: {days} are no first and last day")
    return days[0], days[1]
