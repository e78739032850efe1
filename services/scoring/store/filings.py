"""Offices that file with this one and what they filed; every version stays (S14, S15)."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Index, UniqueConstraint, func
from sqlalchemy.orm import defer
from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class FilingOfficeRow(Base, table=True):
    """A lower office's key and account, in a version. state: waiting for a second person, confirmed, or refused.

    The newest confirmed version is the one that is believed; a new key is a further version.
    """

    __tablename__ = "filing_office"
    __table_args__ = (Index("ix_filing_office_state", "state"),)

    unit: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    account: str
    vkey: str
    reason: str = ""
    state: str = "waiting"
    registered_by: str
    registered_at: dt.datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision: str = ""


class TakenFilingRow(Base, table=True):
    """What a lower office filed. state: received, refused, accepted, returned.

    office: the account that sent it, or the unit where a file was brought. version: of what was taken of this kind on
    the lower office's cycle; None where it was refused, and so is `cycle` where it could not be told. checks: what was
    verified. part, part_version: of the value that the review entered.
    """

    __tablename__ = "filing_taken"
    __table_args__ = (
        UniqueConstraint("office", "filing"),
        Index("ix_filing_taken_state", "state", "id"),
        Index("ix_filing_taken_of", "unit", "of_cycle", "kind"),
        Index("ix_filing_taken_cycle", "cycle", "unit"),
    )

    id: int | None = Field(default=None, primary_key=True)
    office: str
    filing: str
    unit: str
    kind: str
    cycle: str | None = None
    of_cycle: str
    version: int | None = None
    result_version: int | None = None
    programme: str = ""
    title: str = ""
    state: str
    late: bool = False
    by_bus: bool = False
    reasons: list[str] = Field(default_factory=list, sa_type=JSONType)
    checks: list[dict[str, str | bool]] = Field(default_factory=list, sa_type=JSONType)
    vkey: str = ""
    sha256: str
    document: bytes
    note: str = ""
    came_by: str
    came_at: dt.datetime = Field(sa_type=UtcDateTime)
    reviewed_by: str | None = None
    reviewed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    part: str | None = None
    part_version: int | None = None


class OverdueFilingRow(Base, table=True):
    """That no result came from a unit on a cycle by the programme's day: told once."""

    __tablename__ = "filing_overdue"

    unit: str = Field(primary_key=True)
    cycle: str = Field(primary_key=True)
    by: dt.date
    told_at: dt.datetime = Field(sa_type=UtcDateTime)


_WITHOUT = defer(TakenFilingRow.document)  # type: ignore[arg-type]  # SQLModel types a column as its value


def office_versions(session: Session, unit: str) -> Sequence[FilingOfficeRow]:
    """Every key that was registered for a unit, oldest first."""
    query = select(FilingOfficeRow).where(FilingOfficeRow.unit == unit)
    return session.exec(query.order_by(col(FilingOfficeRow.version))).all()


def believed(session: Session, unit: str) -> FilingOfficeRow | None:
    """The newest confirmed key of a unit's office."""
    return next((row for row in reversed(office_versions(session, unit)) if row.state == "confirmed"), None)


def offices(session: Session, after: str, limit: int) -> Sequence[FilingOfficeRow]:
    """The newest version of each office, by unit, after a cursor."""
    newest = (
        select(FilingOfficeRow.unit, func.max(col(FilingOfficeRow.version)).label("version"))
        .where(col(FilingOfficeRow.unit) > after)
        .group_by(col(FilingOfficeRow.unit))
        .subquery()
    )
    query = select(FilingOfficeRow).join(
        newest, (col(FilingOfficeRow.unit) == newest.c.unit) & (col(FilingOfficeRow.version) == newest.c.version)
    )
    return session.exec(query.order_by(col(FilingOfficeRow.unit)).limit(limit)).all()


def others_with(session: Session, unit: str, *, vkey: str, account: str) -> FilingOfficeRow | None:
    """Another unit's office that has this key or this account, waiting or believed."""
    query = select(FilingOfficeRow).where(
        col(FilingOfficeRow.unit) != unit,
        FilingOfficeRow.state != "refused",
        (FilingOfficeRow.vkey == vkey) | (FilingOfficeRow.account == account),
    )
    return session.exec(query.order_by(col(FilingOfficeRow.unit)).limit(1)).first()


def taken(session: Session, key: int) -> TakenFilingRow:
    """A filing. Raises Refusal (404)."""
    found = session.get(TakenFilingRow, key)
    if found is None:
        raise Refusal("filing", key, "no filing has this number", "see GET /api/v1/filings", 404)
    return found


def by_number(session: Session, office: str, filing: str) -> TakenFilingRow | None:
    """A filing by its sender's own number."""
    query = select(TakenFilingRow).where(TakenFilingRow.office == office, TakenFilingRow.filing == filing)
    return session.exec(query).first()


def versions(session: Session, unit: str, of_cycle: str, kind: str) -> Sequence[TakenFilingRow]:
    """What was taken of a kind from a unit on its cycle, oldest first; what was refused is no version."""
    query = select(TakenFilingRow).where(
        TakenFilingRow.unit == unit,
        TakenFilingRow.of_cycle == of_cycle,
        TakenFilingRow.kind == kind,
        col(TakenFilingRow.version).is_not(None),
    )
    return session.exec(query.options(_WITHOUT).order_by(col(TakenFilingRow.version))).all()


def page(
    session: Session, *, cycle: str | None, unit: str | None, state: str | None, before: int | None, limit: int
) -> Sequence[TakenFilingRow]:
    """Filings without their documents, the newest first, from a cursor on."""
    query = select(TakenFilingRow).options(_WITHOUT)
    if cycle is not None:
        query = query.where(TakenFilingRow.cycle == cycle)
    if unit is not None:
        query = query.where(TakenFilingRow.unit == unit)
    if state is not None:
        query = query.where(TakenFilingRow.state == state)
    if before is not None:
        query = query.where(col(TakenFilingRow.id) < before)
    return session.exec(query.order_by(col(TakenFilingRow.id).desc()).limit(limit)).all()


def filed_on(session: Session, cycle: str) -> set[str]:
    """Units of which a result was taken on this office's cycle."""
    query = select(TakenFilingRow.unit).where(
        TakenFilingRow.cycle == cycle, TakenFilingRow.kind == "result", col(TakenFilingRow.version).is_not(None)
    )
    return set(session.exec(query))


def overdue(session: Session, cycle: str) -> dict[str, OverdueFilingRow]:
    """Units that were told on a cycle."""
    query = select(OverdueFilingRow).where(OverdueFilingRow.cycle == cycle)
    return {row.unit: row for row in session.exec(query)}


def by_state(session: Session) -> dict[str, int]:
    """How many filings there are in each state."""
    query = select(TakenFilingRow.state, func.count()).group_by(col(TakenFilingRow.state))
    return dict(session.exec(query).all())
