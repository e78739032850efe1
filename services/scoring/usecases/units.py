"""Units and cycles (S1)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from services.scoring.domain.rules import check_key
from services.scoring.domain.unit import Unit, check_parents, register
from services.scoring.store import units as store
from services.scoring.store.tables import CycleRow, UnitRow
from services.scoring.usecases import amendments
from services.scoring.usecases.desk import Desk
from shared.contracts.scoring import CycleClosed, CycleOpened, ProgrammePublished, UnitRegistered
from shared.errors import Refusal
from shared.store import Tx


class NewUnit(BaseModel):
    """A unit to register. Without `scope` it is the only one that fits category and township."""

    unit: str = Field(min_length=1, max_length=48)
    name: str = Field(min_length=1, max_length=200)
    name_en: str = Field(default="", max_length=200)
    category: str
    scope: str | None = None
    township: str | None = Field(default=None, max_length=64)
    parent: str | None = Field(default=None, max_length=48, description="the competent department, appraised or not")
    group: str | None = Field(default=None, max_length=64)
    key_unit: bool = Field(default=False, description="appraised with more scrutiny; ranked once, among the key units")


class UnitView(NewUnit):
    """A unit as registered."""

    retired_on: date | None = Field(default=None, description="first day on which it was no more: see its successions")


def unit_view(row: UnitRow) -> UnitView:
    """A unit for people."""
    return UnitView(
        unit=row.key, name=row.name, name_en=row.name_en, category=row.category, scope=row.scope,
        township=row.township, parent=row.parent, group=row.group, key_unit=row.key_unit, retired_on=row.retired_on,
    )  # fmt: skip


class UnitsRegistered(BaseModel):
    """What became of a list of units."""

    registered: int
    unchanged: int


def register_units(desk: Desk, tx: Tx, wanted: Sequence[NewUnit]) -> UnitsRegistered:
    """Register units (S1): all of them or, with the first error, none. The same again changes nothing.

    A registered unit's name may be corrected; its category and scope stay (history hangs on them): Refusal (409).
    """
    keys = [w.unit for w in wanted]
    if len(set(keys)) != len(keys):
        raise Refusal("units", sorted({k for k in keys if keys.count(k) > 1}), "stands twice", "name each unit once")
    found = [
        register(
            desk.programme, key=w.unit, name=w.name, name_en=w.name_en, category=w.category, scope=w.scope,
            township=w.township, parent=w.parent, group=w.group, key_unit=w.key_unit,
        )
        for w in wanted
    ]  # fmt: skip
    return put(tx, found)


def put(tx: Tx, found: Sequence[Unit]) -> UnitsRegistered:
    """Write units that the programme allows. Raises Refusal: a circle of parents, another category or scope (409)."""
    known = {row.key: row for row in store.units(tx.session)}
    check_parents(found, {key: row.parent for key, row in known.items()})
    registered = 0
    for unit in found:
        row = known.get(unit.key)
        must_stay(row, unit)
        fields: dict[str, Any] = {
            "name": unit.name,
            "name_en": unit.name_en,
            "township": unit.township,
            "parent": unit.parent,
            "group": unit.group,
            "key_unit": unit.key_unit,
        }
        if row is not None and all(getattr(row, name) == value for name, value in fields.items()):
            continue
        tx.session.merge(UnitRow(key=unit.key, category=unit.category, scope=unit.scope, **fields))
        registered += 1
        tx.publish(
            UnitRegistered(
                unit=unit.key, name=unit.name, name_en=unit.name_en, category=unit.category, scope=unit.scope,
                township=unit.township, parent=unit.parent,
            ),
            subject=unit.key,
        )  # fmt: skip
    return UnitsRegistered(registered=registered, unchanged=len(found) - registered)


def must_stay(row: UnitRow | None, unit: Unit) -> None:
    """Category and scope of a registered unit stay, and one that is no more is not registered again. Raises Refusal."""
    if row is None:
        return
    if row.retired_on is not None:
        remedy = "register its successor under another key"
        raise Refusal("unit", unit.key, f"is no more since {row.retired_on.isoformat()}", remedy, 409)
    if (row.category, row.scope) != (unit.category, unit.scope):
        remedy = f"it is registered as {row.category} in {row.scope}; register a new unit instead"
        raise Refusal("unit", unit.key, "category and scope of a unit stay", remedy, 409)


class NewCycle(BaseModel):
    """A cycle to open. Without days it has those of the programme. `ends` is the first instant after it."""

    name: str = Field(min_length=1, max_length=16)
    starts: AwareDatetime | None = None
    ends: AwareDatetime | None = None


class CycleView(BaseModel):
    """A cycle as opened."""

    name: str
    starts: datetime
    ends: datetime
    programme_sha256: str
    closed: bool


def cycle_view(row: CycleRow) -> CycleView:
    """A cycle for people."""
    return CycleView(
        name=row.name, starts=row.starts, ends=row.ends, programme_sha256=row.programme_sha256,
        closed=row.closed_at is not None,
    )  # fmt: skip


def open_cycle(desk: Desk, tx: Tx, wanted: NewCycle) -> CycleView:
    """Open a run of the programme; its rules are published by their hash (S14). Cycles may not overlap."""
    if tx.session.get(CycleRow, wanted.name):
        raise Refusal("cycle", wanted.name, "is open already", "see GET /api/v1/cycles", 409)
    check_key(wanted.name, "cycle")
    starts, ends = wanted.starts, wanted.ends
    if starts is None or ends is None:
        days = desk.programme.cycle(wanted.name)
        starts = starts or desk.calendar.start_of(days.opens)
        ends = ends or desk.calendar.end_of(days.closes)
    if ends <= starts:
        raise Refusal("cycle.ends", ends.isoformat(), "not after its start", "correct the days")
    before = store.cycles(tx.session)
    for other in before:
        if starts < other.ends and other.starts < ends:
            raise Refusal("cycle", wanted.name, f"overlaps with {other.name}", "correct the days", 409)
    row = CycleRow(name=wanted.name, starts=starts, ends=ends, programme_sha256=desk.sha256)
    tx.session.add(row)
    amendments.keep(desk, tx)
    if all(other.programme_sha256 != desk.sha256 for other in before):
        tx.publish(ProgrammePublished(key=desk.programme.key, sha256=desk.sha256), subject=desk.programme.key)
    tx.publish(CycleOpened(name=row.name, starts=starts, ends=ends), subject=row.name, cycle=row.name)
    return cycle_view(row)


def close_cycle(tx: Tx, name: str) -> CycleView:
    """Close a cycle that has ended: what is open and past due then is without result (R7)."""
    row = store.cycle(tx.session, name)
    if row.closed_at is not None:
        raise Refusal("cycle", name, "is closed already", "nothing to do", 409)
    if tx.now < row.ends:
        raise Refusal("cycle", name, f"ends at {row.ends.isoformat()}", "close it then", 409)
    row.closed_at = tx.now
    tx.publish(CycleClosed(name=name, starts=row.starts, ends=row.ends), subject=name, cycle=name)
    return cycle_view(row)
