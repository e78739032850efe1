"""The meeting as a strict sequence (S3–S7): what may be done in which state, and what comes of it.

No step opens early, none is done twice, and the guidance group may halt the meeting (S4).
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from shared.errors import Refusal


class State(StrEnum):
    """Where a meeting stands."""

    CREATED = "created"
    FROZEN = "frozen"
    DRAWN = "drawn"
    ANNOUNCED = "announced"
    CHECK_IN = "check_in"
    STATEMENTS = "statements"
    QUESTIONS = "questions"
    VOTING = "voting"
    CLOSED = "closed"
    COUNTED = "counted"
    SEALED = "sealed"
    PUBLISHED = "published"
    VOID = "void"


class Step(StrEnum):
    """What people do. Some prepare or take part and change no state."""

    TELLERS = "tellers"
    COMMITMENT = "commitment"
    FREEZING = "freezing"
    DRAW = "draw"
    REPLACEMENT = "replacement"
    FACT_SHEET = "fact_sheet"
    SPEAKERS = "speakers"
    ANNOUNCEMENT = "announcement"
    STATEMENT_TEXT = "statement_text"
    KEY = "key"
    CARDS = "cards"
    CARD_DESTRUCTION = "card_destruction"
    CHECK_IN_OPENING = "check_in_opening"
    CHECK_IN = "check_in"
    DEPARTURE = "departure"
    STATEMENTS_OPENING = "statements_opening"
    STATEMENT = "statement"
    QUESTIONS_OPENING = "questions_opening"
    QUESTION = "question"
    BALLOTS_OPENING = "ballots_opening"
    BALLOT = "ballot"
    PAPER_DECISION = "paper_decision"
    PAPER = "paper"
    CLOSING = "closing"
    REOPENING = "reopening"
    COUNT = "count"
    SIGNATURE = "signature"
    SEAL = "seal"
    SHARE_DESTRUCTION = "share_destruction"
    MINUTES = "minutes"
    PUBLICATION = "publication"
    ANNULMENT = "annulment"


@dataclass(frozen=True, slots=True)
class Rule:
    """A step: the states in which it may be done, and the state it leads to (None: it stays)."""

    before: tuple[State, ...]
    after: State | None = None


_S = State
HALL = (_S.CHECK_IN, _S.STATEMENTS, _S.QUESTIONS)
"""People come, go and are called until the ballots open."""
STEPS: dict[Step, Rule] = {
    Step.TELLERS: Rule((_S.CREATED,)),
    Step.COMMITMENT: Rule((_S.CREATED,)),
    Step.FREEZING: Rule((_S.CREATED,), _S.FROZEN),
    Step.DRAW: Rule((_S.FROZEN,), _S.DRAWN),
    Step.REPLACEMENT: Rule((_S.DRAWN, _S.ANNOUNCED, *HALL)),
    Step.FACT_SHEET: Rule((_S.CREATED, _S.FROZEN, _S.DRAWN)),
    Step.SPEAKERS: Rule((_S.DRAWN, _S.ANNOUNCED, _S.CHECK_IN)),
    Step.ANNOUNCEMENT: Rule((_S.DRAWN,), _S.ANNOUNCED),
    Step.STATEMENT_TEXT: Rule((_S.ANNOUNCED, _S.CHECK_IN)),
    Step.KEY: Rule((_S.DRAWN, _S.ANNOUNCED)),
    Step.CARDS: Rule((_S.DRAWN, _S.ANNOUNCED)),
    Step.CARD_DESTRUCTION: Rule((_S.DRAWN, _S.ANNOUNCED, *HALL, _S.VOTING, _S.CLOSED)),
    Step.CHECK_IN_OPENING: Rule((_S.ANNOUNCED,), _S.CHECK_IN),
    Step.CHECK_IN: Rule(HALL),
    Step.DEPARTURE: Rule(HALL),
    Step.STATEMENTS_OPENING: Rule((_S.CHECK_IN,), _S.STATEMENTS),
    Step.STATEMENT: Rule((_S.STATEMENTS,)),
    Step.QUESTIONS_OPENING: Rule((_S.STATEMENTS,), _S.QUESTIONS),
    Step.QUESTION: Rule((_S.QUESTIONS,)),
    # Closed by mistake; not the step that comes first where ballots are not open yet, so it stands before that one.
    Step.REOPENING: Rule((_S.CLOSED,), _S.VOTING),
    Step.BALLOTS_OPENING: Rule((_S.QUESTIONS,), _S.VOTING),
    Step.BALLOT: Rule((_S.VOTING,)),
    Step.PAPER_DECISION: Rule((*HALL, _S.VOTING, _S.CLOSED)),
    Step.PAPER: Rule((_S.VOTING, _S.CLOSED)),
    Step.CLOSING: Rule((_S.VOTING,), _S.CLOSED),
    Step.COUNT: Rule((_S.CLOSED,), _S.COUNTED),
    Step.SIGNATURE: Rule((_S.COUNTED,)),
    Step.SEAL: Rule((_S.COUNTED,), _S.SEALED),
    Step.SHARE_DESTRUCTION: Rule((_S.SEALED, _S.PUBLISHED)),
    Step.MINUTES: Rule((_S.SEALED, _S.PUBLISHED)),
    Step.PUBLICATION: Rule((_S.SEALED,), _S.PUBLISHED),
    # A vote that does not reconcile or has no quorum is annulled and held again; a sealed one never.
    Step.ANNULMENT: Rule((_S.CREATED, _S.FROZEN, _S.DRAWN, _S.ANNOUNCED, *HALL, _S.VOTING, _S.CLOSED), _S.VOID),
}
_BY: dict[State, Step] = {rule.after: step for step, rule in STEPS.items() if rule.after is not None}


def take(state: State, step: Step, *, halted: bool = False) -> State:
    """The state after a step. Raises Refusal (409) saying what has to come first, or that it is too late."""
    if halted and step is not Step.ANNULMENT:
        raise Refusal("meeting", step.value, "the guidance group has halted the meeting", "wait until it resumes", 409)
    rule = STEPS[step]
    if state in rule.before:
        return rule.after or state
    order = list(State)
    if state is State.VOID:
        reason, remedy = "the meeting was annulled", "hold a new meeting"
    elif order.index(state) < min(order.index(s) for s in rule.before):
        reason, remedy = f"the meeting is only {state.value}", f"{_BY[rule.before[0]].value} comes first"
    else:
        reason, remedy = f"the meeting is already {state.value}", "this step is over"
    raise Refusal("meeting", step.value, reason, remedy, 409)


@dataclass(frozen=True, slots=True)
class Hall:
    """Who is present: all, and ordinary people among them."""

    present: int
    ordinary: int

    @property
    def share(self) -> Fraction:
        """Share of ordinary people, 0 in an empty hall."""
        return Fraction(self.ordinary, self.present) if self.present else Fraction(0)


def check_hall(hall: Hall, least: Fraction) -> None:
    """Ballots may open only while ordinary people are at least `least` of those present (S7). Raises Refusal."""
    if hall.share < least:
        raise Refusal(
            "hall.ordinary",
            f"{hall.ordinary} of {hall.present}",
            f"ordinary people must be at least {float(least):.0%} of those present",
            "call alternates from the drawn order",
            409,
        )
