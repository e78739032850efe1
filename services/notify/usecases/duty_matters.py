"""What dated duties are about, as far as letters go (R9): announced once, missed once."""

from collections.abc import Callable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.domain.recipient import OFFICE
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import rectification_duties as r


def _due(d: r.ObligationDue) -> Matter:
    # A date counted anew is told by the deadline's own events; the duty itself is announced once.
    return _matter(d, f"{d.duty} due", {"provisional": d.provisional})


def _missed(d: r.ObligationMissed) -> Matter:
    return _matter(d, f"{d.duty} missed", {"costs": d.costs})


def _matter(d: r.ObligationDue | r.ObligationMissed, key: str, more: dict[str, Any]) -> Matter:
    facts = {
        "duty": d.duty, "unit": d.unit, "period": d.period, "task": d.obligation == "task",
        "title": one_line(d.title, 80), "due": d.due.isoformat(),
    }  # fmt: skip
    if d.unit == OFFICE:
        return Matter(key, facts | more)
    return Matter(key, facts | more, ((d.unit, {}),), about=d.unit)


DUTY_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    r.ObligationDue: _due,
    r.ObligationMissed: _missed,
}
"""Events of duties that letters can be written about."""
