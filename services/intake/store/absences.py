"""Absences and who stands in; none is deleted, a withdrawal is beside it (I7)."""

from datetime import date, datetime

from sqlmodel import Field, Session, col, select

from services.intake.domain import absence
from services.intake.domain.mark import Mark
from services.intake.store.paging import paged
from services.intake.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class Absence(Base, table=True):
    """A person in an office is away from `first` to `last`, both inclusive."""

    id: str = Field(primary_key=True)
    role: str
    person: str
    deputy: str
    first: date
    last: date = Field(index=True)
    reason: str
    entered_by: str
    entered_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_reason: str = ""

    def fact(self) -> absence.Absence:
        """As the rules see it."""
        return absence.Absence(self.role, self.person, self.deputy, self.first, self.last)


def standing(session: Session, since: date) -> list[Absence]:
    """Absences that are not withdrawn and end on that day or later, the earliest first."""
    wanted = select(Absence).where(col(Absence.last) >= since, col(Absence.withdrawn_at).is_(None))
    return list(session.exec(wanted.order_by(col(Absence.first), col(Absence.id))))


def listed(session: Session, after: Mark | None, limit: int) -> list[Absence]:
    """Absences, also withdrawn ones, the newest first."""
    return list(session.exec(paged(select(Absence), Absence.first, Absence.id, after, limit, newest_first=True)))


class Handover(Base, table=True):
    """An official left: what was his to do went to the successor."""

    id: str = Field(primary_key=True)
    leaves: str
    successor: str
    role: str
    reason: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    moved: list[str] = Field(default_factory=list, sa_type=JSONType)


def handovers(session: Session, after: Mark | None, limit: int) -> list[Handover]:
    """Handovers, the newest first."""
    return list(session.exec(paged(select(Handover), Handover.at, Handover.id, after, limit, newest_first=True)))
