"""Appeals against late marks in the store. Never commits."""

import datetime as dt
from typing import Any

from sqlalchemy import Column, Index, RowMapping, bindparam, select, tuple_
from sqlmodel import Field, Session

from services.rectification.domain.appeal import Appeal, State
from services.rectification.store.tables import Base, cases
from services.rectification.store.upsert import upsert
from shared.tables import JSONType, UtcDateTime


class LatenessAppealRow(Base, table=True):
    """An appeal against the late mark of one closing, and its ruling."""

    __tablename__ = "lateness_appeals"
    __table_args__ = (Index("ix_lateness_appeals_state", "state", "at", "case_number"),)

    case_number: str = Field(primary_key=True)
    times: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    unit: str = Field(index=True)
    closed_at: dt.datetime = Field(sa_type=UtcDateTime)
    late_days: int
    grounds: str
    by: str
    at: dt.datetime = Field(sa_type=UtcDateTime)
    due: dt.date
    barred: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    state: str
    ruled_by: str
    ruled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str


appeals = Base.metadata.tables["lateness_appeals"]


def find(session: Session, case: str, times: int) -> Appeal | None:
    """The appeal against the mark of a closing."""
    query = select(appeals).where(appeals.c.case_number == case, appeals.c.times == times)
    row = session.connection().execute(query).mappings().one_or_none()
    return None if row is None else _appeal(row)


def pending(session: Session, case: str) -> Appeal | None:
    """The case's appeal that waits for its ruling, the oldest first."""
    query = select(appeals).where(appeals.c.case_number == case, appeals.c.state == State.PENDING.value)
    row = session.connection().execute(query.order_by(appeals.c.times).limit(1)).mappings().one_or_none()
    return None if row is None else _appeal(row)


def save(session: Session, appeal: Appeal) -> None:
    """An appeal as it stands now."""
    row: dict[str, Any] = {name: getattr(appeal, name) for name in Appeal.__slots__ if name != "case"}
    row |= {"case_number": appeal.case, "state": appeal.state.value, "barred": list(appeal.barred)}
    upsert(session, appeals, [row])


def excuse(session: Session, case: str, at: dt.datetime) -> None:
    """The first run's lateness is excused from now on: counted apart (R3)."""
    session.connection().execute(cases.update().where(cases.c.number == case).values(excused_at=at))


def page(
    session: Session, *, unit: str | None, state: str | None, after: tuple[dt.datetime, str] | None, limit: int
) -> list[Appeal]:
    """Appeals, the oldest first; of a unit: in which it led, or pays."""
    query = select(appeals)
    if unit is not None:
        pays = select(cases.c.number).where(cases.c.paying_unit == unit)
        query = query.where((appeals.c.unit == unit) | appeals.c.case_number.in_(pays))
    if state is not None:
        query = query.where(appeals.c.state == state)
    if after is not None:
        last = tuple_(bindparam("last_at", after[0], type_=appeals.c.at.type), bindparam("last_case", after[1]))
        query = query.where(tuple_(appeals.c.at, appeals.c.case_number) > last)
    query = query.order_by(appeals.c.at, appeals.c.case_number).limit(limit)
    return [_appeal(row) for row in session.connection().execute(query).mappings()]


def _appeal(row: RowMapping) -> Appeal:
    same = {name: row[name] for name in Appeal.__slots__ if name not in ("case", "state", "barred")}
    return Appeal(**same, case=row["case_number"], state=State(row["state"]), barred=tuple(row["barred"]))
