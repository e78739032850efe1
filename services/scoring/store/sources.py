"""What was charged for which fact, so that a fact told twice costs once, and one that falls away is found again."""

import datetime as dt
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, Session

from services.scoring.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class SourceRow(Base, table=True):
    """One fact, by what it is: a closing, a duty, a promise. `event`: the one that counts; `lines`: what it charged."""

    __tablename__ = "point_source"

    key: str = Field(primary_key=True)
    event: str
    occurred: dt.datetime = Field(sa_type=UtcDateTime)
    lines: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    excused: bool = False


class InspectionRow(Base, table=True):
    """The newest version of an inspection that was seen. `charged`: by finding, the line and its evidence."""

    __tablename__ = "inspection_seen"

    inspection: str = Field(primary_key=True)
    version: int
    unit: str
    charged: dict[str, Any] = Field(sa_column=Column(JSONType, nullable=False))


def source(session: Session, key: str) -> SourceRow | None:
    """What was charged for a fact."""
    return session.get(SourceRow, key)


def add_source(session: Session, key: str, event: str, occurred: dt.datetime, lines: list[str]) -> SourceRow:
    """A fact that is told for the first time."""
    row = SourceRow(key=key, event=event, occurred=occurred, lines=lines)
    session.add(row)
    return row


def inspection(session: Session, key: str) -> InspectionRow | None:
    """What is known of an inspection."""
    return session.get(InspectionRow, key)


def add_inspection(session: Session, key: str, version: int, unit: str) -> InspectionRow:
    """An inspection that is told for the first time."""
    row = InspectionRow(inspection=key, version=version, unit=unit, charged={})
    session.add(row)
    return row
