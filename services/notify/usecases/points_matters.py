"""Letters about lines of the daily score: deducted, restored, awarded, withdrawn (S8)."""

from collections.abc import Callable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts.bonus import PointsAwarded, PointsWithdrawn
from shared.contracts.scoring import PointsDeducted, PointsRestored


def _counted(d: PointsDeducted | PointsAwarded) -> Matter:
    facts = {
        "unit": d.unit, "line": d.line, "cycle": d.cycle_name, "rule": d.rule, "points": str(abs(d.points)),
        "case": d.case,
    }  # fmt: skip
    said = "awarded" if isinstance(d, PointsAwarded) else "deducted"
    case = None if isinstance(d, PointsAwarded) else d.case  # what brings a bonus need be no case
    return Matter(f"points {d.line} {said}", facts, ((d.unit, {}),), case, about=d.unit)


def _counts_no_more(d: PointsRestored | PointsWithdrawn) -> Matter:
    facts = {"unit": d.unit, "line": d.line, "points": str(abs(d.points)), "reason": one_line(d.reason)}
    said = "withdrawn" if isinstance(d, PointsWithdrawn) else "restored"
    return Matter(f"points {d.line} {said}", facts, ((d.unit, {}),), about=d.unit)


POINTS_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    PointsDeducted: _counted,
    PointsAwarded: _counted,
    PointsRestored: _counts_no_more,
    PointsWithdrawn: _counts_no_more,
}
