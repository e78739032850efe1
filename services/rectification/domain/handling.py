"""What the unit does with a case: it comes in, is accepted, is reported solved (R1–R5). Pure decisions."""

from dataclasses import replace
from datetime import date, datetime

from services.rectification.domain import facts
from services.rectification.domain.case import Action, Card, Case, Petitioner, Report, Span, State
from services.rectification.domain.deadline import Deadline, begin, promised_for
from services.rectification.domain.escalation import OF_THE_UNIT, Kind, deciding
from services.rectification.domain.facts import Decision
from services.rectification.domain.rules import Rules
from services.rectification.domain.units import duties, helpers_of
from shared.errors import Refusal


def open_case(
    rules: Rules,
    card: Card,
    at: datetime,
    *,
    can_be_called: bool,
    linked: tuple[Petitioner, ...] = (),
    promised: date | None = None,
) -> Decision:
    """A case from an approved transfer; the periods of the unit run from the approval (R3).

    linked: petitioners whose link arrived before the case did; they are of the matter from the start.
    promised: the day that the unit's leader promised in the hall; it is the deadline (S4).
    """
    solve = begin(rules, card.number, deciding(card.track), at, card.days)
    if promised:
        solve = promised_for(rules, solve, promised)
    accept = begin(rules, card.number, Kind.ACCEPT, at, rules.programme.deadlines.accept)
    acknowledge = begin(rules, card.number, Kind.ACKNOWLEDGE, at, rules.programme.deadlines.acknowledge)
    span = Span.of(solve)
    case = Case(card, at, span, span)
    lead = Petitioner(card.number, at, can_be_called)
    others = tuple(p for p in linked if p.number != card.number)
    joined = tuple(facts.Linked(p.linked_at, p.number, "kept", "joined") for p in others)
    helping = duties(rules, card, at, (helper.unit for helper in helpers_of(card)))
    begins = (solve, accept, acknowledge, *of_track(rules, card.number, card.track, at), *helping)
    return Decision(case, (facts.Opened(at), *joined), begins=begins, petitioners=(lead, *others))


def of_track(rules: Rules, number: str, track: str, at: datetime) -> tuple[Deadline, ...]:
    """What a track brings besides the deadline that decides: a plan is due, from the approval of the track (R3)."""
    if track != "planned":
        return ()
    return (begin(rules, number, Kind.PLAN, at, rules.programme.deadlines.plan),)


def acknowledge(case: Case, at: datetime, by: str) -> Decision:
    """Somebody of the unit says that it got the case (R3). Raises Refusal (409)."""
    case.must_allow(Action.ACKNOWLEDGE)
    case.must_not_precede(at)
    return _acknowledged(case, at, by, implied=False)


def _acknowledged(case: Case, at: datetime, by: str, *, implied: bool) -> Decision:
    if case.acknowledged_at:
        return Decision(case)
    fact = facts.Acknowledged(at, by, implied)
    return Decision(replace(case, acknowledged_at=at), (fact,), ends=frozenset({Kind.ACKNOWLEDGE}))


def accept(case: Case, at: datetime, handler: str) -> Decision:
    """The unit takes the case in hand, and so acknowledges it. Raises Refusal (409)."""
    case.must_allow(Action.ACCEPT)
    case.must_not_precede(at)
    return _accepted(case, at, handler, implied=False)


def _accepted(case: Case, at: datetime, handler: str, *, implied: bool) -> Decision:
    first = _acknowledged(case, at, handler, implied=True)
    # Whom the main leader assigned stays responsible, whoever of the unit takes it in hand.
    responsible = case.handler or handler
    taken = replace(first.case, state=State.ACCEPTED, handler=responsible, accepted_at=at)
    told = (*first.facts, facts.Accepted(at, responsible, implied))
    return Decision(taken, told, ends=frozenset({Kind.ACCEPT, Kind.ACKNOWLEDGE}))


def taken_in_hand(case: Case, at: datetime, by: str) -> Decision:
    """The case as the unit has it when it acts: what it does with a case nobody accepted accepts it."""
    return _accepted(case, at, by, implied=True) if case.state is State.OPENED else Decision(case)


def solve(rules: Rules, case: Case, petitioners: tuple[Petitioner, ...], report: Report) -> Decision:
    """The unit reports the case solved: its deadline stands still from now, the petitioners are asked (R5, I11).

    Raises Refusal: 409 where the state forbids it, 422 naming the part of the report that is missing.
    """
    case.must_allow(Action.SOLVE)
    case.must_not_precede(report.at, came_to_stand(case))
    _must_be_whole(report)
    first = taken_in_hand(case, report.at, report.by)
    case, taken = first.case, first.facts
    round_ = case.round + 1
    case = replace(
        case,
        state=State.SOLVED,
        round=round_,
        report=report,
        decisive_at=report.at if case.run == 1 else case.decisive_at,
    )
    solved = facts.Solved(report.at, round_, case.span.is_late(report.at), report)
    asking = ask(rules, case, petitioners, report.at)
    return replace(
        asking,
        facts=(*taken, solved, *asking.facts),
        ends=frozenset(OF_THE_UNIT),
    )


def ask(rules: Rules, case: Case, petitioners: tuple[Petitioner, ...], at: datetime) -> Decision:
    """Ask those who can be called, for the current round; the office's own period of the callback begins.

    Who was linked only after `at` is asked from then. Nobody to call: no request, and the case can be closed as
    unconfirmed only.
    """
    called = [p for p in petitioners if p.can_be_called]
    if not called:
        return Decision(replace(case, callback_expires_at=None))
    period = rules.programme.deadlines.callback
    times = sorted({max(at, p.linked_at) for p in called})
    requests = []
    for time in times:
        numbers = tuple(sorted(p.number for p in called if max(at, p.linked_at) == time))
        expires = begin(rules, case.number, Kind.CALLBACK, time, period).expires_at
        requests.append(facts.CallbackWanted(time, case.round, numbers, expires))
    deadline = begin(rules, case.number, Kind.CALLBACK, times[0], period)
    return Decision(
        replace(case, callback_expires_at=deadline.expires_at),
        tuple(requests),
        begins=(deadline,),
        petitioners=tuple(replace(p, asked=case.round, result=None, grade=None) for p in called),
    )


def came_to_stand(case: Case) -> datetime:
    """When the case came to where the unit has it now, as far as actions of people date it."""
    known = [case.opened_at]
    known += [case.accepted_at] if case.accepted_at else []
    known += [case.report.at] if case.report else []
    known += [case.closing.at] if case.closing else []
    return max(known)


def _must_be_whole(report: Report) -> None:
    for field, value in (("measures", report.measures), ("reply", report.reply)):
        if not value.strip():
            remedy = "say what was done and what the public is answered"
            raise Refusal(field, value, "a solution without it closes on paper only", remedy)
    if not any(piece.strip() for piece in report.evidence):
        raise Refusal("evidence", list(report.evidence), "no evidence is named", "name at least one piece of evidence")
    if report.misconduct_found and not report.misconduct_dealt_with.strip():
        reason = "misconduct was found, and nothing says how it was dealt with"
        raise Refusal("misconduct_dealt_with", "", reason, "say who was dealt with, and how")
