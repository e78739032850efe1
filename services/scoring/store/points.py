"""Queries on the daily score's lines, appeals, and what was seen of cases."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table, and_, bindparam, case, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from services.scoring.domain.points import Evidence, Line
from services.scoring.store.tables import AppealRow, CanvassingRow, CaseRow, LineRow
from shared.errors import Refusal

CASES: Table = CaseRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
LINES: Table = LineRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
_HAS_LINE = LINES.select().with_only_columns(LINES.c.id).where(LINES.c.id == bindparam("key"))


def as_line(row: LineRow) -> Line:
    """The domain's line of a row."""
    evidence = tuple(Evidence(datetime.fromisoformat(at), event) for at, event in row.evidence)
    return Line(row.id, row.unit, row.cycle, row.case, row.rule, row.points, evidence, frozenset(row.restored))


def keep(row: LineRow, line: Line) -> None:
    """Write what may change of a line into its row."""
    row.evidence = [[e.occurred.isoformat(), e.event] for e in line.evidence]
    row.restored = sorted(line.restored)


def line(session: Session, key: str) -> LineRow:
    """A line by id. Raises Refusal (404)."""
    found = session.get(LineRow, key)
    if found is None:
        raise Refusal("line", key, "no such line", "see the unit's score for its lines", 404)
    return found


def lines_of(session: Session, units: Iterable[str], cycles: Iterable[str]) -> list[LineRow]:
    """Lines of these units in these cycles, by case and rule."""
    query = select(LineRow).where(col(LineRow.unit).in_(list(units)), col(LineRow.cycle).in_(list(cycles)))
    return list(session.exec(query.order_by(col(LineRow.case), col(LineRow.rule))))


def lines_for(session: Session, cycle: str, earlier: Sequence[str]) -> dict[str, list[Line]]:
    """All lines of a cycle by unit, with those of earlier cycles on the same cases."""
    query = select(LineRow).where(LineRow.cycle == cycle)
    now = list(session.exec(query))
    cases = {row.case for row in now}
    before = [
        row for row in session.exec(select(LineRow).where(col(LineRow.cycle).in_(earlier))) if row.case in cases
    ] if earlier else []  # fmt: skip
    found: dict[str, list[Line]] = {}
    for row in (*before, *now):
        found.setdefault(row.unit, []).append(as_line(row))
    return found


def appeals_of(session: Session, lines: Iterable[str]) -> list[AppealRow]:
    """The appeals against these lines, oldest first."""
    return list(session.exec(select(AppealRow).where(col(AppealRow.line).in_(list(lines))).order_by(col(AppealRow.id))))


def pending_appeals(session: Session, cycle: str) -> list[str]:
    """Lines of a cycle under appeal, and cases of canvassing under appeal."""
    lines = session.exec(select(AppealRow.line).where(AppealRow.cycle == cycle, AppealRow.state == "pending"))
    query = select(CanvassingRow).where(CanvassingRow.cycle == cycle, CanvassingRow.state == "appealed")
    return sorted([*lines, *(f"canvassing/{row.id}" for row in session.exec(query))])


def upheld_since(session: Session, cycle: str, at: datetime) -> list[str]:
    """Lines of a cycle whose appeal was upheld after a time."""
    query = select(AppealRow.line).where(
        AppealRow.cycle == cycle, AppealRow.state == "upheld", col(AppealRow.ruled_at) > at
    )
    return sorted(session.exec(query))


@cache
def _see_case(dialect: str) -> Any:
    """The upsert of what was seen of a case. Every event of every case passes here, so it is one plain statement."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[dialect](CASES)
    new, old = insert.excluded, CASES.c
    # The unit is that of the newest reassignment, else that of the opening (I17).
    later = or_(old.reassigned_at.is_(None), old.reassigned_at < new.reassigned_at)
    moved = and_(new.reassigned_at.is_not(None), later)
    led = or_(moved, and_(new.opened, old.reassigned_at.is_(None)))
    return insert.on_conflict_do_update(
        index_elements=["case"],
        set_={
            "unit": case((led, new.unit), else_=old.unit),
            "reassigned_at": case((moved, new.reassigned_at), else_=old.reassigned_at),
            "opened": or_(old.opened, new.opened),
            "closed": case((new.closed > old.closed, new.closed), else_=old.closed),
            "reopened": old.reopened + new.reopened,
            "returned": old.returned + new.returned,
            "overdue": or_(old.overdue, new.overdue),
            "late": or_(old.late, new.late),
            "lapsed": or_(old.lapsed, new.lapsed),
            "topic": func.coalesce(old.topic, new.topic),
            "outcome": case((and_(new.outcome.is_not(None), new.closed >= old.closed), new.outcome), else_=old.outcome),
            "opened_at": func.coalesce(old.opened_at, new.opened_at),
        },
    )


def see_case(
    session: Session, key: str, unit: str, *, opened: bool = False, closed: int = 0, reopened: int = 0,
    late: bool = False, lapsed: bool = False, reassigned_at: datetime | None = None, topic: str | None = None,
    outcome: str | None = None, opened_at: datetime | None = None, returned: int = 0, overdue: bool = False,
) -> None:  # fmt: skip
    """Note what an event tells of a case, in whatever order events come. `outcome`: of the last closing."""
    connection = session.connection()
    row = {
        "case": key, "unit": unit, "opened": opened, "closed": closed, "reopened": reopened, "late": late,
        "lapsed": lapsed, "reassigned_at": reassigned_at, "topic": topic, "outcome": outcome, "opened_at": opened_at,
        "returned": returned, "overdue": overdue,
    }  # fmt: skip
    connection.execute(_see_case(connection.dialect.name), row)


def add_line(session: Session, new: Line, *, author: str, noticed_at: datetime, appeal_until: datetime) -> None:
    """Write a line that was not there."""
    evidence = [[e.occurred.isoformat(), e.event] for e in new.evidence]
    session.connection().execute(
        LINES.insert(),
        {
            "id": new.id, "unit": new.unit, "cycle": new.cycle, "case": new.case, "rule": new.rule,
            "points": new.points, "evidence": evidence, "restored": [], "authors": [author] if author else [],
            "noticed_at": noticed_at, "appeal_until": appeal_until,
        },
    )  # fmt: skip


def has_line(session: Session, key: str) -> bool:
    """Whether a line stands already."""
    return session.connection().execute(_HAS_LINE, {"key": key}).first() is not None


def case_figures(session: Session, unit: str) -> dict[str, int]:
    """How many of a unit's cases were opened, closed, reopened, late, without result."""
    conditions = {
        "opened": col(CaseRow.opened).is_(True),
        "closed": col(CaseRow.closed) > 0,
        "reopened": col(CaseRow.reopened) > 0,
        "late": col(CaseRow.late).is_(True),
        "no_result": col(CaseRow.lapsed).is_(True),
    }
    columns = [func.count().filter(condition).label(name) for name, condition in conditions.items()]
    row = session.connection().execute(select(*columns).select_from(CaseRow).where(CaseRow.unit == unit)).one()
    return dict(zip(conditions, row, strict=True))


def cases_of(session: Session, unit: str, starts: datetime, ends: datetime) -> Sequence[CaseRow]:
    """A unit's cases that were opened from `starts` up to, not including, `ends`."""
    query = select(CaseRow).where(CaseRow.unit == unit, col(CaseRow.opened_at) >= starts, col(CaseRow.opened_at) < ends)
    return session.exec(query.order_by(col(CaseRow.case))).all()
