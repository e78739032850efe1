"""What filing upward gives to write about: to the office, and to the leader of the unit whose office files (S14)."""

from collections.abc import Callable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import filings as f

LONGEST, MOST = 300, 10


def _received(d: f.FilingReceived) -> Matter:
    facts = {
        "unit": d.unit, "cycle": d.cycle_name, "of_cycle": d.of_cycle, "kind": d.kind, "version": d.version,
        "late": d.late, "filing": d.filing,
    }  # fmt: skip
    return Matter(f"filing {d.office} {d.filing} received", facts, about=d.unit)


def _refused(d: f.FilingRefused) -> Matter:
    facts = {
        "unit": d.unit, "of_cycle": d.of_cycle, "kind": d.kind, "filing": d.filing, "office": d.office,
        "reasons": [one_line(reason, LONGEST) for reason in d.reasons[:MOST]],
    }  # fmt: skip
    # What sends it may be no office of ours and name any unit: the office is told, that unit is not.
    return Matter(f"filing {d.office} {d.filing} refused", facts)


def _reviewed(d: f.FilingReviewed) -> Matter:
    facts = {
        "unit": d.unit, "cycle": d.cycle_name, "of_cycle": d.of_cycle, "kind": d.kind, "version": d.version,
        "decision": d.decision, "reasons": one_line(d.reasons, 1_000), "filing": d.filing,
    }  # fmt: skip
    return Matter(f"filing {d.office} {d.filing} {d.decision}", facts, ((d.unit, {}),), about=d.unit)


def _overdue(d: f.FilingOverdue) -> Matter:
    facts = {"unit": d.unit, "cycle": d.cycle_name, "by": d.by.isoformat()}
    return Matter(f"filing {d.cycle_name} {d.unit} overdue", facts, ((d.unit, {}),), about=d.unit)


def _answered(d: f.FilingAnswered) -> Matter:
    facts = {
        "cycle": d.cycle_name, "kind": d.kind, "state": d.state, "filing": d.filing,
        "reasons": [one_line(reason, LONGEST) for reason in d.reasons[:MOST]],
    }  # fmt: skip
    return Matter(f"filing {d.filing} answered {d.state}", facts, quiet=d.state == "received")


FILING_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    f.FilingReceived: _received,
    f.FilingRefused: _refused,
    f.FilingReviewed: _reviewed,
    f.FilingOverdue: _overdue,
    f.FilingAnswered: _answered,
}
"""Events of filings that letters can be written about."""
