"""Media exposures: what the discipline office found, and the coverage that followed (I8)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col, exists, func, or_, select

from services.intake.domain.complaint import State
from services.intake.domain.mark import Mark
from services.intake.store.paging import paged
from services.intake.store.tables import Base, Complaint
from shared.tables import JSONType, UtcDateTime


class Exposure(Base, table=True):
    """What was found of an exposure; there is a row from its registration on. verified is none until then."""

    number: str = Field(primary_key=True)
    reported_at: datetime = Field(sa_type=UtcDateTime, index=True)
    outlet: str = ""
    verified: bool | None = None
    reason: str = ""
    evidence: list[str] = Field(default_factory=list, sa_type=JSONType)
    verified_by: str | None = None
    verified_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Coverage(Base, table=True):
    """A piece of follow-up coverage. `closed_at`: of the closing whose outcome it tells, none while the case ran."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    outlet: str
    on: date
    outcome: str
    accountability: str
    statement: str
    promise: str
    promise_due: date | None = None
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


def coverage(session: Session, number: str) -> list[Coverage]:
    """Follow-up coverage of an exposure, oldest first."""
    return list(session.exec(select(Coverage).where(col(Coverage.number) == number).order_by(col(Coverage.id))))


def listed(session: Session, state: str, after: Mark | None, limit: int) -> list[tuple[Exposure, Complaint]]:
    """Exposures with their complaints, oldest first.

    state: unverified; verified; unfounded; outstanding (verified, and its outcome was not followed up in the media);
    finished (closed, and followed up since).
    """
    lead = aliased(Complaint)  # an exposure of a matter that was reported before stands where that stands
    closed_at = func.coalesce(col(lead.closed_at), col(Complaint.closed_at))
    told = exists().where(col(Coverage.number) == col(Exposure.number)).where(col(Coverage.closed_at) == closed_at)
    closed: Any = func.coalesce(col(lead.state), col(Complaint.state)) == State.CLOSED.value
    wanted = {
        "unverified": col(Exposure.verified).is_(None),
        "verified": col(Exposure.verified).is_(True),
        "unfounded": col(Exposure.verified).is_(False),
        "outstanding": col(Exposure.verified).is_(True) & or_(~closed, ~told),
        "finished": col(Exposure.verified).is_(True) & closed & told,
    }[state]
    page = select(Exposure, Complaint).join(Complaint, col(Complaint.number) == col(Exposure.number)).where(wanted)
    page = page.outerjoin(lead, col(lead.number) == col(Complaint.lead))
    found = session.exec(paged(page, Exposure.reported_at, Exposure.number, after, limit))
    return [(exposure, line) for exposure, line in found]
