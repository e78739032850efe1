"""Units that help in a case, what they handed in, who held which office when, and handovers. Never commits."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Index, bindparam, delete, exists, select, update
from sqlmodel import Field, Session

from services.rectification.domain.case import Case
from services.rectification.domain.units import Contribution, Helper, helpers_of
from services.rectification.store.cases import case_of
from services.rectification.store.tables import Base, cases
from services.rectification.store.upsert import upsert
from shared.tables import JSONType, UtcDateTime


class HelperRow(Base, table=True):
    """A unit that helps in a case, in one part or both, with the handler whom its main leader named."""

    __tablename__ = "helpers"
    __table_args__ = (Index("ix_helpers_unit", "unit", "case_number"),)

    case_number: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    cooperating: bool
    territorial: bool
    handler: str | None = None


class ContributionRow(Base, table=True):
    """What a unit that helps handed in. Only ever inserted."""

    __tablename__ = "contributions"

    id: int | None = Field(default=None, primary_key=True)
    case_number: str = Field(index=True)
    unit: str
    at: dt.datetime = Field(sa_type=UtcDateTime)
    by: str
    text: str
    evidence: list[str] = Field(sa_column=Column(JSONType, nullable=False))


class OfficialRow(Base, table=True):
    """A term of office as notify's directory told it last. Terms that ended stay."""

    __tablename__ = "officials"

    unit: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    since: dt.date = Field(primary_key=True)
    name: str
    until: dt.date | None = None


class HandoverRow(Base, table=True):
    """All open cases of one handler given to another. Only ever inserted; another handover undoes one."""

    __tablename__ = "handovers"

    id: int | None = Field(default=None, primary_key=True)
    unit: str = Field(index=True)
    given_by: str
    from_handler: str
    to_handler: str
    reason: str
    at: dt.datetime = Field(sa_type=UtcDateTime)
    cases: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Official:
    """A term of office."""

    unit: str
    role: str
    person: str
    since: dt.date
    name: str
    until: dt.date | None


@dataclass(frozen=True, slots=True)
class Handover:
    """A handover as it was made."""

    id: int
    unit: str
    given_by: str
    from_handler: str
    to_handler: str
    reason: str
    at: dt.datetime
    cases: tuple[str, ...]
    undoes: int | None


helpers, contributions, officials, handovers = (
    Base.metadata.tables[name] for name in ("helpers", "contributions", "officials", "handovers")
)


def set_helpers(session: Session, case: Case) -> None:
    """The units that help are those of the card; who stays keeps its handler."""
    known = {helper.unit: helper for helper in of_case(session, case.number)}
    session.connection().execute(helpers.delete().where(helpers.c.case_number == case.number))
    rows = [
        {
            "case_number": case.number,
            "unit": helper.unit,
            "cooperating": helper.cooperating,
            "territorial": helper.territorial,
            "handler": known[helper.unit].handler if helper.unit in known else None,
        }
        for helper in helpers_of(case.card)
    ]
    if rows:
        session.connection().execute(helpers.insert(), rows)


def set_helpers_of_all(session: Session, at_once: int = 500) -> None:
    """The units that help, of every case that names some and has none noted."""
    after = ""
    noted = exists().where(helpers.c.case_number == cases.c.number)
    while True:
        query = select(cases).where((cases.c.number > after) & ~noted).order_by(cases.c.number).limit(at_once)
        found = [case_of(row) for row in session.connection().execute(query).mappings()]
        for one in found:
            set_helpers(session, one)
        if len(found) < at_once:
            return
        after = found[-1].number


def of_case(session: Session, number: str) -> tuple[Helper, ...]:
    """The units that help in a case."""
    return tuple(Helper(*row) for row in session.connection().execute(_HELPERS, {"wanted": number}))


def set_handler(session: Session, number: str, unit: str, handler: str) -> None:
    """Who handles the case in a unit that helps."""
    one = (helpers.c.case_number == number) & (helpers.c.unit == unit)
    session.connection().execute(update(helpers).where(one).values(handler=handler))


def contribute(session: Session, number: str, given: Contribution) -> None:
    """Keep what a unit handed in."""
    row = {
        "case_number": number,
        "unit": given.unit,
        "at": given.at,
        "by": given.by,
        "text": given.text,
        "evidence": list(given.evidence),
    }
    session.connection().execute(contributions.insert(), [row])


def contributions_of(session: Session, number: str) -> tuple[Contribution, ...]:
    """What was handed in for a case, in that order."""
    query = select(contributions).where(contributions.c.case_number == number).order_by(contributions.c.id)
    return tuple(
        Contribution(row.unit, row.at, row.by, row.text, tuple(row.evidence))
        for row in session.connection().execute(query)
    )


def save_official(session: Session, official: Official) -> bool:
    """Keep a term of office; False if it is known just so."""
    row: dict[str, Any] = {name: getattr(official, name) for name in Official.__slots__}
    if row in [
        {name: getattr(known, name) for name in Official.__slots__} for known in officials_of(session, [official.unit])
    ]:
        return False
    upsert(session, officials, [row])
    return True


def drop_official(session: Session, official: Official) -> bool:
    """Forget a term of office that was entered wrongly; False if it is not known. The ledger keeps that it was."""
    keys = ("unit", "role", "person", "since")
    same = [officials.c[name] == getattr(official, name) for name in keys]
    return bool(session.connection().execute(delete(officials).where(*same)).rowcount)


def officials_of(session: Session, units: Iterable[str]) -> tuple[Official, ...]:
    """Every term of office in these units, by unit, role and first day."""
    query = select(*(officials.c[name] for name in Official.__slots__)).where(officials.c.unit.in_(list(units)))
    ordered = query.order_by(officials.c.unit, officials.c.role, officials.c.since, officials.c.person)
    return tuple(Official(*row) for row in session.connection().execute(ordered))


def open_of_unit(session: Session, unit: str) -> list[str]:
    """Numbers of the open cases in which the unit has a part."""
    helps = exists().where((helpers.c.case_number == cases.c.number) & (helpers.c.unit == unit))
    query = select(cases.c.number).where((cases.c.state != "closed") & ((cases.c.lead_unit == unit) | helps))
    return list(session.connection().execute(query.order_by(cases.c.number)).scalars())


def open_of_handler(session: Session, unit: str, handler: str) -> list[str]:
    """Numbers of the open cases that this person handles for the unit, leading or helping."""
    helps = exists().where(
        (helpers.c.case_number == cases.c.number) & (helpers.c.unit == unit) & (helpers.c.handler == handler)
    )
    leads = (cases.c.lead_unit == unit) & (cases.c.handler == handler)
    query = select(cases.c.number).where((cases.c.state != "closed") & (leads | helps))
    return list(session.connection().execute(query.order_by(cases.c.number)).scalars())


def save_handover(session: Session, made: dict[str, Any]) -> int:
    """A new handover; gives its number."""
    made_one = handovers.insert().values(made).returning(handovers.c.id)
    return int(session.connection().execute(made_one).scalar_one())


def handover(session: Session, key: int) -> Handover | None:
    """One handover."""
    row = session.connection().execute(select(handovers).where(handovers.c.id == key)).one_or_none()
    return None if row is None else _handover(row)


def page_of_handovers(session: Session, unit: str | None, after: int, limit: int) -> list[Handover]:
    """Handovers in the order in which they were made."""
    query = select(handovers).where(handovers.c.id > after)
    if unit is not None:
        query = query.where(handovers.c.unit == unit)
    return [_handover(row) for row in session.connection().execute(query.order_by(handovers.c.id).limit(limit))]


def _handover(row: Any) -> Handover:
    values = {name: getattr(row, name) for name in Handover.__slots__}
    return Handover(**values | {"cases": tuple(row.cases)})


_HELPERS = (
    select(*(helpers.c[name] for name in Helper.__slots__))
    .where(helpers.c.case_number == bindparam("wanted"))
    .order_by(helpers.c.unit)
)
