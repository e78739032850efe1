"""What changes of a case's terms look like outside: ledger entries and events."""

from datetime import UTC, datetime
from typing import Any, assert_never

from services.rectification.domain import term_facts as facts
from services.rectification.domain.case import Case
from services.rectification.domain.deadline import Deadline
from shared.contracts import EventData
from shared.contracts import rectification_terms as wire


def content(case: Case, fact: facts.TermFact) -> tuple[str, dict[str, Any]]:
    """Kind and content of the ledger's entry."""
    match fact:
        case facts.Requested():
            asked = fact.request
            return f"{asked.kind}_requested", {
                "days": asked.days,
                "track": asked.track,
                "ground": asked.ground.value if asked.ground else None,
                "reasons": asked.reasons,
                "decided_by": fact.deadline.due.isoformat(),
            }
        case facts.Decided():
            said = {"days": fact.days, "track": fact.track, "due": fact.due.isoformat(), "reasons": fact.reasons}
            return f"{fact.request.kind}_{'granted' if fact.granted else 'refused'}", said
        case facts.RequestLapsed():
            return f"{fact.request.kind}_request_lapsed", {"why": fact.why}
        case facts.Extended():
            return "deadline_extended", _moved(fact.before, fact.deadline)
        case facts.TrackChanged():
            return "track_changed", {"from": fact.before, "to": fact.track, "days": fact.days}
        case facts.Suspended():
            ground = {"ground": fact.suspension.ground.value, "reasons": fact.suspension.reasons}
            return "deadline_suspended", {**_named(fact.deadline), "due": fact.deadline.due.isoformat(), **ground}
        case facts.Resumed():
            return "deadline_resumed", _moved(fact.before, fact.deadline) | {"why": fact.why}
        case facts.Ruled():
            ruled = {"unit": fact.unit, "upheld": fact.upheld, "reason": fact.reason}
            return "objection_ruled", ruled | {"by_role": fact.by_role, "effect": fact.effect}
        case facts.Reassigned():
            card = case.card
            return "reassigned", {
                "previous_unit": fact.previous_unit,
                "previous_helpers": list(fact.previous_helpers),
                "lead_unit": card.lead_unit,
                "cooperating_units": list(card.cooperating_units),
                "territorial_unit": card.territorial_unit,
                "paying_unit": fact.paying_unit,
                "days": card.days,
                "due": case.original.due.isoformat(),
            }
        case facts.Contributed():
            shown = {"text": fact.text, "evidence": list(fact.evidence), "late": fact.late}
            return "contributed", {"unit": fact.unit, "by": fact.by} | shown
        case facts.Assigned():
            return "assigned" if fact.handover is None else "handed_over", {
                "unit": fact.unit,
                "handler": fact.handler,
                "previous": fact.previous,
                "reason": fact.reason,
                "handover": fact.handover,
            }
        case facts.LeaderChanged():
            return "leader_changed", {
                "unit": fact.unit,
                "role": fact.role,
                "person": fact.person,
                "name": fact.name,
                "since": fact.since.isoformat(),
                "until": fact.until.isoformat() if fact.until else None,
                **({"taken_back": True} if fact.taken_back else {}),
            }
        case _:
            assert_never(fact)


def event(case: Case, fact: facts.TermFact) -> EventData | None:
    """The event that tells it, None for what stays in the ledger."""
    match fact:
        case facts.Requested():
            asked = fact.request
            return _checked(
                wire.RequestMade, case, kind=asked.kind.value, title=case.card.title, days=asked.days,
                track=asked.track, ground=asked.ground, reasons=asked.reasons, due=fact.deadline.due,
            )  # fmt: skip
        case facts.Decided():
            return _checked(
                wire.RequestDecided, case, kind=fact.request.kind.value, granted=fact.granted, reasons=fact.reasons,
                days=fact.days, track=fact.track, due=fact.due,
            )  # fmt: skip
        case facts.Extended():
            return _checked(wire.DeadlineExtended, case, **_dates(case, fact.before, fact.deadline))
        case facts.Suspended():
            return _checked(
                wire.DeadlineSuspended, case, unit=fact.deadline.unit or case.unit, kind=fact.deadline.kind.value,
                ground=fact.suspension.ground.value, reasons=fact.suspension.reasons, due=fact.deadline.due,
            )  # fmt: skip
        case facts.Resumed():
            return _checked(wire.DeadlineResumed, case, **_dates(case, fact.before, fact.deadline))
        case facts.Reassigned():
            card, span = case.card, case.original
            return _checked(
                wire.CaseReassigned, case, previous_unit=fact.previous_unit, cooperating_units=card.cooperating_units,
                territorial_unit=card.territorial_unit, title=card.title, due=span.due, expires_at=span.expires_at,
                provisional=span.provisional,
            )  # fmt: skip
        case (
            facts.RequestLapsed() | facts.TrackChanged() | facts.Ruled() | facts.Contributed() | facts.Assigned()
            | facts.LeaderChanged()
        ):  # fmt: skip
            return None
        case _:
            assert_never(fact)


def _checked(event_type: type[EventData], case: Case, /, **values: Any) -> EventData:
    """Values of the domain become the literals of the wire."""
    return event_type.model_validate({"case": case.number, "unit": case.unit, **values})


def _dates(case: Case, before: Deadline, after: Deadline) -> dict[str, Any]:
    return {
        "unit": after.unit or case.unit,
        "kind": after.kind.value,
        "due": after.due,
        "expires_at": after.expires_at,
        "previous_due": before.due,
        "provisional": after.provisional,
    }


def _named(deadline: Deadline) -> dict[str, Any]:
    return {"deadline": deadline.kind.value, "unit": deadline.unit}


def _moved(before: Deadline, after: Deadline) -> dict[str, Any]:
    return {
        **_named(after),
        "previous_due": before.due.isoformat(),
        "due": after.due.isoformat(),
        "expires_at": _utc(after.expires_at),
        "from": _utc(after.started_at),
        "days": after.days,
        "extension_days": after.extension_days,
        "pauses": [[_utc(pause.since), _utc(pause.until) if pause.until else None] for pause in after.pauses],
        "provisional": after.provisional,
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
