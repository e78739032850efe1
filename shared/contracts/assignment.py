"""Events of the gate before a unit and of what it says against an assignment (I7, I15, I17). Published by intake."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData


class TransferOverdue(EventData):
    """An approval was not given in time (I7). Each step is told once."""

    TYPE: ClassVar[str] = "minping.intake.transfer.overdue.v1"

    number: str
    card: str
    due: AwareDatetime = Field(description="end of the approval's period")
    step: str = Field(default="expired", description="`expired`, then `escalation_3` … by the programme")
    roles: tuple[str, ...] = Field(description="roles of the office that are told")


class ObjectionRaised(EventData):
    """A unit contests an assignment; until the ruling the first receiver stays liable (I17)."""

    TYPE: ClassVar[str] = "minping.intake.objection.raised.v1"

    number: str
    unit: str = Field(description="who objects")
    reason: str
    due: AwareDatetime = Field(description="end of the period in which this assignment may be contested")


class ObjectionRuled(EventData):
    """The last word on an objection (I17). Upheld: an approver signed the new card, and the case changes hands now."""

    TYPE: ClassVar[str] = "minping.intake.objection.ruled.v1"

    number: str
    unit: str = Field(description="who objected")
    upheld: bool
    lead_unit: str | None = Field(default=None, description="the new lead unit; none where it stays")
    cooperating_units: tuple[str, ...] = ()
    territorial_unit: str | None = None
    days: int | None = Field(default=None, description="working days of the new period; none: those there were")
    reason: str
    ruled_by_role: str


class MatterReferred(EventData):
    """Suspected misconduct was handed to the discipline organ (I15). Told to it alone, never to a unit."""

    TYPE: ClassVar[str] = "minping.intake.matter.referred.v1"

    number: str
    reason: str = Field(description="scrubbed")


class ReferralConcluded(EventData):
    """The discipline organ has dealt with what was referred to it (I15). Told to it alone, never to a unit."""

    TYPE: ClassVar[str] = "minping.intake.referral.concluded.v1"

    number: str
    outcome: str = Field(description="`confirmed`, `not_confirmed` or `returned` to ordinary handling")


class OrderRegistered(EventData):
    """What scoring ordered to be put right (a consequence, a problem of an opinion) has its number in the register."""

    TYPE: ClassVar[str] = "minping.intake.order.registered.v1"

    order: str = Field(description="the consequence, or the opinion and the problem's number")
    number: str
    unit: str
