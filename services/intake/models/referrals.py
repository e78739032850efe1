"""Referrals over HTTP: for the discipline organ, and for who may hand something to it (I15)."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.intake.models.given import In, Reason
from services.intake.models.shown import Page


class MisconductIn(In):
    """What is suspected, and why."""

    reason: str = Reason


class ReferralReceiptIn(In):
    """The discipline organ's own number, and the day it took the matter."""

    receipt: str = Field(min_length=1, max_length=200)
    on: date


class ConclusionIn(In):
    """What came of it; `returned`: what remains goes back to screening, to be handled in the ordinary way."""

    outcome: Literal["confirmed", "not_confirmed", "returned"]
    words: str = Reason


class ReferralOut(BaseModel):
    """A referral. aside: a unit has the matter itself, and knows nothing of this."""

    number: str
    reason: str
    by: str
    role: str
    at: datetime
    aside: bool
    state: str
    receipt: str
    received_on: date | None
    received_by: str | None
    outcome: str | None
    words: str
    concluded_by: str | None
    concluded_at: datetime | None


class ReadingOut(BaseModel):
    """Who outside the organ read a referral, when and why."""

    who: str
    role: str
    reason: str
    at: datetime


class ReferralDetail(ReferralOut):
    """A referral with what it is about, for the discipline organ."""

    channel: str
    title: str
    text: str
    place: str | None
    named_unit: str | None
    unit: str | None
    readings: list[ReadingOut]


class ReferralPage(Page):
    """Referrals, oldest first."""

    items: list[ReferralOut]
