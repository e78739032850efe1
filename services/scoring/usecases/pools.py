"""Pools of evaluators: registered, imported row by row, conflicts of interest on record (S2)."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.pool import Candidate
from services.scoring.domain.pool_rows import (
    DECLARED,
    RawMember,
    by_township,
    check_registration_id,
    problems_of,
    strata_of,
    take_rows,
)
from services.scoring.domain.rules import check_key
from services.scoring.store import pools as store
from services.scoring.store import units
from services.scoring.store.pools import ConflictRow
from services.scoring.usecases.desk import Desk, acting
from shared.errors import Refusal
from shared.store import Tx

Kind = Literal["employed", "related", "declared"]
MOST_MEMBERS = 5000
AT_ONCE = "registered with the pool"


class NewMember(BaseModel):
    """An evaluator by registration id. `conflicts`: units that employ him or that he is related to."""

    id: str = Field(min_length=1, max_length=64)
    stratum: str
    name_hash: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    conflicts: tuple[str, ...] = ()
    township: str | None = Field(default=None, max_length=64)
    attributes: dict[str, str] = Field(default_factory=dict)


class NewPool(BaseModel):
    """A pool of evaluators."""

    township: str | None = None
    members: tuple[NewMember, ...] = Field(max_length=MOST_MEMBERS)


class PoolView(BaseModel):
    """A pool as registered."""

    pool: str
    members: int
    strata: dict[str, int]
    with_conflicts: int


class ImportRow(BaseModel):
    """A row of the office's list: its number there, everything as it stands, no name (only its salted hash)."""

    row: int
    id: str = Field(max_length=200)
    stratum: str = Field(max_length=200)
    township: str | None = Field(default=None, max_length=200)
    name_hash: str | None = Field(default=None, max_length=64)
    conflicts: tuple[tuple[str, str], ...] = Field(default=(), description="kind (employed, related, declared), unit")
    attributes: dict[str, str] = Field(default_factory=dict)


class PoolImport(BaseModel):
    """An office's list, whole: it takes the place of the pool of this name."""

    township: str | None = Field(default=None, max_length=64)
    rows: tuple[ImportRow, ...] = Field(min_length=1, max_length=MOST_MEMBERS)


class RowRefused(BaseModel):
    """A row that was not taken."""

    row: int
    field: str
    value: str
    reason: str
    remedy: str


class Problem(BaseModel):
    """What keeps a pool from being registered."""

    field: str
    value: str
    reason: str


class ImportReport(BaseModel):
    """Every row accounted for: read = taken + refused. `registered`: whether the taken rows are the pool now."""

    pool: str
    read: int
    taken: int
    refused: list[RowRefused]
    problems: list[Problem]
    registered: bool
    townships: dict[str, dict[str, int]]
    with_conflicts: int


def register(desk: Desk, tx: Tx, name: str, wanted: NewPool) -> PoolView:
    """Register a pool, its size and shares checked (S2); replaces an earlier one. Draws keep the pool they froze."""
    check_key(name, "pool")
    members = [
        Candidate(m.id, m.stratum, m.name_hash, frozenset(m.conflicts), m.township, m.attributes)
        for m in wanted.members
    ]
    for member in members:
        check_registration_id(member.id)
    problems = problems_of(desk.programme, members)
    if problems:
        first = problems[0]
        raise Refusal(first.field, first.value, "; ".join(p.reason for p in problems), "correct the pool")
    named = {c for m in members for c in m.conflicts}
    unknown = sorted(named - {row.key for row in units.units(tx.session, named)})
    if unknown:
        raise Refusal("pool.members.conflicts", unknown, "no such units", "use the keys of registered units")
    _replace(tx, name, wanted.township, members, {})
    return pool_view(name, members)


def import_rows(desk: Desk, tx: Tx, name: str, wanted: PoolImport) -> ImportReport:
    """Take an office's list (S2). Rows that cannot be taken are named; the rest is the pool if its shares hold.

    Where they do not, nothing changes and the report says what is missing. Draws keep the pool they froze.
    """
    check_key(name, "pool")
    raw = [RawMember(r.row, r.id, r.stratum, r.township, r.name_hash, r.conflicts, r.attributes) for r in wanted.rows]
    rows = units.units(tx.session)
    names = Counter(row.name for row in rows)
    known = {row.name: row.key for row in rows if names[row.name] == 1} | {row.key: row.key for row in rows}
    taken, refused = take_rows(raw, strata_of(desk.programme), known)
    members = [m.candidate for m in taken]
    problems = problems_of(desk.programme, members)
    if not problems:
        _replace(tx, name, wanted.township, members, {m.candidate.id: m.kinds for m in taken})
    return ImportReport(
        pool=name, read=len(raw), taken=len(taken),
        refused=[RowRefused.model_validate(asdict(row)) for row in refused],
        problems=[Problem.model_validate(asdict(one)) for one in problems],
        registered=not problems, townships=by_township(taken),
        with_conflicts=sum(1 for m in members if m.conflicts),
    )  # fmt: skip


def _replace(
    tx: Tx, name: str, township: str | None, members: Sequence[Candidate], kinds: Mapping[str, Mapping[str, str]]
) -> None:
    """Put the pool in place, and on record which conflicts it brings and which are no longer in it."""
    before = {(m.id, unit) for m in store.candidates(tx.session, name) for unit in m.conflicts}
    declared = store.kinds(tx.session, name)
    after = {(m.id, unit): kinds.get(m.id, {}).get(unit, DECLARED) for m in members for unit in m.conflicts}
    for pair in sorted(before - after.keys()):
        _note(tx, name, pair, declared.get(pair, DECLARED), False, AT_ONCE)
    for pair, kind in sorted(after.items()):
        if pair not in before or (declared.get(pair, DECLARED) != kind and kind != DECLARED):
            _note(tx, name, pair, kind, True, AT_ONCE)
    store.replace(tx.session, name, township, members)


def _note(tx: Tx, pool: str, pair: tuple[str, str], kind: str, standing: bool, reason: str) -> ConflictRow:
    row = ConflictRow(
        pool=pool, member=pair[0], unit=pair[1], kind=kind, standing=standing, reason=reason,
        recorded_by=acting(tx).sub, recorded_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    return row


def pool_view(name: str, members: Sequence[Candidate]) -> PoolView:
    """A pool for people: figures, no persons."""
    strata: dict[str, int] = {}
    for member in members:
        strata[member.stratum] = strata.get(member.stratum, 0) + 1
    conflicts = sum(1 for m in members if m.conflicts)
    return PoolView(pool=name, members=len(members), strata=dict(sorted(strata.items())), with_conflicts=conflicts)


class NewConflict(BaseModel):
    """A member declares a conflict of interest with a unit."""

    member: str = Field(min_length=1, max_length=64)
    unit: str = Field(min_length=1, max_length=48)
    kind: Kind
    reason: str = Field(min_length=1, max_length=500)


class Withdrawal(BaseModel):
    """A conflict of interest has ended."""

    member: str = Field(min_length=1, max_length=64)
    unit: str = Field(min_length=1, max_length=48)
    reason: str = Field(min_length=1, max_length=500)


class ConflictView(BaseModel):
    """An entry of the record: declared (`standing`) or withdrawn, who put it there and when."""

    member: str
    unit: str
    kind: str
    standing: bool
    reason: str
    recorded_by: str
    recorded_at: dt.datetime


class ConflictList(BaseModel):
    """A page of the record; `next` is the cursor of the following one, null at the end."""

    conflicts: list[ConflictView]
    next: str | None


def _view(row: ConflictRow) -> ConflictView:
    return ConflictView(
        member=row.member, unit=row.unit, kind=row.kind, standing=row.standing, reason=row.reason,
        recorded_by=row.recorded_by, recorded_at=row.recorded_at,
    )  # fmt: skip


def declare(tx: Tx, name: str, wanted: NewConflict) -> ConflictView:
    """Put a declared conflict of interest on record (S2): from now on he is not drawn for a meeting on that unit."""
    member = store.member(tx.session, name, wanted.member)
    units.unit(tx.session, wanted.unit)
    if wanted.unit in member.conflicts and store.kinds(tx.session, name).get((member.id, wanted.unit)) == wanted.kind:
        raise Refusal("unit", wanted.unit, "this conflict is on record already", "nothing to do", 409)
    member.conflicts = sorted({*member.conflicts, wanted.unit})
    return _view(_note(tx, name, (member.id, wanted.unit), wanted.kind, True, wanted.reason))


def withdraw(tx: Tx, name: str, wanted: Withdrawal) -> ConflictView:
    """A conflict of interest has ended: withdrawn with its reason, the declaration stays on record (S2)."""
    member = store.member(tx.session, name, wanted.member)
    if wanted.unit not in member.conflicts:
        raise Refusal("unit", wanted.unit, f"{member.id} has no standing conflict with it", "see the record", 409)
    kind = store.kinds(tx.session, name).get((member.id, wanted.unit), DECLARED)
    member.conflicts = [unit for unit in member.conflicts if unit != wanted.unit]
    return _view(_note(tx, name, (member.id, wanted.unit), kind, False, wanted.reason))


def record(session: Session, name: str, cursor: str | None, limit: int) -> ConflictList:
    """The record of a pool's conflicts, oldest first, a page at a time."""
    store.pool(session, name)
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and int(cursor) < 2**62):
        raise Refusal("cursor", cursor, "it is no cursor of ours", "give `next` of the page before, or none")
    rows = store.conflicts(session, name, int(cursor or 0), limit)
    return ConflictList(
        conflicts=[_view(row) for row in rows], next=str(rows[-1].id) if rows and len(rows) == limit else None
    )
