"""The parts of a programme: every number and name that configures one appraisal, as frozen models.

Defaults where the practice is silent stand here; `window-units.yaml` spells them all out.
What must hold between fields (weights sum to 100, a topic's dimension exists …) is in `rules` and `dates`.
"""

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import Literal, Protocol, TypeVar

from pydantic import Field

from shared.errors import Refusal
from shared.programme.oversight import EVERY_EVIDENCE, EvidenceKind, Requirement
from shared.programme.triggers import CityRank, DissatisfiedSection, PoorRectification
from shared.programme.values import (
    Code,
    Count,
    Label,
    Number,
    Part,
    Share,
    Window,
    WorkingDays,
    YearDayText,
)

Recipient = Literal[
    "as_escalated",  # the roles that the event itself carries (warnings, expiry, escalation)
    "handler",
    "main_leader",
    "deputy_in_charge",
    "superior",
    "leading_group",
    "office",
    "approver",
    "discipline",
    "auditor",
    "operator",
    "supervisor",
    "evaluator",
]
Service = Literal["intake", "rectification", "scoring", "notify"]
ConsequenceKind = Literal[
    "circulated_criticism",
    "written_self_criticism",
    "key_help_list",
    "admonition_talk",
    "organisational_measure",
    "loss_of_awards",
    "integrity_file_entry",
    "accountability",
    "rectification",
    "commendation",
]
DocumentKind = Literal[
    "transfer_card",
    "recommendation_letter",
    "commitment",
    "circular",
    "circulated_criticism",
    "result_notice",
    "appraisal_opinion",
    "supervisors_briefing",
    "letter_of_appointment",
    "meeting_announcement",
    "evaluators_feedback",
]


class Named(Protocol):
    """Anything with a key."""

    @property
    def key(self) -> str: ...


N = TypeVar("N", bound=Named)


def find(items: Iterable[N], key: str, field: str) -> N:
    for item in items:
        if item.key == key:
            return item
    known = ", ".join(item.key for item in items)
    raise Refusal(field, key, "the programme has no such key", f"use one of: {known}")


class Cycle(Part):
    """One run a year. `name` is a pattern with `{year}`: `{year}-H1` gives `2026-H1`.

    meeting: the days in which the meeting is held; needed where the composite has a `concentrated` part.
    """

    key: Code
    name: str = Field(pattern=r"^[^{}]*\{year\}[^{}]*$")
    label: Label
    daily: Window
    meeting: Window | None = None
    publish_by: YearDayText


class CycleDates(Part):
    """A cycle of one year with its days, inclusive.

    meeting_opens, meeting_closes: where no meeting is held the days from the end of the daily part to the publication.
    """

    name: str
    label: Label
    year: int
    opens: date
    closes: date
    meeting_opens: date
    meeting_closes: date
    publish_by: date


class Category(Part):
    """A class of unit (类别)."""

    key: Code
    label: Label


class Scope(Part):
    """A set inside which units are ranked (排名范围); `each` makes one scope a township, or a group.

    `key_units`: it ranks the key units (重点评议单位) of its categories, and those only.
    """

    key: Code
    label: Label
    categories: tuple[Code, ...] = Field(min_length=1)
    each: Literal["township", "group"] | None = None
    key_units: bool = False


class GroupDimension(Part):
    """What is graded of a group, with its weight there."""

    key: Code
    weight: Decimal = Field(gt=0, le=100)


class Group(Part):
    """A group of units with a method of its own (分组), such as the stationed units of a county (S1).

    dimensions: what is graded of it, where that differs from the others; weights sum to 100. panel: an appointed,
    published panel (评议组) appraises it.
    """

    key: Code
    label: Label
    dimensions: tuple[GroupDimension, ...] = ()
    panel: bool = False


class Dimension(Part):
    """What is graded (评议内容); weights in per cent, summing to 100."""

    key: Code
    label: Label
    weight: Decimal = Field(gt=0, le=100)


class Grade(Part):
    """A grade a ballot may give and its mark, 0–100."""

    key: Code
    label: Label
    mark: Decimal = Field(ge=0, le=100)


class CallbackGrade(Grade):
    """A complainant's answer; a bad one sends the case back."""

    bad: bool = False


class Choice(Part):
    """A choice without a mark (不了解)."""

    key: Code
    label: Label


class Topic(Part):
    """A kind of misconduct (问题类型), through its dimension part of statistics and points."""

    key: Code
    label: Label
    dimension: Code
    keywords: tuple[str, ...] = ()


class Channel(Part):
    """A way complaints come in: the kinds of evidence it takes, and what a report by it must carry (I1)."""

    key: Code
    label: Label
    identity: Literal["vault", "none"] = "vault"
    feedback: Literal["media"] | None = None  # outcomes are fed back in the media (I12)
    verification: bool = False  # the discipline office verifies first (I8)
    evidence: tuple[EvidenceKind, ...] = EVERY_EVIDENCE
    requires: tuple[Requirement, ...] = ()


class Deadlines(Part):
    """Periods in working days; day 1 is the first working day after the day it starts (R3)."""

    approval: WorkingDays = 2  # from screening
    acknowledge: WorkingDays = 1  # from approval
    accept: WorkingDays = 2  # from approval
    immediate: WorkingDays = 15  # from approval
    plan: WorkingDays = 10  # from approval
    planned: WorkingDays = 60  # from approval
    explained: WorkingDays = 10  # from approval of that track
    verification: WorkingDays = 5  # of an exposure, from report
    callback: WorkingDays = 5  # from "solved"
    rework: WorkingDays = 5  # from return
    objection: WorkingDays = 2  # from assignment
    extension_decision: WorkingDays = 2  # from the request
    appeal: WorkingDays = 5  # against a deduction, from its notice; against a late mark, from the closing
    appeal_decision: WorkingDays = 5  # of a late mark, from the appeal
    feedback: WorkingDays = 10  # of an outcome in the media, from closing


class Escalation(Part):
    """`days` working days after expiry these are told; `circular` names it in the quarterly circular too."""

    days: Count
    tells: tuple[Recipient, ...] = Field(min_length=1)
    circular: bool = False


class Callback(Part):
    """回访: tries on different days, and the grades."""

    tries: Number
    grades: tuple[CallbackGrade, ...] = Field(min_length=2)


class When(Part):
    """Conditions of a consequence; all that are given must hold.

    rectification, section, city_rank, nominated: it follows from that fact and not from a ranking.
    """

    last_in_scope: bool = False
    below: Decimal | None = Field(default=None, ge=0, le=100)
    years_running: Number = 1
    canvassing: bool = False
    top: Number | None = None
    top_share: Share | None = None
    at_least: Decimal | None = Field(default=None, ge=0, le=100)
    scopes: tuple[Code, ...] = ()
    rectification: PoorRectification | None = None
    section: DissatisfiedSection | None = None
    city_rank: CityRank | None = None
    nominated: bool = False

    @property
    def is_of_ranking(self) -> bool:
        """Whether the ranking proposes it."""
        return not (self.rectification or self.section or self.city_rank or self.nominated)


class ConsequenceRule(Part):
    """A consequence proposed when its conditions hold; a leader confirms; due in working days from then."""

    key: Code
    label: Label
    when: When
    kinds: tuple[ConsequenceKind, ...] = Field(min_length=1)
    deadline: WorkingDays


class Ranking(Part):
    """Who is ranked and what "last" needs."""

    least_ratings: Number = 30
    least_units_for_last: Number = 3


class WorkingHours(Part):
    """Local times of a working day between which ordinary letters go; the digest gathers them."""

    opens: time
    closes: time
    digest: time
    expiry_notice: time


class NoticeRule(Part):
    """event × role × escalation step → template × channels × urgency × language, with documents (N2).

    `event` is `service.noun.participle`. channels: in order, each carries the notice. language: of the letter; by
    default that of the reader. documents: kinds that are attached (N5). steps: of the deadline, such as `warning_3`,
    `expired`, `escalation_7`; by default all. fallback_channels: tried in order when the former failed for good (N3).
    """

    event: str = Field(pattern=r"^(intake|rectification|scoring|notify)\.[a-z_]+\.[a-z_]+$")
    tells: tuple[Recipient, ...] = Field(min_length=1)
    template: Code
    channels: tuple[Code, ...] = Field(default=("email",), min_length=1)
    fallback_channels: tuple[Code, ...] = ()
    urgency: Literal["ordinary", "urgent", "expiry"] = "ordinary"
    language: Literal["zh", "en"] | None = None
    documents: tuple[DocumentKind, ...] = ()
    steps: tuple[Code, ...] | None = Field(default=None, min_length=1)


class CalendarYear(Part):
    """A year's official calendar where the software does not know it yet: from the State Council's notice."""

    year: int = Field(ge=2004, le=2050, strict=True)
    days_off: tuple[date, ...]
    make_up: tuple[date, ...] = ()
