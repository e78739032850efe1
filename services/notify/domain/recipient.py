"""Who is told (N1): holders of offices by date, their substitutes, and who comes next in line.

A unit's key names the unit; the offices of the appraisal office itself stand under `OFFICE`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

OFFICE = "office"
"""The appraisal office's own key in the directory."""

OFFICE_ROLES = frozenset({"office", "approver", "leading_group", "discipline", "auditor", "operator"})
"""Roles of the appraisal office: several persons hold them together, and each of them is told."""

UNIT_ROLES = frozenset({"handler", "main_leader", "deputy_in_charge", "superior"})
"""Roles of a unit: one person answers for each."""

INDEPENDENT = frozenset({"discipline", "auditor"})
"""What they are told goes to nobody else, whatever happens to their letters (I3, I15)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person in an office of a unit from `since` to `until` (both days inclusive, open if None).

    contacts: his address by channel, beside e-mail. fields: what a deputy in charge is in charge of.
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

    def in_office(self, day: date) -> bool:
        """Whether the office is held on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Directory:
    """The holders that matter to a question, the addresses that take no letters, and each unit's parent."""

    holders: tuple[Holder, ...]
    dead_addresses: frozenset[str] = frozenset()
    parents: Mapping[str, str] = field(default_factory=dict)

    def seat(self, unit: str, role: str, day: date, *, substitutes: bool = False) -> tuple[Holder, ...]:
        """Holders of one office on a day, the latest comer first: the successor takes over (N1)."""
        found = [
            h
            for h in self.holders
            if h.unit == unit and h.role == role and h.substitute is substitutes and h.in_office(day)
        ]
        return tuple(sorted(found, key=lambda h: (-h.since.toordinal(), h.person)))


def seat_of(unit: str | None, role: str) -> str:
    """The key under which a role is looked up: office roles belong to the office, whatever the unit."""
    return OFFICE if role in OFFICE_ROLES or unit is None else unit


def line(directory: Directory, unit: str | None, role: str, day: date) -> tuple[Holder, ...]:
    """Everybody who answers for (unit, role) on `day`, in order, each person once.

    The holder, the substitute, then: the unit's main leader and his substitute (R4: he is reached even if
    nobody was assigned), the parent unit's main leader, and at last the office. A superior who cannot be found
    is not replaced by the unit's own leader, but by the parent's.
    """
    seats = [(seat_of(unit, role), role)]
    if role not in INDEPENDENT:
        if unit is not None and role in UNIT_ROLES:
            if role != "superior":
                seats.append((unit, "main_leader"))
            parent = directory.parents.get(unit)
            if parent is not None:
                seats.append((parent, "main_leader"))
        seats.append((OFFICE, "office"))
    return _once(
        chain.from_iterable(
            (*directory.seat(at, seat, day), *directory.seat(at, seat, day, substitutes=True)) for at, seat in seats
        )
    )


def told(directory: Directory, unit: str | None, role: str, day: date) -> tuple[Holder, ...]:
    """Who gets a notice for (unit, role) on `day`: all who hold an office role, else the first in line.

    Only those whose address takes letters. Empty: nobody can be told, which an operator must know.
    """
    if role in OFFICE_ROLES:
        members = _reachable(directory, directory.seat(seat_of(unit, role), role, day))
        if members:
            return _once(members)
    return _once(_reachable(directory, line(directory, unit, role, day)))[:1]


def next_in_line(
    directory: Directory, unit: str | None, role: str, day: date, already: Collection[str]
) -> Holder | None:
    """Who is told when a letter failed for good (N3): the first in line, reachable, not among `already`."""
    for holder in _reachable(directory, line(directory, unit, role, day)):
        if holder.person not in already:
            return holder
    return None


def _reachable(directory: Directory, holders: Iterable[Holder]) -> tuple[Holder, ...]:
    return tuple(h for h in holders if h.email not in directory.dead_addresses)


def _once(holders: Iterable[Holder]) -> tuple[Holder, ...]:
    return tuple({h.person: h for h in reversed(list(holders))}.values())[::-1]
