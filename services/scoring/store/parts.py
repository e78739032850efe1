"""Values of the composite's other parts as people entered them, and the closings that *resolution* is made of (S9)."""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class PartValueRow(Base, table=True):
    """A version of a unit's value of a part. state: waiting for a second person, confirmed, or refused by him.

    marks: {"": value}, or a mark for each item, written as decimals. No version is ever changed; a correction is a
    further one with its reason.
    """

    __tablename__ = "part_value"
    __table_args__ = (
        UniqueConstraint("cycle", "part", "unit", "version"),
        Index("ix_part_value_state", "cycle", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    cycle: str
    part: str
    unit: str
    version: int
    marks: dict[str, str] = Field(sa_type=JSONType)
    sample: int | None = None
    document: str
    document_sha256: str | None = None
    reason: str = ""
    entered_by: str
    entered_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: str = "waiting"
    decided_by: str | None = None
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision: str = ""


class MatterRow(Base, table=True):
    """A closing of a case in a cycle, as the unit's *resolution* counts it; grades without who gave them."""

    __tablename__ = "matter_closed"
    __table_args__ = (Index("ix_matter_closed_cycle", "cycle", "unit"),)

    case: str = Field(primary_key=True)
    times: int = Field(primary_key=True)
    unit: str
    cycle: str
    outcome: str
    occurred: dt.datetime = Field(sa_type=UtcDateTime)
    grades: list[str] = Field(default_factory=list, sa_type=JSONType)


class PromisedRow(Base, table=True):
    """A case in which something was promised in writing: it counts double."""

    __tablename__ = "matter_promised"

    case: str = Field(primary_key=True)


def versions(session: Session, cycle: str, part: str, unit: str) -> Sequence[PartValueRow]:
    """Every version of a unit's value, oldest first."""
    query = select(PartValueRow).where(
        PartValueRow.cycle == cycle, PartValueRow.part == part, PartValueRow.unit == unit
    )
    return session.exec(query.order_by(col(PartValueRow.version))).all()


def values(
    session: Session, cycle: str, part: str, *, unit: str | None, after: int, limit: int
) -> Sequence[PartValueRow]:
    """Values of a part after a cursor, in the order in which they were entered."""
    query = select(PartValueRow).where(
        PartValueRow.cycle == cycle, PartValueRow.part == part, col(PartValueRow.id) > after
    )
    if unit is not None:
        query = query.where(PartValueRow.unit == unit)
    return session.exec(query.order_by(col(PartValueRow.id)).limit(limit)).all()


def confirmed(session: Session, cycle: str) -> dict[tuple[str, str], PartValueRow]:
    """(part, unit) → the newest confirmed version."""
    query = select(PartValueRow).where(PartValueRow.cycle == cycle, PartValueRow.state == "confirmed")
    rows = session.exec(query.order_by(col(PartValueRow.version)))
    return {(row.part, row.unit): row for row in rows}


def waiting(session: Session, cycle: str) -> list[str]:
    """Values that nobody has confirmed or refused."""
    query = select(PartValueRow).where(PartValueRow.cycle == cycle, PartValueRow.state == "waiting")
    return sorted(f"{row.part}/{row.unit}/{row.version}" for row in session.exec(query))


def matters(session: Session, cycle: str, units: Iterable[str]) -> list[MatterRow]:
    """The last closing in a cycle of each case of these units."""
    query = select(MatterRow).where(MatterRow.cycle == cycle, col(MatterRow.unit).in_(list(units)))
    last = {row.case: row for row in session.exec(query.order_by(col(MatterRow.times)))}
    return [last[case] for case in sorted(last)]


def promised(session: Session, cases: Iterable[str]) -> set[str]:
    """Those of the cases in which something was promised in writing."""
    return set(session.exec(select(PromisedRow.case).where(col(PromisedRow.case).in_(list(cases)))))
