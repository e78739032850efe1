"""What the service remembers of itself between starts. Never commits."""

from sqlalchemy import select
from sqlmodel import Session

from services.rectification.store.tables import remembered
from services.rectification.store.upsert import upsert


def recall(session: Session, key: str) -> str | None:
    """What was remembered under the key."""
    return session.connection().execute(select(remembered.c.value).where(remembered.c.key == key)).scalar()


def remember(session: Session, key: str, value: str) -> None:
    """Remember it."""
    upsert(session, remembered, [{"key": key, "value": value}])
