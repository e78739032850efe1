"""Members of the groups' panels, with their dates of office; they are published (S1)."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Index
from sqlmodel import Field, Session, col, or_, select

from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import UtcDateTime


class PanelRow(Base, table=True):
    """Somebody's office in a panel. An office that ends keeps its row."""

    __tablename__ = "panel_member"
    __table_args__ = (Index("ix_panel_member_group", "group"),)

    id: int | None = Field(default=None, primary_key=True)
    group: str
    person: str
    name: str
    post: str
    leader: bool
    since: dt.date
    until: dt.date | None = None
    appointed_by: str
    appointed_at: dt.datetime = Field(sa_type=UtcDateTime)
    ended_by: str | None = None
    ended_reason: str | None = None


def members(session: Session, group: str) -> Sequence[PanelRow]:
    """Every office there was in a group's panel, in the order of appointment."""
    return session.exec(select(PanelRow).where(PanelRow.group == group).order_by(col(PanelRow.id))).all()


def sitting(session: Session, group: str, day: dt.date) -> list[PanelRow]:
    """Who sits in a panel on a day, the leader first."""
    query = select(PanelRow).where(
        PanelRow.group == group,
        col(PanelRow.since) <= day,
        or_(col(PanelRow.until).is_(None), col(PanelRow.until) >= day),
    )
    return list(session.exec(query.order_by(col(PanelRow.leader).desc(), col(PanelRow.id))))


def member(session: Session, group: str, key: int) -> PanelRow:
    """An office by its number. Raises Refusal (404)."""
    found = session.get(PanelRow, key)
    if found is None or found.group != group:
        raise Refusal("member", key, "is no office of this panel", "see the panel", 404)
    return found
