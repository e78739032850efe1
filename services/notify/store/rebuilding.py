"""Queries for making the store anew from the events: what the events tell of letters is put where it belongs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, delete, exists, insert, select, update
from sqlmodel import Session

from services.notify.domain.delivery import OPEN
from services.notify.store.tables import tables

_letter, _notice, _holder = tables["letter"], tables["notice"], tables["holder"]


def of_cause(session: Session, cause: str) -> list[RowMapping]:
    """All notices that an event caused."""
    query = select(_notice).where(_notice.c.cause == cause).order_by(_notice.c.seq)
    return list(session.connection().execute(query).mappings())


def notice(session: Session, key: str) -> RowMapping | None:
    """One notice by its id."""
    return session.connection().execute(select(_notice).where(_notice.c.id == key)).mappings().first()


def copy_notice(session: Session, row: RowMapping, values: Mapping[str, Any]) -> None:
    """Another notice like this one."""
    session.connection().execute(insert(_notice).values(**{k: v for k, v in row.items() if k != "seq"} | dict(values)))


def recause(session: Session, cause: str, to: str) -> None:
    """Notices of one event are those of another."""
    session.connection().execute(update(_notice).where(_notice.c.cause == cause).values(cause=to))


def holder(session: Session, person: str) -> RowMapping | None:
    """A person's latest entry in the directory."""
    query = select(_holder).where(_holder.c.person == person).order_by(_holder.c.since.desc()).limit(1)
    return session.connection().execute(query).mappings().first()


def put_letter(session: Session, values: Mapping[str, Any]) -> None:
    """A letter as the events say it was."""
    session.connection().execute(insert(_letter).values(**values))


def unsettled(session: Session) -> list[RowMapping]:
    """Notices that the events tell nothing of, with the state of the letter they are in."""
    query = (
        select(_notice, _letter.c.state.label("letter_state"))
        .select_from(_notice.join(_letter, _letter.c.id == _notice.c.letter))
        .where(_notice.c.state == "planned")
        .order_by(_notice.c.seq)
    )
    return list(session.connection().execute(query).mappings())


def forget_empty(session: Session) -> None:
    """Letters that were only ever planned here, and hold nothing."""
    session.connection().execute(
        delete(_letter).where(_letter.c.state.in_(OPEN), ~exists().where(_notice.c.letter == _letter.c.id))
    )


def open_letters(session: Session, until: datetime) -> list[RowMapping]:
    """Letters that would go by then."""
    query = select(_letter).where(_letter.c.state.in_(OPEN), _letter.c.next_try <= until)
    return list(session.connection().execute(query).mappings())


def fates(session: Session) -> dict[str, RowMapping]:
    """Each notice of a store by its id, with its letter's state, tries and times."""
    query = select(
        _notice, _letter.c.state.label("letter_state"), _letter.c.tries, _letter.c.next_try, _letter.c.settled_at,
        _letter.c.subject, _letter.c.text,
    ).select_from(_notice.outerjoin(_letter, _letter.c.id == _notice.c.letter))  # fmt: skip
    return {row["id"]: row for row in session.connection().execute(query).mappings()}


def texts(session: Session) -> list[RowMapping]:
    """What letters said, as they went."""
    query = select(_letter.c.id, _letter.c.subject, _letter.c.text).where(_letter.c.text != "")
    return list(session.connection().execute(query).mappings())


def put_texts(session: Session, said: list[RowMapping]) -> None:
    """Give letters that are here too what they said."""
    if said:
        session.connection().execute(
            update(_letter)
            .where(_letter.c.id == bindparam("key"))
            .values(subject=bindparam("line"), text=bindparam("words")),
            [{"key": row["id"], "line": row["subject"], "words": row["text"]} for row in said],
        )


def put_reasons(session: Session, reasons: Mapping[str, str]) -> None:
    """Give notices the reasons of their states."""
    if reasons:
        session.connection().execute(
            update(_notice).where(_notice.c.id == bindparam("which")).values(reason=bindparam("given")),
            [{"which": key, "given": reason} for key, reason in reasons.items()],
        )
