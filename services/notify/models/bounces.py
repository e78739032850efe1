"""Forms of bounces and suppressed addresses."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from services.notify.models.form import Form

Channel = Field(default="email", pattern=r"^[a-z][a-z0-9_]{0,31}$", description="`email`, or a personal channel")
Address = Field(min_length=3, max_length=254)
Reason = Field(min_length=3, max_length=500)


class BounceIn(Form):
    """A report of a mail service or gateway, in our words: its adapter is a few lines."""

    id: str = Field(min_length=1, max_length=200, description="the report's own id there: twice the same counts once")
    kind: Literal["hard", "refused", "soft", "complaint"] = Field(
        description="hard: the address takes nothing; refused: this letter, for good; soft: for now; complaint: spam"
    )
    message_id: str | None = Field(default=None, max_length=254, description="Message-ID of our letter, or its id")
    address: str = Field(default="", max_length=254, description="whose it is, where the letter is not known")
    channel: str = Channel
    status: str = Field(default="", max_length=20, description="enhanced status code, such as 5.1.1")
    reason: str = Field(default="", max_length=1000)

    @model_validator(mode="after")
    def _names_something(self) -> "BounceIn":
        if not self.message_id and not self.address:
            raise ValueError("give message_id, or address")
        return self


class TakenOut(BaseModel):
    """What a report did."""

    effect: Literal["failed", "suppressed", "noted", "unmatched"] = Field(
        description="failed: the letter failed after the fact, the next in line are told; suppressed: the address gets "
        "nothing any more; noted: nothing follows; unmatched: no letter and no address of ours"
    )
    again: bool = Field(description="it had come before: nothing was done")


class BounceOut(BaseModel):
    """A report that came."""

    id: int
    kind: str
    letter: str | None
    address: str | None
    status: str
    reason: str
    source: str = Field(description="webhook, upload or mailbox")
    actor: str
    effect: str
    at: datetime


class BouncesOut(BaseModel):
    """A page of reports in the order they came."""

    bounces: list[BounceOut]
    next: str | None = Field(description="cursor of the next page")


class SuppressIn(Form):
    """An address that is to get nothing, or to get letters again, with the reason."""

    channel: str = Channel
    address: str = Address
    reason: str = Reason


class SuppressionOut(BaseModel):
    """A suppressed address."""

    channel: str
    address: str
    cause: str = Field(description="refused, bounce, complaint or operator")
    reason: str
    actor: str
    letter: str | None
    at: datetime
    name: str | None = Field(description="who is written to there, by the directory")
    unit: str | None


class SuppressionsOut(BaseModel):
    """A page of suppressed addresses in alphabetical order."""

    suppressions: list[SuppressionOut]
    next: str | None = Field(description="cursor of the next page")


class SuppressionChangeOut(BaseModel):
    """How an address came onto the list or left it."""

    id: int
    channel: str
    address: str
    change: Literal["suppressed", "lifted"]
    cause: str
    reason: str
    actor: str
    letter: str | None
    at: datetime


class SuppressionChangesOut(BaseModel):
    """A page of the history in its order."""

    changes: list[SuppressionChangeOut]
    next: str | None = Field(description="cursor of the next page")
