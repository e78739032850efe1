"""Supervisors, their terms, cards and presence, and monitoring points (I10). Names are public; no phone is kept."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, col, func, or_, select

from services.intake.domain.mark import Mark
from services.intake.store.paging import paged
from services.intake.store.tables import Base
from shared.errors import Refusal
from shared.tables import UtcDateTime


class Supervisor(Base, table=True):
    """A supervisor as he stands now. `sub` is whom his token names; `appointed_by`: office, or a unit's key."""

    __table_args__ = (Index("ix_supervisor_until", "state", "until"),)

    id: str = Field(primary_key=True)
    sub: str = Field(unique=True)
    name: str
    kind: str
    appointed_by: str = Field(index=True)
    state: str = "serving"
    since: date
    until: date
    warned_for: date | None = None
    expired_for: date | None = None


class Term(Base, table=True):
    """An entry of the register: appointed, renewed, dismissed; with letter and date. Only ever added to."""

    __tablename__ = "supervisor_term"

    id: int | None = Field(default=None, primary_key=True)
    supervisor: str = Field(index=True)
    step: str
    letter: str
    letter_date: date
    since: date
    until: date
    reason: str = ""
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class Card(Base, table=True):
    """A contact card: it became complaint `number`, and both its unit and the office answer it."""

    __table_args__ = (Index("ix_card_by", "by"),)

    id: str = Field(primary_key=True)
    supervisor: str = Field(index=True)
    by: str
    number: str = Field(unique=True)
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    office_due: datetime = Field(sa_type=UtcDateTime)
    office_answer: str | None = None
    office_by: str | None = None
    office_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unit: str | None = None
    unit_due: datetime | None = Field(default=None, sa_type=UtcDateTime)
    unit_answer: str | None = None
    unit_by: str | None = None
    unit_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    told_on: date | None = None
    told_how: str = ""
    told_by: str | None = None


class Presence(Base, table=True):
    """A supervisor was present at a meeting, or was asked and was not."""

    __tablename__ = "supervisor_presence"
    __table_args__ = (UniqueConstraint("meeting", "supervisor"),)

    id: int | None = Field(default=None, primary_key=True)
    meeting: str = Field(index=True)
    on: date
    supervisor: str
    present: bool
    words: str = ""
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class Point(Base, table=True):
    """A monitoring point: an enterprise or a site whose token `key` reports on units' efficiency."""

    __tablename__ = "monitoring_point"

    key: str = Field(primary_key=True)
    name: str
    kind: str
    since: date
    until: date | None = None
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    end_reason: str = ""


def supervisor(session: Session, key: str) -> Supervisor:
    """A supervisor. Raises Refusal (404)."""
    found = session.get(Supervisor, key)
    if found is None:
        raise Refusal("supervisor", key, "there is no such supervisor", "see GET /api/v1/supervisors", 404)
    return found


def by_sub(session: Session, sub: str) -> Supervisor | None:
    """The supervisor whom a token names."""
    return session.exec(select(Supervisor).where(col(Supervisor.sub) == sub)).one_or_none()


def supervisor_count(session: Session) -> int:
    """How many supervisors have ever been appointed."""
    return session.exec(select(func.count()).select_from(Supervisor)).one()


def serving(session: Session) -> dict[str, int]:
    """How many supervisors serve now, by kind."""
    kinds = select(Supervisor.kind, func.count()).where(col(Supervisor.state) == "serving").group_by(Supervisor.kind)
    return {kind: int(count) for kind, count in session.exec(kinds)}


def supervisors(
    session: Session, *, appointed_by: str | None = None, sub: str | None = None, after: Mark | None, limit: int
) -> list[Supervisor]:
    """The register, in the order of the terms' beginnings."""
    page = paged(select(Supervisor), Supervisor.since, Supervisor.id, after, limit)
    if appointed_by is not None:
        page = page.where(col(Supervisor.appointed_by) == appointed_by)
    return list(session.exec(page.where(col(Supervisor.sub) == sub) if sub is not None else page))


def terms(session: Session, key: str) -> list[Term]:
    """The entries about a supervisor, oldest first."""
    return list(session.exec(select(Term).where(col(Term.supervisor) == key).order_by(col(Term.id))))


def ending_by(session: Session, day: date, limit: int, without: Collection[str] = ()) -> list[Supervisor]:
    """Serving supervisors whose term ends by a day and who were not warned of it, or not told that it ended; but
    those named."""
    untold = or_(
        col(Supervisor.warned_for).is_(None),
        col(Supervisor.warned_for) != col(Supervisor.until),
        col(Supervisor.expired_for).is_(None),
        col(Supervisor.expired_for) != col(Supervisor.until),
    )
    others = col(Supervisor.id).not_in(without)
    page = select(Supervisor).where(col(Supervisor.state) == "serving", col(Supervisor.until) <= day, untold, others)
    return list(session.exec(page.order_by(col(Supervisor.until), col(Supervisor.id)).limit(limit)))


def card(session: Session, key: str) -> Card:
    """A card. Raises Refusal (404)."""
    found = session.get(Card, key)
    if found is None:
        raise Refusal("card", key, "there is no such card", "see GET /api/v1/cards", 404)
    return found


def cards_of(session: Session, numbers: Iterable[str]) -> list[Card]:
    """The cards that became these complaints."""
    return list(session.exec(select(Card).where(col(Card.number).in_(sorted(numbers))).order_by(col(Card.id))))


def cards(
    session: Session,
    *,
    by: str | None = None,
    unit: str | None = None,
    overdue_at: datetime | None = None,
    after: Mark | None,
    limit: int,
) -> list[Card]:
    """Cards, oldest first: of a supervisor, of a unit, or those whose answers are overdue."""
    page = paged(select(Card), Card.submitted_at, Card.id, after, limit)
    if by is not None:
        page = page.where(col(Card.by) == by)
    if unit is not None:
        page = page.where(col(Card.unit) == unit)
    if overdue_at is not None:
        office = col(Card.office_answer).is_(None) & (col(Card.office_due) <= overdue_at)
        asked = col(Card.unit_answer).is_(None) & (col(Card.unit_due) <= overdue_at)
        page = page.where(or_(office, asked))
    return list(session.exec(page))


def presences(session: Session, *, meeting: str | None = None, since: date, until: date) -> list[Presence]:
    """Who was present in a period."""
    page = select(Presence).where(col(Presence.on) >= since, col(Presence.on) <= until).order_by(col(Presence.id))
    return list(session.exec(page.where(col(Presence.meeting) == meeting) if meeting else page))


def points(session: Session) -> list[Point]:
    """The monitoring points, by key."""
    return list(session.exec(select(Point).order_by(col(Point.key))))


def card_count(session: Session, prefix: str) -> int:
    """How many cards have an id that begins like this."""
    return session.exec(select(func.count()).select_from(Card).where(col(Card.id).startswith(prefix))).one()


def cards_between(session: Session, since: datetime, until: datetime) -> list[Card]:
    """Cards that were submitted in a period."""
    return list(session.exec(select(Card).where(col(Card.submitted_at) >= since, col(Card.submitted_at) < until)))
