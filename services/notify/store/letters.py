"""Queries on letters."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, exists, func, insert, select, update
from sqlmodel import Session

from services.notify.domain.delivery import OPEN
from services.notify.store.tables import tables

_letter, _notice, _resolution = tables["letter"], tables["notice"], tables["resolution"]


# made once: it stands on the path of every event
_DIGESTS = select(_letter.c.person, _letter.c.email, _letter.c.id, _letter.c.state).where(
    _letter.c.person.in_(bindparam("people", expanding=True)),
    _letter.c.due == bindparam("due"),
    _letter.c.digest.is_(True),
)


def digests(session: Session, people: Collection[str], due: datetime) -> list[tuple[str, str, str, str]]:
    """These people's digests of an hour, whatever became of them: person, e-mail, letter, state."""
    rows = session.connection().execute(_DIGESTS, {"people": list(people), "due": due})
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def add(session: Session, rows: list[dict[str, Any]]) -> None:
    """Enter letters."""
    if rows:
        session.connection().execute(insert(_letter), rows)


def due(
    session: Session,
    now: datetime,
    limit: int,
    *,
    digests: bool,
    closed: Collection[str] = (),
    channel: str = "email",
) -> list[RowMapping]:
    """Letters of a channel to go by `now`, the longest due first; none to the `closed` domains."""
    query = (
        select(_letter)
        .where(_letter.c.next_try <= now, _letter.c.state.in_(OPEN), _letter.c.channel == channel)
        .order_by(_letter.c.next_try, _letter.c.id)
        .limit(limit)
    )
    if not digests:
        query = query.where(_letter.c.digest.is_(False))
    for domain in closed:
        query = query.where(~func.lower(_letter.c.email).endswith(f"@{domain}", autoescape=True))
    return list(session.connection().execute(query).mappings())


def waiting(session: Session, now: datetime, channel: str = "email") -> tuple[int, datetime | None]:
    """How many letters are due by `now`, and since when the oldest."""
    query = select(func.count(), func.min(_letter.c.next_try)).where(
        _letter.c.next_try <= now, _letter.c.state.in_(OPEN), _letter.c.channel == channel
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


def in_state(session: Session, state: str, channel: str = "email") -> list[RowMapping]:
    """Letters of a state, of one channel."""
    here = select(_letter).where(_letter.c.state == state, _letter.c.channel == channel)
    query = here.order_by(_letter.c.next_try, _letter.c.id)
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


def resolutions_of(session: Session, letters: Collection[str]) -> dict[str, list[RowMapping]]:
    """The decisions on letters, of those on which there are any."""
    found: dict[str, list[RowMapping]] = {}
    query = select(_resolution).where(_resolution.c.letter.in_(letters)).order_by(_resolution.c.id)
    for row in session.connection().execute(query).mappings():
        found.setdefault(row["letter"], []).append(row)
    return found
