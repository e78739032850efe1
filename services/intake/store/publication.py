"""Complaints that may be shown to everybody: their people agreed. A linked one stands where its lead stands."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from services.intake.store.progress import Step
from services.intake.store.tables import Complaint, Sealed, Transfer, Unit

_LEAD = aliased(Complaint)
_STATE: Any = func.coalesce(_LEAD.state, Complaint.state)


@dataclass(frozen=True, slots=True)
class Published:
    """A complaint with the one whose standing it shares (itself, if it is not linked)."""

    line: Complaint
    about: Complaint


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which complaints: None does not limit. topics: None in it stands for complaints without one."""

    states: Collection[str]
    numbers: Collection[str] | None = None
    topics: Collection[str | None] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """As they stand in SQL; the times are left to the query."""
        found = [col(Complaint.publish_consent).is_(True), _STATE.in_(sorted(self.states))]
        if self.numbers is not None:
            found.append(col(Complaint.number).in_(sorted(self.numbers)))
        if self.topics is not None:
            named = col(Complaint.topic).in_(sorted(key for key in self.topics if key))
            found.append(or_(named, col(Complaint.topic).is_(None)) if None in self.topics else named)
        return found


def published(session: Session, wanted: Wanted, *, limit: int, skip: int = 0) -> list[Published]:
    """The newest reports first."""
    page = select(Complaint, _LEAD).outerjoin(_LEAD, col(Complaint.lead) == _LEAD.number).where(*wanted.conditions())
    page = page.where(*_within(col(Complaint.reported_at), wanted))
    page = page.order_by(col(Complaint.reported_at).desc(), col(Complaint.seq).desc()).limit(limit).offset(skip)
    return [Published(line, lead or line) for line, lead in session.exec(page)]


def updates(session: Session, wanted: Wanted, *, limit: int) -> list[tuple[Step, Published]]:
    """Their steps since each was reported, the newest first."""
    whose: Any = func.coalesce(Complaint.lead, Complaint.number)
    page = (
        select(Step, Complaint, _LEAD)
        .join(Complaint, col(Step.number) == whose)
        .outerjoin(_LEAD, col(Complaint.lead) == _LEAD.number)
        .where(*wanted.conditions(), col(Step.at) >= Complaint.reported_at, *_within(col(Step.at), wanted))
        .order_by(col(Step.at).desc(), col(Step.id).desc(), col(Complaint.seq))
        .limit(limit)
    )
    return [(step, Published(line, lead or line)) for step, line, lead in session.exec(page)]


def _within(time: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [time >= wanted.since] if wanted.since else []
    return [*found, time <= wanted.until] if wanted.until else found


def names_of(session: Session, keys: Collection[str]) -> dict[str, Unit]:
    """Registered units by key."""
    return {unit.key: unit for unit in session.exec(select(Unit).where(col(Unit.key).in_(sorted(keys))))}


def decided_at(session: Session, numbers: Collection[str]) -> dict[str, datetime]:
    """When the leader decided, by number."""
    rows = session.exec(select(Transfer).where(col(Transfer.number).in_(sorted(numbers))))
    return {row.number: row.decided_at for row in rows if row.decided_at}


def identities(session: Session, numbers: Collection[str]) -> list[tuple[str, Sealed]]:
    """The sealed identities behind these matters, each with its matter: of the first complaint and of those linked."""
    matter: Any = func.coalesce(Complaint.lead, Complaint.number)
    rows = select(matter, Sealed).join(Complaint, col(Complaint.number) == Sealed.number)
    found = session.exec(rows.where(matter.in_(sorted(numbers)), col(Sealed.identity).is_not(None)))
    return [(number, sealed) for number, sealed in found]
