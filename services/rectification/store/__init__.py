"""Rectification's store: tables and queries, one module a subject."""

from services.rectification.store import (
    appeals,
    cases,
    commitments,
    deadlines,
    evidence,
    exclusion,
    lapses,
    ledger,
    memory,
    obligations,
    outcomes,
    plans,
    register,
    reports,
    succession,
    tasks,
    units,
)
from services.rectification.store.tables import Base

__all__ = [
    "Base",
    "appeals",
    "cases",
    "commitments",
    "deadlines",
    "evidence",
    "exclusion",
    "lapses",
    "ledger",
    "memory",
    "obligations",
    "outcomes",
    "plans",
    "register",
    "reports",
    "succession",
    "tasks",
    "units",
]
