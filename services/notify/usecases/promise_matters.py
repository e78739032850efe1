"""What plans and promises are about, as far as letters go (R2, R8)."""

from collections.abc import Callable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import rectification_promises as r


def _plan_returned(d: r.PlanReturned) -> Matter:
    facts = {
        "case": d.case, "unit": d.unit, "version": d.version, "due": d.due.isoformat() if d.due else None,
        "reasons": [one_line(reason) for reason in d.reasons],
    }  # fmt: skip
    return Matter(f"plan {d.case} {d.version} returned", facts, ((d.unit, {}),), d.case, about=d.unit)


def _committed(d: r.CaseCommitted) -> Matter:
    facts = {
        "case": d.case, "unit": d.unit, "commitment": d.commitment, "text": d.text, "due": d.due.isoformat(),
        "promised_by": one_line(d.person, 80),
    }  # fmt: skip
    return Matter(f"commitment {d.commitment} filed", facts, ((d.unit, {}),), d.case, about=d.unit)


def _broken(d: r.CommitmentBroken) -> Matter:
    facts = {
        "case": d.case, "unit": d.unit, "commitment": d.commitment, "due": d.due.isoformat() if d.due else None,
        "evidence": [one_line(piece) for piece in d.evidence],
    }  # fmt: skip
    units = (d.unit,) if d.paying_unit == d.unit else (d.unit, d.paying_unit)
    key = f"commitment {d.commitment} broken{' after correction' if d.corrects else ''}"
    return Matter(key, facts, tuple((unit, {}) for unit in units), d.case, about=d.unit)


PROMISE_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    r.PlanReturned: _plan_returned,
    r.CaseCommitted: _committed,
    r.CommitmentBroken: _broken,
}
"""Events of plans and promises that letters can be written about."""
