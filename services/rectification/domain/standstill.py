"""Suspension and resuming (R3): what waits for the complainant or a law suit stands still. Pure decisions.

Every deadline of the units of the case stands still together; the office's own run on. The working days strictly
between the day of the suspension and the day of resuming are not counted, and no step fires meanwhile.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.rectification.domain import term_facts as facts
from services.rectification.domain.case import WITH_THE_UNIT, Case, Signature, Span, State
from services.rectification.domain.deadline import Deadline, stand_still
from services.rectification.domain.deadline import resume as run_again
from services.rectification.domain.escalation import DECIDING, OF_THE_UNIT, Kind
from services.rectification.domain.facts import Decision
from services.rectification.domain.request import Suspension, Wish
from services.rectification.domain.rules import Rules
from shared.errors import Refusal


def suspend(case: Case, running: Iterable[Deadline], suspension: Suspension, signature: Signature) -> Decision:
    """The office lets the unit's periods stand still, by itself or because the unit asked.

    Raises Refusal: 403 an officer of the case's units, 409 the state or suspended already, 422 no reasons.
    """
    at = suspension.at
    asked = case.request if case.request and case.request.kind is Wish.SUSPENSION else None
    case.must_be_judged_by(signature, asked.by if asked else None)
    case.must_not_precede(at, asked.at if asked else None)
    if case.state not in WITH_THE_UNIT:
        reason = f"case {case.number} is {case.state}: no period of the unit runs"
        raise Refusal("case.state", case.state.value, reason, "nothing: there is nothing to suspend", 409)
    if case.suspension:
        since = case.suspension.at.isoformat()
        raise Refusal("case.suspension", since, "the case stands still already", "resume it first", 409)
    if not suspension.reasons.strip():
        raise Refusal("reasons", suspension.reasons, "a case is suspended with reasons only", "write the reasons")
    still = tuple(stand_still(d, at) for d in running if d.kind in OF_THE_UNIT)
    told: tuple[facts.TermFact, ...] = tuple(facts.Suspended(at, d, suspension) for d in still)
    if asked:
        told = (facts.Decided(at, asked, True, suspension.reasons, case.span.due), *told)
    return Decision(
        replace(case, suspension=suspension, request=None if asked else case.request),
        told,
        changes=still,
        ends=frozenset({Kind.EXTENSION_DECISION}) if asked else frozenset(),
    )


def resume(rules: Rules, case: Case, running: Iterable[Deadline], why: str, at: datetime) -> Decision:
    """The periods run again; the day of resuming counts. Raises Refusal (409) if the case does not stand still."""
    if case.suspension is None:
        raise Refusal("case.suspension", None, f"case {case.number} does not stand still", "nothing to resume", 409)
    case.must_not_precede(at, case.suspension.at)
    told, changes = [], []
    for before in running:
        if before.suspended_at is None:
            continue
        after = run_again(rules, before, at)
        told.append(facts.Resumed(at, before, after, why))
        changes.append(after)
        case = _judged_by(case, after)
    return Decision(replace(case, suspension=None), tuple(told), changes=tuple(changes))


def _judged_by(case: Case, deadline: Deadline) -> Case:
    span = Span.of(deadline)
    if deadline.kind in DECIDING:
        return replace(case, original=span, span=span)
    if deadline.kind is Kind.REWORK and case.state is State.REOPENED:
        return replace(case, span=span)
    return case
