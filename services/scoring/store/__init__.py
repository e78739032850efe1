"""Tables and queries of scoring; never commits."""

from services.scoring.store import (
    forgetting,
    meetings,
    organisation,
    panels,
    paper,
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
    "forgetting",
    "meetings",
    "organisation",
    "panels",
    "paper",
    "points",
    "pools",
    "proceedings",
    "results",
    "sheets",
    "sources",
    "units",
]
