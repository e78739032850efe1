"""Promises and the inspections of them in the store: records are added, never overwritten (R8). Never commits."""

import datetime as dt
from typing import Any

from sqlalchemy import Column, ColumnElement, ForeignKeyConstraint, Index, RowMapping, bindparam, func, select, tuple_
from sqlmodel import Field, Session

from services.rectification.domain.commitment import Commitment, Inspection, Survey, Verdict
from services.rectification.store.tables import Base
from services.rectification.store.upsert import upsert
from shared.tables import JSONType, UtcDateTime


class CommitmentRow(Base, table=True):
    """A promise of a filed plan. verdict: of the record that stands, null until it was inspected."""

    __tablename__ = "commitments"
    __table_args__ = (
        ForeignKeyConstraint(["case_number"], ["cases.number"]),
        Index("ix_commitments_unit", "unit", "due", "id"),
        Index("ix_commitments_due", "due", "id"),
        Index("ix_commitments_case", "case_number"),
    )

    id: str = Field(primary_key=True)
    case_number: str
    version: int
    unit: str
    paying_unit: str
    person: str
    text: str
    to: str
    due: dt.date
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    made_at: dt.datetime = Field(sa_type=UtcDateTime)
    verdict: str | None = None
    withdrawn_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class InspectionRow(Base, table=True):
    """One record of whether a promise was kept."""

    __tablename__ = "commitment_inspections"
    __table_args__ = (ForeignKeyConstraint(["commitment"], ["commitments.id"]),)

    commitment: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: dt.datetime = Field(sa_type=UtcDateTime)
    by: str
    role: str
    verdict: str
    findings: str
    evidence: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    survey: dict[str, Any] = Field(sa_column=Column(JSONType, nullable=False))
    mean: str | None = None
    corrects: int | None = None
    reason: str


commitments = Base.metadata.tables["commitments"]
inspections = Base.metadata.tables["commitment_inspections"]


def find(session: Session, id: str) -> Commitment | None:
    """The promise, or None."""
    row = session.connection().execute(select(commitments).where(commitments.c.id == id)).mappings().one_or_none()
    return None if row is None else _commitment(row)


def of_case(session: Session, case: str) -> tuple[Commitment, ...]:
    """Every promise of a case, the first one first."""
    query = select(commitments).where(commitments.c.case_number == case).order_by(commitments.c.made_at)
    return tuple(_commitment(row) for row in session.connection().execute(query).mappings())


def save(session: Session, commitment: Commitment) -> None:
    """A promise as it stands now."""
    row: dict[str, Any] = {name: getattr(commitment, name) for name in Commitment.__slots__ if name != "case"}
    verdict = commitment.verdict.value if commitment.verdict else None
    upsert(session, commitments, [{**row, "case_number": commitment.case, "verdict": verdict}])


def page(
    session: Session,
    now: dt.datetime,
    *,
    unit: str | None,
    state: str | None,
    after: tuple[dt.date, str] | None,
    limit: int,
) -> list[Commitment]:
    """Promises by promised day. state: as of `now`; not_inspected: pending or to_inspect."""
    query = select(commitments)
    if unit is not None:
        query = query.where(commitments.c.unit == unit)
    if state is not None:
        query = query.where(_in_state(state, now))
    if after is not None:
        last = tuple_(bindparam("last_due", after[0], type_=commitments.c.due.type), bindparam("last_id", after[1]))
        query = query.where(tuple_(commitments.c.due, commitments.c.id) > last)
    query = query.order_by(commitments.c.due, commitments.c.id).limit(limit)
    return [_commitment(row) for row in session.connection().execute(query).mappings()]


def register(session: Session, now: dt.datetime, unit: str | None) -> dict[str, dict[str, int]]:
    """How many promises of each unit are in each state as of `now`."""
    found: dict[str, dict[str, int]] = {}
    for state in ("pending", "to_inspect", "withdrawn", *(verdict.value for verdict in Verdict)):
        query = select(commitments.c.unit, func.count()).where(_in_state(state, now)).group_by(commitments.c.unit)
        if unit is not None:
            query = query.where(commitments.c.unit == unit)
        for of_unit, count in session.connection().execute(query):
            found.setdefault(of_unit, {})[state] = count
    return found


def inspections_of(session: Session, commitment: str) -> tuple[Inspection, ...]:
    """Every record of a promise, the first one first; the last one stands."""
    query = select(inspections).where(inspections.c.commitment == commitment).order_by(inspections.c.n)
    return tuple(
        Inspection(
            commitment=row["commitment"],
            n=row["n"],
            at=row["at"],
            by=row["by"],
            role=row["role"],
            verdict=Verdict(row["verdict"]),
            findings=row["findings"],
            evidence=tuple(row["evidence"]),
            survey=Survey(row["survey"], row["mean"]),
            corrects=row["corrects"],
            reason=row["reason"],
        )
        for row in session.connection().execute(query).mappings()
    )


def add_inspection(session: Session, record: Inspection) -> None:
    """One more record."""
    row = {
        "commitment": record.commitment,
        "n": record.n,
        "at": record.at,
        "by": record.by,
        "role": record.role,
        "verdict": record.verdict.value,
        "findings": record.findings,
        "evidence": list(record.evidence),
        "survey": record.survey.counts,
        "mean": record.survey.mean,
        "corrects": record.corrects,
        "reason": record.reason,
    }
    session.connection().execute(inspections.insert(), [row])


def _in_state(state: str, now: dt.datetime) -> ColumnElement[bool]:
    instant = bindparam("now", now, type_=commitments.c.expires_at.type)
    not_inspected = commitments.c.verdict.is_(None)
    if state == "withdrawn":
        return not_inspected & commitments.c.withdrawn_at.is_not(None)
    standing = not_inspected & commitments.c.withdrawn_at.is_(None)
    if state == "not_inspected":
        return standing
    if state == "pending":
        return standing & (commitments.c.expires_at > instant)
    if state == "to_inspect":
        return standing & (commitments.c.expires_at <= instant)
    return commitments.c.verdict == state


def _commitment(row: RowMapping) -> Commitment:
    return Commitment(
        id=row["id"],
        case=row["case_number"],
        version=row["version"],
        unit=row["unit"],
        paying_unit=row["paying_unit"],
        person=row["person"],
        text=row["text"],
        to=row["to"],
        due=row["due"],
        expires_at=row["expires_at"],
        made_at=row["made_at"],
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        withdrawn_at=row["withdrawn_at"],
    )
