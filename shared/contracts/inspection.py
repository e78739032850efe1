"""What intake tells of inspections and of supervisors (I9, I10). No plan's target before it was inspected, no phone."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.envelope import EventData

InspectionKind = Literal["open", "covert", "call_on", "patrol", "check", "regular", "spot"]
SupervisorKind = Literal["supervisor", "efficiency_supervisor", "special_inspector"]
InspectedBy = Literal["office", "unit", "supervisor"]


class InspectionPlanned(EventData):
    """A quarter's inspections were committed to; which units, places and days stays hidden until done (I9)."""

    TYPE: ClassVar[str] = "minping.intake.inspection.planned.v1"

    plan: str
    quarter: str = Field(description="2026-Q1")
    count: int = Field(description="targets that are drawn")
    commitment: str = Field(description="SHA-256 of the frame that the plan is drawn from, in canonical JSON")


class InspectionRecorded(EventData):
    """An inspection was recorded, or corrected: the highest version of an inspection counts (I9)."""

    TYPE: ClassVar[str] = "minping.intake.inspection.recorded.v1"

    inspection: str
    unit: str
    quarter: str = Field(description="2026-Q1, by the day of the inspection")
    kind: InspectionKind
    by: InspectedBy
    findings: tuple[str, ...] = Field(default=(), description="numbers of the complaints that the findings became")
    good_practice: bool = False
    version: int = Field(default=1, description="2 and more: a correction, with all findings that stand")


class CoverageMissed(EventData):
    """A unit was not covered by an inspection in a quarter, as the programme asks (I9); told once."""

    TYPE: ClassVar[str] = "minping.intake.coverage.missed.v1"

    unit: str
    quarter: str


class SupervisorAppointed(EventData):
    """A supervisor was appointed by letter, or for another term (I10). Not by name: he may come to write a card."""

    TYPE: ClassVar[str] = "minping.intake.supervisor.appointed.v1"

    supervisor: str
    kind: SupervisorKind
    appointed_by: str = Field(description="`office`, or the unit")
    letter: str = Field(description="number of the letter")
    letter_date: date
    since: date
    until: date
    renewed: bool = False


class SupervisorExpiring(EventData):
    """A supervisor's term ends soon, or has ended; each told once a term (I10)."""

    TYPE: ClassVar[str] = "minping.intake.supervisor.expiring.v1"

    supervisor: str
    until: date = Field(description="last day of the term")
    expired: bool = False


class CardAnswered(EventData):
    """The unit or the office has answered a supervisor's contact card (I10)."""

    TYPE: ClassVar[str] = "minping.intake.card.answered.v1"

    card: str
    number: str = Field(description="the complaint that the card became")
    unit: str | None = Field(default=None, description="the unit that answered, if it was a unit")
    answered_by: Literal["unit", "office"]
