"""Which unit answers a supervisor's contact card: the one that leads the card's matter, as soon as it has it (I10)."""

from datetime import datetime

from services.intake import store
from services.intake.rules import Rules
from services.intake.store.supervisors import Card
from shared.store import Tx


def answer_due(rules: Rules, at: datetime) -> datetime:
    """24:00 of the last day on which a card that was given then may be answered."""
    return rules.calendar.due(rules.calendar.local_date(at), rules.programme.supervisors.card_answer).expires_at


def transferred(rules: Rules, tx: Tx, lead: str, unit: str) -> None:
    """A matter went to a unit: it answers every card of the matter, counted from now. A new unit answers anew."""
    for row in store.supervisors.cards_of(tx.session, store.retention.matter_of(tx.session, lead)):
        _ask(rules, tx, row, unit)


def joined(rules: Rules, tx: Tx, number: str, lead: str) -> None:
    """A complaint joined a matter: if it came by card, and a unit has the matter already, that unit answers it."""
    card = tx.session.get(store.Transfer, lead)
    if card is not None and card.state in store.WITH_UNIT:
        for row in store.supervisors.cards_of(tx.session, [number]):
            _ask(rules, tx, row, card.lead_unit)


def parted(tx: Tx, number: str) -> None:
    """The link was undone: no unit has the card's own matter. What was answered stays."""
    for row in store.supervisors.cards_of(tx.session, [number]):
        if row.unit_answer is None:
            row.unit = row.unit_due = None


def _ask(rules: Rules, tx: Tx, row: Card, unit: str) -> None:
    if row.unit == unit:
        return
    row.unit, row.unit_due = unit, answer_due(rules, tx.now)
    row.unit_answer = row.unit_by = row.unit_at = None
