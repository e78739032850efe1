"""Cases without result at a cycle's end, and those of which it is not known yet (R7). Never commits."""

import datetime as dt

from sqlmodel import Field, Session, select

from services.rectification.store.tables import Base, lapses
from shared.tables import UtcDateTime


class HeldLapseRow(Base, table=True):
    """A case past due at a cycle's end whose date the office was asked to move and has not decided on."""

    __tablename__ = "held_lapses"

    case_number: str = Field(primary_key=True)
    cycle: str = Field(primary_key=True)
    at: dt.datetime = Field(sa_type=UtcDateTime)


held = Base.metadata.tables["held_lapses"]


def recorded(session: Session, cycle: str) -> frozenset[str]:
    """Cases that this cycle's end has dealt with already: without result, or held."""
    rows = session.connection()
    found: set[str] = set()
    for table in (lapses, held):
        found |= set(rows.execute(select(table.c.case_number).where(table.c.cycle == cycle)).scalars())
    return frozenset(found)


def record(session: Session, number: str, cycle: str, at: dt.datetime) -> None:
    """Record no result for a case."""
    session.connection().execute(lapses.insert(), [{"case_number": number, "cycle": cycle, "at": at}])


def hold(session: Session, number: str, cycle: str, at: dt.datetime) -> None:
    """Whether the case has a result is settled later."""
    session.connection().execute(held.insert(), [{"case_number": number, "cycle": cycle, "at": at}])


def take_held(session: Session, number: str) -> list[tuple[str, dt.datetime]]:
    """The cycles' ends that wait for the office's answer on this case, the oldest first; they wait no longer."""
    query = select(held.c.cycle, held.c.at).where(held.c.case_number == number).order_by(held.c.at)
    found = [(row.cycle, row.at) for row in session.connection().execute(query)]
    if found:
        session.connection().execute(held.delete().where(held.c.case_number == number))
    return found
