"""A plan of the track *planned*: what will be done by when, by whom, and what is promised for it (R2).

Every submission is a version; none is overwritten. Milestones are counted on through all versions, so that a number
names one step for ever.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PlanState(StrEnum):
    """Where a version of a plan stands."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    FILED = "filed"
    AMENDED = "amended"
    WITHDRAWN = "withdrawn"


class MilestoneState(StrEnum):
    """Where a milestone stands."""

    PENDING = "pending"
    DONE = "done"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone as somebody plans it."""

    name: str
    due: date
    who: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A written commitment: `person` promises `to` somebody that `text` is so by the end of the day `due`."""

    text: str
    person: str
    due: date
    to: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What the handler submits. conditions: what the plan waits for; empty if it waits for nothing."""

    measures: str
    responsible: str
    conditions: str
    steps: tuple[Step, ...]
    commitment: Promise | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of a filed plan. It is pending until it is done; one that a later version no longer names is withdrawn,
    and stays in the ledger with what was missed of it. due, expires_at (24:00 local of it): as its deadline runs, later
    after a standstill. stands_still: its case was suspended before it expired and has not been resumed for it."""

    case: str
    n: int
    version: int
    name: str
    due: date
    who: str
    expires_at: datetime
    done_at: datetime | None = None
    done_by: str = ""
    evidence: tuple[str, ...] = ()
    withdrawn_at: datetime | None = None
    stands_still: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None and self.withdrawn_at is None

    @property
    def late(self) -> bool:
        """Whether it was done after its day."""
        return self.done_at is not None and self.done_at >= self.expires_at and not self.stands_still

    def state(self, now: datetime) -> MilestoneState:
        """Where it stands at `now`."""
        if self.done_at is not None:
            return MilestoneState.DONE
        if self.withdrawn_at is not None:
            return MilestoneState.WITHDRAWN
        missed = now >= self.expires_at and not self.stands_still
        return MilestoneState.MISSED if missed else MilestoneState.PENDING


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a case's plan. late: submitted after the day it was due."""

    case: str
    version: int
    draft: Draft
    submitted_at: datetime
    submitted_by: str
    late: bool = False
    state: PlanState = PlanState.SUBMITTED
    decided_at: datetime | None = None
    decided_by: str = ""
    reasons: tuple[str, ...] = ()
