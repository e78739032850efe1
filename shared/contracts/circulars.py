"""What the office publishes through notify: entries of the bulletin, circulars, briefings (N6, N7, I10).

Notify takes them itself as well, so that a store that is made anew from the stream has the same bulletin.
"""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.envelope import EventData, Wire

BulletinKind = Literal[
    "schedule", "announcement", "commitment", "handling", "result", "exposure", "contribution", "circular"
]


class BulletinEntered(EventData):
    """The office entered something on the public bulletin, corrected or withdrew it (N7). Nothing is ever deleted."""

    TYPE: ClassVar[str] = "minping.notify.bulletin.entered.v1"

    about: str = Field(description="what the item is about; its permanent id is derived from it")
    kind: BulletinKind
    what: Literal["announced", "contributed", "corrected", "withdrawn"]
    unit: str | None = None
    title: str = ""
    title_en: str = ""
    text: str = ""
    text_en: str = ""
    corrects: str = Field(default="", description="the entry whose text stands no longer")
    hidden: bool = Field(default=False, description="the corrected text is not shown any more: it named somebody")
    reason: str = ""
    by: str = Field(description="role of who entered it")


class Instance(Wire):
    """One thing that a figure counts: which figure, the case's or duty's number, the event that says so."""

    figure: str
    number: str
    event: str = ""
    title: str = Field(default="", description="what a duty is called; of cases nothing")


class UnitFigures(Wire):
    """A unit's figures of a period; `named`: the circular names it."""

    unit: str
    opened: int = 0
    closed: int = 0
    solved: int = 0
    open: int = Field(default=0, description="open at the end of the period")
    late: int = 0
    no_result: int = 0
    broken: int = Field(default=0, description="promises that an inspection found broken")
    missed: int = Field(default=0, description="duties missed")
    escalated: int = Field(
        default=0, description="deadlines so long past that the programme names them in the circular"
    )
    findings: int = Field(default=0, description="inspection findings that were approved and handed over")
    graded: int = Field(default=0, description="callback grades given")
    bad: int = Field(default=0, description="grades among them that are bad")
    named: bool = False
    instances: tuple[Instance, ...] = ()


class CircularIssued(EventData):
    """A circular was approved by a leader, numbered and issued (N6)."""

    TYPE: ClassVar[str] = "minping.notify.circular.issued.v1"

    circular: str = Field(description="`quarter:2026-Q1` or `cycle:2026-H1`")
    kind: Literal["quarterly", "cycle"]
    period: str
    first: date
    last: date
    number: str = Field(description="as documents are numbered: 民评通〔2026〕1号")
    title: str
    title_en: str = ""
    text: str
    text_en: str = ""
    issued_on: date
    approved_by: str = Field(description="token's sub of the leader")
    units: tuple[UnitFigures, ...]
    topics: dict[str, int] = Field(default_factory=dict, description="cases opened by topic")


class BriefingIssued(EventData):
    """A quarter's briefing for supervisors (I10): figures only."""

    TYPE: ClassVar[str] = "minping.notify.briefing.issued.v1"

    quarter: str
    first: date
    last: date
    units: tuple[UnitFigures, ...]
    topics: dict[str, int] = Field(default_factory=dict)
