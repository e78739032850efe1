"""Queries on the directory, the units and the addresses."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, insert, or_, select, update
from sqlmodel import Session

from services.notify.domain.recipient import OFFICE, Directory
from services.notify.domain.recipient import Holder as Seat
from services.notify.store.tables import tables

_unit, _holder, _dead = tables["unit"], tables["holder"], tables["deadaddress"]
_SEAT = (
    _holder.c.unit,
    _holder.c.role,
    _holder.c.person,
    _holder.c.name,
    _holder.c.email,
    _holder.c.since,
    _holder.c.until,
    _holder.c.substitute,
    _holder.c.language,
    _holder.c.contacts,
    _holder.c.fields,
    _holder.c.acting,
)
# statements on the path of every event are made once
_PARENTS = select(_unit.c.unit, _unit.c.parent).where(_unit.c.unit.in_(bindparam("units", expanding=True)))
_SEATS_OF = (
    select(*_SEAT, _dead.c.email.is_not(None))
    .select_from(_holder.outerjoin(_dead, _dead.c.email == _holder.c.email))
    .where(_holder.c.unit.in_(bindparam("units", expanding=True)))
)

_OFF_CHANNELS = select(_dead.c.email).where(_dead.c.email.contains(":"))  # no e-mail address has a colon


def directory(session: Session, units: Collection[str]) -> Directory:
    """All that is needed to say who is told for these units: theirs, their parents' and the office's holders."""
    rows = session.connection()
    parents = {unit: parent for unit, parent in rows.execute(_PARENTS, {"units": list(units)}) if parent}
    found = rows.execute(_SEATS_OF, {"units": [OFFICE, *units, *parents.values()]}).all()
    return Directory(
        tuple(_seat(row) for row in found),
        frozenset(row.email for row in found if row[-1]) | frozenset(rows.execute(_OFF_CHANNELS).scalars()),
        parents,
    )


def _seat(row: Any) -> Seat:
    # by position: it stands on the path of every event
    unit, role, person, name, email, since, until, substitute, language, contacts, fields, acting = row[:12]
    return Seat(unit, role, person, name, email, since, until, substitute, language, contacts, tuple(fields), acting)


def unit_keys(session: Session) -> tuple[str, ...]:
    """All registered units."""
    return tuple(session.connection().execute(select(_unit.c.unit).order_by(_unit.c.unit)).scalars())


def names(session: Session, units: Collection[str]) -> dict[str, dict[str, str]]:
    """Names of units by language; English falls back on Chinese. Unknown units are left out."""
    if not units:
        return {}
    query = select(_unit.c.unit, _unit.c.name, _unit.c.name_en).where(_unit.c.unit.in_(units))
    return {unit: {"zh": name, "en": name_en or name} for unit, name, name_en in session.connection().execute(query)}


def put_unit(session: Session, unit: str, name: str, name_en: str, parent: str | None) -> None:
    """Register a unit, or its new name or parent."""
    values = {"name": name, "name_en": name_en, "parent": parent}
    done = session.connection().execute(update(_unit).where(_unit.c.unit == unit).values(**values))
    if not done.rowcount:
        session.connection().execute(insert(_unit).values(unit=unit, **values))


def _open_on(day: date) -> Any:
    return or_(_holder.c.until.is_(None), _holder.c.until >= day)


def holders(session: Session, unit: str | None, role: str | None, on: date | None) -> list[Any]:
    """The directory's rows, with whether each address takes letters, by unit, role and first day."""
    query = (
        select(*_SEAT, _dead.c.reason.label("address_fault"))
        .select_from(_holder.outerjoin(_dead, _dead.c.email == _holder.c.email))
        .order_by(_holder.c.unit, _holder.c.role, _holder.c.since, _holder.c.person)
    )
    if unit is not None:
        query = query.where(_holder.c.unit == unit)
    if role is not None:
        query = query.where(_holder.c.role == role)
    if on is not None:
        query = query.where(_holder.c.since <= on, _open_on(on))
    return list(session.connection().execute(query))


def units_with_ends(session: Session, by: date) -> list[str]:
    """Units in which a term of office ends by a day, or ended."""
    query = select(_holder.c.unit).where(_holder.c.until <= by).distinct().order_by(_holder.c.unit)
    return list(session.connection().execute(query).scalars())


def units_changed(session: Session, after: date, today: date) -> list[str]:
    """Units in which a term began after a day, or ended on it or later, up to today."""
    began = and_(_holder.c.since > after, _holder.c.since <= today)
    ended = and_(_holder.c.until >= after, _holder.c.until < today)
    query = select(_holder.c.unit).where(or_(began, ended)).distinct().order_by(_holder.c.unit)
    return list(session.connection().execute(query).scalars())
