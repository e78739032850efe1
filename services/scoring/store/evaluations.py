"""Online evaluations (S13): codes by their hash, each with its one answer; counts a unit. No person, time or address.

A code's row is also where its evaluation stands, so that there is no room for a second one.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, col
from sqlmodel import select as select_rows

from services.scoring.domain.evaluation import Form
from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime

_AT_ONCE = 5_000


class EvaluationFormRow(Base, table=True):
    """What evaluations ask, in which round; a programme that changes makes another one."""

    __tablename__ = "evaluation_form"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    dimensions: list[str] = Field(sa_type=JSONType)
    grades: list[str] = Field(sa_type=JSONType)
    abstain: str
    round: str = Field(default="", sa_column_kwargs={"server_default": ""})


class EvaluationBatchRow(Base, table=True):
    """Codes issued together: of one unit (and section), one cycle, one day of service. Nothing of it ever changes.

    `id` is drawn by lot, so that a number stands for one batch only, also where a transaction was rolled back.
    """

    __tablename__ = "evaluation_batch"
    __table_args__ = (Index("ix_evaluation_batch_unit", "unit", "cycle"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    unit: str
    section: str = ""
    cycle: str
    form: int
    served_on: dt.date
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    codes: int
    issued_by: str
    issued_at: dt.datetime = Field(sa_type=UtcDateTime)
    file: str | None = Field(default=None, index=True)
    """digest of the table of receipts that the codes were issued for"""


class EvaluationCodeRow(Base, table=True):
    """SHA-256 of a code, and the marks that were given with it: one character a dimension."""

    __tablename__ = "evaluation_code"
    __table_args__ = ({"sqlite_with_rowid": False},)

    code_hash: bytes = Field(primary_key=True)
    batch: int = Field(sa_type=BigInteger)
    marks: str | None = None


class EvaluationTallyRow(Base, table=True):
    """Evaluations of a unit (and section) in a cycle, and their counts: the domain's number, least byte first."""

    __tablename__ = "evaluation_tally"

    cycle: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    section: str = Field(primary_key=True)
    form: int = Field(primary_key=True)
    evaluations: int = Field(default=0, sa_type=BigInteger)
    counts: bytes


class EvaluationRefusalRow(Base, table=True):
    """How many messages of a source were refused, by reason."""

    __tablename__ = "evaluation_refusal"

    source: str = Field(primary_key=True)
    reason: str = Field(primary_key=True)
    number: int = 0


BATCHES: Table = EvaluationBatchRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
CODES: Table = EvaluationCodeRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
TALLIES: Table = EvaluationTallyRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
REFUSALS: Table = EvaluationRefusalRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
Key = tuple[str, str, str, int]
"""cycle, unit, section, form"""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as evaluations need it."""

    key: Key
    unit: str
    expires_at: dt.datetime
    form: Form


@dataclass(slots=True)
class Tally:
    """Counts of one key."""

    evaluations: int
    counts: int


def keep_form(session: Session, digest: str, form: Form) -> int:
    """The number of a form; kept at its first use."""
    found = session.exec(select_rows(EvaluationFormRow).where(EvaluationFormRow.digest == digest)).first()
    if found is None:
        found = EvaluationFormRow(
            digest=digest, dimensions=list(form.dimensions), grades=list(form.grades), abstain=form.abstain,
            round=form.round,
        )  # fmt: skip
        session.add(found)
        session.flush()
    assert found.id is not None  # the database gave it one
    return found.id


def forms(session: Session) -> dict[int, Form]:
    """Every form by its number."""
    rows = session.exec(select_rows(EvaluationFormRow))
    return {row.id or 0: Form(tuple(row.dimensions), tuple(row.grades), row.abstain, row.round) for row in rows}


def add_codes(session: Session, batch: int, hashes: Iterable[bytes]) -> None:
    """Keep the hashes of codes; one that is known already stays what it is."""
    statement = "INSERT INTO evaluation_code (code_hash, batch) VALUES (?, ?) ON CONFLICT DO NOTHING"
    many = "INSERT INTO evaluation_code (code_hash, batch) SELECT unnest(%s::bytea[]), %s ON CONFLICT DO NOTHING"
    rows = sorted(set(hashes))
    run_many(session, statement, [(h, batch) for h in rows], many, (rows, batch))


def codes(session: Session, hashes: Sequence[bytes]) -> dict[bytes, tuple[int, str | None]]:
    """Hash → (batch, marks) of the codes that are known."""
    found: dict[bytes, tuple[int, str | None]] = {}
    for start in range(0, len(hashes), _AT_ONCE):
        part = hashes[start : start + _AT_ONCE]
        rows = find_rows(session, "SELECT code_hash, batch, marks FROM evaluation_code WHERE code_hash", "bytea", part)
        for code_hash, batch, marks in rows:
            found[code_hash] = batch, marks
    return found


def batches(session: Session, numbers: Iterable[int]) -> dict[int, Batch]:
    """Batches by their number."""
    c = BATCHES.c
    query = select(c.id, c.unit, c.section, c.cycle, c.form, c.expires_at).where(c.id.in_(list(numbers)))
    asked = forms(session)
    return {
        row.id: Batch((row.cycle, row.unit, row.section, row.form), row.unit, row.expires_at, asked[row.form])
        for row in session.connection().execute(query)
    }


def use(session: Session, given: Mapping[bytes, str]) -> None:
    """Write the marks given with codes that are known and unused (the caller has looked, in this transaction)."""
    rows = sorted(given)
    statement = "UPDATE evaluation_code SET marks = ? WHERE code_hash = ?"
    many = (
        "UPDATE evaluation_code SET marks = new.marks FROM unnest(%s::bytea[], %s::text[]) AS new (code_hash, marks) "
        "WHERE evaluation_code.code_hash = new.code_hash"
    )
    run_many(session, statement, [(given[h], h) for h in rows], many, (rows, [given[h] for h in rows]))


def tallies(session: Session, cycle: str, units: Iterable[str] | None = None) -> dict[Key, Tally]:
    """Counts of a cycle: of these units, or of all."""
    c = TALLIES.c
    query = select(c.unit, c.section, c.form, c.evaluations, c.counts).where(c.cycle == cycle)
    if units is not None:
        query = query.where(c.unit.in_(list(units)))
    return {
        (cycle, unit, section, form): Tally(number, int.from_bytes(counts, "little"))
        for unit, section, form, number, counts in session.connection().execute(query).all()
    }


def totals(session: Session) -> dict[str, int]:
    """How many evaluations each cycle has."""
    query = select(TALLIES.c.cycle, func.sum(TALLIES.c.evaluations)).group_by(TALLIES.c.cycle)
    return {cycle: int(number) for cycle, number in session.connection().execute(query)}


def keep_tallies(session: Session, changed: Mapping[Key, Tally]) -> None:
    """Write counts."""
    rows = [(*key, t.evaluations, t.counts.to_bytes(-(-t.counts.bit_length() // 8), "little"))
            for key, t in sorted(changed.items())]  # fmt: skip
    head = "INSERT INTO evaluation_tally (cycle, unit, section, form, evaluations, counts)"
    tail = (
        "ON CONFLICT (cycle, unit, section, form) "
        "DO UPDATE SET evaluations = excluded.evaluations, counts = excluded.counts"
    )
    arrays = "%s::text[], %s::text[], %s::text[], %s::int[], %s::bigint[], %s::bytea[]"
    many = f"{head} SELECT * FROM unnest({arrays}) {tail}"
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    run_many(session, f"{head} VALUES (?, ?, ?, ?, ?, ?) {tail}", rows, many, columns)


def recount(session: Session, cycle: str) -> dict[Key, Tally]:
    """Counts made anew from the evaluations themselves. One GROUP BY; the letters are counted as text."""
    b, c = BATCHES.c, CODES.c
    together = func.group_concat if session.connection().dialect.name == "sqlite" else func.string_agg
    query = (
        select(b.unit, b.section, b.form, together(c.marks, ""))
        .select_from(CODES.join(BATCHES, b.id == c.batch))
        .where(b.cycle == cycle, c.marks.is_not(None))
        .group_by(c.batch, b.unit, b.section, b.form)
    )
    asked = forms(session)
    found: dict[Key, Tally] = {}
    for unit, section, form, marks in session.connection().execute(query):
        tally = found.setdefault((cycle, unit, section, form), Tally(0, 0))
        tally.evaluations += len(marks) // len(asked[form].dimensions)
        tally.counts += asked[form].weight_of_all(marks)
    return found


def refused(session: Session, numbers: Mapping[tuple[str, str], int]) -> None:
    """Count refusals: (source, reason) → how many more."""
    rows = [{"source": s, "reason": r, "number": n} for (s, r), n in sorted(numbers.items())]
    if rows:
        session.connection().execute(_refused(session.connection().dialect.name), rows)


def refusals(session: Session) -> list[EvaluationRefusalRow]:
    """What was refused, by source and reason."""
    query = select_rows(EvaluationRefusalRow)
    return list(session.exec(query.order_by(col(EvaluationRefusalRow.source), col(EvaluationRefusalRow.reason))))


def issued(session: Session, unit: str, cycle: str, after: int, limit: int) -> list[EvaluationBatchRow]:
    """A page of the batches of a unit in a cycle whose number comes after `after`."""
    row = EvaluationBatchRow
    query = select_rows(row).where(row.unit == unit, row.cycle == cycle, col(row.id) > after)
    return list(session.exec(query.order_by(col(row.id)).limit(limit)))


def issued_for(session: Session, file: str) -> EvaluationBatchRow | None:
    """A batch that was issued for this very table of receipts."""
    return session.exec(select_rows(EvaluationBatchRow).where(EvaluationBatchRow.file == file)).first()


def code(session: Session, code_hash: bytes | None) -> tuple[EvaluationBatchRow, str | None]:
    """The batch of a code and the marks given with it. Raises Refusal (404)."""
    found = session.get(EvaluationCodeRow, code_hash) if code_hash else None
    batch = session.get(EvaluationBatchRow, found.batch) if found else None
    if found is None or batch is None:
        raise Refusal("code", "…", "is no code of ours", "see the receipt again", 404)
    return batch, found.marks


def run_many(session: Session, each: str, rows: list[tuple[Any, ...]], many: str, columns: tuple[Any, ...]) -> None:
    """Write rows by the way that is quick: SQLite a row at a time in C, PostgreSQL all of them as arrays.

    By SQLAlchemy's own statements it takes three times as long; this is what a million passes through.
    """
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(each, rows)
    else:
        connection.exec_driver_sql(many, columns)


def find_rows(session: Session, head: str, kind: str, keys: Sequence[Any]) -> Sequence[Any]:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql(f"{head} IN ({','.join('?' * len(keys))})", tuple(keys)).fetchall()
    return connection.exec_driver_sql(f"{head} = ANY(%s::{kind}[])", (list(keys),)).fetchall()


@cache
def _refused(dialect: str) -> Any:
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect](REFUSALS)
    return insert.on_conflict_do_update(
        index_elements=["source", "reason"], set_={"number": REFUSALS.c.number + insert.excluded.number}
    )
