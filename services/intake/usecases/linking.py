"""Same matter: linked, never merged, and undone again where it was wrong (I5)."""

from typing import Literal

from services.intake import metrics, store
from services.intake.domain import complaint, matter
from services.intake.domain.complaint import State
from services.intake.domain.scrub import scrub
from services.intake.models import ComplaintOut
from services.intake.rules import Rules
from services.intake.usecases import card_units
from services.intake.usecases.view import complaint_out
from shared.contracts.intake import ComplaintLinked, ComplaintUnlinked
from shared.contracts.petitioner import ComplaintHot
from shared.errors import Refusal
from shared.store import Tx

LAST_ROUND = 1_000_000


def link(rules: Rules, tx: Tx, number: str, lead_number: str, reason: str, by: str) -> ComplaintOut:
    """A clerk says that a complaint is about the same matter as an earlier one. Raises Refusal."""
    line, lead = store.by_number(tx.session, number), store.by_number(tx.session, lead_number)
    if lead.lead:
        lead = store.by_number(tx.session, lead.lead)
    if lead.number == line.number:
        raise Refusal("lead", lead_number, "a complaint does not repeat itself", "name another complaint")
    complaint.may_be_linked(State(line.state), leads_others=bool(store.petitioners(tx.session, number)))
    if not matter.may_join(store.as_matter(lead), None, line.reported_at, rules.reopen_within):
        remedy = "leave it a matter of its own"
        raise Refusal("lead", lead.number, "its matter ended, or was closed too long before", remedy, 409)
    join(rules, tx, line, lead, how="clerk", by=by, reason=scrub(reason))
    return complaint_out(line)


def join(
    rules: Rules,
    tx: Tx,
    line: store.Complaint,
    lead: store.Complaint,
    *,
    how: Literal["exact", "clerk"],
    by: str,
    reason: str,
) -> None:
    """Link a complaint to its matter's first one and tell it."""
    tx.session.add(
        store.Link(
            number=line.number, lead=lead.number, how=how, by=by, at=tx.now, reason=reason, state_before=line.state
        )
    )
    line.lead, line.state = lead.number, State.LINKED.value
    tx.session.flush()
    _count(rules, tx, lead)
    card_units.joined(rules, tx, line.number, lead.number)
    tx.publish(
        ComplaintLinked(
            number=line.number,
            lead=lead.number,
            how=how,
            can_be_called=line.identity != "anonymous",
            petitioners=lead.petitioners,
            hot=lead.hot,
            excluded=bool(line.petitioner and store.exclusion.standing(tx.session, line.petitioner)),
            step=2 * len(store.links(tx.session, line.number)) - 1,
        ),
        subject=line.number,
    )
    metrics.count(tx, metrics.LINKED, how)


def _count(rules: Rules, tx: Tx, lead: store.Complaint) -> None:
    """Who stands behind a matter now; when it becomes hot for the first time, its leaders are told, once (I5)."""
    lead.petitioners = store.people_behind(tx.session, lead.number)
    lead.hot = lead.petitioners >= rules.hot_from
    if lead.hot and lead.hot_at is None:
        lead.hot_at = tx.now
        hot = ComplaintHot(number=lead.number, petitioners=lead.petitioners, unit=lead.unit, title=lead.title)
        tx.publish(hot, subject=lead.number)


def unlink(rules: Rules, tx: Tx, number: str, reason: str, by: str) -> ComplaintOut:
    """Undo a link: the complaint is a matter of its own again, to be screened. Raises Refusal."""
    line = store.by_number(tx.session, number)
    if line.lead is None:
        raise Refusal("number", number, "the complaint is not linked", "see its links", 409)
    lead = store.by_number(tx.session, line.lead)
    made = store.links(tx.session, number)
    last = made[-1]
    last.undone_by, last.undone_at, last.undone_reason = by, tx.now, scrub(reason)
    line.lead, line.state, line.objected_to = None, last.state_before, 0
    tx.session.flush()
    _count(rules, tx, lead)
    for task in store.open_callbacks(tx.session, lead.number, LAST_ROUND):
        if task.number == number:
            task.state = "superseded"
    card_units.parted(tx, number)
    undone = ComplaintUnlinked(number=number, lead=lead.number, reason=scrub(reason), step=2 * len(made))
    tx.publish(undone, subject=number)
    return complaint_out(line)
