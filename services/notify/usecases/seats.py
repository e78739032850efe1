"""The directory as people ask for it: a unit's leaders on a day, and where nobody leads (N1)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from services.notify.domain import terms
from services.notify.domain.recipient import INSIDE_ROLES, OFFICE, OFFICE_ROLES, UNIT_ROLES, Answer, Holder, line
from services.notify.domain.terms import Gap
from services.notify.store import changes as history
from services.notify.store import directory as people
from services.notify.usecases.desk import Desk

LOOKS_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Answering:
    """Somebody who answers for an office."""

    answer: Answer
    reachable: bool


@dataclass(frozen=True, slots=True)
class Office:
    """An office of a unit on a day: who answers for it, in order, and its terms, past and to come."""

    role: str
    vacant: bool
    answering: tuple[Answering, ...]
    terms: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Leaders:
    """A unit's offices on a day."""

    name: str
    parent: str | None
    offices: tuple[Office, ...]
    gaps: tuple[Gap, ...]


def leaders(desk: Desk, session: Session, unit: str, day: date) -> Leaders | None:
    """Who answered for a unit on a day, as the directory knows it now; None for a unit that nothing is known of."""
    directory = people.directory(session, [unit])
    held = history.terms_of(session, [unit])
    name = people.names(session, [unit]).get(unit, {}).get("zh", "")
    if unit == OFFICE:
        name = desk.programme.office.zh
    if not name and not held:
        return None
    roles = OFFICE_ROLES if unit == OFFICE else UNIT_ROLES
    offices = tuple(
        Office(
            role,
            vacant=not directory.seat(unit, role, day),
            answering=tuple(Answering(a, directory.reaches(a.holder)) for a in line(directory, unit, role, day)),
            terms=tuple(term for term in held if term.role == role),
        )
        for role in sorted(roles)
    )
    gaps = () if unit == OFFICE else tuple(terms.gaps(unit, "main_leader", held, day, day + LOOKS_AHEAD))
    return Leaders(name, directory.parents.get(unit), offices, gaps)


def gaps(desk: Desk, session: Session, first: date, last: date, units: Collection[str]) -> list[Gap]:
    """Where nobody leads from `first` to `last`: units without a main leader, and offices that rules tell.

    Those of the appraisal office come first, if `office` is among the units.
    """
    held = history.terms_of(session, units)
    by_unit: dict[str, list[Holder]] = {unit: [] for unit in units}
    for term in held:
        by_unit[term.unit].append(term)
    found: list[Gap] = []
    if OFFICE in by_unit:
        told = {role for rule in desk.programme.notices for role in rule.tells} & INSIDE_ROLES
        for role in sorted(told):
            found += terms.gaps(OFFICE, role, by_unit[OFFICE], first, last)
    for unit in sorted(by_unit.keys() - {OFFICE}):
        found += terms.gaps(unit, "main_leader", by_unit[unit], first, last)
    return found
