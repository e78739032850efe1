"""Results filed upward, from county to city and from city to province, and what the higher office makes of them."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.envelope import EventData

FilingKind = Literal["result", "report"]


class FilingSubmitted(EventData):
    """A lower office files the result of a cycle, or a report on it, with the office above it."""

    TYPE: ClassVar[str] = "minping.inbox.filing.submitted.v1"
    SUBJECT: ClassVar[str] = "minping.inbox.filing.*"

    filing: str = Field(
        min_length=1,
        max_length=64,
        description="the lower office's own number of it (letters, digits, - and _); the idempotency key",
    )
    cycle_name: str = Field(
        min_length=1, max_length=64, description="the lower office's cycle, as result.json names it"
    )
    for_cycle: str = Field(
        default="",
        max_length=64,
        description="the higher office's cycle; empty: the one of the same name, else the only one of that year",
    )
    unit: str = Field(min_length=1, max_length=64, description="the lower office as a unit of the higher one")
    kind: FilingKind = "result"
    title: str = Field(default="", max_length=200, description="of a report, as people read it")
    document: str = Field(min_length=1, max_length=950_000, description="base64 of result.json, or of the report")
    compression: Literal["none", "gzip"] = Field(default="none", description="of the document before its base64")
    note: str = Field(default="", max_length=8_000, description="result.json.note: the signature over a result")
    sha256: str = Field(max_length=64, description="of the document itself, in hex")


class FilingReceipt(EventData):
    """The higher office's answer to a filing, on the lower office's own receipts.

    One comes when the filing is taken (`received`, `refused`), another when it was reviewed (`accepted`, `returned`).
    """

    TYPE: ClassVar[str] = "minping.receipt.filing.v1"
    SUBJECT: ClassVar[str] = "minping.receipt.*"

    filing: str = Field(description="the lower office's number of it; empty where it could not be read")
    state: Literal["received", "refused", "accepted", "returned"]
    reasons: tuple[str, ...] = ()
    repeated: bool = Field(default=False, description="it had come before; this is how it stands")
    answers: str | None = Field(default=None, description="id of the event that this answers")


class ResultFiled(EventData):
    """This office filed a cycle's published result, or a report on it, with the office above it."""

    TYPE: ClassVar[str] = "minping.scoring.result.filed.v1"

    filing: str
    cycle_name: str
    kind: FilingKind
    version: int = Field(description="of what was filed of this kind in this cycle, from 1")
    result_version: int | None = Field(description="of the ranking that was filed; null for a report")
    unit: str = Field(description="this office as a unit of the higher one; empty where it is carried by hand")
    by: Literal["bus", "file"]
    sha256: str


class FilingAnswered(EventData):
    """The office above answered what this office filed."""

    TYPE: ClassVar[str] = "minping.scoring.filing.answered.v1"

    filing: str
    cycle_name: str
    kind: FilingKind
    state: Literal["received", "refused", "accepted", "returned"]
    reasons: tuple[str, ...] = ()


class FilingReceived(EventData):
    """A lower office's filing was verified and kept; it waits for review."""

    TYPE: ClassVar[str] = "minping.scoring.filing.received.v1"

    filing: str
    office: str = Field(description="the account that sent it; the unit's key where a file was brought")
    unit: str
    cycle_name: str = Field(description="the cycle of this office that it is for")
    of_cycle: str = Field(description="the lower office's cycle")
    kind: FilingKind
    version: int = Field(description="of what came of this kind on that cycle, from 1")
    late: bool = Field(description="it came after the programme's day")
    sha256: str


class FilingRefused(EventData):
    """A filing was not taken: its signature, its figures or its sender do not hold."""

    TYPE: ClassVar[str] = "minping.scoring.filing.refused.v1"

    filing: str
    office: str
    unit: str
    of_cycle: str
    kind: FilingKind
    reasons: tuple[str, ...]


class FilingReviewed(EventData):
    """A filing was reviewed: accepted, or returned to the lower office with reasons."""

    TYPE: ClassVar[str] = "minping.scoring.filing.reviewed.v1"

    filing: str
    office: str
    unit: str
    cycle_name: str
    of_cycle: str
    kind: FilingKind
    version: int
    decision: Literal["accepted", "returned"]
    reasons: str = ""
    part: str | None = Field(default=None, description="the composite part for which the review gave a mark")


class FilingOverdue(EventData):
    """An office that files has filed no result by the programme's day; told once a unit and cycle."""

    TYPE: ClassVar[str] = "minping.scoring.filing.overdue.v1"

    unit: str
    cycle_name: str
    by: date
