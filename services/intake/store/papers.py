"""Transfer cards and recommendation letters as they were made, version by version; none is ever changed (I6)."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, col, select

from services.intake.store.tables import Base
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class CardVersion(Base, table=True):
    """One version: why it was made, and both papers with everything printed on them."""

    __tablename__ = "card_version"

    number: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    kind: str
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    card: dict[str, Any] = Field(sa_type=JSONType)
    letter: dict[str, Any] = Field(sa_type=JSONType)


def version(session: Session, number: str, wanted: int | None) -> CardVersion:
    """A version, the newest by default. Raises Refusal (404)."""
    page = select(CardVersion).where(col(CardVersion.number) == number).order_by(col(CardVersion.version).desc())
    if wanted is not None:
        page = page.where(col(CardVersion.version) == wanted)
    found = session.exec(page.limit(1)).one_or_none()
    if found is None:
        raise Refusal("transfer", number, "there is no such card", "see GET /api/v1/transfers", 404)
    return found


def versions(session: Session, number: str) -> list[tuple[int, str, datetime, str]]:
    """Version, kind, time and author of every version of a card, oldest first."""
    page = select(CardVersion.version, CardVersion.kind, CardVersion.at, CardVersion.by)
    rows = session.exec(page.where(col(CardVersion.number) == number).order_by(col(CardVersion.version)))
    return [(number_, kind, at, by) for number_, kind, at, by in rows]
