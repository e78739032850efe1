"""What keeps or ends the keeping of identities (I3): holds, what happened since a matter ended, what was erased."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from services.intake.domain.complaint import State
from services.intake.store.evidence import Attachment
from services.intake.store.exclusion import open_about
from services.intake.store.information import Information
from services.intake.store.referrals import Referral
from services.intake.store.tables import Base, Callback, Complaint, Disclosure, Link, Repair, Sealed, Transfer
from shared.tables import UtcDateTime


class Hold(Base, table=True):
    """A legal hold: while it stands nothing of the complaint is erased. Lifted by another person."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    reason: str
    placed_by: str
    placed_role: str
    placed_at: datetime = Field(sa_type=UtcDateTime)
    lifted_by: str | None = None
    lifted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lifted_reason: str = ""


class Activity(Base, table=True):
    """The last thing that happened in a complaint and that starts its period anew (evidence, a referral's end …)."""

    number: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    what: str


class Erasure(Base, table=True):
    """Something was erased: what, when, by which rule, counted from when."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    what: str
    at: datetime = Field(sa_type=UtcDateTime)
    rule: str
    counted_from: datetime = Field(sa_type=UtcDateTime)


class Sweep(Base, table=True):
    """How far the search for what is to be erased has come on a day: one row a kind."""

    kind: str = Field(primary_key=True)
    day: date
    after: str = ""
    is_done: bool = False


_CONCLUDED = "a proceeding was concluded"
_ENDED = [
    state.value
    for state in (State.CLOSED, State.OUTSIDE, State.UNFOUNDED, State.RETURNED, State.REFUSED, State.BODY_DONE)
]
_LINE, _LEAD = aliased(Complaint), aliased(Complaint)
"""Made once: the first use of each column of an alias costs more than the search."""
_ACTIVITY = Base.metadata.tables["activity"]
_MAKE: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def touch(session: Session, number: str, at: datetime, what: str) -> None:
    """Something happened in a complaint; an earlier happening does not take the place of a later one."""
    rows = session.connection()
    first = _MAKE[rows.dialect.name](_ACTIVITY).values(number=number, at=at, what=what)
    later = first.excluded.at > _ACTIVITY.c.at
    newest = {"at": first.excluded.at, "what": first.excluded.what}
    rows.execute(first.on_conflict_do_update(index_elements=[_ACTIVITY.c.number], set_=newest, where=later))


def hold_on(session: Session, number: str) -> Hold | None:
    """The hold that stands on a complaint."""
    stands = select(Hold).where(col(Hold.number) == number, col(Hold.lifted_at).is_(None))
    return session.exec(stands.limit(1)).one_or_none()


def holds(session: Session, number: str) -> list[Hold]:
    """All holds of a complaint, also those lifted."""
    return list(session.exec(select(Hold).where(col(Hold.number) == number).order_by(col(Hold.id))))


def erasures(session: Session, number: str) -> list[Erasure]:
    """What was erased of a complaint."""
    return list(session.exec(select(Erasure).where(col(Erasure.number) == number).order_by(col(Erasure.id))))


def ended_before(session: Session, of: SelectOfScalar[str], before: datetime, after: str, limit: int) -> list[str]:
    """Those of these complaints whose matter ended before, by number: what may be due."""
    line, lead = _LINE, _LEAD
    state = func.coalesce(lead.state, line.state)
    ended = func.coalesce(lead.closed_at, line.closed_at, lead.screened_at, line.screened_at, line.reported_at)
    page = (
        select(col(line.number))
        .outerjoin(lead, col(lead.number) == col(line.lead))
        .where(col(line.number).in_(of), state.in_(_ENDED), ended <= before, col(line.number) > after)
        .order_by(col(line.number))
        .limit(limit)
    )
    return list(session.exec(page))


def in_vault() -> SelectOfScalar[str]:
    """Numbers of complaints of which the vault holds something."""
    return select(col(Sealed.number))


def lines(session: Session, numbers: Iterable[str]) -> dict[str, Complaint]:
    """Lines of the register by number."""
    found = session.exec(select(Complaint).where(col(Complaint.number).in_(list(numbers))))
    return {line.number: line for line in found}


def matter_of(session: Session, lead: str) -> list[str]:
    """A lead complaint's number and those linked to it now."""
    whole = select(col(Complaint.number)).where(or_(col(Complaint.number) == lead, col(Complaint.lead) == lead))
    return list(session.exec(whole))


def refused_at(session: Session, number: str) -> datetime | None:
    """When the approver refused a transfer."""
    card = session.get(Transfer, number)
    return card.decided_at if card and card.state == "refused" else None


def last_happenings(session: Session, numbers: list[str]) -> list[tuple[datetime, str]]:
    """What happened last in these complaints of one matter, of each kind: when and what."""
    asked: tuple[tuple[Any, str], ...] = (
        (select(func.max(col(Link.at))).where(col(Link.lead).in_(numbers)), "a complaint was linked"),
        (select(func.max(col(Link.undone_at))).where(col(Link.lead).in_(numbers)), "a link was undone"),
        (select(func.max(col(Information.at))).where(col(Information.number).in_(numbers)), "information was added"),
        (select(func.max(col(Hold.lifted_at))).where(col(Hold.number).in_(numbers)), "a hold was lifted"),
        (select(func.max(col(Disclosure.requested_at))).where(col(Disclosure.number).in_(numbers)), "a disclosure"),
        (select(func.max(col(Callback.at))).where(col(Callback.number).in_(numbers)), "a petitioner was asked"),
        (select(func.max(col(Referral.concluded_at))).where(col(Referral.number).in_(numbers)), _CONCLUDED),
        (
            select(func.max(col(Attachment.at))).where(
                col(Attachment.about) == "complaint", col(Attachment.key).in_(numbers)
            ),
            "evidence was given",
        ),
    )
    found = [(at, what) for query, what in asked if (at := session.exec(query).one()) is not None]
    touched = session.exec(select(Activity).where(col(Activity.number).in_(numbers)))
    return [*found, *((row.at, row.what) for row in touched)]


def open_disclosures(session: Session, numbers: list[str], consented_since: datetime) -> int:
    """Requests that wait for a custodian, or whose consent can still be used."""
    waits = col(Disclosure.state) == "requested"
    usable = (col(Disclosure.state) == "consented") & (col(Disclosure.decided_at) > consented_since)
    counted = select(func.count()).select_from(Disclosure)
    return session.exec(counted.where(col(Disclosure.number).in_(numbers), or_(waits, usable))).one()


def open_referrals(session: Session, numbers: list[str]) -> int:
    """Referrals to the discipline organ that have no outcome yet."""
    counted = select(func.count()).where(col(Referral.number).in_(numbers), col(Referral.state) != "concluded")
    return session.exec(counted).one()


def erase_identity(session: Session, number: str) -> None:
    """Who complained is gone from the vault, and the mark by which he was known again; unless by that mark he is
    proposed to be left out of the rates, or is left out: then it stays as long as that stands."""
    rows = session.connection()
    rows.execute(update(_table("vault")).where(_table("vault").c.number == number).values(identity=None))
    line = _table("complaint")
    mark = rows.execute(select(col(Complaint.petitioner)).where(col(Complaint.number) == number)).scalar()
    if mark and not open_about(session, mark):
        rows.execute(update(line).where(line.c.number == number).values(petitioner=None))


def has_originals(session: Session, sealed: Sealed) -> bool:
    """Whether any text of the complaint is kept as it was before scrubbing."""
    added = select(func.count()).where(col(Information.number) == sealed.number, col(Information.original).is_not(None))
    return bool(sealed.original or session.exec(added).one())


def erase_originals(session: Session, number: str) -> None:
    """The texts as they were before scrubbing are gone."""
    rows = session.connection()
    rows.execute(update(_table("vault")).where(_table("vault").c.number == number).values(original=None))
    added = _table("information")
    rows.execute(update(added).where(added.c.number == number).values(original=None))


def drop_empty(session: Session, number: str) -> None:
    """A row of the vault in which nothing is left goes."""
    vault = _table("vault")
    gone = delete(vault).where(vault.c.number == number, vault.c.identity.is_(None), vault.c.original.is_(None))
    session.connection().execute(gone)


def mended_before(session: Session, before: datetime, after: str, limit: int) -> list[Repair]:
    """Mended repairs that still hold what was kept, by id."""
    page = select(Repair).where(
        col(Repair.mended_at) <= before, col(Repair.erased_at).is_(None), col(Repair.id) > after
    )
    return list(session.exec(page.order_by(col(Repair.id)).limit(limit)))


def _table(name: str) -> Table:
    return Base.metadata.tables[name]
