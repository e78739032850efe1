"""What was unusual among online evaluations (S13), and what the office decided; devices by a keyed hash, for a while.

No table leads from a device, a flag or a minute to a code: a flag holds counts of what went beyond a limit.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, and_, delete, or_, select
from sqlmodel import Field, Session, col
from sqlmodel import select as select_rows

from services.scoring.domain.evaluation_patterns import Seen, State
from services.scoring.store.evaluations import Key, Tally, find_rows, run_many
from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import UtcDateTime

_AT_ONCE = 10_000


class EvaluationFlagRow(Base, table=True):
    """What went beyond one limit. number, counts: of the evaluations beyond it; most: how far it went at its fullest.

    minute: of a burst, the fullest one, since 1970.

    by_bus: how many of them came from a source. decided_number: how many there were at the office's last decision.
    """

    __tablename__ = "evaluation_flag"
    __table_args__ = (Index("ix_evaluation_flag_unit", "cycle", "unit"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    cycle: str
    unit: str
    section: str
    form: int
    kind: str
    subject: str
    number: int = Field(sa_type=BigInteger)
    counts: bytes
    most: int
    minute: int | None = Field(default=None, sa_type=BigInteger)
    by_bus: int
    flagged_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: str = State.OPEN
    decided_number: int | None = None


class EvaluationDecisionRow(Base, table=True):
    """A decision on a flag, with its reason; none is ever changed, the last one holds."""

    __tablename__ = "evaluation_decision"

    id: int | None = Field(default=None, primary_key=True)
    flag: int = Field(sa_type=BigInteger, index=True)
    decision: str
    reason: str
    number: int
    by: str
    at: dt.datetime = Field(sa_type=UtcDateTime)


class EvaluationSaltRow(Base, table=True):
    """What a cycle's devices are hashed with; None once it is deleted, and then no device is counted any more."""

    __tablename__ = "evaluation_salt"

    cycle: str = Field(primary_key=True)
    salt: bytes | None
    devices_left: bool = True


class EvaluationDeviceRow(Base, table=True):
    """How often a device has evaluated one unit in one cycle. Which unit, nobody can tell from it."""

    __tablename__ = "evaluation_device"
    __table_args__ = ({"sqlite_with_rowid": False},)

    device: bytes = Field(primary_key=True)
    cycle: str
    number: int


FLAGS: Table = EvaluationFlagRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
DEVICES: Table = EvaluationDeviceRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__


_HEAD = "SELECT id, number, counts, most, minute, by_bus FROM evaluation_flag WHERE id"
_EACH = "UPDATE evaluation_flag SET number = ?, counts = ?, most = ?, minute = ?, by_bus = ? WHERE id = ?"
_MANY = (
    "UPDATE evaluation_flag SET number = new.number, counts = new.counts, most = new.most, minute = new.minute, "
    "by_bus = new.by_bus FROM unnest(%s::bigint[], %s::bytea[], %s::int[], %s::bigint[], %s::int[], %s::bigint[]) "
    "AS new (number, counts, most, minute, by_bus, id) WHERE evaluation_flag.id = new.id"
)


@dataclass(slots=True)
class Beyond:
    """What has come beyond a limit."""

    number: int = 0
    counts: int = 0
    most: int = 0
    minute: int | None = None
    by_bus: int = 0


def add(session: Session, found: Mapping[int, tuple[Seen, Beyond]], now: dt.datetime) -> None:
    """Add to the flags, by their numbers, what has come; one that is not there yet is written.

    In a flood every unit has a flag, and this is written with every batch: so it takes the quick way, as counts do.
    """
    numbers, before = sorted(found), {}
    for start in range(0, len(numbers), 1_000):
        part = numbers[start : start + 1_000]
        for number, *was in find_rows(session, _HEAD, "bigint", part):
            before[number] = was
    rows = []
    for number in before:
        _, beyond = found[number]
        was_number, counts, most, minute, by_bus = before[number]
        if beyond.most > most:
            most, minute = beyond.most, beyond.minute
        sum_ = packed(int.from_bytes(counts, "little") + beyond.counts)
        rows.append((was_number + beyond.number, sum_, most, minute, by_bus + beyond.by_bus, number))
    run_many(session, _EACH, rows, _MANY, tuple(list(column) for column in zip(*rows, strict=True)))
    if new := [_row(number, *found[number], now) for number in numbers if number not in before]:
        session.connection().execute(FLAGS.insert(), new)


def _row(number: int, seen: Seen, beyond: Beyond, now: dt.datetime) -> dict[str, Any]:
    cycle, unit, section, form = seen.key
    return {
        "id": number, "cycle": cycle, "unit": unit, "section": section, "form": form, "kind": seen.kind.value,
        "subject": seen.subject, "number": beyond.number, "counts": packed(beyond.counts), "most": beyond.most,
        "minute": beyond.minute, "by_bus": beyond.by_bus, "flagged_at": now, "state": State.OPEN.value,
    }  # fmt: skip


def packed(counts: int) -> bytes:
    """The domain's number of counts as it is kept, least byte first."""
    return counts.to_bytes(-(-counts.bit_length() // 8), "little")


def flag(session: Session, number: int) -> EvaluationFlagRow:
    """A flag. Raises Refusal (404)."""
    found = session.get(EvaluationFlagRow, number)
    if found is None:
        raise Refusal("flag", number, "there is no such flag", "see GET /api/v1/evaluation-flags", 404)
    return found


def flags(
    session: Session, cycle: str, *, unit: str, kind: str, state: str, after: int, limit: int
) -> list[EvaluationFlagRow]:
    """A page of a cycle's flags, unit by unit, behind the one numbered `after`; empty filters let all through."""
    row = EvaluationFlagRow
    query = select_rows(row).where(row.cycle == cycle)
    for column, wanted in ((row.unit, unit), (row.kind, kind), (row.state, state)):
        if wanted:
            query = query.where(column == wanted)
    if after:
        last = flag(session, after)
        query = query.where(or_(col(row.unit) > last.unit, and_(col(row.unit) == last.unit, col(row.id) > last.id)))
    return list(session.exec(query.order_by(col(row.unit), col(row.id)).limit(limit)))


def apart(session: Session, cycle: str, units: Iterable[str] | None = None) -> dict[Key, Tally]:
    """Counts of what the office has set apart: of these units, or of all."""
    c = FLAGS.c
    query = select(c.unit, c.section, c.form, c.number, c.counts)
    query = query.where(c.cycle == cycle, c.state == State.SET_APART)
    if units is not None:
        query = query.where(c.unit.in_(list(units)))
    found: dict[Key, Tally] = {}
    for unit, section, form, number, counts in session.connection().execute(query):
        tally = found.setdefault((cycle, unit, section, form), Tally(0, 0))
        tally.evaluations += number
        tally.counts += int.from_bytes(counts, "little")
    return found


def decisions(session: Session, number: int) -> Sequence[EvaluationDecisionRow]:
    """The decisions on a flag, oldest first."""
    row = EvaluationDecisionRow
    return session.exec(select_rows(row).where(row.flag == number).order_by(col(row.id))).all()


def salt_of(session: Session, cycle: str, fresh: bytes) -> bytes | None:
    """What a cycle's devices are hashed with: `fresh` at the first use; None once it is deleted."""
    found = session.get(EvaluationSaltRow, cycle)
    if found is None:
        found = EvaluationSaltRow(cycle=cycle, salt=fresh)
        session.add(found)
        session.flush()
    return found.salt


def devices(session: Session, keys: Sequence[bytes]) -> dict[bytes, int]:
    """Device → how often it has evaluated, of those that are known."""
    head = "SELECT device, number FROM evaluation_device WHERE device"
    return {bytes(device): number for device, number in find_rows(session, head, "bytea", keys)}


def keep_devices(session: Session, numbers: Mapping[bytes, tuple[str, int]]) -> None:
    """Write how often devices have evaluated: device → cycle, number."""
    rows = [(device, cycle, number) for device, (cycle, number) in sorted(numbers.items())]
    head = "INSERT INTO evaluation_device (device, cycle, number)"
    tail = "ON CONFLICT (device) DO UPDATE SET number = excluded.number"
    many = f"{head} SELECT * FROM unnest(%s::bytea[], %s::text[], %s::int[]) {tail}"
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    run_many(session, f"{head} VALUES (?, ?, ?) {tail}", rows, many, columns)


def salts(session: Session) -> Sequence[EvaluationSaltRow]:
    """The cycles of which there still is a salt, or a device."""
    return session.exec(select_rows(EvaluationSaltRow).where(col(EvaluationSaltRow.devices_left).is_(True))).all()


def forget_devices(session: Session, row: EvaluationSaltRow) -> bool:
    """Delete a cycle's salt for good, then its devices, some thousands at a time; True if there may be more."""
    row.salt = None
    some = select(DEVICES.c.device).where(DEVICES.c.cycle == row.cycle).limit(_AT_ONCE)
    done = session.connection().execute(delete(DEVICES).where(DEVICES.c.device.in_(some)))
    row.devices_left = done.rowcount == _AT_ONCE
    return row.devices_left
