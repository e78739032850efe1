"""Sections and posts of units, and what became of units that were reorganised (S1). Never commits."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Column
from sqlmodel import Field, Session, col, select

from services.scoring.domain.succession import Kind, Succession, heirs
from services.scoring.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class SectionRow(Base, table=True):
    """A section of a unit (处科室站所)."""

    __tablename__ = "section"

    key: str = Field(primary_key=True)
    unit: str = Field(index=True)
    name: str
    name_en: str = ""


class PostRow(Base, table=True):
    """A person's office in a unit or one of its sections. Who holds it stands in notify's directory, never here."""

    __tablename__ = "post"

    key: str = Field(primary_key=True)
    unit: str = Field(index=True)
    section: str | None = None
    title: str


class SuccessionRow(Base, table=True):
    """A reorganisation as it was decided. Only ever inserted."""

    __tablename__ = "succession"

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    on: dt.date
    document: str
    predecessors: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    successors: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    heir: str
    recorded_by: str
    recorded_at: dt.datetime = Field(sa_type=UtcDateTime)


def sections(session: Session, unit: str | None, after: str, limit: int) -> Sequence[SectionRow]:
    """Sections by key, of a unit or of all."""
    query = select(SectionRow).where(col(SectionRow.key) > after)
    if unit is not None:
        query = query.where(SectionRow.unit == unit)
    return session.exec(query.order_by(col(SectionRow.key)).limit(limit)).all()


def posts(session: Session, unit: str | None, after: str, limit: int) -> Sequence[PostRow]:
    """Posts by key, of a unit or of all."""
    query = select(PostRow).where(col(PostRow.key) > after)
    if unit is not None:
        query = query.where(PostRow.unit == unit)
    return session.exec(query.order_by(col(PostRow.key)).limit(limit)).all()


def successions(session: Session, until: dt.date | None = None) -> list[SuccessionRow]:
    """What was recorded, the oldest day first; up to a day."""
    query = select(SuccessionRow).order_by(col(SuccessionRow.on), col(SuccessionRow.id))
    if until is not None:
        query = query.where(col(SuccessionRow.on) <= until)
    return list(session.exec(query))


def inherited(session: Session, until: dt.date) -> dict[str, list[str]]:
    """By heir: the units that were no more on a day, and whose open matters are his then."""
    found: dict[str, list[str]] = defaultdict(list)
    for unit, heir in heirs(map(as_succession, successions(session, until))).items():
        found[heir].append(unit)
    return found


def as_succession(row: SuccessionRow) -> Succession:
    """The domain's value of a row."""
    before, after = tuple(row.predecessors), tuple(row.successors)
    return Succession(Kind(row.kind), row.on, row.document, before, after, row.heir)
