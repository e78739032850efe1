"""What duties look like outside: entries of the ledger, and events on the bus (R9)."""

from typing import Any

from services.rectification.domain.deadline import Deadline
from services.rectification.domain.obligation import Duty, Handing, Task
from shared.contracts.rectification import DeadlineSet
from shared.contracts.rectification_duties import ObligationDue, ObligationMet, ObligationMissed
from shared.programme.obligations import RESPONSIBLE, Responsible


def opening(duty: Duty) -> dict[str, Any]:
    """The entry of an announcement: all that is asked for, as it was announced."""
    return {
        "obligation": duty.obligation,
        "period": duty.period,
        "unit": duty.unit,
        "title": duty.title,
        "due": duty.due.isoformat(),
        "provisional": duty.provisional,
        "items": [item.label for item in duty.items],
        "document": duty.document,
        "published": duty.published,
    }


def handed_in(handing: Handing, *, late: bool) -> dict[str, Any]:
    """The entry of what was handed in."""
    return {
        "by": handing.by,
        "late": late,
        "answers": dict(handing.answers),
        "documents": list(handing.documents),
        "address": handing.address,
    }


def published(task: Task) -> dict[str, Any]:
    """The entry of a published task."""
    return {
        "decision": task.decision,
        "content": task.content,
        "standard": task.standard,
        "lead_unit": task.lead_unit,
        "cooperating_units": list(task.cooperating_units),
        "territorial_unit": task.territorial_unit,
        "person": task.person,
        "due": task.due.isoformat(),
    }


def due_event(duty: Duty, task: Task | None = None, responsible: Responsible | None = None) -> ObligationDue:
    """A period's duty was announced, or a task was published. responsible: the role that answers for the duty."""
    more: dict[str, Any] = {"person": RESPONSIBLE[responsible].zh} if responsible else {}
    if task is not None:
        more = {
            "person": task.person,
            "decision": task.decision,
            "cooperating_units": task.cooperating_units,
            "territorial_unit": task.territorial_unit,
        }
    standard = tuple(item.label for item in duty.items)
    return ObligationDue(
        **_same(duty), expires_at=duty.expires_at, provisional=duty.provisional, standard=standard, **more
    )


def met_event(duty: Duty, handing: Handing) -> ObligationMet:
    """The office accepted what was handed in."""
    return ObligationMet(**_same(duty), met=handing.at, late=duty.missed_at is not None)


def missed_event(duty: Duty) -> ObligationMissed:
    """Nothing stood when the due day had ended."""
    return ObligationMissed(**_same(duty), costs=duty.costs)


def set_event(duty: Duty, deadline: Deadline) -> DeadlineSet:
    """The duty's deadline was set anew."""
    return DeadlineSet(
        case=duty.id,
        unit=duty.unit,
        kind=deadline.kind.value,
        due=deadline.due,
        expires_at=deadline.expires_at,
        provisional=deadline.provisional,
    )


def _same(duty: Duty) -> dict[str, Any]:
    return {
        "duty": duty.id,
        "obligation": duty.obligation,
        "unit": duty.unit,
        "period": duty.period,
        "title": duty.title,
        "due": duty.due,
    }
