"""What becomes of a confirmed consequence (S12)."""

from datetime import date
from typing import ClassVar

from pydantic import Field

from shared.contracts.envelope import EventData


class _Course(EventData):
    consequence: str
    cycle_name: str
    unit: str
    kind: str


class ConsequenceExecuted(_Course):
    """It was carried out, as its evidence shows; somebody else is to close it."""

    TYPE: ClassVar[str] = "minping.scoring.consequence.executed.v1"


class ConsequenceReturned(_Course):
    """What was reported does not show it: to be executed by a new date."""

    TYPE: ClassVar[str] = "minping.scoring.consequence.returned.v1"

    reason: str
    due: date


class ConsequenceClosed(_Course):
    """The office closed it, with proof."""

    TYPE: ClassVar[str] = "minping.scoring.consequence.closed.v1"


class ConsequenceOverdue(_Course):
    """Its deadline passed and it is not executed; told once a deadline."""

    TYPE: ClassVar[str] = "minping.scoring.consequence.overdue.v1"

    due: date


class ConsequenceAppealed(_Course):
    """The unit's leader contests it."""

    TYPE: ClassVar[str] = "minping.scoring.consequence.appealed.v1"

    grounds: str


class ConsequenceRuled(_Course):
    """Somebody else ruled on the appeal; upheld: it is overturned."""

    TYPE: ClassVar[str] = "minping.scoring.consequence.ruled.v1"

    upheld: bool
    reason: str


class RectificationOrdered(EventData):
    """A confirmed consequence is rectification by a deadline: it becomes a case of the unit, through intake."""

    TYPE: ClassVar[str] = "minping.scoring.rectification.ordered.v1"

    consequence: str
    cycle_name: str
    unit: str
    text: str = Field(description="what is to be put right")
    ordered_by: str = Field(description="who confirmed it (token's sub)")
    due: date = Field(description="as a day of the programme's time zone")
    reason: str


class ResultHandedOver(EventData):
    """A unit's result went to another assessment (integrity responsibility, performance, civilised unit …)."""

    TYPE: ClassVar[str] = "minping.scoring.result.handed.v1"

    handover: int
    cycle_name: str
    unit: str
    assessment: str = Field(description="integrity_responsibility, performance, civilised_unit, promotion_title")
