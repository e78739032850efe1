"""What a page of the bulletin needs besides its items: names of units, and what a circular's figures count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.notify.domain.bulletin import Item, item_id
from services.notify.store import bulletin
from services.notify.store import directory as people
from shared.language import Language


def names_for(session: Session, items: Iterable[Item]) -> dict[str, dict[str, str]]:
    """Names of all units that these items are about."""
    return people.names(session, {unit for item in items for unit in item.units})


def units_shown(session: Session, language: Language) -> list[tuple[str, str]]:
    """Units that some item is about, with their names, by name."""
    keys = bulletin.units(session)
    names = people.names(session, keys)
    return sorted(((key, names.get(key, {}).get(language, key)) for key in keys), key=lambda pair: pair[1])


@dataclass(frozen=True, slots=True)
class Instance:
    """Something that a circular's figure counts: its name, and the item that tells of it, if one does."""

    name: str
    item: str


Named = list[tuple[str, list[tuple[str, list[Instance]]]]]
"""By unit, by figure."""


def named(session: Session, item: Item) -> Named:
    """The units that a circular names, each figure with what it counts."""
    if item.kind != "circular" or item.withdrawal is not None:
        return []
    rows = item.last.facts.get("named", [])
    abouts = {str(one["number"]): _about(one) for row in rows for one in row.get("instances", [])}
    there = bulletin.there(session, {item_id(about) for about in abouts.values()})
    found: Named = []
    for row in rows:
        figures: dict[str, list[Instance]] = {}
        for one in row.get("instances", []):
            number = str(one["number"])
            key = item_id(abouts[number])
            made = Instance(str(one.get("title") or number), key if key in there else "")
            figures.setdefault(str(one["figure"]), []).append(made)
        found.append((str(row["unit"]), list(figures.items())))
    return found


def _about(one: Mapping[str, Any]) -> str:
    """What the item about an instance is about: a duty of a period, a promise, or a case."""
    number = str(one["number"])
    if number.startswith("duty:"):
        _, obligation, period, _ = number.split(":", 3)
        return f"schedule {obligation} {period}"
    return f"commitment {number}" if one["figure"] == "broken" else f"case {number}"
