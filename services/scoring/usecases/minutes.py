"""The minutes of a meeting: steps with their times, figures, the checkpoint, who signed; never a name of a person (S6).

What the guidance group signs ends with the seal, so it stands still from then on; what is declared destroyed later is
shown beside it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import cast

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.canon import Json
from services.scoring.domain.figures import published
from services.scoring.domain.meeting import Hall, State, Step
from services.scoring.domain.minutes import Entry, Minutes, signed_minutes
from services.scoring.domain.minutes import minutes as close_minutes
from services.scoring.domain.note import KeyRing, assemble, key_ring_from_bytes
from services.scoring.domain.reconcile import Counts, counts_from_bytes
from services.scoring.domain.rehearsal import unmarked
from services.scoring.domain.seal import CHECKPOINT
from services.scoring.domain.signing import short_code
from services.scoring.store import meetings as store
from services.scoring.store import proceedings
from services.scoring.store.proceedings import RecordRow
from services.scoring.store.tables import MeetingRow
from services.scoring.usecases.custody import DRAFT
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.steps import begin, from_people, on_record
from shared.errors import Refusal
from shared.store import Tx

NOTE, _COUNTS = "minutes.txt", "reconciliation.json"
_SEALED = (State.SEALED, State.PUBLISHED)


class StepLine(BaseModel):
    """A step, how often it was taken one after the other, and when first and last. `role`: whose step, not who."""

    step: str
    role: str
    times: int
    first: dt.datetime
    last: dt.datetime


class Signed(BaseModel):
    """A key that signed."""

    name: str
    role: str


class SealLines(BaseModel):
    """What ties the hall to the file: the checkpoint's lines, the code that is read aloud, who signed."""

    checkpoint: str
    short_code: str
    signed: list[Signed]


class MinutesView(BaseModel):
    """The minutes as everybody may see them. Figures and checkpoint stand from the seal on; no result ever."""

    meeting: str
    title: str
    cycle: str
    date: dt.date
    place: str | None
    rehearsal: bool
    state: str
    halted: bool
    annulled: bool
    units: int
    seats: int
    steps: list[StepLine]
    present: int | None
    ordinary: int | None
    ordinary_percent: str | None
    counts: dict[str, int] | None
    seal: SealLines | None
    destroyed: dict[str, list[str]]
    minutes_signed: list[str]


def view(desk: Desk, session: Session, name: str) -> MinutesView:
    """The minutes so far. Raises Refusal (404)."""
    row = store.meeting(session, name)
    sealed = row.state in _SEALED
    found = session.get(proceedings.AnnouncementRow, name)
    return MinutesView(
        meeting=name, title=_title(desk, row), cycle=row.cycle, date=row.date, place=found.place if found else None,
        rehearsal=row.rehearsal, state=row.state, halted=row.halted is not None, annulled=row.annulled is not None,
        units=len(row.units), seats=row.seats, steps=_lines(proceedings.record(session, name)),
        present=row.present, ordinary=row.ordinary, ordinary_percent=_percent(row),
        counts=_figures(_counts(session, name)) if sealed else None,
        seal=_seal(session, name) if sealed else None,
        destroyed=_destroyed(session, name),
        minutes_signed=_who_signed(desk, session, row) if sealed else [],
    )  # fmt: skip


def record(desk: Desk, session: Session, name: str) -> Minutes:
    """The minutes as the guidance group signs them: up to the seal. Raises Refusal before it."""
    row = store.meeting(session, name)
    if row.state not in _SEALED:
        raise Refusal("meeting", name, f"is {row.state}, not sealed", "wait for the seal", 409)
    rows = proceedings.record(session, name)
    last = max(i for i, r in enumerate(rows) if r.step == Step.SEAL)
    entries = [
        Entry(line.first, line.step, line.role, f"{line.step} × {line.times}") for line in _lines(rows[: last + 1])
    ]
    checkpoint = store.file(session, name, CHECKPOINT).decode()
    return close_minutes(
        meeting=name, title=_title(desk, row), entries=entries, counts=_counts(session, name), checkpoint=checkpoint
    )


def sign(desk: Desk, tx: Tx, name: str, lines: Iterable[str]) -> list[str]:
    """Take signatures over the minutes; one of the guidance group is among them. Raises Refusal."""
    begin(tx, name, Step.MINUTES)
    found = record(desk, tx.session, name)
    with from_people("signatures"):
        note = assemble(found.note_text, lines)
        names = signed_minutes(found, note, _ring(tx.session, name))
    if "" not in store.files(tx.session, name, NOTE):
        store.keep_file(tx.session, name, NOTE, note.encode())
        on_record(tx, name, Step.MINUTES, signed=list(names))
    return list(names)


def _who_signed(desk: Desk, session: Session, row: MeetingRow) -> list[str]:
    note = store.files(session, row.name, NOTE).get("")
    if note is None:
        return []
    return list(signed_minutes(record(desk, session, row.name), note.decode(), _ring(session, row.name)))


def _title(desk: Desk, row: MeetingRow) -> str:
    return f"{desk.programme.name.zh} {row.cycle} 集中评议大会"


def _lines(rows: Iterable[RecordRow]) -> list[StepLine]:
    """Steps in their order; the same step taken by the same role again and again is one line."""
    lines = []
    for (step, role), same in groupby(rows, key=lambda row: (row.step, row.role)):
        times = [row.at for row in same]
        lines.append(StepLine(step=step, role=role, times=len(times), first=times[0], last=times[-1]))
    return lines


def _percent(row: MeetingRow) -> str | None:
    if row.present is None or row.ordinary is None:
        return None
    return str(published(Hall(row.present, row.ordinary).share * 100))


def _counts(session: Session, name: str) -> Counts:
    data = store.file(session, name, f"{DRAFT}{_COUNTS}")
    return counts_from_bytes(unmarked(_COUNTS, data) if store.meeting(session, name).rehearsal else data)


def _figures(counts: Counts) -> dict[str, int]:
    told = cast(Mapping[str, Json], counts.to_json())
    return {name: value for name, value in told.items() if isinstance(value, int)}


def _seal(session: Session, name: str) -> SealLines:
    text = store.file(session, name, "checkpoint").decode()
    roles: Mapping[str, str] = _ring(session, name).roles()
    signed = [Signed(name=who, role=roles[who]) for who in store.signatures(session, name)]
    return SealLines(checkpoint=text, short_code=short_code(text), signed=signed)


def _ring(session: Session, name: str) -> KeyRing:
    return key_ring_from_bytes(store.file(session, name, "keys.json"))


def _destroyed(session: Session, name: str) -> dict[str, list[str]]:
    """File of a declaration (`cards`, `ballot-1` …) → the names under it."""
    found = store.files(session, name, "destroyed/")
    return {
        file.removesuffix(".txt"): [line.split(" ")[1] for line in note.decode().split("\n") if line.startswith("— ")]
        for file, note in sorted(found.items())
    }
