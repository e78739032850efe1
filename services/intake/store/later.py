"""Rows that nothing reads before the commit: gathered over a transaction and written with one statement each.

A group commit of hundreds of reports writes their bands, what the vault keeps of them and the register's count once,
not once a report. If the transaction fails, nothing of it was written.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, bindparam, event, insert, update
from sqlmodel import Session

from services.intake.store.tables import Base

_COUNTER: Table = Base.metadata.tables["counter"]
_COUNTED = update(_COUNTER).where(_COUNTER.c.year == bindparam("of")).values(last=bindparam("to"))
_BANDS = insert(Base.metadata.tables["band"])
_SEALED = insert(Base.metadata.tables["vault"])
_KEY = "later"


@dataclass(slots=True)
class Later:
    """What a transaction has still to write."""

    bands: list[dict[str, Any]] = field(default_factory=list)
    sealed: list[dict[str, Any]] = field(default_factory=list)
    counted: dict[int, int] = field(default_factory=dict)

    def write(self, session: Session) -> None:
        """Write it all, in the transaction that is about to be committed."""
        rows = session.connection()
        if self.bands:
            rows.execute(_BANDS, self.bands)
        if self.sealed:
            rows.execute(_SEALED, self.sealed)
        if self.counted:
            rows.execute(_COUNTED, [{"of": year, "to": last} for year, last in self.counted.items()])


def later(session: Session) -> Later:
    """What this transaction gathers."""
    found: Later | None = session.info.get(_KEY)
    if found is None:
        if _KEY not in session.info:
            event.listen(session, "before_commit", _written)
            event.listen(session, "after_rollback", _forgotten)
        found = session.info[_KEY] = Later()
    return found


def _written(session: Session) -> None:
    if found := session.info[_KEY]:
        found.write(session)
    session.info[_KEY] = None


def _forgotten(session: Session) -> None:
    session.info[_KEY] = None
