"""Transfer card and recommendation letter as data: everything that stands on the printed paper (I6)."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict

from shared.programme import Label


class Printed(BaseModel):
    """Part of a paper: frozen, for a version is never changed."""

    model_config = ConfigDict(frozen=True)


class Keyed(Printed):
    """A key with its name on the day the paper was made."""

    key: str
    zh: str
    en: str


class Decision(Printed):
    """The leader's part of the card: his words, and for whom he stood in."""

    result: str
    words: str
    by: str
    role: str
    stands_in_for: str | None
    at: datetime


class Slip(Printed):
    """The receipt part (回执), to be filled in by hand and sent back."""

    card: str
    unit: Keyed
    received_by: str = ""
    received_on: date | None = None
    remarks: str = ""


class CardOut(Printed):
    """A transfer card (登记转办卡). due and provisional: of the unit's period, known from the approval on."""

    card: str
    version: int
    kind: str
    made_at: datetime
    programme: Label
    office: Label
    number: str
    reported_at: datetime
    channel: Keyed
    topic: Keyed | None
    identity: str
    petitioners: int
    hot: bool
    title: str
    text: str
    place: str | None
    screening: str
    screened_by: str | None
    screened_at: datetime | None
    requested_by: str
    requested_at: datetime
    approval_due: datetime
    lead_unit: Keyed
    cooperating_units: tuple[Keyed, ...]
    territorial_unit: Keyed | None
    track: Keyed
    days: int
    due: date | None
    provisional: bool
    decision: Decision | None
    receipt: Slip


class LetterOut(Printed):
    """A recommendation letter (整改建议书) to the lead unit."""

    card: str
    number: str
    version: int
    made_at: datetime
    office: Label
    unit: Keyed
    title: str
    findings: str
    recommendation: Label
    basis: Label
    track: Keyed
    days: int
    due: date | None
    provisional: bool
    signed_on: date | None


class VersionOut(BaseModel):
    """A version of a card: why it was made (requested, approved, refused, withdrawn, upheld, reassigned, dismissed)."""

    version: int
    kind: str
    at: datetime
    by: str


class VersionList(BaseModel):
    """All versions of a card, oldest first."""

    items: list[VersionOut]
