"""Intake's own figures. No label holds a number, a source's ticket or anything of a person."""

from collections.abc import Callable
from typing import Any

from prometheus_client import Counter, Gauge
from sqlalchemy import event
from sqlmodel import Session

from shared.store import Tx

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


def count(tx: Tx, counter: Counter, label: str) -> None:
    """Count one when the transaction is committed: one that fails is run again, and must not count twice."""
    waiting: list[Callable[[], None]] | None = tx.session.info.get("counts")
    if waiting is None:
        waiting = tx.session.info["counts"] = []
        event.listen(tx.session, "after_commit", _counted, once=True)
    waiting.append(counter.labels(label).inc)


def _counted(session: Session, *_: Any) -> None:
    for add in session.info.pop("counts", ()):
        add()
