"""A commitment: a dated public promise of a unit, and what an inspection found of it later (R2, R8)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What an inspection found."""

    KEPT = "kept"
    LATE = "late"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Commitment:
    """A promise of a filed plan. It is never replaced: a later version of the plan may add another.

    id: case and number, `2026-000001-1`. expires_at: 24:00 local of the promised day; from then on it is to be
    inspected. verdict: of the record that stands, None until somebody inspected. withdrawn_at: when another unit got
    the case before that: the promise of the first one is void.
    """

    id: str
    case: str
    version: int
    unit: str
    paying_unit: str
    person: str
    text: str
    to: str
    due: date
    expires_at: datetime
    made_at: datetime
    verdict: Verdict | None = None
    withdrawn_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """`pending`, `to_inspect` once the promised day is over, what the inspection found, or `withdrawn`."""
        if self.verdict:
            return self.verdict.value
        if self.withdrawn_at:
            return "withdrawn"
        return "to_inspect" if now >= self.expires_at else "pending"


@dataclass(frozen=True, slots=True)
class Survey:
    """What people said when they were asked whether the promise was kept: how many gave each grade."""

    counts: dict[str, int]
    mean: str | None

    @property
    def count(self) -> int:
        """How many were asked and answered, those who do not know included."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Inspection:
    """One record of fulfilment. n: counts on for the commitment. corrects: the record whose place it takes, with the
    reason; both are kept."""

    commitment: str
    n: int
    at: datetime
    by: str
    role: str
    verdict: Verdict
    findings: str
    evidence: tuple[str, ...]
    survey: Survey
    corrects: int | None = None
    reason: str = ""
