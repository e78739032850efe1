"""Tables and queries of scoring; never commits."""

from services.scoring.store import (
    courses,
    evaluations,
    forgetting,
    meetings,
    organisation,
    panels,
    paper,
    parts,
    points,
    pools,
    proceedings,
    results,
    sheets,
    sources,
    units,
)
from services.scoring.store.tables import Base

__all__ = [
    "Base",
    "courses",
    "evaluations",
    "forgetting",
    "meetings",
    "organisation",
    "panels",
    "paper",
    "parts",
    "points",
    "pools",
    "proceedings",
    "results",
    "sheets",
    "sources",
    "units",
]
