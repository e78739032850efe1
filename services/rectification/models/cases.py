"""A case as the API takes and gives it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from services.rectification.domain.case import Case, ClosingClaim, Guard
from services.rectification.domain.ledger import Entry
from services.rectification.domain.units import Contribution, Helper
from services.rectification.store.deadlines import Running
from services.rectification.usecases import Solution

Words = Annotated[str, Field(max_length=20_000)]
Line = Annotated[str, Field(max_length=1_000)]


class In(BaseModel):
    """What is given: a misspelt field is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class SolutionIn(In):
    """The unit's report that a case is solved."""

    measures: Words
    reply: Words = Field(description="what the public is answered")
    misconduct_found: StrictBool = False
    misconduct_dealt_with: Words = Field(default="", description="who and how; needed if misconduct was found")
    evidence: list[Line] = Field(max_length=50, description="at least one: documents, pictures, talks")
    finding: Literal["solved", "unfounded", "outside_jurisdiction"] = Field(
        default="solved", description="what the unit found: nobody has to call solved what was no case of his"
    )

    def solution(self) -> Solution:
        """As the use case takes it."""
        return Solution(
            self.measures,
            self.reply,
            self.misconduct_found,
            self.misconduct_dealt_with,
            tuple(self.evidence),
            self.finding,
        )


class GuardIn(In):
    """One assertion, with its evidence and by whom."""

    holds: StrictBool
    evidence: Line = Field(default="", description="id of a piece of the case's evidence, or a named document")
    by: Line = Field(default="", description="who asserts it")


class GuardsIn(In):
    """四个不放过."""

    measures_carried_out: GuardIn | None = None
    misconduct_dealt_with: GuardIn | None = Field(default=None, description="or none found, with what shows it")
    problem_solved: GuardIn | None = None
    public_answered: GuardIn | None = None


class StandardsIn(In):
    """事实清楚、问题处理、措施到位、群众满意."""

    facts_clear: StrictBool | None = None
    problem_handled: StrictBool | None = None
    measures_in_place: StrictBool | None = None
    public_satisfied: StrictBool | None = Field(default=None, description="must hold for the outcome `solved` only")


class ClosingIn(In):
    """What the officer asserts when he writes a case off."""

    guards: GuardsIn
    standards: StandardsIn
    outcome: str | None = Field(
        default=None,
        max_length=32,
        description="left out: what fits the answers; else also unfounded, outside_jurisdiction",
    )
    misconduct: StrictBool | None = Field(default=None, description="verified misconduct; left out: as reported")

    def claim(self) -> ClosingClaim:
        """As the use case takes it; what was left out is missing there, and refused by name."""
        given = {name: getattr(self.guards, name) for name in GuardsIn.model_fields}
        guards = {name: Guard(g.holds, g.evidence, g.by) if g else None for name, g in given.items()}
        standards = {name: held for name, held in self.standards.model_dump().items() if held is not None}
        return ClosingClaim(guards, standards, self.outcome, self.misconduct)


class ReturnIn(In):
    """Why a case goes back."""

    reasons: list[Line] = Field(max_length=20)


class DisputeIn(In):
    """Why a leader closes as disputed."""

    reasons: Words


class CaseOut(BaseModel):
    """A case as it stands."""

    case: str
    card: str
    title: str
    unit: str
    cooperating_units: tuple[str, ...]
    territorial_unit: str | None
    paying_unit: str = Field(description="bears the points")
    track: str
    difficulty: str = Field(description="ordinary, difficult, long_standing")
    topic: str | None
    state: str
    allowed: tuple[str, ...] = Field(description="what may be done now")
    opened_at: datetime
    due: date
    expires_at: datetime
    provisional: bool
    run: int
    run_due: date = Field(description="the date that decides lateness now; differs from `due` after a reopening")
    round: int
    returns: int
    times_closed: int
    handler: str | None
    acknowledged_at: datetime | None
    accepted_at: datetime | None
    solved_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    late: bool | None = Field(description="of the last closing")
    suspended_at: datetime | None = Field(description="since when the unit's periods stand still")
    suspended_because: str | None
    request: str | None = Field(description="what the unit asked for and waits for the office")

    @classmethod
    def of(cls, case: Case) -> "CaseOut":
        """From the domain."""
        closing = case.closing
        return cls(
            case=case.number,
            card=case.card.card,
            title=case.card.title,
            unit=case.unit,
            cooperating_units=case.card.cooperating_units,
            territorial_unit=case.card.territorial_unit,
            paying_unit=case.card.paying_unit,
            track=case.card.track,
            difficulty=case.difficulty,
            topic=case.card.topic,
            state=case.state.value,
            allowed=tuple(action.value for action in case.allowed),
            opened_at=case.opened_at,
            due=case.original.due,
            expires_at=case.original.expires_at,
            provisional=case.original.provisional,
            run=case.run,
            run_due=case.span.due,
            round=case.round,
            returns=case.returns,
            times_closed=case.times_closed,
            handler=case.handler,
            acknowledged_at=case.acknowledged_at,
            accepted_at=case.accepted_at,
            solved_at=case.report.at if case.report else None,
            closed_at=closing.at if closing else None,
            outcome=closing.outcome if closing else None,
            late=closing.late if closing else None,
            suspended_at=case.suspension.at if case.suspension else None,
            suspended_because=case.suspension.ground.value if case.suspension else None,
            request=case.request.kind.value if case.request else None,
        )


class HistoryOut(BaseModel):
    """An entry as a case's page shows it. A unit never learns which petitioner said what."""

    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry, *, for_unit: bool) -> "HistoryOut":
        """From the domain; for a unit without what would single out a petitioner."""
        data = entry.data
        if for_unit:
            hidden = data if entry.kind in _ABOUT_A_PETITIONER else _SINGLES_OUT
            data = {name: value for name, value in data.items() if name not in hidden}
        return cls(at=entry.at, kind=entry.kind, actor=entry.actor, data=data)


_SINGLES_OUT = ("number", "complaints", "words")
_ABOUT_A_PETITIONER = ("petitioner_excluded", "petitioner_restored", "unlinked")
"""Entries whose reasons are about a person."""


class HelperOut(BaseModel):
    """A unit that helps."""

    unit: str
    cooperating: bool
    territorial: bool
    handler: str | None

    @classmethod
    def of(cls, helper: Helper) -> "HelperOut":
        """From the domain."""
        return cls(
            unit=helper.unit, cooperating=helper.cooperating, territorial=helper.territorial, handler=helper.handler
        )


class ContributionOut(BaseModel):
    """What a unit that helps handed in."""

    unit: str
    at: datetime
    text: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, given: Contribution) -> "ContributionOut":
        """From the domain."""
        return cls(unit=given.unit, at=given.at, text=given.text, evidence=given.evidence)


class ResponsibleOut(BaseModel):
    """Who holds or held an office of a unit of the case while it was open; until null: still."""

    unit: str
    role: str
    person: str
    name: str
    since: date
    until: date | None


class EvidenceOut(BaseModel):
    """A piece of evidence, with the id by which a guard refers to it."""

    id: str
    name: str


class CaseDetail(CaseOut):
    """A case with its text, its units and its history."""

    text: str
    evidence: tuple[EvidenceOut, ...]
    helpers: tuple[HelperOut, ...]
    contributions: tuple[ContributionOut, ...]
    responsible: tuple[ResponsibleOut, ...]
    history: tuple[HistoryOut, ...]


class CasePage(BaseModel):
    """Cases by number; `cursor` for the next page, null on the last."""

    items: tuple[CaseOut, ...]
    cursor: str | None


class DeadlineOut(BaseModel):
    """A deadline that runs."""

    id: int = Field(description="for GET /deadlines/{id}/explanation")
    case: str
    unit: str
    title: str
    kind: str
    started_at: datetime
    days: int
    due: date
    expires_at: datetime
    provisional: bool
    fired: tuple[str, ...] = Field(description="steps that fired")
    next_at: datetime | None = Field(description="when the next step fires")
    suspended_at: datetime | None = Field(description="since when it stands still")

    @classmethod
    def of(cls, running: Running) -> "DeadlineOut":
        """From the store."""
        deadline = running.deadline
        return cls(
            id=deadline.id or 0,
            case=deadline.case,
            unit=running.unit,
            title=running.title,
            kind=deadline.kind.value,
            started_at=deadline.started_at,
            days=deadline.days,
            due=deadline.due,
            expires_at=deadline.expires_at,
            provisional=deadline.provisional,
            fired=deadline.fired,
            next_at=running.next_at,
            suspended_at=deadline.suspended_at,
        )


class DeadlinePage(BaseModel):
    """Running deadlines, the earliest expiry first."""

    items: tuple[DeadlineOut, ...]
    cursor: str | None
