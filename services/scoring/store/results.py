"""Queries on canvassing, rankings and consequences."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from services.scoring.store.tables import CanvassingRow, ConsequenceRow, RankingRow
from shared.errors import Refusal


def ranking(session: Session, cycle: str) -> RankingRow | None:
    """The result of a cycle as issued last, None before it is."""
    query = select(RankingRow).where(RankingRow.cycle == cycle).order_by(col(RankingRow.version).desc())
    return session.exec(query).first()


def versions(session: Session, cycle: str) -> Sequence[RankingRow]:
    """Every version of a cycle's result, oldest first."""
    return session.exec(select(RankingRow).where(RankingRow.cycle == cycle).order_by(col(RankingRow.version))).all()


def canvassers(session: Session, cycle: str) -> set[str]:
    """Units of which canvassing is established and stands."""
    query = select(CanvassingRow.unit).where(CanvassingRow.cycle == cycle, CanvassingRow.state != "overturned")
    return set(session.exec(query))


def appealable(session: Session, cycle: str) -> list[datetime]:
    """Until when each case of canvassing may be appealed that stands and was not."""
    query = select(CanvassingRow.appeal_until).where(
        CanvassingRow.cycle == cycle, CanvassingRow.state == "standing", col(CanvassingRow.grounds).is_(None)
    )
    return list(session.exec(query))


def canvassing_cases(
    session: Session, *, cycle: str | None, unit: str | None, after: int, limit: int
) -> Sequence[CanvassingRow]:
    """Cases of canvassing after a cursor, oldest first; of a cycle, of a unit."""
    query = select(CanvassingRow).where(col(CanvassingRow.id) > after).order_by(col(CanvassingRow.id)).limit(limit)
    if cycle is not None:
        query = query.where(CanvassingRow.cycle == cycle)
    if unit is not None:
        query = query.where(CanvassingRow.unit == unit)
    return session.exec(query).all()


def persons_of(session: Session, cycle: str, unit: str) -> tuple[str, ...]:
    """The posts that canvassed for a unit, as the cases that stand say."""
    query = select(CanvassingRow).where(
        CanvassingRow.cycle == cycle, CanvassingRow.unit == unit, CanvassingRow.state != "overturned"
    )
    return tuple(person for row in session.exec(query) for person in row.persons)


def canvassing(session: Session, key: int) -> CanvassingRow:
    """A case of canvassing. Raises Refusal (404)."""
    found = session.get(CanvassingRow, key)
    if found is None:
        raise Refusal("canvassing", key, "no such case of canvassing", "check the number", 404)
    return found


def consequence(session: Session, key: str) -> ConsequenceRow:
    """A consequence. Raises Refusal (404)."""
    found = session.get(ConsequenceRow, key)
    if found is None:
        raise Refusal("consequence", key, "no such consequence", "see GET /api/v1/consequences", 404)
    return found


def consequences(session: Session, cycle: str) -> Sequence[ConsequenceRow]:
    """A cycle's consequences, by unit, rule and kind."""
    query = select(ConsequenceRow).where(ConsequenceRow.cycle == cycle)
    query = query.order_by(col(ConsequenceRow.unit), col(ConsequenceRow.rule), col(ConsequenceRow.kind))
    return session.exec(query).all()
