"""Meetings: creation, who signs, halting, annulling (S4)."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from services.scoring.domain.ballot import ballot_form
from services.scoring.domain.meeting import State, Step
from services.scoring.domain.note import Key, KeyRing, verifier
from services.scoring.domain.rules import UnitEntry, units_bytes
from services.scoring.store import meetings as store
from services.scoring.store import pools, units
from services.scoring.store.tables import KeyRow, MeetingRow, UnitRow
from services.scoring.usecases import rerun
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.steps import (
    MeetingView,
    begin,
    finish,
    from_people,
    meeting_view,
    on_record,
    show_states,
)
from shared.errors import Refusal
from shared.store import Tx


class NewMeeting(BaseModel):
    """A meeting to hold. It votes on whole scopes: those named, those of the units named, or those of a group (S1)."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    cycle: str
    date: dt.date
    pool: str
    scopes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    group: str | None = None
    seats: int | None = Field(default=None, ge=1)
    rehearsal: bool = False
    rerun_of: str | None = Field(default=None, description="the annulled meeting that is held again")


def create(desk: Desk, tx: Tx, wanted: NewMeeting) -> MeetingView:
    """Create a meeting on whole scopes (S10: a scope is compared by one set of representatives). Raises Refusal."""
    if tx.session.get(MeetingRow, wanted.name):
        raise Refusal("meeting", wanted.name, "there is a meeting of that name", "choose another name", 409)
    units.cycle(tx.session, wanted.cycle)
    pools.pool(tx.session, wanted.pool)
    rows = _units_of(desk, tx, wanted)
    if not wanted.rehearsal and (taken := store.units_taken(tx.session, wanted.cycle, [r.key for r in rows])):
        unit, other = taken[0]
        raise Refusal("units", unit, f"meeting {other} of this cycle votes on it", "leave it out", 409)
    rerun.check_link(tx.session, wanted.rerun_of, wanted.cycle, [r.key for r in rows], rehearsal=wanted.rehearsal)
    rule = desk.programme.meeting.seats
    seats = wanted.seats or rule.default
    if not rule.least <= seats <= rule.most:
        raise Refusal("seats", seats, f"{rule.least} to {rule.most} representatives are drawn", "correct the number")
    rules = desk.rules(wanted.cycle, wanted.group)
    entries = tuple(UnitEntry(r.key, r.name, r.category, (r.scope,)) for r in rows)
    with from_people("units"):
        form = ballot_form(wanted.name, rules, entries)
        store.keep_file(tx.session, wanted.name, "units.json", units_bytes(entries))
    store.keep_file(tx.session, wanted.name, "rules.json", rules.to_bytes())
    row = MeetingRow(
        name=wanted.name, cycle=wanted.cycle, state=State.CREATED, date=wanted.date, pool=wanted.pool,
        units=[e.id for e in entries], seats=seats, group=wanted.group, rehearsal=wanted.rehearsal,
        ballot_size=form.sealed_size, rerun_of=wanted.rerun_of,
    )  # fmt: skip
    tx.session.add(row)
    on_record(tx, row.name, "creation", units=row.units, seats=seats, rehearsal=row.rehearsal, rerun_of=row.rerun_of)
    show_states(tx)
    return meeting_view(tx.session, row)


def _units_of(desk: Desk, tx: Tx, wanted: NewMeeting) -> list[UnitRow]:
    every = units.standing(tx.session)
    known = {row.key: row for row in every}
    if unknown := sorted(set(wanted.units) - known.keys()):
        raise Refusal("units", unknown, "no such units", "use the keys of registered units")
    if unknown := sorted(set(wanted.scopes) - {row.scope for row in every}):
        raise Refusal("scopes", unknown, "no unit is ranked there", "see GET /api/v1/units")
    scopes = set(wanted.scopes) | {known[key].scope for key in wanted.units}
    if wanted.group is not None:
        desk.programme.group(wanted.group)
        scopes |= {row.scope for row in every if row.group == wanted.group}
    rows = [row for row in every if row.scope in scopes]
    if not rows:
        raise Refusal("scopes", list(wanted.scopes), "nothing to vote on", "name scopes or units")
    own = {group.key for group in desk.programme.groups if group.dimensions or group.panel}
    apart = [r.key for r in rows if r.group != wanted.group and (wanted.group is not None or r.group in own)]
    if apart:
        reason = f"are not of group {wanted.group}" if wanted.group else "are of a group with a method of its own"
        raise Refusal("group", apart, reason, "a group has a meeting of its own: name it, and its units only")
    if wanted.units and (left := [r.key for r in rows if r.scope not in wanted.scopes and r.key not in wanted.units]):
        raise Refusal("units", left, "are ranked in the same scope", "a meeting votes on whole scopes: add them")
    return rows


class NewKey(BaseModel):
    """A person's public key for signing: `name+id+base64`, as `vkey` of a C2SP signed note."""

    role: Literal["teller", "scrutineer", "witness", "guidance"]
    vkey: str = Field(min_length=1, max_length=300)


class KeyRingView(BaseModel):
    """Who signs for a meeting."""

    keys: list[dict[str, str]]


def enrol(desk: Desk, tx: Tx, name: str, wanted: NewKey) -> KeyRingView:
    """Enrol who signs for the meeting; before the pool is frozen, because the proof of the draw holds the ring."""
    row = begin(tx, name, Step.TELLERS)
    with from_people("vkey"):
        found = verifier(wanted.vkey)
        ring = store.key_ring(tx.session, name, desk.system_key)
        if wanted.vkey not in {k.vkey for k in ring.keys}:
            KeyRing((*ring.keys, Key(wanted.role, wanted.vkey)))
            tx.session.add(KeyRow(meeting=row.name, name=found.name, role=wanted.role, vkey=wanted.vkey))
            on_record(tx, name, Step.TELLERS, role=wanted.role, key=found.name)
            tx.session.flush()
        ring = store.key_ring(tx.session, name, desk.system_key)
    return KeyRingView(keys=[{"role": k.role, "vkey": k.vkey} for k in ring.keys])


def halt(tx: Tx, name: str, reason: str) -> MeetingView:
    """The guidance group halts the step that is under way: none is taken until it resumes (S4)."""
    row = store.meeting(tx.session, name)
    if row.halted:
        raise Refusal("meeting", name, "is halted already", "nothing to do", 409)
    row.halted = _said(reason, "halted")
    on_record(tx, name, "halt", reason=reason, state=row.state)
    return meeting_view(tx.session, row)


def resume(tx: Tx, name: str, reason: str) -> MeetingView:
    """The guidance group lets the meeting go on, saying why (S4)."""
    row = store.meeting(tx.session, name)
    if not row.halted:
        raise Refusal("meeting", name, "is not halted", "nothing to do", 409)
    on_record(tx, name, "resumption", reason=_said(reason, "resumed"), state=row.state)
    row.halted = None
    return meeting_view(tx.session, row)


def annul(tx: Tx, name: str, reason: str) -> MeetingView:
    """Annul a meeting that is not sealed: its vote is void and held again under another name (S6)."""
    row = store.meeting(tx.session, name)
    finish(tx, row, Step.ANNULMENT, reason=_said(reason, "annulled"))
    row.annulled = reason
    return meeting_view(tx.session, row)


def _said(reason: str, done: str) -> str:
    if not reason.strip():
        raise Refusal("reason", reason, "empty", f"say why the meeting is {done}")
    return reason
