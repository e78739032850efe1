"""Media feedback and filing upward over HTTP (I12)."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from services.intake.models.given import In, Reason
from services.intake.models.shown import Page


class BroadcastIn(In):
    """An outcome was told in the media; `receipt` is the outlet's own reference, if it gave one."""

    outlet: str = Field(min_length=1, max_length=200)
    on: date
    words: str = Reason
    receipt: str = Field(default="", max_length=200)


class BroadcastOut(BaseModel):
    """What was told in the media of a matter."""

    number: str
    outlet: str
    on: date
    words: str
    receipt: str
    by: str
    at: datetime


class FeedbackOut(BaseModel):
    """A matter whose outcome is to be fed back in the media."""

    number: str
    title: str
    outcome: str | None
    ended_at: datetime
    due: date
    provisional: bool
    overdue: bool


class FeedbackList(Page):
    """Feedback that is owed, the longest due first."""

    items: list[FeedbackOut]


class FilingIn(In):
    """File the results of a period, both days inclusive, with a higher office."""

    office: str = Field(min_length=1, max_length=200)
    first: date
    last: date


class FilingReceiptIn(In):
    """The higher office's receipt: its number and day."""

    number: str = Field(min_length=1, max_length=200)
    on: date


class FilingOut(BaseModel):
    """A filing without its rows. digest: SHA-256 of the content, in hex."""

    id: str
    office: str
    first: date
    last: date
    matters: int
    digest: str
    by: str
    at: datetime
    receipt: str | None
    receipt_on: date | None
    receipt_by: str | None
    receipt_at: datetime | None


class FilingDetail(FilingOut):
    """A filing with its content, frozen when it was made."""

    rows: list[dict[str, Any]]


class FilingList(Page):
    """Filings, the newest first."""

    items: list[FilingOut]
