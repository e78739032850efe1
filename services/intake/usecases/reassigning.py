"""What becomes of an upheld objection at the approver's gate (I7, I17). Until then the first receiver stays liable."""

from services.intake import store
from services.intake.domain.transfer import Card, card_number
from services.intake.rules import Rules
from services.intake.store.objections import Objection
from services.intake.usecases import cards, objecting, papers
from shared.contracts.assignment import ObjectionRuled
from shared.store import Tx


def approved(rules: Rules, tx: Tx, line: store.Complaint, row: store.Transfer, card: Card) -> None:
    """The new card is approved: the matter changes hands; a new lead unit has a period of its own.

    Other objections to the assignment that is over now have nothing left to contest.
    """
    waiting = store.objections.of_assignment(tx.session, row.number, row.assignment)
    made = _proposed(waiting)
    moved, longer = card.lead_unit != row.lead_unit, card.days != row.days
    cards.put(row, card)
    row.assignment += 1
    row.proposed, row.state, row.assigned_at = None, "approved", tx.now
    if moved or longer:
        cards.begin_period(rules, tx, row)
    made.state, made.settled_by, made.settled_at = objecting.UPHELD, row.decided_by, tx.now
    tx.publish(
        ObjectionRuled(
            number=row.number,
            unit=made.unit,
            upheld=True,
            lead_unit=row.lead_unit if moved else None,
            cooperating_units=tuple(row.cooperating_units),
            territorial_unit=row.territorial_unit,
            days=row.days if moved or longer else None,
            reason=made.ruling,
            ruled_by_role="office",
        ),
        subject=row.number,
    )
    for other in waiting:
        if other.state == objecting.PENDING:
            other.ruling = other.ruling or made.ruling
            objecting.dismiss(tx, other, made.ruling, "office")
    papers.add_version(rules, tx, line, row, "reassigned")


def refused(rules: Rules, tx: Tx, line: store.Complaint, row: store.Transfer) -> None:
    """The approver does not agree: the matter stays with the first receiver."""
    made = _proposed(store.objections.of_assignment(tx.session, row.number, row.assignment))
    row.proposed, row.state = None, "approved"
    row.card = card_number(row.number, row.assignment)
    objecting.dismiss(tx, made, row.words, "approver")
    papers.add_version(rules, tx, line, row, "dismissed")


def _proposed(waiting: list[Objection]) -> Objection:
    return next(one for one in waiting if one.state == objecting.PROPOSED)
