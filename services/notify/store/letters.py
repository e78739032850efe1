"""Queries on letters."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, exists, func, insert, select, update
from sqlmodel import Session

from services.notify.domain.delivery import OPEN
from services.notify.store.tables import tables

_letter, _notice, _resolution = tables["letter"], tables["notice"], tables["resolution"]


def open_digest(session: Session, person: str, email: str, due: datetime) -> str | None:
    """The id of a person's digest of an hour that has not been tried yet."""
    query = select(_letter.c.id).where(
        _letter.c.person == person,
        _letter.c.due == due,
        _letter.c.email == email,
        _letter.c.digest.is_(True),
        _letter.c.state == "planned",
    )
    found = session.connection().execute(query).scalar()
    return None if found is None else str(found)


def digests_so_far(session: Session, person: str, due: datetime) -> int:
    """How many digests a person has of an hour."""
    query = select(func.count()).where(_letter.c.person == person, _letter.c.due == due, _letter.c.digest.is_(True))
    return int(session.connection().execute(query).scalar_one())


def add(session: Session, rows: list[dict[str, Any]]) -> None:
    """Enter letters."""
    if rows:
        session.connection().execute(insert(_letter), rows)


def due(session: Session, now: datetime, limit: int, *, digests: bool) -> list[RowMapping]:
    """Letters to go by `now`, the longest due first."""
    query = (
        select(_letter)
        .where(_letter.c.next_try <= now, _letter.c.state.in_(OPEN))
        .order_by(_letter.c.next_try, _letter.c.id)
        .limit(limit)
    )
    if not digests:
        query = query.where(_letter.c.digest.is_(False))
    return list(session.connection().execute(query).mappings())


def waiting(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """How many letters are due by `now`, and since when the oldest."""
    query = select(func.count(), func.min(_letter.c.next_try)).where(
        _letter.c.next_try <= now, _letter.c.state.in_(OPEN)
    )
    count, oldest = session.connection().execute(query).one()
    return int(count), oldest


def claim(session: Session, claimed: list[dict[str, Any]]) -> None:
    """Mark letters as on their way, with what they say: (`letter`, `subject`, `text`)."""
    if claimed:
        session.connection().execute(
            update(_letter)
            .where(_letter.c.id == bindparam("key"))
            .values(
                state="claimed",
                tries=_letter.c.tries + 1,
                subject=bindparam("said"),
                text=bindparam("words"),
            ),
            [{"key": row["letter"], "said": row["subject"], "words": row["text"]} for row in claimed],
        )


def change(session: Session, letter: str, values: Mapping[str, Any]) -> None:
    """Change one letter."""
    session.connection().execute(update(_letter).where(_letter.c.id == letter).values(**values))


def in_state(session: Session, state: str) -> list[RowMapping]:
    """Letters of a state."""
    query = select(_letter).where(_letter.c.state == state).order_by(_letter.c.next_try, _letter.c.id)
    return list(session.connection().execute(query).mappings())


def some(session: Session, letters: Collection[str]) -> dict[str, RowMapping]:
    """Letters by id."""
    query = select(_letter).where(_letter.c.id.in_(letters))
    return {row["id"]: row for row in session.connection().execute(query).mappings()}


def void_empty(session: Session, letters: Collection[str]) -> None:
    """Letters that nobody's notice is in any more do not go."""
    session.connection().execute(
        update(_letter)
        .where(
            _letter.c.id.in_(letters),
            _letter.c.state.in_(OPEN),
            ~exists().where(_notice.c.letter == _letter.c.id),
        )
        .values(state="void")
    )


def counts(session: Session) -> dict[str, int]:
    """Letters by state."""
    query = select(_letter.c.state, func.count()).group_by(_letter.c.state)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def resolve(session: Session, row: Mapping[str, Any]) -> None:
    """Keep an operator's decision."""
    session.connection().execute(insert(_resolution).values(**row))


def resolutions(session: Session, letter: str) -> list[RowMapping]:
    """The decisions on a letter."""
    query = select(_resolution).where(_resolution.c.letter == letter).order_by(_resolution.c.id)
    return list(session.connection().execute(query).mappings())
