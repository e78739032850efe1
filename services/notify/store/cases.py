"""What field a case is of, so that the deputy in charge of it is found (N1)."""

from sqlalchemy import insert, select
from sqlmodel import Field, Session

from services.notify.store.tables import Base


class CaseTopic(Base, table=True):
    """The topic of a case, as it was opened."""

    case: str = Field(primary_key=True)
    topic: str


_topic = Base.metadata.tables["casetopic"]


def keep(session: Session, case: str, topic: str) -> None:
    """Keep a case's topic, once."""
    if topic_of(session, case) is None:
        session.connection().execute(insert(_topic).values(case=case, topic=topic))


def topic_of(session: Session, case: str) -> str | None:
    """The topic of a case, if it is known."""
    return session.connection().execute(select(_topic.c.topic).where(_topic.c.case == case)).scalar()
