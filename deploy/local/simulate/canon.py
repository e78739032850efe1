"""Events as facts in an order and by names that are the same whenever the same happened.

Ids of events and numbers that go by arrival differ from run to run. Each is told from the others by what the events
say that name it (colour refinement, as for graphs), never by its own letters; whatever cannot be told apart so is
interchangeable, and gives the same text whichever comes first.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from deploy.local.simulate.fields import NAMES, PREFIX, looks_random, shown
from shared.contracts import EVENTS
from shared.errors import Refusal

ROUNDS = 6
Json = Any
EVIDENCED = ("scoring.points.deducted", "scoring.points.awarded")
FIRST = (
    "scoring.programme.published", "scoring.cycle.opened", "scoring.unit.registered", "notify.leader.changed",
)  # fmt: skip
"""What an office enters before anything else can happen; after it the kinds in the order of the contracts."""
_KINDS = [name.removeprefix("minping.").removesuffix(".v1") for name in EVENTS]
_ORDER = {name: place for place, name in enumerate(dict.fromkeys([*FIRST, *_KINDS]))}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened. number: E000001 … in the record's order. at: local time. kind: the event's type, short.

    data: what the event says, without what is random; lists in canonical order.
    """

    number: str
    at: str
    kind: str
    data: Mapping[str, Json]

    @property
    def day(self) -> str:
        """The local day."""
        return self.at[:10]


@dataclass(frozen=True, slots=True)
class Record:
    """All facts of a house, and how it calls what it renamed."""

    facts: tuple[Fact, ...]
    names: Mapping[str, str]

    def renamed(self, text: str) -> str:
        """A text of a run with the record's names in the place of the run's."""
        return NAMES.sub(lambda found: self.names.get(found[0], found[0]), text)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with gaps where names stand."""

    parts: tuple[str, ...]
    tokens: tuple[str, ...]


@dataclass(slots=True)
class _Event:
    id: str
    at: str
    kind: str
    data: Json
    tokens: tuple[str, ...]


def canonical(events: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> Record:
    """Facts from envelopes as they travel. Raises Refusal for a value that looks random, by its field."""
    listed = list(events)
    twice = _told_twice(listed)
    made = [_event(one, zone, twice) for one in listed]
    known = {one.id for one in made}
    kinds = {token: _kind(token) for one in made for token in one.tokens}
    colours = {token: kind for token, kind in kinds.items() if kind != "event" or token in known}
    colours |= dict.fromkeys(known, "event")
    colours = _refined(made, colours)
    order = sorted(made, key=lambda one: _place(one, colours))
    names = {one.id: f"E{number:06d}" for number, one in enumerate(order, 1)}
    counts: dict[str, int] = defaultdict(int)
    for one in order:
        for token in _tokens(one.data, colours):
            if token not in names and (kind := kinds[token]) in PREFIX:
                counts[kind] += 1
                names[token] = f"{PREFIX[kind]}{counts[kind]:04d}"
    facts = tuple(Fact(names[one.id], one.at, one.kind, _said(one, names)) for one in order)
    for fact in facts:
        _refuse_random(fact.kind, fact.data)
    return Record(facts, names)


def _told_twice(events: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """An uncovered quarter is a missed duty too, told by two services at one instant. Which of the two arrived first
    is the evidence of the point: here it is always the duty. Event of the coverage → event of the duty."""
    duties = {
        (one["time"], one["data"]["unit"], one["data"]["period"]): str(one["id"])
        for one in events
        if _short(one) == "rectification.obligation.missed"
    }
    missed = (one for one in events if _short(one) == "intake.coverage.missed")
    found = ((str(one["id"]), duties.get((one["time"], one["data"]["unit"], one["data"]["quarter"]))) for one in missed)
    return {event: duty for event, duty in found if duty}


def _short(envelope: Mapping[str, Any]) -> str:
    return str(envelope["type"]).removeprefix("minping.").removesuffix(".v1")


def _event(envelope: Mapping[str, Any], zone: ZoneInfo, twice: Mapping[str, str]) -> _Event:
    kind = _short(envelope)
    given: dict[str, Any] = dict(envelope["data"])
    if kind in EVIDENCED:
        given["evidence"] = sorted({twice.get(one, one) for one in given["evidence"]})
    data = {name: _read(value, zone) for name, value in given.items() if shown(kind, name)}
    if envelope.get("cycle") and "cycle_name" not in data:
        data["cycle_name"] = _Text((str(envelope["cycle"]),), ())
    return _Event(envelope["id"], _local(envelope["time"], zone), kind, data, tuple(_all(data)))


def _local(text: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(text).astimezone(zone).isoformat(timespec="seconds")


def _read(value: Json, zone: ZoneInfo) -> Json:
    if isinstance(value, Mapping):
        return {name: _read(inner, zone) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_read(inner, zone) for inner in value]
    if isinstance(value, float):
        return _Text((repr(value),), ())
    if not isinstance(value, str):
        return value
    if len(value) >= 20 and value[4:5] == "-" and value[10:11] == "T":
        try:
            return _Text((_local(value, zone),), ())
        except ValueError:
            pass  # a text that begins like an instant
    found = list(NAMES.finditer(value))
    cuts = [0, *(edge for one in found for edge in one.span()), len(value)]
    parts = tuple(value[cuts[i] : cuts[i + 1]] for i in range(0, len(cuts), 2))
    return _Text(parts, tuple(one[0] for one in found))


def _kind(token: str) -> str:
    found = NAMES.fullmatch(token)
    return str(found.lastgroup) if found else ""


def _all(value: Json) -> Iterator[str]:
    if isinstance(value, _Text):
        yield from value.tokens
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _all(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _all(inner)


def _render(value: Json, names: Mapping[str, str]) -> Json:
    """Plain JSON with names filled in; lists sorted by what they say, so that no order of arrival is left."""
    if isinstance(value, _Text):
        if not value.tokens:
            return value.parts[0]
        filled = [
            part for pair in zip(value.parts, (names.get(t, t) for t in value.tokens), strict=False) for part in pair
        ]
        return "".join([*filled, value.parts[-1]])
    if isinstance(value, dict):
        return {name: _render(inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted((_render(inner, names) for inner in value), key=_text)
    return value


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _hash(*words: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, words)).encode()).hexdigest()


def _refined(made: Sequence[_Event], colours: dict[str, str]) -> dict[str, str]:
    """Colours of all names, made finer until no more are told apart."""
    within: dict[str, list[_Event]] = defaultdict(list)
    for one in made:
        for token in {one.id, *one.tokens}:
            if token in colours:
                within[token].append(one)
    told = len(set(colours.values()))
    for _ in range(ROUNDS):
        finer: dict[str, str] = {}
        for token, events in within.items():
            seen = sorted(_seen(one, token, colours) for one in events)
            finer[token] = _hash(colours[token], *seen)
        colours, before = finer, told
        told = len(set(colours.values()))
        if told == before:
            break
    return colours


def _seen(one: _Event, token: str, colours: Mapping[str, str]) -> str:
    """What an event says of a name, others by their colour."""
    own = one.id == token
    said = _render(one.data, {**{t: colours.get(t, t) for t in one.tokens}, token: "this"})
    return _hash(one.at, one.kind, own, "" if own else colours[one.id], _text(said))


def _place(one: _Event, colours: Mapping[str, str]) -> tuple[str, int, str, str, str]:
    bare = _text(_render(one.data, dict.fromkeys(one.tokens, "")))
    coloured = _text(_render(one.data, {t: colours.get(t, t) for t in one.tokens}))
    return (one.at, _ORDER.get(one.kind, len(_ORDER)), bare, coloured, colours[one.id])


def _tokens(data: Json, colours: Mapping[str, str]) -> list[str]:
    """The names in an event's data in an order that does not depend on their letters."""
    tokens = dict.fromkeys(_all(data))
    return sorted(tokens, key=lambda token: colours.get(token, ""))


def _said(one: _Event, names: Mapping[str, str]) -> dict[str, Json]:
    found: dict[str, Json] = _render(one.data, names)
    return {name: value for name, value in sorted(found.items()) if value not in (None, "", [], {})}


def _refuse_random(kind: str, value: Json, path: str = "") -> None:
    if isinstance(value, str) and looks_random(value):
        raise Refusal(
            f"{kind}{path}", value[:80], "looks random: the same seed would give another report",
            "leave the field out or give it a name in deploy/local/simulate/fields.py",
        )  # fmt: skip
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _refuse_random(kind, inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _refuse_random(kind, inner, f"{path}.{number}")
