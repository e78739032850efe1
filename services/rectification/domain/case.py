"""A case of the ledger: what it is, where it stands, and which steps are allowed from there (R1, R5, R6)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.rectification.domain.deadline import Deadline
from services.rectification.domain.request import Request, Suspension
from shared.errors import Refusal


class State(StrEnum):
    """Where a case stands."""

    OPENED = "opened"
    ACCEPTED = "accepted"
    EXPLAINED = "explained"
    SOLVED = "solved"
    RETURNED = "returned"
    REOPENED = "reopened"
    CLOSED = "closed"


class Action(StrEnum):
    """What may be done with a case."""

    ACKNOWLEDGE = "acknowledgement"
    ACCEPT = "acceptance"
    PLAN = "plan"
    EXPLAIN = "explanation"
    APPROVE = "approval"
    SOLVE = "solution"
    CLOSE = "closing"
    RETURN = "return"
    DISPUTE = "dispute"
    REOPEN = "reopening"


ALLOWED: dict[State, tuple[Action, ...]] = {
    # A unit that reports a case solved has taken it in hand: the solution accepts it where nobody did before.
    State.OPENED: (Action.ACKNOWLEDGE, Action.ACCEPT, Action.PLAN, Action.EXPLAIN, Action.SOLVE),
    State.ACCEPTED: (Action.PLAN, Action.EXPLAIN, Action.SOLVE),
    # An explanation waits for the office; once approved the case stands as after a solution.
    State.EXPLAINED: (Action.APPROVE, Action.RETURN),
    State.SOLVED: (Action.CLOSE, Action.RETURN, Action.DISPUTE),
    State.RETURNED: (Action.PLAN, Action.EXPLAIN, Action.SOLVE, Action.DISPUTE),
    State.REOPENED: (Action.PLAN, Action.EXPLAIN, Action.SOLVE),
    State.CLOSED: (Action.REOPEN,),
}
"""The whole life of a case: from each state the steps that lead on. Everything else is refused."""

OF_TRACK = {Action.PLAN: "planned", Action.EXPLAIN: "explained"}
"""Steps that belong to one track only."""

WITH_THE_UNIT = (State.OPENED, State.ACCEPTED, State.RETURNED, State.REOPENED)
"""States in which the unit has to act: only then its deadline runs, warns and escalates."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the approved transfer says. Only a ruling on an objection and a change of track that the office approved
    change it; the ledger keeps what it said before."""

    number: str
    card: str
    lead_unit: str
    cooperating_units: tuple[str, ...]
    territorial_unit: str | None
    paying_unit: str
    track: str
    channel: str
    topic: str | None
    dimension: str | None
    title: str
    text: str
    approver_role: str
    days: int
    self_reported: bool = False

    @property
    def units(self) -> frozenset[str]:
        """Every unit that has a part in the case."""
        named = {self.lead_unit, self.paying_unit, *self.cooperating_units}
        return frozenset(named | {self.territorial_unit} if self.territorial_unit else named)


@dataclass(frozen=True, slots=True)
class Span:
    """A date that decides lateness: late is what was submitted at or after `expires_at`, 24:00 local of `due`."""

    due: date
    expires_at: datetime
    provisional: bool

    @classmethod
    def of(cls, deadline: Deadline) -> "Span":
        """The span of a deadline."""
        return cls(deadline.due, deadline.expires_at, deadline.provisional)

    def is_late(self, at: datetime) -> bool:
        """Whether something submitted at `at` is late."""
        return at >= self.expires_at


@dataclass(frozen=True, slots=True)
class Report:
    """The unit's report (R5). `by` is the person who signs it; `finding`: `solved`, `explained`, or that there was
    nothing to solve: `unfounded`, `outside_jurisdiction`."""

    at: datetime
    by: str
    measures: str
    reply: str
    misconduct_found: bool
    misconduct_dealt_with: str
    evidence: tuple[str, ...]
    finding: str = "solved"


@dataclass(frozen=True, slots=True)
class Closing:
    """How a case was closed; its figures stay even if the case is reopened (R6). `span`: the date it was judged by.

    self_corrected: the unit reported its own misconduct, dealt with it and mended the problem in time (R10).
    """

    at: datetime
    by: str
    outcome: str
    late: bool
    late_days: int
    misconduct: bool
    grades: tuple[str, ...]
    round: int
    times: int
    span: Span
    self_corrected: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A case. Its number is that of its lead complaint.

    original: the date set from the approval; only an extension, a suspension or a ruling of the office moves it.
    run: 1, and one more with each reopening; span: the date that decides lateness in this run (a return does not
    change it, a reopening sets a new one). round: how many solutions and explanations were submitted. returns: how
    often this run was returned. decisive_at: when the solution that stands in
    the first run was submitted, None while none stands; with `original` it says whether the case was late.
    lead_since: when the unit that leads got the case, None: from its opening. request: what waits for the office's
    decision. extension_asked: the one extension (or change of track) was asked for already (R3).
    """

    card: Card
    opened_at: datetime
    original: Span
    span: Span
    state: State = State.OPENED
    run: int = 1
    round: int = 0
    returns: int = 0
    times_closed: int = 0
    handler: str | None = None
    accepted_at: datetime | None = None
    report: Report | None = None
    decisive_at: datetime | None = None
    callback_expires_at: datetime | None = None
    closing: Closing | None = None
    reopened_by: str | None = None
    acknowledged_at: datetime | None = None
    lead_since: datetime | None = None
    suspension: Suspension | None = None
    request: Request | None = None
    extension_asked: bool = False
    difficulty: str = "ordinary"

    @property
    def number(self) -> str:
        """The case's number."""
        return self.card.number

    @property
    def unit(self) -> str:
        """The unit that leads."""
        return self.card.lead_unit

    @property
    def allowed(self) -> tuple[Action, ...]:
        """What people may do with it now; it is acknowledged once, and nobody reopens it by hand."""
        never = (Action.REOPEN, Action.ACKNOWLEDGE) if self.acknowledged_at else (Action.REOPEN,)
        known = (action for action in ALLOWED[self.state] if action not in never)
        return tuple(action for action in known if OF_TRACK.get(action, self.card.track) == self.card.track)

    def must_allow(self, action: Action) -> None:
        """Raises Refusal (409) naming what is allowed now."""
        if action not in self.allowed:
            remedy = ", ".join(self.allowed) or "nothing: it is written off"
            reason = f"case {self.number} is {self.state}: no {action} now"
            raise Refusal("case.state", self.state.value, reason, f"allowed now: {remedy}", 409)

    def must_not_precede(self, at: datetime, since: datetime | None = None) -> None:
        """Raises Refusal (409) for an action dated before the case was opened, or before `since`."""
        first = since or self.lead_since or self.opened_at
        if at < first:
            reason = f"lies before {first.isoformat()}, when the case came to where it stands"
            raise Refusal("time", at.isoformat(), reason, "date the action later", 409)

    def must_be_judged_by(self, signature: "Signature", author: str | None = None) -> None:
        """Who judges is an officer of no unit of the case, and not its author. Raises Refusal (403)."""
        if signature.unit and signature.unit in self.card.units:
            reason = "an officer of a unit of the case may not judge it"
            raise Refusal("unit", signature.unit, reason, "let an officer of the office do it", 403)
        if signature.sub == author:
            raise Refusal("sub", signature.sub, "whose it is may not judge it", "let another officer do it", 403)


@dataclass(frozen=True, slots=True)
class Petitioner:
    """Someone who complained of the matter, by complaint number; who it is stands in intake's vault only.

    asked: the round in which he was last asked (0: never); result and grade answer that round. excluded: left out of
    the rates by two persons' determination (I5); read from that, not kept with him.
    """

    number: str
    linked_at: datetime
    can_be_called: bool
    asked: int = 0
    result: str | None = None
    grade: str | None = None
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """One of the four assertions without which nothing closes (R5), evidenced, and by whom."""

    holds: bool
    evidence: str
    by: str


GUARDS = ("measures_carried_out", "misconduct_dealt_with", "problem_solved", "public_answered")
STANDARDS = ("facts_clear", "problem_handled", "measures_in_place", "public_satisfied")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who acts for the office: `sub` is the person, `unit` the unit he belongs to, if any."""

    sub: str
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class ClosingClaim:
    """What the officer asserts. outcome None: the one that fits. misconduct None: as the unit reported it."""

    guards: dict[str, Guard | None]
    standards: dict[str, bool]
    outcome: str | None = None
    misconduct: bool | None = None
