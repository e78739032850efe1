"""Serial and unreasonable petitioners, determined by two persons (I5). A mark says that it is the same person only."""

from datetime import datetime

from sqlalchemy import text as sql
from sqlmodel import Field, Session, col, func, select

from services.intake.domain.mark import Mark
from services.intake.store.paging import paged
from services.intake.store.tables import Base, Callback, Complaint
from shared.errors import Refusal
from shared.tables import UtcDateTime


class Exclusion(Base, table=True):
    """A determination, from the proposal on. Nothing is overwritten: a new one is a new row."""

    id: str = Field(primary_key=True)
    mark: str = Field(index=True)
    number: str
    state: str = Field(default="proposed", index=True)
    reason: str
    proposed_by: str
    proposed_role: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_role: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str = ""
    restored_by: str | None = None
    restored_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    restored_reason: str = ""


_STANDING = select(col(Exclusion.mark), col(Exclusion.id)).where(col(Exclusion.state) == "excluded")
_KEPT = "exclusions_that_stand"


def standing(session: Session, mark: str) -> str | None:
    """The determination that stands about this petitioner, by its id; None if there is none.

    They are few, and every report asks: read once a transaction.
    """
    transaction, marks = session.info.get(_KEPT, (None, {}))
    if transaction is None or transaction is not session.get_transaction():
        session.flush()
        marks = {row.mark: str(row.id) for row in session.connection().execute(_STANDING)}
        session.info[_KEPT] = (session.get_transaction(), marks)
    found: str | None = marks.get(mark)
    return found


def changed(session: Session) -> None:
    """A determination was made or taken back: what stands is read anew."""
    session.info.pop(_KEPT, None)


def exclusion(session: Session, key: str) -> Exclusion:
    """A determination. Raises Refusal (404)."""
    row = session.get(Exclusion, key)
    if row is None:
        raise Refusal("exclusion", key, "there is none of this id", "see GET /api/v1/petitioners/exclusions", 404)
    return row


def open_about(session: Session, mark: str) -> Exclusion | None:
    """What is proposed or stands about a petitioner."""
    open_ = col(Exclusion.state).in_(("proposed", "excluded"))
    return session.exec(select(Exclusion).where(col(Exclusion.mark) == mark, open_).limit(1)).one_or_none()


def exclusions(session: Session, *, state: str | None, after: Mark | None, limit: int) -> list[Exclusion]:
    """Determinations, oldest first."""
    page = paged(select(Exclusion), Exclusion.proposed_at, Exclusion.id, after, limit)
    return list(session.exec(page.where(col(Exclusion.state) == state) if state else page))


def numbers_of(session: Session, mark: str) -> tuple[str, ...]:
    """The numbers of a petitioner's complaints, oldest first."""
    mine = select(col(Complaint.number)).where(col(Complaint.petitioner) == mark).order_by(col(Complaint.seq))
    return tuple(session.exec(mine))


def answers(session: Session) -> list[tuple[str, str | None, bool, int]]:
    """Callback tasks by state and grade, and whether their petitioner is left out of the rates now; how many each."""
    marks = select(col(Exclusion.mark)).where(col(Exclusion.state) == "excluded")
    left_out = func.coalesce(col(Complaint.petitioner).in_(marks), sql("false"))
    kinds = (col(Callback.state), col(Callback.grade), left_out)
    counted = select(*kinds, func.count()).join(Complaint, col(Complaint.number) == col(Callback.number))
    rows = session.exec(counted.where(col(Callback.state) != "superseded").group_by(*kinds))
    return [(state, grade, bool(out), count) for state, grade, out, count in rows]


def excluded_complaints(session: Session) -> int:
    """How many complaints are of petitioners who are left out."""
    marks = select(col(Exclusion.mark)).where(col(Exclusion.state) == "excluded")
    return session.exec(select(func.count()).where(col(Complaint.petitioner).in_(marks))).one()


def excluded_petitioners(session: Session) -> int:
    """How many petitioners are left out now."""
    return session.exec(select(func.count()).where(col(Exclusion.state) == "excluded")).one()


def all_complaints(session: Session) -> int:
    """How many complaints the register holds."""
    return session.exec(select(func.count()).select_from(Complaint)).one()


def known_petitioners(session: Session) -> int:
    """How many people the register knows by a mark, and how many complaints have none: each counts as one."""
    marked = select(func.count(func.distinct(col(Complaint.petitioner))))
    unmarked = select(func.count()).where(col(Complaint.petitioner).is_(None))
    return session.exec(marked).one() + session.exec(unmarked).one()
