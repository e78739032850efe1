"""Events of scoring: programme, units, meetings, points, ranks, consequences. Never a person's vote."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData, Wire


class ProgrammePublished(EventData):
    """The rules of the appraisal, by hash (S14)."""

    TYPE: ClassVar[str] = "minping.scoring.programme.published.v1"

    key: str
    sha256: str


class CycleOpened(EventData):
    """A run of the programme begins."""

    TYPE: ClassVar[str] = "minping.scoring.cycle.opened.v1"

    name: str
    starts: AwareDatetime
    ends: AwareDatetime


class CycleClosed(EventData):
    """A run ended at `ends`: cases open and past due then are `no result` (R7)."""

    TYPE: ClassVar[str] = "minping.scoring.cycle.closed.v1"

    name: str
    starts: AwareDatetime
    ends: AwareDatetime


class UnitRegistered(EventData):
    """A unit to be appraised (S1)."""

    TYPE: ClassVar[str] = "minping.scoring.unit.registered.v1"

    unit: str
    name: str
    name_en: str = ""
    category: str
    scope: str
    township: str | None = None
    parent: str | None = None


class UnitSucceeded(EventData):
    """Units were merged, renamed or split (S1): the heir stands in the place of those that are no more."""

    TYPE: ClassVar[str] = "minping.scoring.unit.succeeded.v1"

    kind: Literal["merged", "renamed", "split"]
    on: date
    document: str
    retired: tuple[str, ...] = Field(description="units that are no more")
    successors: tuple[str, ...]
    heir: str = Field(description="takes over their open cases, with the dates as they run")


class PoolFrozen(EventData):
    """The pool of a draw was frozen: its hash is out before the entropy exists (S3)."""

    TYPE: ClassVar[str] = "minping.scoring.pool.frozen.v1"

    meeting: str
    pool_hash: str
    members: int
    cutoff: AwareDatetime


class DrawPublished(EventData):
    """The draw is done and may be repeated by anyone (S3)."""

    TYPE: ClassVar[str] = "minping.scoring.draw.published.v1"

    meeting: str
    proof_hash: str
    drawn: int
    alternates: int
    ordinary: int


class RepresentativeReplaced(EventData):
    """A refusal and who came instead, by registration id (S3)."""

    TYPE: ClassVar[str] = "minping.scoring.representative.replaced.v1"

    meeting: str
    stratum: str
    reason: str


class _MeetingStep(EventData):
    meeting: str
    cycle_name: str
    units: int = 0
    rehearsal: bool = Field(default=False, description="not the real thing: nobody is written to about it (S16)")


class MeetingAnnounced(_MeetingStep):
    """Units, procedure and content are told beforehand (S4). Without `unit_keys` it is about every unit."""

    TYPE: ClassVar[str] = "minping.scoring.meeting.announced.v1"

    date: date
    place: str = ""
    starts_at: AwareDatetime | None = None
    unit_keys: tuple[str, ...] = ()
    speak: tuple[str, ...] = Field(default=(), description="units that speak; the others hand in a written statement")


class MeetingOpened(_MeetingStep):
    """Check-in is open (S4)."""

    TYPE: ClassVar[str] = "minping.scoring.meeting.opened.v1"


class MeetingQuestionDeferred(EventData):
    """A question of the hall gets a date: the promise is the transfer's approval (S4). Never of a rehearsal."""

    TYPE: ClassVar[str] = "minping.scoring.meeting.question_deferred.v1"

    meeting: str
    cycle_name: str
    unit: str
    question: int = Field(description="its number at the meeting")
    text: str = Field(description="scrubbed of phone and ID numbers; who asked is not known")
    promised_by: str = Field(description="a post, never a person")
    due: date = Field(description="the promised date, as a day of the programme's time zone")
    reason: str


class BallotsOpened(_MeetingStep):
    """Ballots may be cast; at least 70% of those present are ordinary people (S7)."""

    TYPE: ClassVar[str] = "minping.scoring.ballots.opened.v1"

    present: int
    ordinary_share: Decimal


class MeetingClosed(_MeetingStep):
    """No more ballots (S6)."""

    TYPE: ClassVar[str] = "minping.scoring.meeting.closed.v1"

    issued: int
    returned: int


class MeetingSealed(_MeetingStep):
    """The count is sealed and signed; only the checkpoint is public until publication (S6, S14)."""

    TYPE: ClassVar[str] = "minping.scoring.meeting.sealed.v1"

    checkpoint: str
    valid: int
    void: int


class MeetingPublished(_MeetingStep):
    """The result is public (S14)."""

    TYPE: ClassVar[str] = "minping.scoring.meeting.published.v1"

    bundle_sha256: str


class PointsDeducted(EventData):
    """A line of the daily score, with its evidence (S8)."""

    TYPE: ClassVar[str] = "minping.scoring.points.deducted.v1"

    line: str
    unit: str
    cycle_name: str
    rule: str
    points: Decimal
    case: str | None = None
    evidence: tuple[str, ...] = Field(description="ids of the events that are the evidence")


class PointsAppealed(EventData):
    """A unit appeals a line within five working days (S8)."""

    TYPE: ClassVar[str] = "minping.scoring.points.appealed.v1"

    line: str
    unit: str
    grounds: str


class PointsRestored(EventData):
    """An appeal was upheld; the trace stays (S8)."""

    TYPE: ClassVar[str] = "minping.scoring.points.restored.v1"

    line: str
    unit: str
    points: Decimal
    reason: str


class RankedUnit(Wire):
    """One row of a ranking (S10)."""

    unit: str
    name: str
    category: str
    scope: str
    daily: Decimal | None
    concentrated: Decimal | None
    composite: Decimal | None
    rank: int | None
    rank_low: int | None = None
    rank_high: int | None = None
    may_be_last: bool = False
    canvassing: bool = False
    graded: str | None = Field(default=None, description="by decision, not by the vote: a canvasser is dissatisfied")
    merit_rank: int | None = Field(default=None, description="the rank that the marks give, canvassing left aside")
    not_ranked: str | None = Field(default=None, description="why the unit has no rank")


class RankingPublished(EventData):
    """The ranking inside each scope (S10)."""

    TYPE: ClassVar[str] = "minping.scoring.ranking.published.v1"

    cycle_name: str
    rows: tuple[RankedUnit, ...]


class _Consequence(EventData):
    consequence: str
    cycle_name: str
    unit: str
    kind: str
    reason: str
    persons: tuple[str, ...] = Field(default=(), description="posts that it is about, where it is not the unit alone")


class ConsequenceProposed(_Consequence):
    """The programme's consequence, with its review flag where the rank is in doubt (S12)."""

    TYPE: ClassVar[str] = "minping.scoring.consequence.proposed.v1"

    review: bool
    rank: int | None = None
    composite: Decimal | None = None


class ConsequenceConfirmed(_Consequence):
    """A leader confirmed it; a review flag was answered in writing (S10, S12)."""

    TYPE: ClassVar[str] = "minping.scoring.consequence.confirmed.v1"

    answer: str = ""
    due: date | None = None


class ConsequenceWithdrawn(_Consequence):
    """A leader did not confirm it, with reasons (S12)."""

    TYPE: ClassVar[str] = "minping.scoring.consequence.withdrawn.v1"
