"""Events of exposures, media feedback, filing upward and the on-air roster (I8, I12, I18). Published by intake."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData


class ExposureVerified(EventData):
    """The discipline office verified a media exposure, or found that it does not hold (I8)."""

    TYPE: ClassVar[str] = "minping.intake.exposure.verified.v1"

    number: str
    outlet: str
    verified: bool
    reason: str


class ExposureChased(EventData):
    """The verification of an exposure comes due or is late (I8). Each step is told once."""

    TYPE: ClassVar[str] = "minping.intake.exposure.chased.v1"

    number: str
    due: AwareDatetime
    step: str = Field(description="`warning_3` …, `expired`, `escalation_3` …")
    roles: tuple[str, ...] = Field(description="roles of the office that are told")


class ExposureFollowed(EventData):
    """Follow-up coverage of an exposure: outcome and accountability were published (I8)."""

    TYPE: ClassVar[str] = "minping.intake.exposure.followed.v1"

    number: str
    outlet: str
    on: date
    statement: str = Field(default="", description="what the unit's leader said")
    promise_due: date | None = Field(default=None, description="day by which he promised it in public")
    unit: str | None = Field(default=None, description="the unit that the matter was handed to")
    outcome: str = Field(default="", description="what came of it, as it was published")
    accountability: str = Field(default="", description="who was held to account and how, as it was published")
    promise: str = Field(default="", description="what the leader promised in public")


class OutcomeBroadcast(EventData):
    """The outcome of a hotline matter was fed back in the media (I12)."""

    TYPE: ClassVar[str] = "minping.intake.outcome.broadcast.v1"

    number: str
    outlet: str
    on: date
    receipt: str = Field(default="", description="the outlet's own reference, if it gave one")


class FeedbackOverdue(EventData):
    """The outcome of a hotline matter was not fed back in time (I12). Told once a closing."""

    TYPE: ClassVar[str] = "minping.intake.feedback.overdue.v1"

    number: str
    due: AwareDatetime
    roles: tuple[str, ...] = Field(description="roles of the office that are told")


class OutcomeFiled(EventData):
    """The higher office gave its receipt for a filing (备案) (I12)."""

    TYPE: ClassVar[str] = "minping.intake.outcome.filed.v1"

    number: str = Field(description="number of the filing")
    office: str = Field(description="the higher office")
    on: date
    receipt: str = Field(description="number of its receipt")


class ShowApproaching(EventData):
    """A show on which a leader answers comes up; he is told once for each date it is set to (I18)."""

    TYPE: ClassVar[str] = "minping.intake.show.approaching.v1"

    show: str = Field(description="id of the roster's entry")
    name: str
    outlet: str
    unit: str
    leader: str = Field(description="who answers")
    starts_at: AwareDatetime
    questions: int = Field(default=0, description="complaints put to this show so far")
