"""What was handed to the discipline organ (I15). Only it, and who asks with a reason, reads these rows."""

from datetime import date, datetime

from sqlmodel import Field, Session, col, select

from services.intake.store.tables import Base
from shared.tables import UtcDateTime


class Referral(Base, table=True):
    """state: referred, received, concluded. aside: a unit has the matter, and learns nothing."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    reason: str
    by: str
    role: str
    at: datetime = Field(sa_type=UtcDateTime)
    aside: bool
    state: str = Field(default="referred", index=True)
    receipt: str = ""
    received_on: date | None = None
    received_by: str | None = None
    outcome: str | None = None
    words: str = ""
    concluded_by: str | None = None
    concluded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReferralReading(Base, table=True):
    """Somebody outside the discipline organ read a referral, and why."""

    __tablename__ = "referral_reading"

    id: int | None = Field(default=None, primary_key=True)
    referral: int = Field(index=True)
    who: str
    role: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)


def latest(session: Session, number: str) -> Referral | None:
    """The newest referral of a matter."""
    wanted = select(Referral).where(col(Referral.number) == number).order_by(col(Referral.id).desc()).limit(1)
    return session.exec(wanted).one_or_none()


def listed(session: Session, *, state: str | None, after: int, limit: int) -> list[Referral]:
    """Referrals after a cursor."""
    page = select(Referral).where(col(Referral.id) > after).order_by(col(Referral.id)).limit(limit)
    return list(session.exec(page.where(col(Referral.state) == state) if state else page))


def readings(session: Session, referral: int) -> list[ReferralReading]:
    """Who read it, oldest first."""
    wanted = select(ReferralReading).where(col(ReferralReading.referral) == referral)
    return list(session.exec(wanted.order_by(col(ReferralReading.id))))
