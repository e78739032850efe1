"""Inspections: plans with hidden targets, records with their versions, and the quarters that were looked at (I9)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, col, func, or_, select

from services.intake.domain.mark import Mark
from services.intake.store.paging import paged
from services.intake.store.tables import Base, Complaint, Unit
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class Plan(Base, table=True):
    """A quarter's plan. The frame is public; the seed is derived from the vault's key and stands nowhere."""

    __tablename__ = "inspection_plan"

    id: str = Field(primary_key=True)
    quarter: str = Field(index=True)
    state: str
    frame: dict[str, Any] = Field(sa_type=JSONType)
    commitment: str
    public_value: str | None = None
    planned_by: str
    planned_at: datetime = Field(sa_type=UtcDateTime)
    drawn_by: str | None = None
    drawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Target(Base, table=True):
    """A place in a plan's list: which unit it is stands nowhere before it is done, only the hash that binds it."""

    __tablename__ = "inspection_target"

    plan: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    sealed: str
    inspector: str | None = Field(default=None, index=True)
    inspection: str | None = None


class Inspection(Base, table=True):
    """An inspection as it stands now: its newest version. `by`: office, unit or supervisor."""

    __table_args__ = (Index("ix_inspection_quarter", "quarter", "unit"),)

    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    unit: str = Field(index=True)
    place: str
    kind: str
    by: str
    by_unit: str | None = None
    on: date
    quarter: str
    plan: str | None = None
    position: int | None = None
    good_practice: str = ""
    version: int = 1
    findings: list[str] = Field(default_factory=list, sa_type=JSONType)
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class InspectionVersion(Base, table=True):
    """What was recorded, each time; nothing is overwritten. The first has no reason."""

    __tablename__ = "inspection_version"

    inspection: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    reason: str = ""
    content: dict[str, Any] = Field(sa_type=JSONType)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class Quarter(Base, table=True):
    """A quarter whose coverage was looked at, once and for all; `missed`: the units that were not covered."""

    quarter: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    missed: list[str] = Field(default_factory=list, sa_type=JSONType)


def plan(session: Session, key: str) -> Plan:
    """A plan. Raises Refusal (404)."""
    found = session.get(Plan, key)
    if found is None:
        raise Refusal("plan", key, "there is no such plan", "see GET /api/v1/inspection-plans", 404)
    return found


def plans(session: Session, *, quarter: str | None, after: Mark | None, limit: int) -> list[Plan]:
    """Plans, oldest first."""
    page = paged(select(Plan), Plan.planned_at, Plan.id, after, limit)
    return list(session.exec(page.where(col(Plan.quarter) == quarter) if quarter else page))


def plan_count(session: Session, quarter: str) -> int:
    """How many plans a quarter has had."""
    return session.exec(select(func.count()).select_from(Plan).where(col(Plan.quarter) == quarter)).one()


def targets(session: Session, plan: str) -> list[Target]:
    """The targets of a plan in their order."""
    return list(session.exec(select(Target).where(col(Target.plan) == plan).order_by(col(Target.position))))


def open_targets_of(session: Session, inspector: str) -> list[Target]:
    """Targets that were assigned to an inspector and that nobody has inspected yet."""
    mine = select(Target).where(col(Target.inspector) == inspector, col(Target.inspection).is_(None))
    return list(session.exec(mine.order_by(col(Target.plan), col(Target.position))))


def open_plans(session: Session) -> list[Plan]:
    """Plans whose seed was not published yet."""
    return list(session.exec(select(Plan).where(col(Plan.opened_at).is_(None)).order_by(col(Plan.id))))


def inspection(session: Session, key: str) -> Inspection:
    """An inspection. Raises Refusal (404)."""
    found = session.exec(select(Inspection).where(col(Inspection.id) == key)).one_or_none()
    if found is None:
        raise Refusal("inspection", key, "there is no such inspection", "see GET /api/v1/inspections", 404)
    return found


def inspection_count(session: Session, prefix: str) -> int:
    """How many inspections have an id that begins like this."""
    like = col(Inspection.id).startswith(prefix)
    return session.exec(select(func.count()).select_from(Inspection).where(like)).one()


def inspections(
    session: Session,
    *,
    quarter: str | None = None,
    unit: str | None = None,
    by: str | None = None,
    by_unit: str | None = None,
    recorded_by: str | None = None,
    after: int = 0,
    limit: int = 1000,
) -> list[Inspection]:
    """Inspections after a cursor, narrowed by whatever is given."""
    page = select(Inspection).where(col(Inspection.seq) > after).order_by(col(Inspection.seq)).limit(limit)
    wanted = {"quarter": quarter, "unit": unit, "by": by, "by_unit": by_unit, "recorded_by": recorded_by}
    for name, value in wanted.items():
        if value is not None:
            page = page.where(getattr(Inspection, name) == value)
    return list(session.exec(page))


def versions(session: Session, key: str) -> list[InspectionVersion]:
    """What was recorded of an inspection, oldest first."""
    mine = select(InspectionVersion).where(col(InspectionVersion.inspection) == key)
    return list(session.exec(mine.order_by(col(InspectionVersion.version))))


def done_in(session: Session, quarter: str) -> list[Inspection]:
    """All inspections of a quarter."""
    return list(session.exec(select(Inspection).where(col(Inspection.quarter) == quarter)))


def last_quarter(session: Session) -> str | None:
    """The newest quarter whose coverage was looked at."""
    return session.exec(select(func.max(col(Quarter.quarter)))).one()


def first_unit_at(session: Session) -> datetime | None:
    """When the first unit was registered here."""
    first = select(Unit).where(col(Unit.registered_at).is_not(None)).order_by(col(Unit.registered_at)).limit(1)
    found = session.exec(first).one_or_none()
    return found.registered_at if found else None


def units_since(session: Session, start: datetime) -> list[Unit]:
    """Units that were registered by then."""
    known = or_(col(Unit.registered_at).is_(None), col(Unit.registered_at) <= start)
    return list(session.exec(select(Unit).where(known).order_by(col(Unit.key))))


def complaints_by(session: Session, column: str, since: datetime, until: datetime) -> dict[str, int]:
    """Complaints that were reported in a period, counted by a column of the register; those without are left out."""
    by = getattr(Complaint, column)
    rows = session.exec(
        select(by, func.count())
        .where(col(Complaint.reported_at) >= since, col(Complaint.reported_at) < until, by.is_not(None))
        .group_by(by)
        .order_by(by)
    )
    return {str(key): int(count) for key, count in rows}


def hot_between(session: Session, since: datetime, until: datetime) -> int:
    """Matters of a period behind which many people stand."""
    hot = select(func.count()).select_from(Complaint).where(col(Complaint.hot).is_(True))
    return session.exec(hot.where(col(Complaint.reported_at) >= since, col(Complaint.reported_at) < until)).one()
