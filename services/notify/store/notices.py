"""Queries on notices."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import RowMapping, and_, bindparam, func, insert, or_, select, update
from sqlmodel import Session

from services.notify.domain.delivery import OPEN
from services.notify.domain.recipient import OFFICE, OFFICE_ROLES
from services.notify.store.tables import tables

_notice, _letter = tables["notice"], tables["letter"]
# made once: these stand on the path of every event and letter
_KNOWN = select(_notice.c.key).where(_notice.c.key.in_(bindparam("keys", expanding=True)))
_OF_LETTERS = select(_notice).where(_notice.c.letter.in_(bindparam("letters", expanding=True))).order_by(_notice.c.seq)
_SETTLE = (
    update(_notice)
    .where(_notice.c.letter == bindparam("of"))
    .values(state=bindparam("outcome"), reason=bindparam("said"))
)


def known(session: Session, keys: Collection[str]) -> set[str]:
    """Those of the keys for which a notice exists."""
    return set(session.connection().execute(_KNOWN, {"keys": list(keys)}).scalars())


def told_already(session: Session, matter: str, template: str, channel: str | None = None) -> set[str]:
    """Persons to whom this matter was, or is about to be, told by this template, on one channel or on any."""
    query = select(_notice.c.person).where(_notice.c.matter == matter, _notice.c.template == template)
    if channel is not None:
        query = query.where(_notice.c.channel == channel)
    return set(session.connection().execute(query).scalars())


def by_channel(session: Session, matter: str, template: str, person: str) -> dict[str, str]:
    """On which channels a person is told this matter by this template: channel → state."""
    query = select(_notice.c.channel, _notice.c.state).where(
        _notice.c.matter == matter, _notice.c.template == template, _notice.c.person == person
    )
    return {row[0]: row[1] for row in session.connection().execute(query)}


def add(session: Session, rows: list[dict[str, Any]]) -> None:
    """Enter notices."""
    if rows:
        session.connection().execute(insert(_notice), rows)


def of_letters(session: Session, letters: Collection[str]) -> dict[str, list[RowMapping]]:
    """Each letter's notices, in the order they arose."""
    found: dict[str, list[RowMapping]] = {letter: [] for letter in letters}
    for row in session.connection().execute(_OF_LETTERS, {"letters": list(letters)}).mappings():
        found[row["letter"]].append(row)
    return found


def settle(session: Session, letter: str, state: str, reason: str) -> None:
    """Give all notices of a letter its state."""
    session.connection().execute(_SETTLE, {"of": letter, "outcome": state, "said": reason})


def move(session: Session, letters: Collection[str], to: str) -> None:
    """Put the notices of some letters into another."""
    session.connection().execute(update(_notice).where(_notice.c.letter.in_(letters)).values(letter=to))


def told_or_planned(session: Session, cases: Collection[str], people: Collection[str]) -> list[RowMapping]:
    """What these people were told, or are to be told, about these cases, with the letter's state and tries."""
    query = (
        select(_notice, _letter.c.state.label("letter_state"), _letter.c.tries)
        .select_from(_notice.join(_letter, _letter.c.id == _notice.c.letter))
        .where(
            _notice.c.case.in_(cases), _notice.c.person.in_(people), _notice.c.state.in_(("planned", "sent"))
        )
        .order_by(_notice.c.seq)
    )  # fmt: skip
    return list(session.connection().execute(query).mappings())


def change(session: Session, notice: str, values: Mapping[str, Any]) -> None:
    """Change one notice that has not gone yet."""
    session.connection().execute(update(_notice).where(_notice.c.id == notice).values(**values))


def movable(session: Session, unit: str) -> list[RowMapping]:
    """Notices that a change in this unit's directory may concern: unaddressed, or in letters that still wait."""
    concerned = _notice.c.role.in_(sorted(OFFICE_ROLES)) if unit == OFFICE else _notice.c.unit == unit
    query = (
        select(_notice)
        .select_from(_notice.outerjoin(_letter, _letter.c.id == _notice.c.letter))
        .where(
            or_(
                _notice.c.state == "unaddressed",
                and_(concerned, _notice.c.state == "planned", _letter.c.state.in_(OPEN)),
            )
        )
        .order_by(_notice.c.seq)
    )
    return list(session.connection().execute(query).mappings())


def find(session: Session, notice: str) -> RowMapping | None:
    """One notice with its letter's state."""
    return session.connection().execute(_listing().where(_notice.c.id == notice)).mappings().first()


def page(session: Session, after: int, limit: int, **wanted: str | None) -> list[RowMapping]:
    """Notices in the order they arose, after a cursor, by state, unit, case, person or cause."""
    query = _listing().where(_notice.c.seq > after).order_by(_notice.c.seq).limit(limit)
    for column, value in wanted.items():
        if value is not None:
            query = query.where(_notice.c[column] == value)
    return list(session.connection().execute(query).mappings())


def counts(session: Session) -> dict[str, int]:
    """Notices by state."""
    query = select(_notice.c.state, func.count()).group_by(_notice.c.state)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def counts_by_template(session: Session) -> dict[str, int]:
    """Notices by template."""
    query = select(_notice.c.template, func.count()).group_by(_notice.c.template).order_by(_notice.c.template)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def counts_of_letters(session: Session, letters: Collection[str]) -> dict[str, int]:
    """How many notices each letter carries."""
    query = select(_notice.c.letter, func.count()).where(_notice.c.letter.in_(letters)).group_by(_notice.c.letter)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def followers(session: Session, notices: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The notices that went to the next person in line, by the one that failed."""
    query = select(_notice.c.follows, _notice.c.id).where(_notice.c.follows.in_(notices)).order_by(_notice.c.seq)
    found: dict[str, tuple[str, ...]] = {}
    for before, after in session.connection().execute(query):
        found[before] = (*found.get(before, ()), after)
    return found


def of_matters(session: Session, matters: Collection[str]) -> list[RowMapping]:
    """All notices of these matters, in the order they arose."""
    query = _listing().where(_notice.c.matter.in_(matters)).order_by(_notice.c.seq)
    return list(session.connection().execute(query).mappings())


def _listing() -> Any:
    return select(_notice, _letter.c.state.label("letter_state"), _letter.c.settled_at, _letter.c.email).select_from(
        _notice.outerjoin(_letter, _letter.c.id == _notice.c.letter)
    )
