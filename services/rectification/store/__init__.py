"""Rectification's store: tables and queries, one module a subject."""

from services.rectification.store import cases, deadlines, ledger, memory, reports
from services.rectification.store.tables import Base

__all__ = ["Base", "cases", "deadlines", "ledger", "memory", "reports"]
