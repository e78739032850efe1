"""What inspections and supervisors give to write about: a unit that nobody inspected, a term that ends, an answer."""

from collections.abc import Callable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import inspection as n


def _missed(d: n.CoverageMissed) -> Matter:
    facts = {"unit": d.unit, "quarter": d.quarter}
    return Matter(f"coverage {d.quarter} {d.unit} missed", facts, ((d.unit, {}),), about=d.unit)


def _appointed(d: n.SupervisorAppointed) -> Matter:
    facts = {
        "supervisor": d.supervisor, "kind": d.kind, "appointed_by": d.appointed_by,
        "letter": one_line(d.letter, 100), "letter_date": d.letter_date.isoformat(), "since": d.since.isoformat(),
        "until": d.until.isoformat(), "renewed": d.renewed,
    }  # fmt: skip
    return Matter(f"supervisor {d.supervisor} appointed {d.since}", facts)


def _expiring(d: n.SupervisorExpiring) -> Matter:
    facts = {"supervisor": d.supervisor, "until": d.until.isoformat(), "expired": d.expired}
    return Matter(f"supervisor {d.supervisor} {d.until} {'expired' if d.expired else 'expiring'}", facts)


def _answered(d: n.CardAnswered) -> Matter:
    facts = {"card": d.card, "number": d.number, "unit": d.unit, "answered_by": d.answered_by}
    return Matter(f"card {d.card} answered by {d.unit or d.answered_by}", facts, case=d.number, about=d.unit)


OVERSIGHT_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    n.CoverageMissed: _missed,
    n.SupervisorAppointed: _appointed,
    n.SupervisorExpiring: _expiring,
    n.CardAnswered: _answered,
}
"""Events of inspections and supervisors that letters can be written about."""
