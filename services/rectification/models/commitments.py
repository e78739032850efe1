"""Promises and their inspections as the API takes and gives them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from services.rectification.domain.commitment import Commitment, Inspection, Verdict
from services.rectification.domain.fulfilment import Found
from services.rectification.models.cases import In, Line, Words


class InspectionIn(In):
    """践诺检查: what was found."""

    verdict: Verdict
    findings: Words
    evidence: list[Line] = Field(max_length=50, description="at least one: pictures, records, documents")
    survey: dict[Annotated[str, Field(max_length=64)], Annotated[int, Field(ge=0, le=10_000_000)]] = Field(
        default={}, max_length=20, description="how many people gave each of the programme's grades"
    )

    def found(self) -> Found:
        """As the use case takes it."""
        return Found(self.verdict, self.findings, tuple(self.evidence), self.survey)


class CorrectionIn(InspectionIn):
    """A new record in the place of a wrong one."""

    reason: Words


class SurveyOut(BaseModel):
    """What people said; `mean` by the programme's marks, null without a mark."""

    counts: dict[str, int]
    count: int = Field(description="answers in all, those who do not know included")
    mean: str | None


class InspectionOut(BaseModel):
    """One record."""

    n: int
    at: datetime
    by: str
    role: str
    verdict: str
    findings: str
    evidence: tuple[str, ...]
    survey: SurveyOut
    corrects: int | None = Field(description="the record whose place it takes")
    reason: str
    stands: bool

    @classmethod
    def of(cls, record: Inspection, *, stands: bool) -> "InspectionOut":
        """From the domain."""
        survey = record.survey
        return cls(
            n=record.n,
            at=record.at,
            by=record.by,
            role=record.role,
            verdict=record.verdict.value,
            findings=record.findings,
            evidence=record.evidence,
            survey=SurveyOut(counts=dict(survey.counts), count=survey.count, mean=survey.mean),
            corrects=record.corrects,
            reason=record.reason,
            stands=stands,
        )


class PublicCommitment(BaseModel):
    """A promise as everybody may read it. No complainant appears."""

    commitment: str
    unit: str
    unit_name: str
    person: str
    text: str
    due: date
    state: str = Field(description="pending, kept, late, broken; withdrawn: another unit got the case")

    @classmethod
    def of(cls, promised: Commitment, names: Mapping[str, str]) -> "PublicCommitment":
        """From the domain; a promise that waits for its inspection is pending."""
        return cls(
            commitment=promised.id,
            unit=promised.unit,
            unit_name=names.get(promised.unit, promised.unit),
            person=promised.person,
            text=promised.text,
            due=promised.due,
            state=promised.state(promised.made_at),
        )


class PublicCommitmentPage(BaseModel):
    """Promises by promised day; `cursor` for the next page, null on the last."""

    items: tuple[PublicCommitment, ...]
    cursor: str | None


class CommitmentOut(BaseModel):
    """A promise, for office and unit."""

    commitment: str
    case: str
    version: int = Field(description="of the plan")
    unit: str
    unit_name: str
    paying_unit: str
    person: str
    text: str
    to: str
    due: date
    made_at: datetime
    state: str = Field(description="pending, to_inspect, kept, late, broken, withdrawn")

    @classmethod
    def of(cls, promised: Commitment, names: Mapping[str, str], now: datetime) -> "CommitmentOut":
        """From the domain, as of `now`."""
        return cls(
            commitment=promised.id,
            case=promised.case,
            version=promised.version,
            unit=promised.unit,
            unit_name=names.get(promised.unit, promised.unit),
            paying_unit=promised.paying_unit,
            person=promised.person,
            text=promised.text,
            to=promised.to,
            due=promised.due,
            made_at=promised.made_at,
            state=promised.state(now),
        )


class CommitmentDetail(CommitmentOut):
    """A promise with every record of its fulfilment."""

    inspections: tuple[InspectionOut, ...]


class CommitmentPage(BaseModel):
    """Promises by promised day; `cursor` for the next page, null on the last."""

    items: tuple[CommitmentOut, ...]
    cursor: str | None


class RegisterLine(BaseModel):
    """A unit's promises, counted by state."""

    unit: str
    name: str
    made: int
    pending: int = 0
    withdrawn: int = 0
    to_inspect: int = 0
    kept: int = 0
    late: int = 0
    broken: int = 0


class RegisterOut(BaseModel):
    """The register of promises, a line a unit."""

    items: tuple[RegisterLine, ...]
