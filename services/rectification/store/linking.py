"""How far the links of each complaint have been taken: they are made and undone in turn (I5). Never commits."""

from sqlalchemy import select
from sqlmodel import Field, Session

from services.rectification.store.tables import Base
from services.rectification.store.upsert import upsert


class LinkStepRow(Base, table=True):
    """The last step of a complaint's links that was taken; see `intake.complaint.linked`."""

    __tablename__ = "link_steps"

    number: str = Field(primary_key=True)
    step: int


steps = Base.metadata.tables["link_steps"]


def last(session: Session, number: str) -> int:
    """The last step taken; 0 where none is known."""
    return session.connection().execute(select(steps.c.step).where(steps.c.number == number)).scalar() or 0


def save(session: Session, number: str, step: int) -> None:
    """This step was taken."""
    upsert(session, steps, [{"number": number, "step": step}])
