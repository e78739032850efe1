"""What petitioners do to a case: complaints are linked and unlinked, they answer (I5, I11, R6). Pure decisions."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.rectification.domain import exclusion, facts
from services.rectification.domain.case import Case, Petitioner, State
from services.rectification.domain.closing import reopened, returned
from services.rectification.domain.escalation import Kind
from services.rectification.domain.facts import Decision
from services.rectification.domain.handling import ask
from services.rectification.domain.rules import Rules
from shared.errors import NotYet, Refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """What a petitioner said, or that he was not reached, for one round."""

    number: str
    round: int
    result: str
    grade: str | None
    words: str
    objection: bool = False


def link(rules: Rules, case: Case, petitioners: tuple[Petitioner, ...], newcomer: Petitioner, how: str) -> Decision:
    """Another complaint of the same matter, dated `newcomer.linked_at`.

    It joins an open case, and is asked as well if the case waits for callbacks. Within the programme's days after
    closing it reopens the case; later, or of one who is left out of the rates (I5), it is recorded and reopens
    nothing (R6). A number that is linked already changes nothing.
    """
    if any(p.number == newcomer.number for p in petitioners):
        return Decision(case)
    at = newcomer.linked_at
    if case.state is State.CLOSED and case.closing and at > case.closing.at:
        if not rules.may_reopen(case.closing.at, at):
            return _linked(case, newcomer, how, "too_late")
        if newcomer.excluded:
            return exclusion.joined(case, newcomer, how)
        again = reopened(rules, case, "same_matter", newcomer.number, at)
        linked = facts.Linked(at, newcomer.number, how, "reopened")
        return replace(again, facts=(linked, *again.facts), petitioners=(newcomer,))
    joined = _linked(case, newcomer, how, "joined")
    if case.state is State.SOLVED and case.report and newcomer.can_be_called:
        asking = ask(rules, case, (newcomer,), max(at, case.report.at))
        asking = replace(asking, facts=(*joined.facts, *asking.facts))
        runs, begun = case.callback_expires_at, asking.case.callback_expires_at
        if runs and begun and begun <= runs:  # the period that runs covers him: it neither ends nor tells twice
            return replace(asking, case=case, begins=())
        return replace(asking, ends=frozenset({Kind.CALLBACK}))
    return joined


def _linked(case: Case, newcomer: Petitioner, how: str, effect: str) -> Decision:
    return Decision(
        case,
        (facts.Linked(newcomer.linked_at, newcomer.number, how, effect),),
        petitioners=(newcomer,),
    )


def unlink(case: Case, petitioners: tuple[Petitioner, ...], number: str, reason: str, at: datetime) -> Decision:
    """Undo a link. A case that this link reopened, and that the unit has not worked on since, is closed as before.

    Raises NotYet if the link itself has not arrived, Refusal for the lead complaint, which is the case.
    """
    if number == case.number:
        raise Refusal("number", number, "is the case's lead complaint", "unlink the other complaints instead", 409)
    if not any(p.number == number for p in petitioners):
        raise NotYet(f"the link of {number} to {case.number}")
    undone = facts.Unlinked(at, number, reason)
    if case.state is State.REOPENED and case.reopened_by == number and case.closing:
        as_before = replace(case, state=State.CLOSED, run=case.run - 1, span=case.closing.span, reopened_by=None)
        again = facts.Closed(at, case.closing, again=True)
        return Decision(as_before, (undone, again), ends=frozenset({Kind.REWORK}), removed=(number,))
    return Decision(case, (undone,), removed=(number,))


def answer(rules: Rules, case: Case, petitioners: tuple[Petitioner, ...], given: Answer, at: datetime) -> Decision:
    """A petitioner's answer. A bad one of any petitioner returns the case; after closing it reopens it (R5, R6).

    Only the first answer to the round in which he was last asked counts, and an objection to the present closing,
    also of one who was satisfied before, was not reached or could not be asked; others are recorded. Raises NotYet
    for a round that has not begun here.
    """
    if given.round > case.round:
        raise NotYet(f"round {given.round} of case {case.number}")
    asked = next((p for p in petitioners if p.number == given.number), None)
    first = asked is not None and asked.asked == given.round and asked.result is None
    objects = given.objection and case.state is State.CLOSED and given.round == case.round
    counts = asked is not None and (first or objects)
    fact = facts.Answered(at, given.number, given.round, given.result, given.grade, given.words, counts)
    if asked is None or not counts:
        return Decision(case, (fact,))
    heard = replace(asked, result=given.result, grade=given.grade)
    if asked.excluded:
        return Decision(case, (replace(fact, counts=False, excluded=True),), petitioners=(heard,))
    follows = Decision(case)
    if rules.is_bad(given.grade):
        if case.state is State.SOLVED:
            follows = returned(rules, case, (f"callback: {given.grade}",), at)
        elif case.state is State.CLOSED and case.closing and rules.may_reopen(case.closing.at, at):
            follows = reopened(rules, case, "bad_callback", given.number, max(at, case.closing.at))
    return replace(follows, facts=(fact, *follows.facts), petitioners=(heard,))
