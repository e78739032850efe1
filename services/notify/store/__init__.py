"""Tables and queries of notify; never commits."""

from services.notify.store import attempts, cases, changes, directory, letters, moves, notices
from services.notify.store.tables import Base

__all__ = ["Base", "attempts", "cases", "changes", "directory", "letters", "moves", "notices"]
