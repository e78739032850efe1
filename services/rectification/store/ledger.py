"""The ledger in the store: entries are appended and read, never changed (R1). Never commits."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlmodel import Session

from services.rectification.domain import ledger
from services.rectification.domain.ledger import Entry, Head
from services.rectification.store.tables import entries

_HEAD = "ledger_head"


def head(session: Session) -> Head:
    """The end of the chain; asked of the database once a transaction, then carried along."""
    transaction, known = session.info.get(_HEAD, (None, Head()))
    if transaction is not None and transaction is session.get_transaction():
        return known  # type: ignore[no-any-return]  # session.info is a dict of anything
    row = session.connection().execute(_LAST).one_or_none()
    found = Head(row.seq, row.hash) if row else Head()
    session.info[_HEAD] = (session.get_transaction(), found)
    return found


def append(session: Session, case: str, facts: Iterable[tuple[str, datetime, dict[str, Any]]], *, actor: str) -> None:
    """Entries for facts of a case, chained to the end of the ledger."""
    append_all(session, ((case, kind, at, actor, data) for kind, at, data in facts))


def append_all(session: Session, facts: Iterable[tuple[str, str, datetime, str, dict[str, Any]]]) -> None:
    """Entries of (case, kind, at, actor, data), chained to the end of the ledger."""
    at_end = head(session)
    rows = []
    for case, kind, at, actor, data in facts:
        entry = ledger.append(at_end, case, kind, at, actor, data)
        at_end = Head(entry.seq, entry.hash)
        rows.append(
            {
                "seq": entry.seq,
                "case_number": case,
                "kind": kind,
                "at": at,
                "actor": actor,
                "data": data,
                "previous": entry.previous,
                "hash": entry.hash,
            }
        )
    if rows:
        session.connection().execute(entries.insert(), rows)
        session.info[_HEAD] = (session.get_transaction(), at_end)


def of_case(session: Session, number: str) -> list[Entry]:
    """Every entry of a case, in the order of the ledger."""
    return [_entry(row) for row in session.connection().execute(_OF_CASE, {"wanted": number})]


def page(session: Session, after: int, limit: int) -> list[Entry]:
    """Entries behind position `after`."""
    query = _ALL.where(entries.c.seq > after).limit(limit)
    return [_entry(row) for row in session.connection().execute(query)]


def every(session: Session) -> Iterator[Entry]:
    """The whole chain from its start, without holding it in memory."""
    result = session.connection().execution_options(yield_per=1_000).execute(_ALL)
    return (_entry(row) for row in result)


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.seq, row.case_number, row.kind, row.at, row.actor, row.data, row.previous, row.hash)


_LAST = select(entries.c.seq, entries.c.hash).order_by(entries.c.seq.desc()).limit(1)
_ALL = select(entries).order_by(entries.c.seq)
_OF_CASE = select(entries).where(entries.c.case_number == bindparam("wanted")).order_by(entries.c.seq)
