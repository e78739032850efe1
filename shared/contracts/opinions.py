"""The appraisal opinion (评议意见): issued to a unit's leadership, its feedback meeting on record (S14)."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from shared.contracts.envelope import EventData, Wire


class OpinionProblem(Wire):
    """A problem that the opinion names; it becomes a case of the unit."""

    item: int = Field(description="its number in the opinion, from 1")
    text: str = Field(description="scrubbed of phone and ID numbers")
    dimension: str | None = None
    days: int | None = Field(default=None, description="working days to mend it; none: the immediate track's period")


class OpinionIssued(EventData):
    """Strengths, problems and recommendations, signed by a panel or the office, sent to the unit's leadership."""

    TYPE: ClassVar[str] = "minping.scoring.opinion.issued.v1"

    opinion: str
    cycle_name: str
    unit: str
    author: str = Field(description="the panel's group, or `office`")
    strengths: tuple[str, ...] = ()
    problems: tuple[OpinionProblem, ...] = ()
    recommendations: tuple[str, ...] = ()
    signed_by: str = Field(description="the role, or the panel's leader as published")
    issued_on: date


class OpinionFedBack(EventData):
    """The opinion was fed back to the unit's leadership in a meeting, which was minuted."""

    TYPE: ClassVar[str] = "minping.scoring.opinion.fed_back.v1"

    opinion: str
    cycle_name: str
    unit: str
    held_on: date
    place: str
    minutes: str
