"""Rectification's store: tables and queries, one module a subject."""

from services.rectification.store import (
    cases,
    commitments,
    deadlines,
    ledger,
    memory,
    obligations,
    outcomes,
    plans,
    register,
    reports,
    tasks,
    units,
)
from services.rectification.store.tables import Base

__all__ = [
    "Base",
    "cases",
    "commitments",
    "deadlines",
    "ledger",
    "memory",
    "obligations",
    "outcomes",
    "plans",
    "register",
    "reports",
    "tasks",
    "units",
]
