"""Pools of evaluators: their members by registration id, and the record of conflicts of interest (S2)."""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlmodel import Field, Session, col, delete, select

from services.scoring.domain.pool import Candidate
from services.scoring.store.tables import Base, MemberRow, PoolRow
from shared.errors import Refusal
from shared.tables import UtcDateTime


class ConflictRow(Base, table=True):
    """A conflict of interest was declared or withdrawn: which, by whom put on record, when, why. Never changed."""

    __tablename__ = "pool_conflict"

    id: int | None = Field(default=None, primary_key=True)
    pool: str = Field(index=True)
    member: str
    unit: str
    kind: str
    standing: bool
    reason: str
    recorded_by: str
    recorded_at: dt.datetime = Field(sa_type=UtcDateTime)


def pool(session: Session, name: str) -> PoolRow:
    """A pool by name. Raises Refusal (404)."""
    found = session.get(PoolRow, name)
    if found is None:
        raise Refusal("pool", name, "no such pool", "register it with POST /api/v1/pools/{name}", 404)
    return found


def member(session: Session, name: str, id: str) -> MemberRow:
    """A member of a pool. Raises Refusal (404)."""
    found = session.get(MemberRow, (name, id))
    if found is None:
        raise Refusal("member", id, f"is not in pool {name}", "check the registration id", 404)
    return found


def candidates(session: Session, name: str) -> list[Candidate]:
    """The members of a pool, by id."""
    rows = session.exec(select(MemberRow).where(MemberRow.pool == name).order_by(col(MemberRow.id)))
    return [
        Candidate(m.id, m.stratum, m.name_hash, frozenset(m.conflicts), m.township, m.attributes or {}) for m in rows
    ]


def replace(session: Session, name: str, township: str | None, members: Iterable[Candidate]) -> None:
    """Put a pool in place of an earlier one of this name."""
    session.merge(PoolRow(name=name, township=township))
    session.exec(delete(MemberRow).where(col(MemberRow.pool) == name))
    session.add_all(
        MemberRow(
            pool=name, id=m.id, stratum=m.stratum, name_hash=m.name_hash, conflicts=sorted(m.conflicts),
            township=m.township, attributes=dict(m.attributes),
        )
        for m in members
    )  # fmt: skip


def kinds(session: Session, name: str) -> dict[tuple[str, str], str]:
    """(member, unit) → kind of the conflicts as they were last declared."""
    rows = session.exec(select(ConflictRow).where(ConflictRow.pool == name).order_by(col(ConflictRow.id)))
    return {(row.member, row.unit): row.kind for row in rows if row.standing}


def conflicts(session: Session, name: str, after: int, limit: int) -> Sequence[ConflictRow]:
    """The record of a pool's conflicts, oldest first."""
    query = select(ConflictRow).where(ConflictRow.pool == name, col(ConflictRow.id) > after)
    return session.exec(query.order_by(col(ConflictRow.id)).limit(limit)).all()
