"""Intake's own figures. No label holds a number, a source's ticket or anything of a person."""

from prometheus_client import Counter, Gauge

REGISTERED = Counter("minping_intake_registered_total", "Complaints registered", ["channel"])
REPEATED = Counter("minping_intake_repeated_total", "Reports whose ticket was registered already", ["channel"])
LINKED = Counter("minping_intake_linked_total", "Complaints linked to an earlier one on the same matter", ["how"])
KEPT = Counter("minping_intake_kept_for_repair_total", "Reports kept for repair, by the field at fault", ["field"])
DECIDED = Counter("minping_intake_transfers_total", "Transfer cards decided", ["decision"])
CALLBACKS = Counter("minping_intake_callbacks_total", "Callbacks by result", ["result"])
DISCLOSURES = Counter("minping_intake_disclosures_total", "Steps towards the vault", ["step"])
WAITING = Gauge("minping_intake_waiting", "What waits for a person", ["what"])
"""`what`: approvals_pending, approvals_overdue, callbacks_open, kept_for_repair."""

_DATA = ("ticket", "channel", "title", "text", "unit", "topic", "place", "identity", "sealed_identity")
FIELDS = frozenset((*_DATA, "time", "reported_at", "id", "source", "type", "data", "(body)"))


def field_label(field: str) -> str:
    """A field as a label: one of those that are known, else `other` (what a source sends must not make labels)."""
    name = field.removeprefix("data.").split(".")[0]
    return name if name in FIELDS else "other"
