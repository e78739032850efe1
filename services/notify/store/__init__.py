"""Tables and queries of notify; never commits."""

from services.notify.store import attempts, changes, directory, letters, notices
from services.notify.store.tables import Base

__all__ = ["Base", "attempts", "changes", "directory", "letters", "notices"]
