"""Tables and queries of scoring; never commits."""

from services.scoring.store import meetings, points, proceedings, results, sources, units
from services.scoring.store.tables import Base

__all__ = ["Base", "meetings", "points", "proceedings", "results", "sources", "units"]
