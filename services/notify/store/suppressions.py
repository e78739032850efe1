"""Addresses that get nothing, and the history of how they came there and left (N3)."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import RowMapping, bindparam, delete, func, insert, select
from sqlmodel import Field, Session

from services.notify.store.tables import Base
from shared.tables import UtcDateTime


class SuppressionChange(Base, table=True):
    """An address was suppressed, or it was lifted: because of what, by whom, and after which letter."""

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(index=True)
    change: str
    cause: str
    reason: str
    actor: str
    letter: str | None = None
    at: dt.datetime = Field(sa_type=UtcDateTime)


_dead, _change, _holder = (Base.metadata.tables[name] for name in ("deadaddress", "suppressionchange", "holder"))
_AMONG = select(_dead.c.email, _dead.c.cause, _dead.c.reason).where(
    _dead.c.email.in_(bindparam("addresses", expanding=True))
)


def add(session: Session, row: dict[str, Any]) -> bool:
    """Suppress an address (`address`, `cause`, `reason`, `actor`, `letter`, `at`); False if it was already."""
    run = session.connection().execute
    if run(select(_dead.c.email).where(_dead.c.email == row["address"])).first():
        return False
    kept = {name: row[name] for name in ("cause", "reason", "actor", "letter", "at")}
    run(insert(_dead).values(email=row["address"], **kept))
    run(insert(_change).values(change="suppressed", **row))
    return True


def lift(session: Session, row: dict[str, Any], causes: Collection[str] | None = None) -> bool:
    """Take an address off the list (fields as in `add`); `causes`: only if it stands there for one of these."""
    run = session.connection().execute
    query = delete(_dead).where(_dead.c.email == row["address"])
    if causes is not None:
        query = query.where(_dead.c.cause.in_(causes))
    if not run(query).rowcount:
        return False
    run(insert(_change).values(change="lifted", **row))
    return True


def among(session: Session, addresses: Collection[str]) -> dict[str, str]:
    """Those of the addresses that are suppressed, with cause and reason."""
    rows = session.connection().execute(_AMONG, {"addresses": list(addresses)})
    return {row[0]: f"{row[1]}: {row[2]}" for row in rows}


def page(session: Session, after: str, limit: int) -> list[RowMapping]:
    """Suppressed addresses in alphabetical order after a cursor, each with who is written to there."""
    query = _listing().where(_dead.c.email > after).order_by(_dead.c.email).limit(limit)
    return list(session.connection().execute(query).mappings())


def one(session: Session, address: str) -> RowMapping:
    """A suppressed address, which must be there."""
    return session.connection().execute(_listing().where(_dead.c.email == address)).mappings().one()


def _listing() -> Any:
    return (
        select(_dead, func.min(_holder.c.name).label("name"), func.min(_holder.c.unit).label("unit"))
        .select_from(_dead.outerjoin(_holder, _holder.c.email == _dead.c.email))
        .group_by(*_dead.c)
    )


def changes(session: Session, address: str | None, after: int, limit: int) -> list[RowMapping]:
    """The history in its order, of one address or of all, after a cursor."""
    query = select(_change).where(_change.c.id > after).order_by(_change.c.id).limit(limit)
    if address is not None:
        query = query.where(_change.c.address == address)
    return list(session.connection().execute(query).mappings())


def told_by_no_event(session: Session) -> list[dict[str, Any]]:
    """Changes that no event tells of: operators' words, and reports about an address without a letter; in order."""
    query = select(_change).where(_change.c.letter.is_(None), _change.c.cause != "directory").order_by(_change.c.id)
    return [dict(row) for row in session.connection().execute(query).mappings()]


def again(session: Session, change: dict[str, Any]) -> None:
    """The same change once more, in a store made anew."""
    row = {name: change[name] for name in ("address", "cause", "reason", "actor", "letter", "at")}
    if change["change"] == "suppressed":
        add(session, row)
    else:
        lift(session, row)


def count(session: Session) -> int:
    """How many addresses are suppressed."""
    return int(session.connection().execute(select(func.count()).select_from(_dead)).scalar_one())
