"""What the office does with a case: it closes behind four guards, or goes back to the unit (R5). Pure decisions."""

from dataclasses import replace
from datetime import datetime

from services.rectification.domain import facts
from services.rectification.domain.case import (
    STANDARDS,
    Action,
    Case,
    Closing,
    ClosingClaim,
    Petitioner,
    Report,
    Signature,
    Span,
    State,
)
from services.rectification.domain.deadline import begin
from services.rectification.domain.escalation import OF_THE_UNIT, Kind
from services.rectification.domain.exclusion import counting
from services.rectification.domain.facts import Decision
from services.rectification.domain.guards import ELSEWHERE, must_hold
from services.rectification.domain.rules import Rules
from shared.errors import Refusal


def close(
    rules: Rules,
    case: Case,
    petitioners: tuple[Petitioner, ...],
    claim: ClosingClaim,
    signature: Signature,
    at: datetime,
    known: frozenset[str] = frozenset(),
) -> Decision:
    """Write the case off, or refuse.

    Needs four guards that hold with evidence, the standards, an outcome that fits what the petitioners said, and an
    officer who is neither of a unit of the case nor the one who reported it solved or asserts a guard. known: ids and
    names of the case's evidence. Raises Refusal: 409 state or callback, 403 the person, 422 the guard, standard or
    outcome.
    """
    case.must_allow(Action.CLOSE)
    petitioners = counting(petitioners)
    report = _reported(case)
    case.must_not_precede(at, report.at)
    case.must_be_judged_by(signature, report.by)
    guards = must_hold(report, claim, signature, known)
    heard = [p for p in petitioners if p.linked_at <= at]
    _must_be_answered(case, heard, at)
    answers = [p.grade for p in heard if p.asked == case.round and p.result == "graded" and p.grade]
    if rules.bad_among(answers):
        raise Refusal("callback", "bad", "a petitioner is not satisfied", "return the case to the unit", 409)
    outcome = _fitting_outcome(report.finding, claim, confirmed=bool(answers))
    if outcome == "solved" and not claim.standards.get("public_satisfied"):
        reason = "the petitioners are said not to be truly satisfied"
        raise Refusal("standards.public_satisfied", False, reason, "return the case, with reasons")
    misconduct = report.misconduct_found if claim.misconduct is None else claim.misconduct
    closed = _closed(rules, case, outcome, at, signature.sub, misconduct, tuple(sorted(answers)))
    fact = facts.Closed(at, _closing(closed), guards, {name: claim.standards[name] for name in STANDARDS})
    decision = Decision(closed, (fact,), ends=frozenset({Kind.CALLBACK}))
    return _and_what_came_later(rules, decision, petitioners)


def dispute(
    rules: Rules,
    case: Case,
    petitioners: tuple[Petitioner, ...],
    reasons: str,
    signature: Signature,
    at: datetime,
) -> Decision:
    """A leader closes a case that went back often enough as *disputed*, with reasons; reported apart (R5).

    Raises Refusal: 409 state, too few returns or callback still out; 403 the person; 422 no reasons.
    """
    case.must_allow(Action.DISPUTE)
    petitioners = counting(petitioners)
    report = _reported(case)
    case.must_not_precede(at, report.at)
    case.must_be_judged_by(signature, report.by)
    needed = rules.programme.disputed_after_returns
    if case.returns < needed:
        reason = f"the case was returned {case.returns} times; disputed needs {needed}"
        raise Refusal("case.returns", case.returns, reason, "close it behind the guards, or return it", 409)
    if not reasons.strip():
        raise Refusal("reasons", reasons, "a leader closes as disputed with reasons only", "write the reasons")
    if case.state is State.SOLVED:
        _must_be_answered(case, [p for p in petitioners if p.linked_at <= at], at)
    answers = sorted(p.grade for p in petitioners if p.asked == case.round and p.grade)
    closed = _closed(rules, case, "disputed", at, signature.sub, report.misconduct_found, tuple(answers))
    fact = facts.Closed(at, _closing(closed), reasons=reasons)
    decision = Decision(closed, (fact,), ends=frozenset({Kind.CALLBACK, *OF_THE_UNIT}))
    return _and_what_came_later(rules, decision, petitioners)


def send_back(rules: Rules, case: Case, reasons: tuple[str, ...], signature: Signature, at: datetime) -> Decision:
    """The office returns the case to the unit with a rework deadline. Raises Refusal (403, 409, 422)."""
    case.must_allow(Action.RETURN)
    report = _reported(case)
    case.must_not_precede(at, report.at)
    case.must_be_judged_by(signature, report.by)
    given = tuple(reason.strip() for reason in reasons if reason.strip())
    if not given:
        remedy = "say which guard does not hold"
        raise Refusal("reasons", list(reasons), "a return without reasons cannot be reworked", remedy)
    return returned(rules, case, given, at)


def returned(rules: Rules, case: Case, reasons: tuple[str, ...], at: datetime) -> Decision:
    """Back to the unit. The original date still decides lateness; the rework deadline is a second one (R3)."""
    rework = begin(rules, case.number, Kind.REWORK, at, rules.programme.deadlines.rework)
    back = replace(
        case,
        state=State.RETURNED,
        returns=case.returns + 1,
        callback_expires_at=None,
        decisive_at=None if case.run == 1 else case.decisive_at,
    )
    fact = facts.Returned(at, case.round, reasons, rework)
    return Decision(back, (fact,), begins=(rework,), ends=frozenset({Kind.CALLBACK}))


def reopened(rules: Rules, case: Case, reason: str, number: str, at: datetime) -> Decision:
    """A closed case runs again under its number with a date of its own; its earlier figures stay (R6)."""
    rework = begin(rules, case.number, Kind.REWORK, at, rules.programme.deadlines.rework)
    again = replace(
        case,
        state=State.REOPENED,
        run=case.run + 1,
        returns=0,
        span=Span.of(rework),
        callback_expires_at=None,
        reopened_by=number if reason == "same_matter" else None,
    )
    return Decision(again, (facts.Reopened(at, reason, number, case.round, rework),), begins=(rework,))


def _reported(case: Case) -> Report:
    if case.report is None:
        raise AssertionError(f"case {case.number} is {case.state} and was never reported solved")
    return case.report


def _closing(case: Case) -> Closing:
    if case.closing is None:
        raise AssertionError(f"case {case.number} was never closed")
    return case.closing


def _must_be_answered(case: Case, heard: list[Petitioner], at: datetime) -> None:
    out = [p for p in heard if p.can_be_called and p.asked == case.round and p.result is None]
    if out and (case.callback_expires_at is None or at < case.callback_expires_at):
        reason = f"{len(out)} of the petitioners have not answered yet"
        raise Refusal("callback", len(out), reason, "wait for the callback, or until its period has expired", 409)


def _fitting_outcome(finding: str, claim: ClosingClaim, *, confirmed: bool) -> str:
    natural = "solved" if confirmed else "solved_unconfirmed"
    if finding != "solved":
        natural = finding
    outcome = claim.outcome or natural
    if outcome != natural and outcome not in ELSEWHERE:
        said = "confirmed it" if confirmed else "did not confirm it: not reached, anonymous, or nobody to ask"
        remedy = f"leave it out, or use one of: {natural}, {', '.join(ELSEWHERE)}"
        reason = f"does not fit: the unit reported it {finding}, the petitioners {said}"
        raise Refusal("outcome", outcome, reason, remedy)
    return outcome


def _closed(
    rules: Rules, case: Case, outcome: str, at: datetime, by: str, misconduct: bool, grades: tuple[str, ...]
) -> Case:
    """The case closed, judged by when the solution that stands was submitted; the office's own time is not counted."""
    submitted = _reported(case).at
    late = case.span.is_late(submitted)
    closing = Closing(
        at=at,
        by=by,
        outcome=outcome,
        late=late,
        late_days=rules.working_days_late(case.span.due, submitted) if late else 0,
        misconduct=misconduct,
        grades=grades,
        round=case.round,
        times=case.times_closed + 1,
        span=case.span,
        self_corrected=_self_corrected(case, outcome, misconduct=misconduct, late=late),
    )
    return replace(
        case,
        state=State.CLOSED,
        times_closed=closing.times,
        callback_expires_at=None,
        closing=closing,
        decisive_at=submitted if case.run == 1 else case.decisive_at,
        reopened_by=None,
    )


def _self_corrected(case: Case, outcome: str, *, misconduct: bool, late: bool) -> bool:
    """Whether the unit mended by itself what it reported itself, accountability carried out, in time (R10).

    A case that had to be reopened was not mended, and misconduct that only the office established was not reported.
    """
    report = _reported(case)
    dealt_with = report.misconduct_found and bool(report.misconduct_dealt_with.strip())
    mended = outcome in ("solved", "solved_unconfirmed") and case.run == 1 and not late
    return case.card.self_reported and misconduct and dealt_with and mended


def _and_what_came_later(rules: Rules, decision: Decision, petitioners: tuple[Petitioner, ...]) -> Decision:
    """A complaint of the same matter that is dated after the closing but arrived before it reopens the case as if it
    had come afterwards: what happened is judged by the event's own time, never by arrival."""
    closing = _closing(decision.case)
    later = sorted((p.linked_at, p.number) for p in petitioners if p.linked_at > closing.at)
    if not later or not rules.may_reopen(closing.at, later[0][0]):
        return decision
    again = reopened(rules, decision.case, "same_matter", later[0][1], later[0][0])
    return replace(
        decision,
        case=again.case,
        facts=(*decision.facts, *again.facts),
        begins=again.begins,
    )
