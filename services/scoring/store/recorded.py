"""What people entered (S12): results of cycles before this system, ranks among cities, nominations."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class RecordedRow(Base, table=True):
    """A cycle's result from before this system, with its document; it counts once a second person confirmed it.

    rows: [{unit, scope, composite, rank, last, canvassing, not_ranked}, …]. state: waiting, confirmed, refused.
    """

    __tablename__ = "recorded_result"
    __table_args__ = (Index("ix_recorded_result_cycle", "cycle", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    cycle: str
    rows: list[dict[str, Any]] = Field(sa_type=JSONType)
    document: str
    document_sha256: str | None = None
    entered_by: str
    entered_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: str = "waiting"
    decided_by: str | None = None
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision: str = ""


class CityRankRow(Base, table=True):
    """A rank among cities with its document, and which units are established as its cause; a second person confirms it.

    causes: [{unit, ground, persons}, …].
    """

    __tablename__ = "city_rank"
    __table_args__ = (Index("ix_city_rank_cycle", "cycle"),)

    id: int | None = Field(default=None, primary_key=True)
    cycle: str
    what: str
    rank: int
    of: int
    causes: list[dict[str, Any]] = Field(sa_type=JSONType)
    document: str
    document_sha256: str | None = None
    entered_by: str
    entered_at: dt.datetime = Field(sa_type=UtcDateTime)
    state: str = "waiting"
    decided_by: str | None = None
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision: str = ""


class NominationRow(Base, table=True):
    """An individual nominated for commendation: name and post, nothing else of him. consequence: what it proposes."""

    __tablename__ = "nomination"
    __table_args__ = (Index("ix_nomination_cycle", "cycle", "unit"),)

    id: int | None = Field(default=None, primary_key=True)
    cycle: str
    unit: str
    name: str
    post: str
    reasons: str
    nominated_by: str
    nominated_at: dt.datetime = Field(sa_type=UtcDateTime)
    consequence: str | None = None


def recorded(session: Session, key: int) -> RecordedRow:
    """A recorded result. Raises Refusal (404)."""
    found = session.get(RecordedRow, key)
    if found is None:
        raise Refusal("recorded", key, "no such recorded result", "see GET /api/v1/recorded-results", 404)
    return found


def recorded_results(session: Session, *, after: int, limit: int) -> Sequence[RecordedRow]:
    """Recorded results after a cursor, in the order in which they were entered."""
    query = select(RecordedRow).where(col(RecordedRow.id) > after).order_by(col(RecordedRow.id)).limit(limit)
    return session.exec(query).all()


def of_cycle(session: Session, cycle: str) -> Sequence[RecordedRow]:
    """What was recorded of a cycle and not refused, oldest first."""
    query = select(RecordedRow).where(RecordedRow.cycle == cycle, RecordedRow.state != "refused")
    return session.exec(query.order_by(col(RecordedRow.id))).all()


def confirmed(session: Session) -> Sequence[RecordedRow]:
    """Every recorded result that counts, latest cycle first."""
    query = select(RecordedRow).where(RecordedRow.state == "confirmed")
    return session.exec(query.order_by(col(RecordedRow.cycle).desc())).all()


def city_rank(session: Session, key: int) -> CityRankRow:
    """A rank among cities. Raises Refusal (404)."""
    found = session.get(CityRankRow, key)
    if found is None:
        raise Refusal("city_rank", key, "no such rank", "see GET /api/v1/cycles/{name}/city-ranks", 404)
    return found


def city_ranks(session: Session, cycle: str) -> Sequence[CityRankRow]:
    """The ranks among cities of a cycle, in the order in which they were entered."""
    return session.exec(select(CityRankRow).where(CityRankRow.cycle == cycle).order_by(col(CityRankRow.id))).all()


def nominations(session: Session, cycle: str, *, unit: str | None, after: int, limit: int) -> Sequence[NominationRow]:
    """Nominations of a cycle after a cursor; of a unit."""
    query = select(NominationRow).where(NominationRow.cycle == cycle, col(NominationRow.id) > after)
    if unit is not None:
        query = query.where(NominationRow.unit == unit)
    return session.exec(query.order_by(col(NominationRow.id)).limit(limit)).all()
