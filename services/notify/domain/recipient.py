"""Who is told (N1): holders of offices by date, their substitutes, and who comes next in line.

A unit's key names the unit; the offices of the appraisal office itself stand under `OFFICE`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from services.notify.domain.channel import EMAIL, LETTERS, Channels, Route, ways

OFFICE = "office"
"""The appraisal office's own key in the directory."""

PUBLIC_ROLES = frozenset({"supervisor", "evaluator"})
"""People of the public whom the office writes to: they are told nothing that is not public yet, and stay unnamed."""

INSIDE_ROLES = frozenset({"office", "approver", "leading_group", "discipline", "auditor", "operator"})
"""Roles within the appraisal office."""

OFFICE_ROLES = INSIDE_ROLES | PUBLIC_ROLES
"""Roles that stand under the office's key: several persons hold them together, and each of them is told."""

UNIT_ROLES = frozenset({"handler", "main_leader", "deputy_in_charge", "superior"})
"""Roles of a unit: one person answers for each."""

INDEPENDENT = frozenset({"discipline", "auditor"})
"""What they are told goes to nobody else, whatever happens to their letters (I3, I15)."""

Why = Literal[
    "acting", "holder", "substitute", "main_leader", "main_leader_substitute", "parent", "parent_substitute", "office",
    "office_substitute",
]  # fmt: skip
"""Why somebody is told: he holds the office, or stands in for whoever does."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person in an office of a unit from `since` to `until` (both days inclusive, open if None).

    contacts: his address by channel, beside e-mail. fields: topics or dimensions that a deputy is in charge of; none:
    all that no other deputy has. acting: a substitute who is told in the holder's place while his own term lasts.
    """

    unit: str
    role: str
    person: str
    name: str
    email: str
    since: date
    until: date | None = None
    substitute: bool = False
    language: str = "zh"
    contacts: Mapping[str, str] = field(default_factory=dict, hash=False)
    fields: tuple[str, ...] = ()
    acting: bool = False

    def in_office(self, day: date) -> bool:
        """Whether the office is held on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Directory:
    """The holders that matter to a question, the addresses that take no letters, and each unit's parent.

    route, channels: by which ways the rule in question tells.
    """

    holders: tuple[Holder, ...]
    dead_addresses: frozenset[str] = frozenset()
    parents: Mapping[str, str] = field(default_factory=dict)
    route: Route = LETTERS
    channels: Channels = field(default_factory=dict)

    def by(self, route: Route, channels: Channels) -> "Directory":
        """The same, asked for another route."""
        return self if route == self.route else replace(self, route=route, channels=channels)

    def seat(self, unit: str, role: str, day: date, *, substitutes: bool = False) -> tuple[Holder, ...]:
        """Holders of one office on a day, the latest comer first: the successor takes over (N1)."""
        found = [
            h
            for h in self.holders
            if h.unit == unit and h.role == role and h.substitute is substitutes and h.in_office(day)
        ]
        return tuple(sorted(found, key=lambda h: (-h.since.toordinal(), h.person)))

    def reaches(self, holder: Holder) -> bool:
        """Whether an address of his takes notices."""
        return bool(self.ways(holder))

    def ways(self, holder: Holder) -> tuple[str, ...]:
        """The channels by which he is told."""
        if self.route.first == (EMAIL,) and not self.route.then:
            return () if holder.email in self.dead_addresses else (EMAIL,)
        return ways(holder, self.route, self.channels, self.dead_addresses)


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody who answers for (unit, role), and why he does (N8)."""

    holder: Holder
    why: Why

    @property
    def person(self) -> str:
        """Key of the person."""
        return self.holder.person


def seat_of(unit: str | None, role: str) -> str:
    """The key under which a role is looked up: office roles belong to the office, whatever the unit."""
    return OFFICE if role in OFFICE_ROLES or unit is None else unit


def line(
    directory: Directory, unit: str | None, role: str, day: date, fields: Collection[str] = ()
) -> tuple[Answer, ...]:
    """Everybody who answers for (unit, role) on `day`, in order, each person once.

    Whoever acts for the holder, the holder, the substitute, then: the unit's main leader and his substitute (R4: he is
    reached even if nobody was assigned), the parent unit's main leader, and at last the office. A superior who cannot
    be found is not replaced by the unit's own leader, but by the parent's. fields: of the matter, so that the deputy
    in charge of them is found.
    """
    found = _of_seat(directory, seat_of(unit, role), role, day, fields, "holder")
    if role not in INDEPENDENT | PUBLIC_ROLES:
        if unit is not None and role in UNIT_ROLES:
            if role not in ("superior", "main_leader"):
                found += _of_seat(directory, unit, "main_leader", day, (), "main_leader")
            parent = directory.parents.get(unit)
            if parent is not None:
                found += _of_seat(directory, parent, "main_leader", day, (), "parent")
        found += _of_seat(directory, OFFICE, "office", day, (), "office")
    return _once(found)


def told(
    directory: Directory, unit: str | None, role: str, day: date, fields: Collection[str] = ()
) -> tuple[Answer, ...]:
    """Who gets a notice for (unit, role) on `day`: all who hold an office role, else the first in line.

    Only those whose address takes letters. Empty: nobody can be told, which an operator must know.
    """
    found = line(directory, unit, role, day, fields)
    reached = tuple(answer for answer in found if directory.reaches(answer.holder))
    if role in OFFICE_ROLES:
        members = tuple(answer for answer in reached if answer.why in ("acting", "holder"))
        if members:
            return members
    return reached[:1]


def next_in_line(
    directory: Directory, unit: str | None, role: str, day: date, already: Collection[str], fields: Collection[str] = ()
) -> Answer | None:
    """Who is told when a letter failed for good (N3): the first in line, reachable, not among `already`."""
    for answer in line(directory, unit, role, day, fields):
        if directory.reaches(answer.holder) and answer.person not in already:
            return answer
    return None


_STANDS_IN: dict[Why, Why] = {
    "holder": "substitute", "main_leader": "main_leader_substitute", "parent": "parent_substitute",
    "office": "office_substitute",
}  # fmt: skip


def _of_seat(directory: Directory, unit: str, role: str, day: date, fields: Collection[str], why: Why) -> list[Answer]:
    """Who answers in one office: an acting substitute, the holder, the substitute who stands by."""
    holders = in_charge(directory.seat(unit, role, day), fields)
    standing = in_charge(directory.seat(unit, role, day, substitutes=True), fields)
    acting: Why = "acting" if why == "holder" else why
    return [
        *(Answer(h, acting) for h in standing if h.acting),
        *(Answer(h, why) for h in holders),
        *(Answer(h, _STANDS_IN[why]) for h in standing if not h.acting),
    ]


def in_charge(holders: Iterable[Holder], fields: Collection[str]) -> tuple[Holder, ...]:
    """Of several deputies those of the matter's fields; where there are none, those who have no field of their own."""
    found = tuple(holders)
    named = tuple(h for h in found if not set(fields).isdisjoint(h.fields))
    return named or tuple(h for h in found if not h.fields)


def _once(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    first: dict[str, Answer] = {}
    for answer in answers:
        first.setdefault(answer.person, answer)
    return tuple(first.values())
