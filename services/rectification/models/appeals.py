"""Appeals against late marks as the API takes and gives them."""

from datetime import date, datetime

from pydantic import BaseModel, Field, StrictBool

from services.rectification.domain.appeal import Appeal
from services.rectification.models.cases import In, Words


class AppealIn(In):
    """Why the delay was not the unit's."""

    grounds: Words


class RulingIn(In):
    """A ruling, with its reason."""

    upheld: StrictBool
    reason: Words


class AppealOut(BaseModel):
    """An appeal against the late mark of one closing."""

    case: str
    times_closed: int = Field(description="the closing that was marked late")
    unit: str
    late_days: int
    grounds: str
    appealed_at: datetime
    due: date = Field(description="to be decided by")
    state: str
    ruled_at: datetime | None
    reason: str

    @classmethod
    def of(cls, appeal: Appeal) -> "AppealOut":
        """From the domain."""
        return cls(
            case=appeal.case,
            times_closed=appeal.times,
            unit=appeal.unit,
            late_days=appeal.late_days,
            grounds=appeal.grounds,
            appealed_at=appeal.at,
            due=appeal.due,
            state=appeal.state.value,
            ruled_at=appeal.ruled_at,
            reason=appeal.reason,
        )


class AppealPage(BaseModel):
    """Appeals, the oldest first."""

    items: tuple[AppealOut, ...]
    cursor: str | None
