"""What a complaint has gone through, step by step: for its complainant and, where he agreed, for everybody (I2)."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Field, Session, col, select

from services.intake.store.tables import Base
from shared.tables import UtcDateTime


class Step(Base, table=True):
    """A complaint reached a state. Only ever added to; its registration is its line in the register."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    state: str
    at: datetime = Field(sa_type=UtcDateTime, index=True)


def note(session: Session, number: str, state: str, at: datetime) -> None:
    """A complaint reached a state."""
    session.add(Step(number=number, state=state, at=at))


def steps(session: Session, numbers: Iterable[str]) -> list[Step]:
    """The steps of these complaints, oldest first."""
    of_them = select(Step).where(col(Step.number).in_(sorted(set(numbers))))
    return list(session.exec(of_them.order_by(col(Step.at), col(Step.id))))
