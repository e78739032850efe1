"""What the HTTP interface of notify takes and gives."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.notify.domain.recipient import Holder

Key = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")


class Form(BaseModel):
    """A body that is refused when it has a field that we do not know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class SeatIn(Form):
    """A term of office (N1): the first and, if known, the last day."""

    person: str = Field(
        min_length=1, max_length=64, pattern=r"^[^\x00-\x1f|]+$", description="stable key of the person"
    )
    name: str = Field(min_length=1, max_length=80)
    email: str = Field(min_length=3, max_length=254)
    since: date
    until: date | None = None
    substitute: bool = Field(default=False, description="stands in for the holder (AB角)")
    language: Literal["zh", "en"] | None = Field(default=None, description="of his letters; by default the service's")

    def seat(self, unit: str, role: str, language: str) -> Holder:
        """As the domain knows it."""
        return Holder(
            unit, role, self.person, self.name, self.email, self.since, self.until, self.substitute,
            self.language or language,
        )  # fmt: skip


class RowIn(SeatIn):
    """A row of an imported directory."""

    unit: str = Key
    role: str = Key


class ImportIn(Form):
    """Rows of a directory, all or none."""

    rows: list[RowIn] = Field(min_length=1, max_length=2000)


class EnteredOut(BaseModel):
    """What a change of the directory did."""

    holders: int
    notices_moved: int = Field(description="notices that had not gone yet and now go to somebody else")


class HolderOut(BaseModel):
    """A row of the directory."""

    unit: str
    role: str
    person: str
    name: str
    email: str
    since: date
    until: date | None
    substitute: bool
    language: str
    address_fault: str | None = Field(description="why this address takes no letters")


class DirectoryOut(BaseModel):
    """The directory."""

    holders: list[HolderOut]


class NoticeOut(BaseModel):
    """Who was told what, when, with which outcome, because of which event (N8)."""

    id: str
    state: str
    event: str
    cause: str = Field(description="id of the event")
    case: str | None
    unit: str | None
    role: str
    person: str
    name: str
    email: str | None
    template: str
    urgency: str
    planned_at: datetime
    due: datetime
    settled_at: datetime | None
    reason: str
    letter: str | None
    follows: str | None = Field(description="the notice that failed before this one")


class NoticesOut(BaseModel):
    """A page of notices in the order they arose."""

    notices: list[NoticeOut]
    next: str | None = Field(description="cursor of the next page")


class ResolutionIn(Form):
    """What became of an uncertain letter, or that it be sent again (N3)."""

    decision: Literal["sent", "resend"]
    reason: str = Field(min_length=3, max_length=500)


class ResolutionOut(BaseModel):
    """An operator's decision; it holds for the letter and all notices in it."""

    decision: str
    reason: str
    actor: str
    at: datetime


class LetterOut(BaseModel):
    """One letter: to whom, what it says, what became of it."""

    id: str
    message_id: str
    state: str
    digest: bool
    person: str
    name: str
    email: str
    language: str
    due: datetime
    tries: int
    next_try: datetime
    settled_at: datetime | None
    reason: str
    subject: str
    text: str
    notices: list[str]
    resolutions: list[ResolutionOut]


class StatisticsOut(BaseModel):
    """Notices and letters by state."""

    planned: int
    sent: int
    uncertain: int
    failed: int
    unaddressed: int
    void: int
    letters_sent: int
    letters_uncertain: int
    letters_failed: int
    letters_waiting: int
    letters_by_state: dict[str, int]
    notices_by_template: dict[str, int]
