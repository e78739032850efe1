"""What inspections take and show (I9). No answer to a planning request names a target: answers are kept."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from services.intake.models.given import In, Reason
from services.intake.models.shown import Page
from shared.contracts.inspection import InspectionKind

Answer = Literal["yes", "no", "not_applicable"]


class EntropyIn(In):
    """Public entropy that nobody knows yet: which lottery, which draw, and from when on it is known."""

    name: str = Field(min_length=1, max_length=300, description="for example 福彩3D第2026101期开奖号码")
    cut_off: AwareDatetime


class PlanIn(In):
    """A quarter's inspections: how many targets; by default all units, all places, open and covert."""

    quarter: str = Field(max_length=8)
    count: int = Field(ge=1, le=500)
    kinds: list[InspectionKind] = Field(default=["covert", "open"], min_length=1)
    places: list[str] | None = Field(default=None, min_length=1, max_length=20)
    units: list[str] | None = Field(default=None, min_length=1, max_length=5000)
    entropy: EntropyIn | None = Field(default=None, description="with it, the plan is drawn once its value is public")


class ValueIn(In):
    """The value of the public entropy, as it was announced."""

    value: str = Field(min_length=1, max_length=300)


class AssignIn(In):
    """Who inspects a target: whom the inspector's token names."""

    inspector: str = Field(min_length=1, max_length=200)


class PlanOut(BaseModel):
    """A plan without its targets."""

    id: str
    quarter: str
    count: int
    state: str
    commitment: str
    planned_at: datetime
    drawn_at: datetime | None
    opened_at: datetime | None
    done: int


class PlanList(Page):
    """Plans."""

    items: list[PlanOut]


class TargetOut(BaseModel):
    """A target, for the office and the inspector to whom it was assigned."""

    position: int
    unit: str
    place: str
    kind: str
    on: date
    inspector: str | None
    inspection: str | None


class PlanDetail(PlanOut):
    """A plan with those of its targets that the reader may know."""

    targets: list[TargetOut]


class PublicTarget(BaseModel):
    """A target for the public: the hash that binds it, and what it was as soon as it is done."""

    position: int
    sealed: str
    opened: dict[str, Any] | None


class PublicPlan(BaseModel):
    """A plan that anybody can check: commitment at once, each target when it is done, the seed at the end."""

    id: str
    quarter: str
    state: str
    commitment: str
    frame: dict[str, Any]
    public_value: str | None
    targets: list[PublicTarget]
    seed: str | None


class AnswerIn(In):
    """What was found on one institution."""

    answer: Answer
    words: str = Field(default="", max_length=1_000)


class FindingIn(In):
    """A problem that was found; it becomes a complaint."""

    text: str = Field(min_length=1, max_length=10_000)
    title: str = Field(default="", max_length=500)
    topic: str | None = Field(default=None, max_length=64)
    institution: str | None = Field(default=None, max_length=64, description="the checklist's item, if it is about one")
    evidence: list[str] = Field(default_factory=list, max_length=20, description="SHA-256 of files sent before")


class InspectionIn(In):
    """An inspection that was done. A unit's own are recorded by its handler or leader."""

    unit: str = Field(min_length=1, max_length=64)
    place: str = Field(min_length=1, max_length=64)
    kind: InspectionKind
    on: date
    answers: dict[str, AnswerIn] = Field(max_length=50)
    findings: list[FindingIn] = Field(default_factory=list, max_length=50)
    good_practice: str = Field(default="", max_length=5_000)
    evidence: list[str] = Field(default_factory=list, max_length=50)
    plan: str | None = Field(default=None, max_length=64, description="with `position`: the target that this was")
    position: int | None = Field(default=None, ge=1)


class CorrectionIn(In):
    """A new version of a record with the reason; `withdrawn` are findings that do not stand."""

    reason: str = Reason
    place: str = Field(min_length=1, max_length=64)
    kind: InspectionKind
    on: date
    answers: dict[str, AnswerIn] = Field(max_length=50)
    findings: list[FindingIn] = Field(default_factory=list, max_length=50, description="found besides")
    withdrawn: list[str] = Field(default_factory=list, max_length=50, description="numbers of findings")
    good_practice: str = Field(default="", max_length=5_000)
    evidence: list[str] = Field(default_factory=list, max_length=50)


class InspectionOut(BaseModel):
    """An inspection as it stands now."""

    id: str
    unit: str
    place: str
    kind: str
    by: str
    on: date
    quarter: str
    plan: str | None
    position: int | None
    good_practice: str
    version: int
    findings: list[str]
    recorded_by: str
    recorded_at: datetime


class VersionOut(BaseModel):
    """What was recorded, once."""

    version: int
    reason: str
    content: dict[str, Any]
    by: str
    at: datetime


class InspectionDetail(InspectionOut):
    """An inspection with everything that was recorded of it."""

    versions: list[VersionOut]
    kept: list[str] = Field(default_factory=list, description="findings withdrawn too late: they were transferred")


class InspectionPage(Page):
    """Inspections."""

    items: list[InspectionOut]


class UnitFigures(BaseModel):
    """Inspections of a unit in a quarter."""

    unit: str
    by: dict[str, int]
    kinds: dict[str, int]
    findings: int
    good_practice: int
    covered: bool | None = Field(description="null: it owed nothing, since it was registered during the quarter")


class InspectionStatistics(BaseModel):
    """Inspections by unit; `closed`: whether the quarter was looked at for good."""

    quarter: str
    closed: bool
    units: list[UnitFigures]
