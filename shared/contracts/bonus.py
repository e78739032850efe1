"""Bonus points of the daily score (S8): awarded by rule and evidence, withdrawn with a reason."""

from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from shared.contracts.envelope import EventData


class PointsAwarded(EventData):
    """A bonus line of the daily score, with its evidence."""

    TYPE: ClassVar[str] = "minping.scoring.points.awarded.v1"

    line: str
    unit: str
    cycle_name: str
    rule: str
    points: Decimal
    case: str | None = None
    evidence: tuple[str, ...] = Field(description="ids of the events or records that are the evidence")


class PointsWithdrawn(EventData):
    """A bonus line no longer counts: the office contested it, or its evidence fell away; the trace stays."""

    TYPE: ClassVar[str] = "minping.scoring.points.withdrawn.v1"

    line: str
    unit: str
    points: Decimal = Field(description="that were awarded")
    reason: str
