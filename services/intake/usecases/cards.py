"""The row of a transfer card: what it says, its units, its period."""

from services.intake import store
from services.intake.domain import transfer
from services.intake.domain.transfer import Card
from services.intake.rules import Rules
from services.intake.usecases import supplement
from shared.contracts.intake import TransferRequested
from shared.store import Tx


def put(row: store.Transfer, card: Card) -> None:
    """What a card says, on its row."""
    row.lead_unit, row.territorial_unit = card.lead_unit, card.territorial_unit
    row.track, row.days, row.cooperating_units = card.track, card.days, list(card.cooperating_units)
    row.paying_unit = card.paying_unit


def card_of(row: store.Transfer) -> Card:
    """What the row of a card says."""
    return Card(
        row.lead_unit,
        tuple(row.cooperating_units),
        row.territorial_unit,
        track_of(row.track),
        row.days,
        row.paying_unit,
    )


def proposed(row: store.Transfer) -> Card | None:
    """The card that an upheld objection proposes and no approver has decided on yet (I17)."""
    if not row.proposed:
        return None
    said = {**row.proposed, "cooperating_units": tuple(row.proposed["cooperating_units"])}
    return Card(**said)


def check_units(tx: Tx, card: Card) -> None:
    """The units of a card are registered, and none stands on it twice. Raises Refusal."""
    named = {card.lead_unit, *card.cooperating_units, card.territorial_unit, card.paying_unit}
    transfer.checked(card, store.unit_keys(tx.session, [key for key in named if key]))


def begin_period(rules: Rules, tx: Tx, row: store.Transfer) -> None:
    """The unit's period begins with the approval (R3)."""
    due = rules.calendar.due(rules.calendar.local_date(tx.now), row.days)
    row.assigned_at, row.solve_by, row.provisional = tx.now, due.date, due.provisional


def announce(tx: Tx, line: store.Complaint, row: store.Transfer, card: Card) -> None:
    """Tell the approvers that a card waits, with what it says."""
    tx.publish(
        TransferRequested(
            number=row.number,
            card=row.card,
            lead_unit=card.lead_unit,
            cooperating_units=card.cooperating_units,
            territorial_unit=card.territorial_unit,
            track=card.track,
            days=card.days,
            due=row.due,
            channel=line.channel,
            topic=line.topic,
            title=line.title,
            text=row.findings or supplement.whole_text(tx.session, line),
            advice=row.advice or "",
            basis=row.basis or "",
        ),
        subject=row.number,
    )


def track_of(value: str) -> transfer.Track:
    """A stored track; only those of the programme are ever stored."""
    match value:
        case "planned":
            return "planned"
        case "explained":
            return "explained"
        case _:
            return "immediate"
