"""Queries on cycles and units."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Table, bindparam
from sqlmodel import Session, col, select

from services.scoring.store.tables import CycleRow, UnitRow
from shared.errors import Refusal
from shared.tables import UtcDateTime

_CYCLES: Table = CycleRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
_CYCLE_AT = (
    _CYCLES.select()
    .with_only_columns(_CYCLES.c.name)
    .where(_CYCLES.c.starts <= bindparam("at", type_=UtcDateTime), _CYCLES.c.ends > bindparam("at", type_=UtcDateTime))
)


def cycle(session: Session, name: str) -> CycleRow:
    """A cycle by name. Raises Refusal (404)."""
    found = session.get(CycleRow, name)
    if found is None:
        raise Refusal("cycle", name, "no such cycle was opened", "open it with POST /api/v1/cycles", 404)
    return found


def cycles(session: Session) -> Sequence[CycleRow]:
    """All cycles, by their start."""
    return session.exec(select(CycleRow).order_by(col(CycleRow.starts))).all()


def cycle_at(session: Session, at: datetime) -> str | None:
    """Name of the cycle in which an instant lies."""
    return session.connection().execute(_CYCLE_AT, {"at": at}).scalar()


def earlier_cycles(session: Session, name: str) -> list[str]:
    """Names of the cycles before this one, oldest first."""
    found = cycle(session, name)
    return list(
        session.exec(select(CycleRow.name).where(CycleRow.starts < found.starts).order_by(col(CycleRow.starts)))
    )


def unit(session: Session, key: str) -> UnitRow:
    """A unit by key. Raises Refusal (404)."""
    found = session.get(UnitRow, key)
    if found is None:
        raise Refusal("unit", key, "no such unit is registered", "check the key, or register the unit", 404)
    return found


def standing(session: Session) -> Sequence[UnitRow]:
    """Units that were not merged, renamed or split, in the same order."""
    return [row for row in units(session) if row.retired_on is None]


def units(session: Session, keys: Iterable[str] | None = None) -> Sequence[UnitRow]:
    """Units in the order of scope, category and key: those of `keys`, or all."""
    query = select(UnitRow).order_by(col(UnitRow.scope), col(UnitRow.category), col(UnitRow.key))
    if keys is not None:
        query = query.where(col(UnitRow.key).in_(list(keys)))
    return session.exec(query).all()
