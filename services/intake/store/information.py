"""What a complainant adds to his complaint, by its tracking code (I4)."""

from datetime import datetime

from sqlmodel import Field, Session, col, func, select

from services.intake.store.tables import Base
from shared.tables import UtcDateTime


class Information(Base, table=True):
    """Words added later, scrubbed; as they were, sealed to the vault's key `key_id`, where scrubbing changed them."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    text: str
    original: bytes | None = None
    key_id: str = Field(default="", index=True)


def added(session: Session, number: str) -> list[Information]:
    """What was added to a complaint, oldest first."""
    mine = select(Information).where(col(Information.number) == number).order_by(col(Information.id))
    return list(session.exec(mine))


def times_added(session: Session, number: str) -> int:
    """How often something was added to a complaint."""
    return session.exec(select(func.count()).where(col(Information.number) == number)).one()
