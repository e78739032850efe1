"""Events that rectification publishes of dated duties, and of marks of lateness that an appeal took away."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData


class ObligationDue(EventData):
    """A period's duty was announced to a unit, once (R9). Its deadline's steps carry `duty` as their `case`."""

    TYPE: ClassVar[str] = "minping.rectification.obligation.due.v1"

    duty: str = Field(description="`duty:<obligation>:<period>:<unit>`")
    obligation: str = Field(description="the programme's key, or `task`")
    unit: str = Field(description="`office` where the appraisal office itself has the duty")
    period: str = Field(description="2026, 2026-H1, 2026-Q1, 2026-03; of a task its number")
    title: str = ""
    due: date
    expires_at: AwareDatetime
    provisional: bool = False
    standard: tuple[str, ...] = Field(default=(), description="what what is handed in must show")
    person: str = Field(default="", description="the official or post that answers for it; none: the main leader")
    decision: str = Field(default="", description="the decision that a task comes from")
    cooperating_units: tuple[str, ...] = ()
    territorial_unit: str | None = None


class ObligationMet(EventData):
    """The office accepted what the unit handed in (R9). `late`: handed in after the due date, missed before."""

    TYPE: ClassVar[str] = "minping.rectification.obligation.met.v1"

    duty: str
    obligation: str
    unit: str
    period: str
    title: str = ""
    due: date
    met: AwareDatetime = Field(description="when it was handed in")
    late: bool = False


class ObligationMissed(EventData):
    """The due day ended and nothing that stands had been handed in (R9); told once, the duty stays open."""

    TYPE: ClassVar[str] = "minping.rectification.obligation.missed.v1"

    duty: str
    obligation: str
    unit: str
    period: str
    title: str = ""
    due: date
    costs: bool = Field(default=True, description="false where the programme takes no points for it")


class LatenessExcused(EventData):
    """An appeal against a late mark was upheld: the delay was not the unit's (S8). The mark's trace stays."""

    TYPE: ClassVar[str] = "minping.rectification.lateness.excused.v1"

    case: str
    times_closed: int = Field(description="the closing that was marked late")
    unit: str
    reason: str
    ruled_by: str = Field(description="token's sub of who ruled")
