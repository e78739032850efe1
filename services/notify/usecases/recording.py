"""What notify keeps on record of the events it hears, for circulars and leaders' papers (N6, N9).

Facts of a unit's work, kept as the event said them. Of a complaint only what its unit sees after the approval; nothing
before it (I7), nothing of the vault, nothing of a referral.
"""

from collections.abc import Callable, Iterable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.store import record
from shared.contracts import Event, EventData, bonus, canvassing, consequences, inspection, intake
from shared.contracts import rectification as r
from shared.contracts import rectification_duties as d
from shared.contracts import rectification_promises as p
from shared.contracts import rectification_terms as t
from shared.contracts import scoring as s
from shared.contracts.opinions import OpinionFedBack, OpinionIssued
from shared.store import Tx

LEFT_OUT = frozenset({"expires_at", "signed_by", "petitioners", "roles", "evidence", "can_be_called", "ruled_by"})
"""Fields that no paper needs: who signed is on the ledger, numbers of petitioners are intake's."""


def _one(data: Any) -> Iterable[str]:
    return (data.unit,)


def _lead(data: Any) -> Iterable[str]:
    return (data.lead_unit,)


def _paying(data: r.CaseLapsed) -> Iterable[str]:
    return dict.fromkeys((data.unit, data.paying_unit))


def _both(data: t.CaseReassigned) -> Iterable[str]:
    return dict.fromkeys((data.unit, data.previous_unit))


KEPT: dict[type[EventData], Callable[[Any], Iterable[str]]] = {
    r.CaseOpened: _lead,
    r.CaseReturned: _one,
    r.CaseClosed: _one,
    r.CaseReopened: _one,
    r.CaseLapsed: _paying,
    r.DeadlinePassed: _one,
    r.DeadlineEscalated: _one,
    t.CaseReassigned: _both,
    t.DeadlineExtended: _one,
    t.DeadlineResumed: _one,
    p.CaseCommitted: _one,
    p.CommitmentKept: _one,
    p.CommitmentBroken: _one,
    d.ObligationMet: _one,
    d.ObligationMissed: _one,
    d.LatenessExcused: _one,
    inspection.CoverageMissed: _one,
    inspection.InspectionRecorded: _one,
    intake.TransferApproved: _lead,
    s.PointsDeducted: _one,
    s.PointsRestored: _one,
    bonus.PointsAwarded: _one,
    bonus.PointsWithdrawn: _one,
    s.ConsequenceConfirmed: _one,
    s.ConsequenceWithdrawn: _one,
    consequences.ConsequenceExecuted: _one,
    consequences.ConsequenceClosed: _one,
    consequences.ConsequenceRuled: _one,
    canvassing.CanvassingEstablished: _one,
    canvassing.CanvassingRuled: _one,
    OpinionIssued: _one,
    OpinionFedBack: _one,
    s.RankingPublished: lambda data: (),
    s.CycleClosed: lambda data: (),
}
"""Every event that is kept, and the units that it is about."""


def keep(tx: Tx, event: Event[Any]) -> None:
    """Keep what an event says, under its own time; and how its case stands now."""
    data = event.data
    if type(data) not in KEPT or (isinstance(data, intake.TransferApproved) and data.origin != "inspection"):
        return
    record.add(tx.session, _rows(event))
    case, said = _stand(data)
    if case:
        record.stands(tx.session, case, event.time, said)


def kind_of(data: type[EventData]) -> str:
    """`rectification.case.closed`."""
    return data.TYPE.removeprefix("minping.").rpartition(".")[0]


def _rows(event: Event[Any]) -> list[dict[str, Any]]:
    data = event.data
    same = {"event": event.id, "kind": kind_of(type(data)), "at": event.time}
    if isinstance(data, s.RankingPublished):
        return [
            {**same, "key": f"{event.id}|{row.unit}", "unit": row.unit, "case": None,
             "facts": {"cycle": data.cycle_name, **row.model_dump(mode="json", exclude_none=True)}}
            for row in data.rows
        ]  # fmt: skip
    facts = data.model_dump(mode="json", exclude=set(LEFT_OUT), exclude_none=True)
    case = getattr(data, "case", None) or getattr(data, "duty", None) or getattr(data, "number", None)
    units: Iterable[str | None] = tuple(KEPT[type(data)](data)) or (None,)
    return [{**same, "key": f"{event.id}|{unit or ''}", "unit": unit, "case": case, "facts": facts} for unit in units]


def _stand(data: Any) -> tuple[str | None, dict[str, Any]]:
    """What an event says of a case: of duties nothing, they are no cases."""
    case = getattr(data, "case", None)
    if not case or str(case).startswith("duty:"):
        return None, {}
    match data:
        case r.CaseOpened():
            opened = {"title": one_line(data.title, 80), "track": data.track, "topic": data.topic}
            return data.case, {"opened": opened, "unit": data.lead_unit, "due": data.due}
        case r.CaseClosed():
            return data.case, {"closed": data.outcome}
        case r.CaseReopened():
            return data.case, {"reopened": True, "due": data.due}
        case t.CaseReassigned():
            return data.case, {"unit": data.unit, "due": data.due}
        case r.CaseReturned():
            return data.case, {"due": data.rework_due}
        case t.DeadlineExtended() | t.DeadlineResumed() if data.kind in ("solve", "explain", "rework"):
            return data.case, {"due": data.due}
        case _:
            return None, {}
