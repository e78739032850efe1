"""The bulletin (N7): what stands on it, under ids that come of what an item is about, and what stands no longer.

An item is the sum of its entries. Nothing is removed: a correction stands beside what it corrects, and an item that
the office withdrew leaves a stub with the reason.
"""

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from services.notify.domain.letter import CONTROLS, OVERRIDES
from shared.errors import Refusal

KINDS = ("announcement", "schedule", "commitment", "handling", "result", "exposure", "contribution", "circular")
OFFICE_ACTS = frozenset({"corrected", "withdrawn"})
LONGEST_TITLE = 120
LONGEST_TEXT = 20_000
_SPACE = uuid.UUID("b3b0bd1e-5f0e-5d3a-9a6a-0d1f5a0c6e21")
_MARKS = re.compile("[\u200e\u200f\u061c]")  # marks of direction: harmless in a language that needs them, here never
_ITEM = re.compile(r"b-[0-9a-f]{16}")


def item_id(about: str) -> str:
    """The permanent id of the item about something: the same whenever the bulletin is made anew from the events."""
    return "b-" + sha256(about.encode()).hexdigest()[:16]


def is_item(text: str) -> bool:
    """Whether this could be the id of an item."""
    return _ITEM.fullmatch(text) is not None


def urn(programme: str, item: str) -> str:
    """An item's id for the feed (RFC 4287): an IRI that never changes, wherever the page stands."""
    return f"urn:uuid:{uuid.uuid5(_SPACE, f'{programme}/{item}')}"


def entry_key(about: str, what: str, at: datetime, facts: Mapping[str, Any]) -> str:
    """The key of an entry: the same fact heard again is the same entry."""
    said = json.dumps([about, what, at.timestamp(), facts], ensure_ascii=False, sort_keys=True, default=str)
    return "e-" + sha256(said.encode()).hexdigest()[:20]


def plain(text: str) -> str:
    """A text of others for a page: its lines, without controls and without marks that turn the text around (X9)."""
    lines = [_MARKS.sub("", OVERRIDES.sub("", CONTROLS.sub(" ", line))).rstrip() for line in text.split("\n")]
    return "\n".join(lines).strip("\n")


def checked_text(text: str, name: str, longest: int, *, needed: bool = True) -> str:
    """A text that may be published. Raises Refusal naming the field."""
    made = plain(text)
    if needed and not made.strip():
        raise Refusal(name, "", "there is nothing to publish", "write it")
    if len(made) > longest:
        raise Refusal(name, made[:80], f"is longer than {longest} characters", "shorten it")
    return made


@dataclass(frozen=True, slots=True)
class Post:
    """What an event puts on the bulletin. `about`: what the item is about. news: it is worth telling in the feed."""

    about: str
    kind: str
    what: str
    facts: Mapping[str, Any]
    units: tuple[str, ...] = ()
    news: bool = True

    @property
    def item(self) -> str:
        """The item's id."""
        return item_id(self.about)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an item, as it stands on record."""

    key: str
    what: str
    at: datetime
    facts: Mapping[str, Any]
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it is read: with the correction that took its place, if any. hidden: its own text is not shown."""

    entry: Entry
    correction: Entry | None = None

    @property
    def hidden(self) -> bool:
        """Whether the text that was corrected is not shown any more."""
        return self.correction is not None and bool(self.correction.facts.get("hidden"))


@dataclass(frozen=True, slots=True)
class Item:
    """An item with its entries, oldest first."""

    id: str
    about: str
    kind: str
    published_at: datetime
    updated_at: datetime
    entries: tuple[Entry, ...] = field(default=())

    @property
    def withdrawal(self) -> Entry | None:
        """The entry by which the office withdrew it."""
        return next((entry for entry in self.entries if entry.what == "withdrawn"), None)

    @property
    def first(self) -> Entry:
        """What it began with, corrections aside."""
        return next((entry for entry in self.entries if entry.what not in OFFICE_ACTS), self.entries[0])

    @property
    def last(self) -> Entry:
        """The latest that was told, corrections aside."""
        found = [entry for entry in self.entries if entry.what not in OFFICE_ACTS]
        return found[-1] if found else self.entries[-1]

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit that it is about."""
        return tuple(dict.fromkeys(unit for entry in self.entries for unit in entry.units))

    def shown(self) -> tuple[Shown, ...]:
        """Its entries as they are read: each with the latest correction of it; corrections do not stand alone."""
        corrections: dict[str, Entry] = {}
        for entry in self.entries:
            if entry.what == "corrected":
                corrections[str(entry.facts.get("corrects") or "")] = entry
        return tuple(
            Shown(entry, corrections.get(entry.key)) for entry in self.entries if entry.what not in OFFICE_ACTS
        )

    def entry(self, key: str) -> Entry:
        """The entry that a correction is of; without a key the latest. Raises Refusal (404)."""
        if not key:
            return self.last
        for entry in self.entries:
            if entry.key == key and entry.what not in OFFICE_ACTS:
                return entry
        known = ", ".join(entry.key for entry in self.entries if entry.what not in OFFICE_ACTS)
        raise Refusal("entry", key, "the item has no such entry", f"use one of: {known}", 404)

    def must_stand(self) -> None:
        """Raises Refusal (409) if it was withdrawn."""
        if self.withdrawal is not None:
            raise Refusal("item", self.id, "it was withdrawn", "enter it anew, or leave it", 409)


def by_time(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """In the order in which things happened, however the events arrived."""
    return tuple(sorted(entries, key=lambda entry: (entry.at, entry.what in OFFICE_ACTS, entry.key)))
