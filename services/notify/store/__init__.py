"""Tables and queries of notify; never commits."""

from services.notify.store import directory, letters, notices
from services.notify.store.tables import Base

__all__ = ["Base", "directory", "letters", "notices"]
