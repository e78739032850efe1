"""Tables and queries of notify; never commits."""

from services.notify.store import (
    attempts,
    bulletin,
    cases,
    changes,
    circulars,
    contributions,
    directory,
    letters,
    moves,
    notices,
    record,
)
from services.notify.store.tables import Base

__all__ = [
    "Base",
    "attempts",
    "bulletin",
    "cases",
    "changes",
    "circulars",
    "contributions",
    "directory",
    "letters",
    "moves",
    "notices",
    "record",
]
