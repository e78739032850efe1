"""Tables and queries of notify; never commits."""

from services.notify.store import (
    attempts,
    bounces,
    bulletin,
    cases,
    changes,
    circulars,
    contributions,
    directory,
    documents,
    letters,
    moves,
    notices,
    record,
    suppressions,
    warnings,
)
from services.notify.store.tables import Base

__all__ = [
    "Base",
    "attempts",
    "bounces",
    "bulletin",
    "cases",
    "changes",
    "circulars",
    "contributions",
    "directory",
    "documents",
    "letters",
    "moves",
    "notices",
    "record",
    "suppressions",
    "warnings",
]
