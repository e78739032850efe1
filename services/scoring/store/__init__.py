"""Tables and queries of scoring; never commits."""

from services.scoring.store import (
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
