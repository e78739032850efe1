"""Queries on letters."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, bindparam, exists, func, insert, or_, select, update
from sqlmodel import Session

from services.notify.domain.delivery import OPEN
from services.notify.store.tables import tables

BY_URGENCY = ("urgent", "expiry", "ordinary")
_letter, _notice, _resolution = tables["letter"], tables["notice"], tables["resolution"]
# written out in the statement: SQLite takes a partial index only for a condition that it can read
_WAITS = _letter.c.state.in_(bindparam("open", OPEN, expanding=True, literal_execute=True))


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
    since: datetime | None = None,
) -> list[RowMapping]:
    """Letters of a channel to go by `now`: the urgent first, then expiry notices, then the rest, the longest due first.

    None to the `closed` domains; with `since` none but urgent ones that were due before.
    """
    found: list[RowMapping] = []
    for urgency in BY_URGENCY:
        query = (
            select(_letter)
            .where(_letter.c.urgency == urgency, *_going(now, channel, since))
            .order_by(_letter.c.next_try, _letter.c.id)
            .limit(limit - len(found))
        )
        if not digests:
            query = query.where(_letter.c.digest.is_(False))
        for domain in closed:
            query = query.where(~func.lower(_letter.c.email).endswith(f"@{domain}", autoescape=True))
        found += session.connection().execute(query).mappings()
        if len(found) == limit:
            break
    return found


def waiting(
    session: Session, now: datetime, channel: str = "email", since: datetime | None = None
) -> tuple[int, datetime | None]:
    """How many letters are to go by `now`, and since when the oldest; `since` as in `due`."""
    query = select(func.count(), func.min(_letter.c.next_try)).where(*_going(now, channel, since))
    count, oldest = session.connection().execute(query).one()
    return int(count), oldest


def _going(now: datetime, channel: str, since: datetime | None) -> list[ColumnElement[bool]]:
    found = [_letter.c.channel == channel, _letter.c.next_try <= now, _WAITS]
    if since is not None:
        found.append(or_(_letter.c.urgency == "urgent", _letter.c.due >= since))
    return found


def untried_digests(session: Session, person: str, email: str, channel: str, now: datetime) -> list[RowMapping]:
    """A person's digests that are due by `now` and that nobody has heard of yet, the oldest first."""
    query = (
        select(_letter)
        .where(
            _letter.c.person == person, _letter.c.email == email, _letter.c.channel == channel,
            _letter.c.digest.is_(True), _letter.c.state == "planned", _letter.c.tries == 0, _letter.c.next_try <= now,
        )
        .order_by(_letter.c.due, _letter.c.id)
    )  # fmt: skip
    return list(session.connection().execute(query).mappings())


def channels(session: Session) -> set[str]:
    """Channels by which letters are still to go, or were going."""
    query = select(_letter.c.channel).where(_letter.c.state.in_((*OPEN, "claimed"))).distinct()
    return set(session.connection().execute(query).scalars())


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


def counts_by_channel(session: Session) -> dict[str, dict[str, int]]:
    """Letters by channel and state."""
    query = select(_letter.c.channel, _letter.c.state, func.count()).group_by(_letter.c.channel, _letter.c.state)
    found: dict[str, dict[str, int]] = {}
    for channel, state, count in session.connection().execute(query):
        found.setdefault(channel, {})[state] = count
    return found


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
