"""Every try of a letter: when, how far it came, what the server replied (N8)."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import Index, RowMapping, func, insert, select, update
from sqlmodel import Field, Session

from services.notify.store.tables import Base
from shared.tables import UtcDateTime


class Attempt(Base, table=True):
    """One try, or `times` tries in a row that found the server away in the same way, the last at `until`."""

    __table_args__ = (Index("ix_attempt_letter", "letter"),)

    id: int | None = Field(default=None, primary_key=True)
    letter: str
    kind: str
    phase: str
    reply: str
    at: dt.datetime = Field(sa_type=UtcDateTime)
    until: dt.datetime = Field(sa_type=UtcDateTime)
    times: int = 1


_attempt = Base.metadata.tables["attempt"]


def keep(session: Session, tries: Collection[dict[str, Any]]) -> None:
    """Keep tries: `letter`, `kind`, `phase`, `reply`, `at`."""
    if tries:
        session.connection().execute(insert(_attempt), [{**one, "until": one["at"], "times": 1} for one in tries])


def again(session: Session, one: dict[str, Any]) -> bool:
    """Count a try with the letter's last one if that found the same; False if it did not: then it is to be kept."""
    run = session.connection().execute
    last = run(
        select(_attempt).where(_attempt.c.letter == one["letter"]).order_by(_attempt.c.id.desc()).limit(1)
    ).mappings().first()  # fmt: skip
    if last is None or any(last[name] != one[name] for name in ("kind", "phase", "reply")):
        return False
    run(
        update(_attempt)
        .where(_attempt.c.id == last["id"])
        .values(until=one["at"], times=_attempt.c.times + 1)
    )  # fmt: skip
    return True


def of_letters(session: Session, letters: Collection[str]) -> dict[str, list[RowMapping]]:
    """Each letter's tries in their order."""
    found: dict[str, list[RowMapping]] = {letter: [] for letter in letters}
    query = select(_attempt).where(_attempt.c.letter.in_(letters)).order_by(_attempt.c.id)
    for row in session.connection().execute(query).mappings():
        found[row["letter"]].append(row)
    return found


def count(session: Session) -> int:
    """How many tries are kept."""
    return int(session.connection().execute(select(func.coalesce(func.sum(_attempt.c.times), 0))).scalar_one())
