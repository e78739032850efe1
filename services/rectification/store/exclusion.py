"""Which complaints are of petitioners who are left out of the rates (I5). Numbers only. Never commits."""

import datetime as dt
from typing import Any

from sqlalchemy import Column, exists, func, select
from sqlmodel import Field, Session

from services.rectification.store.tables import Base, petitioners
from services.rectification.store.upsert import upsert
from shared.tables import JSONType, UtcDateTime


class ExclusionRow(Base, table=True):
    """What intake told last about a complaint's petitioner; `at` orders what arrives late."""

    __tablename__ = "exclusions"

    number: str = Field(primary_key=True)
    excluded: bool
    reason: str
    decided_by: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    at: dt.datetime = Field(sa_type=UtcDateTime)


exclusions = Base.metadata.tables["exclusions"]
IS_EXCLUDED = exists().where(exclusions.c.number == petitioners.c.number, exclusions.c.excluded).correlate(petitioners)
"""Whether a row of `petitioners` is of one who is left out now."""


def save(
    session: Session, number: str, at: dt.datetime, *, excluded: bool, reason: str, decided_by: tuple[str, ...]
) -> bool:
    """Note it, unless something newer is known; True if it says something new."""
    known = session.connection().execute(select(exclusions).where(exclusions.c.number == number)).one_or_none()
    if known is not None and known.at >= at:
        return False
    row: dict[str, Any] = {"number": number, "excluded": excluded, "reason": reason, "at": at}
    upsert(session, exclusions, [row | {"decided_by": list(decided_by)}])
    return known is None or known.excluded != excluded


def is_excluded(session: Session, number: str) -> bool:
    """Whether this complaint's petitioner is left out now."""
    query = select(exclusions.c.excluded).where(exclusions.c.number == number)
    return bool(session.connection().execute(query).scalar())


def cases_of(session: Session, number: str) -> list[str]:
    """The cases in which this complaint is one of the petitions."""
    query = select(petitioners.c.case_number).where(petitioners.c.number == number)
    return list(session.connection().execute(query).scalars())


def listed(session: Session, after: str, limit: int) -> list[dict[str, Any]]:
    """Complaints that are left out, with the reason and the roles that determined it, by number."""
    query = select(exclusions).where(exclusions.c.excluded, exclusions.c.number > after)
    found = session.connection().execute(query.order_by(exclusions.c.number).limit(limit))
    return [dict(row) for row in found.mappings()]


def figures(session: Session) -> tuple[int, int]:
    """How many petitions of cases are left out now, and how many there are in all."""
    rows = session.connection()
    left_out = rows.execute(select(func.count()).select_from(petitioners).where(IS_EXCLUDED)).scalar_one()
    return left_out, rows.execute(select(func.count()).select_from(petitioners)).scalar_one()
