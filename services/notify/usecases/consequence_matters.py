"""What becomes of a consequence, as letters: overdue, sent back, closed, appealed, ruled on (S12)."""

from collections.abc import Callable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import consequences as c


def _facts(d: Any) -> dict[str, Any]:
    return {"consequence": d.consequence, "cycle": d.cycle_name, "unit": d.unit, "kind": d.kind}


def _overdue(d: c.ConsequenceOverdue) -> Matter:
    due = d.due.isoformat()  # another deadline is another matter
    return Matter(
        f"consequence {d.consequence} overdue {due}", {**_facts(d), "due": due}, ((d.unit, {}),), about=d.unit
    )


def _returned(d: c.ConsequenceReturned) -> Matter:
    facts = {**_facts(d), "reason": one_line(d.reason), "due": d.due.isoformat()}
    return Matter(f"consequence {d.consequence} returned {facts['due']}", facts, ((d.unit, {}),), about=d.unit)


def _closed(d: c.ConsequenceClosed) -> Matter:
    return Matter(f"consequence {d.consequence} closed", _facts(d), ((d.unit, {}),), about=d.unit)


def _appealed(d: c.ConsequenceAppealed) -> Matter:
    facts = {**_facts(d), "grounds": one_line(d.grounds)}
    return Matter(f"consequence {d.consequence} appealed", facts, about=d.unit)


def _ruled(d: c.ConsequenceRuled) -> Matter:
    facts = {**_facts(d), "upheld": d.upheld, "reason": one_line(d.reason)}
    return Matter(f"consequence {d.consequence} ruled", facts, ((d.unit, {}),), about=d.unit)


CONSEQUENCE_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    c.ConsequenceOverdue: _overdue,
    c.ConsequenceReturned: _returned,
    c.ConsequenceClosed: _closed,
    c.ConsequenceAppealed: _appealed,
    c.ConsequenceRuled: _ruled,
}
"""Events of a consequence's course that letters can be written about."""
