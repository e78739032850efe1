"""The life of a complaint in intake: screening, the gate, and what its case does afterwards (I4, I7)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.errors import Refusal


class State(StrEnum):
    """Where a complaint stands. Linked ones stand where their lead stands."""

    REGISTERED = "registered"
    RETURNED = "returned_for_information"
    OUTSIDE = "outside_jurisdiction"
    UNFOUNDED = "unfounded"
    ACCEPTED = "accepted"
    REQUESTED = "transfer_requested"
    REFUSED = "refused"
    TRANSFERRED = "transferred"
    RECTIFYING = "rectifying"
    EXPLAINED = "explained"
    SOLVED = "solved"
    REWORKING = "reworking"
    CLOSED = "closed"
    LINKED = "linked"
    WITH_BODY = "with_competent_body"
    BODY_DONE = "handled_by_competent_body"


@dataclass(frozen=True, slots=True)
class Words:
    """A state for the public."""

    zh: str
    en: str


WORDS = {
    State.REGISTERED: Words("已登记，待审核", "Registered, to be screened"),
    State.RETURNED: Words("请补充情况", "More information is needed from you"),
    State.OUTSIDE: Words("不属于受理范围", "Outside our jurisdiction"),
    State.UNFOUNDED: Words("经核不成立", "Found to be unfounded"),
    State.ACCEPTED: Words("已受理", "Accepted"),
    State.REQUESTED: Words("已受理，待领导批转", "Accepted, awaiting approval"),
    State.REFUSED: Words("不予转办", "The transfer was refused"),
    State.TRANSFERRED: Words("已批转承办单位", "Transferred to the responsible unit"),
    State.RECTIFYING: Words("承办单位办理中", "The responsible unit is working on it"),
    State.EXPLAINED: Words("已作出政策说明，待回访", "Explained, awaiting your answer"),
    State.SOLVED: Words("单位已报结，待回访", "Reported solved, awaiting your answer"),
    State.REWORKING: Words("退回重办", "Returned to the unit for rework"),
    State.CLOSED: Words("已办结", "Closed"),
    State.WITH_BODY: Words("已转有权部门按规定办理", "With the body in charge, which handles it by its own rules"),
    State.BODY_DONE: Words("有权部门已按规定办结", "The body in charge has dealt with it"),
    State.LINKED: Words("并入同一事项办理", "Handled together with an earlier complaint on the same matter"),
}

ENDED = frozenset({State.OUTSIDE, State.UNFOUNDED, State.REFUSED})
"""Ended without a case: a repeat is a matter of its own."""

NOT_JOINED = ENDED | {State.BODY_DONE}
"""What a repeat does not join. A matter that the discipline organ has is joined: it goes where that went (I15)."""

BEFORE_TRANSFER = frozenset({State.REGISTERED, State.RETURNED, State.ACCEPTED, State.REQUESTED})

_SCREENED_FROM = frozenset({State.REGISTERED, State.RETURNED})
_DECISIONS = {
    "accepted": State.ACCEPTED,
    "returned_for_information": State.RETURNED,
    "outside_jurisdiction": State.OUTSIDE,
    "unfounded": State.UNFOUNDED,
}


def screened(state: State, decision: str) -> State:
    """The state after a clerk's decision (I4). Raises Refusal (409) where it was decided before."""
    if state not in _SCREENED_FROM:
        raise _conflict("decision", decision, state, "screening is done once, before anything else")
    return _DECISIONS[decision]


def informed(state: State) -> State:
    """The state after the complainant added something: what was returned for it is to be screened again (I4).

    Raises Refusal (409) once it was decided.
    """
    if state not in _SCREENED_FROM:
        raise _conflict("text", "…", state, "it was decided; if it is about something new, send a new complaint")
    return State.REGISTERED


def requested(state: State) -> State:
    """The state after a transfer was asked for (I7). Raises Refusal (409)."""
    if state != State.ACCEPTED:
        raise _conflict("transfer", state, state, "accept the complaint first; a card is asked for once")
    return State.REQUESTED


def decided(state: State, *, approved: bool) -> State:
    """The state after the approver's word (I7). Raises Refusal (409)."""
    if state != State.REQUESTED:
        raise _conflict("transfer", state, state, "only a card that waits can be approved or refused")
    return State.TRANSFERRED if approved else State.REFUSED


def referred(state: State) -> State | None:
    """The state after a referral to the discipline organ (I15): it takes the matter, or none where a unit has it.

    Then the referral is a matter beside it, of which the unit learns nothing.
    """
    return State.WITH_BODY if state in BEFORE_TRANSFER else None


def may_be_linked(state: State, *, leads_others: bool) -> None:
    """Only a complaint without a case and without followers can join another. Raises Refusal (409)."""
    if state not in BEFORE_TRANSFER or state == State.REQUESTED:
        raise _conflict("number", state, state, "only a complaint that was not transferred can be linked")
    if leads_others:
        raise Refusal("number", state.value, "other complaints are linked to this one", "unlink them first", 409)


def _conflict(field: str, value: str, state: State, remedy: str) -> Refusal:
    return Refusal(field, str(value), f"the complaint is {state.value}", remedy, 409)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the events of a case have carried a complaint: `at` and `rank` order events that arrive late."""

    state: State
    at: datetime | None = None
    rank: int = 0


_ROUND = 10
_AFTER = {
    "opened": (State.RECTIFYING, 1),
    "solved": (State.SOLVED, 2),
    "explained": (State.EXPLAINED, 2),
    "returned": (State.REWORKING, 3),
    "closed": (State.CLOSED, 4),
    "reopened": (State.RECTIFYING, 5),
    "closed_again": (State.CLOSED, 6),
}


def round_is_over(rank: int, round_: int) -> bool:
    """Whether a case that has come as far as this rank asks nobody about the round any more: it was returned in it,
    or a later one runs. After a closing who was not asked yet may still answer (R6)."""
    return rank // _ROUND > round_ or rank == _ROUND * round_ + _AFTER["returned"][1]


def after(standing: Standing, fact: str, at: datetime, round_: int = 0) -> Standing | None:
    """Where a fact of the case leaves the complaint; None if a later fact was seen already.

    fact: opened, solved, explained, returned, closed, reopened, closed_again (the link that reopened it was undone),
    and the round it belongs to (0: before any). Events of one moment count by round, then in that order.
    """
    state, step = _AFTER[fact]
    rank = _ROUND * round_ + step
    if standing.at is not None and (at, rank) < (standing.at, standing.rank):
        return None
    return Standing(state, at, rank)
