"""Forms of letters, and the figures."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.notify.models.notices import ResolutionOut


class LetterOut(BaseModel):
    """One letter: to whom, what it says, what became of it."""

    id: str
    message_id: str
    state: str
    digest: bool
    channel: str = Field(description="`email`, or a channel of the settings")
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
