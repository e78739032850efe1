"""What a source hears of its own tickets: each status once, in the order in which things happened (I18)."""

from services.intake import store
from shared.contracts.inbox import ReceiptIssued
from shared.store import Tx

WITH_DATE = frozenset({"rectifying", "reworking", "reopened", "rescheduled"})
"""Statuses that say by when the unit is to have solved it."""


def tell_sources(tx: Tx, lead: store.Complaint, status: str, reason: str, reply: str = "") -> None:
    """Status on the source's own ticket, for the complaint and those linked to it. Sources over HTTPS ask (I18)."""
    unit = _public_name(tx, lead)
    for line in (lead, *store.followers(tx.session, lead.number)):
        if line.on_bus:
            data = ReceiptIssued(
                ticket=line.ticket,
                state="status",
                number=line.number,
                linked_to=line.lead,
                status=status,
                reply=reply or None,
                reason=reason or None,
                outcome=lead.outcome if status == "closed" else None,
                expected=lead.due if status in WITH_DATE else None,
                unit=unit,
            )
            tx.publish(data, subject=line.ticket, to=f"minping.receipt.{line.source}")


def tell_answer(tx: Tx, line: store.Complaint, result: str, grade: str | None) -> None:
    """What this ticket's own petitioner answered when he was asked, or that he was not reached (I11, I18)."""
    if line.on_bus:
        data = ReceiptIssued(
            ticket=line.ticket,
            state="status",
            number=line.number,
            linked_to=line.lead,
            status="called_back",
            reason=None if grade else result,
            grade=grade,
        )
        tx.publish(data, subject=line.ticket, to=f"minping.receipt.{line.source}")


def _public_name(tx: Tx, lead: store.Complaint) -> str | None:
    """The unit that handles it, once it was approved: before that nobody outside hears of a unit (I7)."""
    if lead.unit is None:
        return None
    unit = tx.session.get(store.Unit, lead.unit)
    return unit.name if unit else lead.unit
