"""What a fact looks like outside the domain: as an entry of the ledger, and as an event on the bus."""

from datetime import UTC, datetime
from typing import Any, assert_never

from services.rectification.domain import facts
from services.rectification.domain.case import Case, Guard, Report
from services.rectification.domain.deadline import Deadline
from services.rectification.domain.escalation import Phase
from services.rectification.domain.promise_facts import PromiseFact
from services.rectification.domain.term_facts import TermFact
from services.rectification.usecases import wire_promises, wire_terms
from shared.contracts import EventData
from shared.contracts import rectification as wire
from shared.contracts import rectification_terms as terms


def entry_of(case: Case, fact: facts.Fact) -> tuple[str, datetime, dict[str, Any]]:
    """Kind, instant and content of the ledger's entry for a fact. Content is JSON without floats."""
    if isinstance(fact, PromiseFact):
        kind, data = wire_promises.content(fact)
    elif isinstance(fact, TermFact):
        kind, data = wire_terms.content(case, fact)
    else:
        kind, data = _content(case, fact)
    return kind, fact.at, data


def _content(case: Case, fact: facts.CaseFact) -> tuple[str, dict[str, Any]]:
    match fact:
        case facts.Opened():
            card = case.card
            return "opened", {
                "card": card.card,
                "lead_unit": card.lead_unit,
                "cooperating_units": list(card.cooperating_units),
                "territorial_unit": card.territorial_unit,
                "paying_unit": card.paying_unit,
                "track": card.track,
                "channel": card.channel,
                "topic": card.topic,
                "title": card.title,
                "approver_role": card.approver_role,
                **_dates(case.original.due.isoformat(), case.original.expires_at, case.original.provisional),
            }
        case facts.DeadlineBegan():
            return "deadline_counted_anew" if fact.anew else "deadline_set", _deadline(fact.deadline)
        case facts.StepFired():
            return "deadline_step", step_content(fact)
        case facts.Acknowledged():
            return "acknowledged", {"by": fact.by, "implied": fact.implied}
        case facts.Accepted():
            return "accepted", {"handler": fact.handler, "implied": fact.implied}
        case facts.Solved():
            said = _fields(fact.report) | {"at": _utc(fact.report.at), "evidence": list(fact.report.evidence)}
            return "solved", {"round": fact.round, "late": fact.late, "report": said}
        case facts.CallbackWanted():
            asked = {"round": fact.round, "complaints": list(fact.complaints)}
            return "callback_requested", asked | {"expires_at": _utc(fact.expires_at)}
        case facts.Answered():
            return "answered", {name: value for name, value in _fields(fact).items() if name != "at"}
        case facts.Returned():
            back = {"round": fact.round, "reasons": list(fact.reasons)}
            return "returned", back | {"rework_due": fact.deadline.due.isoformat()}
        case facts.Closed():
            return _closed(fact)
        case facts.Reopened():
            again = {"reason": fact.reason, "number": fact.number, "round": fact.round}
            return "reopened", again | {"due": fact.deadline.due.isoformat()}
        case facts.Linked():
            return "linked", {"number": fact.number, "how": fact.how, "effect": fact.effect}
        case facts.Unlinked():
            return "unlinked", {"number": fact.number, "reason": fact.reason}
        case facts.Lapsed():
            return "no_result", {"cycle": fact.cycle, "due": fact.due.isoformat()}
        case _:
            assert_never(fact)


def step_content(fact: facts.StepFired) -> dict[str, Any]:
    """What the ledger's entry of a deadline's step holds."""
    return {
        "deadline": fact.deadline.kind.value,
        "step": fact.step.name,
        "tells": list(fact.step.tells),
        "due": fact.deadline.due.isoformat(),
        **_which(fact.deadline),
    }


def event_of(case: Case, fact: facts.Fact) -> EventData | None:
    """The event that tells a fact, None for what stays in the ledger."""
    if isinstance(fact, PromiseFact):
        return wire_promises.event(case, fact)
    if isinstance(fact, TermFact):
        return wire_terms.event(case, fact)
    match fact:
        case facts.Opened():
            card = case.card
            return wire.CaseOpened(
                case=case.number,
                lead_unit=card.lead_unit,
                cooperating_units=card.cooperating_units,
                territorial_unit=card.territorial_unit,
                track=card.track,
                topic=card.topic,
                title=card.title,
                due=case.original.due,
                expires_at=case.original.expires_at,
                provisional=case.original.provisional,
                card=card.card,
                channel=card.channel,
                days=card.days,
                text=card.text,
            )
        case facts.DeadlineBegan():
            return wire.DeadlineSet(
                case=case.number,
                unit=fact.deadline.unit or case.unit,
                kind=fact.deadline.kind.value,
                due=fact.deadline.due,
                expires_at=fact.deadline.expires_at,
                provisional=fact.deadline.provisional,
            )
        case facts.StepFired():
            return step_event(case.unit, case.card.title, fact)
        case facts.Acknowledged():
            return terms.CaseAcknowledged(case=case.number, unit=case.unit, implied=fact.implied)
        case facts.Accepted():
            return wire.CaseAccepted(case=case.number, unit=case.unit, handler=fact.handler)
        case facts.Solved():
            return wire.CaseSolved(
                case=case.number, unit=case.unit, round=fact.round, reply=fact.report.reply, late=fact.late
            )
        case facts.CallbackWanted():
            return wire.CallbackRequested(
                case=case.number,
                unit=case.unit,
                round=fact.round,
                complaints=fact.complaints,
                expires_at=fact.expires_at,
            )
        case facts.Returned():
            return wire.CaseReturned(
                case=case.number,
                unit=case.unit,
                round=fact.round,
                reasons=fact.reasons,
                rework_due=fact.deadline.due,
                expires_at=fact.deadline.expires_at,
            )
        case facts.Closed():
            return _case_closed(case, fact)
        case facts.Reopened():
            return wire.CaseReopened(
                case=case.number,
                unit=case.unit,
                reason="bad_callback" if fact.reason == "bad_callback" else "same_matter",
                round=fact.round,
                due=fact.deadline.due,
                expires_at=fact.deadline.expires_at,
            )
        case facts.Lapsed():
            return wire.CaseLapsed(
                case=case.number,
                unit=case.unit,
                paying_unit=case.card.paying_unit,
                cycle_name=fact.cycle,
                due=fact.due,
            )
        case facts.Answered() | facts.Linked() | facts.Unlinked():
            return None
        case _:
            assert_never(fact)


def step_event(unit: str, title: str, fact: facts.StepFired) -> EventData:
    """The event of a deadline's step; who is told is a matter of roles, the persons are notify's."""
    kind = {
        Phase.APPROACHING: wire.DeadlineApproaching,
        Phase.PASSED: wire.DeadlinePassed,
        Phase.ESCALATED: wire.DeadlineEscalated,
    }[fact.step.phase]
    return kind(
        case=fact.deadline.case,
        unit=unit,
        kind=fact.deadline.kind.value,
        step=fact.step.name,
        title=title,
        due=fact.deadline.due,
        expires_at=fact.deadline.expires_at,
        roles=fact.step.tells,
    )


def _case_closed(case: Case, fact: facts.Closed) -> wire.CaseClosed:
    closing = fact.closing
    return wire.CaseClosed.model_validate(
        {
            "case": case.number,
            "unit": case.unit,
            "paying_unit": case.card.paying_unit,
            "outcome": closing.outcome,
            "topic": case.card.topic,
            "dimension": case.card.dimension,
            "round": closing.round,
            "times_closed": closing.times,
            "again": fact.again,
            "late": closing.late,
            "late_days": closing.late_days,
            "misconduct": closing.misconduct,
            "self_corrected": closing.self_corrected,
            "grades": closing.grades,
            "signed_by": closing.by,
        }
    )


def _closed(fact: facts.Closed) -> tuple[str, dict[str, Any]]:
    closing = fact.closing
    figures = {
        "outcome": closing.outcome,
        "by": closing.by,
        "late": closing.late,
        "late_days": closing.late_days,
        "misconduct": closing.misconduct,
        "self_corrected": closing.self_corrected,
        "grades": list(closing.grades),
        "round": closing.round,
        "times": closing.times,
    }
    if fact.again:
        return "closed_again", figures
    if fact.guards is not None and fact.standards is not None:
        asserted = {name: _fields(guard) for name, guard in fact.guards.items()}
        return "closed", figures | {"guards": asserted, "standards": dict(fact.standards)}
    return "closed", figures | {"reasons": fact.reasons}


def _fields(value: Report | Guard | facts.Answered) -> dict[str, Any]:
    """A flat dataclass as a dictionary; `dataclasses.asdict` copies every value deeply, ten times as slow."""
    return {name: getattr(value, name) for name in value.__slots__}


def _deadline(deadline: Deadline) -> dict[str, Any]:
    counted = {
        "deadline": deadline.kind.value,
        **_which(deadline),
        "from": _utc(deadline.started_at),
        "days": deadline.days,
    }
    if deadline.unit:
        counted["unit"] = deadline.unit
    return counted | _dates(deadline.due.isoformat(), deadline.expires_at, deadline.provisional)


def _which(deadline: Deadline) -> dict[str, str]:
    """Which of several of its kind: a milestone's number and name."""
    return {"ref": deadline.ref, "label": deadline.label} if deadline.ref else {}


def _dates(due: str, expires_at: datetime, provisional: bool) -> dict[str, Any]:
    return {"due": due, "expires_at": _utc(expires_at), "provisional": provisional}


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
