"""Tables and queries of what becomes of consequences, and of results handed over to other assessments (S12)."""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy import Index
from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base, CanvassingRow, ConsequenceRow
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class CourseRow(Base, table=True):
    """What became of a confirmed consequence. `returned`: reasons for which it was sent back, oldest first.

    `chased_for`: the deadline whose passing was told, so that it is told once.
    """

    __tablename__ = "consequence_course"

    consequence: str = Field(primary_key=True)
    executed_by: str | None = None
    executed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    evidence: str | None = None
    returned: list[str] = Field(default_factory=list, sa_type=JSONType)
    closed_by: str | None = None
    closed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    proof: str | None = None
    chased_for: dt.date | None = None
    grounds: str | None = None
    appealed_by: str | None = None
    appealed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    ruled_by: str | None = None
    ruled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    upheld: bool = False
    ruling: str | None = None

    @property
    def is_appealed(self) -> bool:
        """Whether an appeal waits for its ruling."""
        return self.appealed_at is not None and self.ruled_at is None


class HandoverRow(Base, table=True):
    """A unit's result given to another assessment, as it was given, and the receipt for it."""

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_cycle", "cycle", "unit"),)

    id: int | None = Field(default=None, primary_key=True)
    cycle: str
    unit: str
    assessment: str
    version: int
    content: dict[str, str | int | bool | None] = Field(sa_type=JSONType)
    handed_by: str
    handed_at: dt.datetime = Field(sa_type=UtcDateTime)
    received_by: str | None = None
    received_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    receipt: str | None = None


def course(session: Session, key: str) -> CourseRow:
    """What became of a consequence so far; a new row where nothing did."""
    found = session.get(CourseRow, key)
    if found is None:
        found = CourseRow(consequence=key)
        session.add(found)
    return found


def courses(session: Session, keys: Iterable[str]) -> dict[str, CourseRow]:
    """By consequence, of those that have one."""
    rows = session.exec(select(CourseRow).where(col(CourseRow.consequence).in_(list(keys))))
    return {row.consequence: row for row in rows}


def overdue(session: Session, today: dt.date, *, left: frozenset[str], limit: int) -> list[ConsequenceRow]:
    """Confirmed, not executed, past its deadline, not under appeal, and not told of that deadline yet."""
    query = (
        select(ConsequenceRow, CourseRow)
        .outerjoin(CourseRow, col(CourseRow.consequence) == ConsequenceRow.id)
        .where(ConsequenceRow.state == "confirmed", col(ConsequenceRow.due) < today)
        .where(col(ConsequenceRow.id).not_in(left))
        .where((col(CourseRow.chased_for).is_(None)) | (col(CourseRow.chased_for) != ConsequenceRow.due))
        .where((col(CourseRow.appealed_at).is_(None)) | (col(CourseRow.ruled_at).is_not(None)))
        .order_by(col(ConsequenceRow.due), col(ConsequenceRow.id))
        .limit(limit)
    )
    return [row for row, _ in session.exec(query)]


def under_appeal(session: Session, cycle: str, *, canvassing: bool) -> list[str]:
    """Consequences of a cycle whose appeal waits for its ruling. canvassing: only of units that canvassed."""
    query = (
        select(ConsequenceRow.id)
        .join(CourseRow, col(CourseRow.consequence) == ConsequenceRow.id)
        .where(
            ConsequenceRow.cycle == cycle, col(CourseRow.appealed_at).is_not(None), col(CourseRow.ruled_at).is_(None)
        )
    )
    if canvassing:
        query = query.join(
            CanvassingRow, (col(CanvassingRow.unit) == ConsequenceRow.unit) & (CanvassingRow.cycle == cycle)
        )
    return sorted(set(session.exec(query)))


def of_unit(session: Session, unit: str) -> Sequence[ConsequenceRow]:
    """Every consequence of a unit."""
    query = select(ConsequenceRow).where(ConsequenceRow.unit == unit)
    return session.exec(query.order_by(col(ConsequenceRow.id))).all()


def handover(session: Session, key: int) -> HandoverRow:
    """A hand-over. Raises Refusal (404)."""
    found = session.get(HandoverRow, key)
    if found is None:
        raise Refusal("handover", key, "no such hand-over", "see GET /api/v1/cycles/{name}/handovers", 404)
    return found


def handovers(session: Session, *, cycle: str | None = None, unit: str | None = None, after: int = 0,
              limit: int = 1000) -> Sequence[HandoverRow]:  # fmt: skip
    """Hand-overs after a cursor, oldest first; of a cycle, of a unit."""
    query = select(HandoverRow).where(col(HandoverRow.id) > after).order_by(col(HandoverRow.id)).limit(limit)
    if cycle is not None:
        query = query.where(HandoverRow.cycle == cycle)
    if unit is not None:
        query = query.where(HandoverRow.unit == unit)
    return session.exec(query).all()
