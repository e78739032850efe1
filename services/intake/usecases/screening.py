"""From the register to the unit: screening, the transfer card, and the leader's gate before it (I4, I6, I7)."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.intake import metrics, store
from services.intake.domain import complaint, transfer
from services.intake.domain.complaint import State
from services.intake.domain.scrub import scrub
from services.intake.domain.transfer import Card
from services.intake.models import AmendIn, BatchIn, ComplaintOut, ScreeningIn, TransferIn, TransferOut
from services.intake.rules import Rules
from services.intake.usecases.standing import tell_sources
from services.intake.usecases.view import complaint_out, transfer_out
from shared.contracts.intake import ComplaintScreened, TransferApproved, TransferRefused, TransferRequested
from shared.errors import Refusal
from shared.store import Tx


def screen(rules: Rules, tx: Tx, number: str, given: ScreeningIn, by: str) -> ComplaintOut:
    """A clerk's decision, with its reason; with `transfer` the card is asked for in the same step (I4).

    Raises Refusal.
    """
    line = store.by_number(tx.session, number)
    if line.lead:
        raise Refusal("number", number, f"it is handled together with {line.lead}", "screen that one", 409)
    if given.transfer and given.decision != "accepted":
        raise Refusal("transfer", given.decision, "only an accepted complaint is transferred", "leave it out")
    rules.dimension_of(given.topic)
    line.state = complaint.screened(State(line.state), given.decision).value
    line.reason, line.screened_by, line.screened_at = scrub(given.reason), by, tx.now
    store.progress.note(tx.session, number, line.state, tx.now)
    line.topic = given.topic or line.topic
    unit = given.transfer.lead_unit if given.transfer else None
    tx.publish(ComplaintScreened(number=number, decision=given.decision, reason=line.reason, unit=unit), subject=number)
    if given.decision != "accepted":
        tell_sources(tx, line, line.state, line.reason)
    if given.transfer:
        _request(rules, tx, line, given.transfer, by)
    return complaint_out(line)


def screen_many(rules: Rules, tx: Tx, batch: BatchIn, by: str) -> list[ComplaintOut]:
    """Accept many and ask for their transfers, all or none. Raises Refusal naming the item (`items.3.…`)."""
    done = []
    for index, item in enumerate(batch.items):
        given = ScreeningIn(decision="accepted", reason=item.reason, topic=item.topic, transfer=item.transfer)
        with _named(f"items.{index}"):
            done.append(screen(rules, tx, item.number, given, by))
    return done


def approve_many(rules: Rules, tx: Tx, numbers: list[str], by: str, role: str) -> list[TransferOut]:
    """Approve a stack of cards as they are, all or none. Raises Refusal naming the card."""
    done = []
    for index, number in enumerate(numbers):
        with _named(f"numbers.{index}"):
            done.append(approve(rules, tx, number, None, by, role))
    return done


@contextmanager
def _named(item: str) -> Iterator[None]:
    """A refusal inside says which item of a batch it is about."""
    try:
        yield
    except Refusal as refusal:
        where = f"{item}.{refusal.field}"
        raise Refusal(where, refusal.value, refusal.reason, refusal.remedy, refusal.status) from None


def request_transfer(rules: Rules, tx: Tx, number: str, wanted: TransferIn, by: str) -> TransferOut:
    """Ask for the transfer of an accepted complaint; no unit sees it yet (I7). Raises Refusal."""
    return transfer_out(_request(rules, tx, store.by_number(tx.session, number), wanted, by), tx.now)


def _request(rules: Rules, tx: Tx, line: store.Complaint, wanted: TransferIn, by: str) -> store.Transfer:
    line.state = complaint.requested(State(line.state)).value
    card = Card(
        lead_unit=wanted.lead_unit,
        cooperating_units=tuple(wanted.cooperating_units),
        territorial_unit=wanted.territorial_unit,
        track=wanted.track,
        days=wanted.days or rules.days_of(wanted.track),
    )
    _check_units(tx, card)
    start = rules.calendar.local_date(line.screened_at or tx.now)
    due = rules.calendar.due(start, rules.programme.deadlines.approval).expires_at
    row = store.Transfer(
        number=line.number,
        card=transfer.card_number(line.number),
        lead_unit=card.lead_unit,
        cooperating_units=list(card.cooperating_units),
        territorial_unit=card.territorial_unit,
        track=card.track,
        days=card.days,
        requested_by=by,
        requested_at=tx.now,
        due=due,
    )
    tx.session.add(row)
    tx.publish(
        TransferRequested(
            number=line.number,
            card=row.card,
            lead_unit=card.lead_unit,
            cooperating_units=card.cooperating_units,
            territorial_unit=card.territorial_unit,
            track=card.track,
            days=card.days,
            due=due,
        ),
        subject=line.number,
    )
    return row


def _check_units(tx: Tx, card: Card) -> None:
    named = {card.lead_unit, *card.cooperating_units} | ({card.territorial_unit} - {None})
    transfer.checked(card, store.unit_keys(tx.session, [key for key in named if key]))


def approve(rules: Rules, tx: Tx, number: str, amend: AmendIn | None, by: str, role: str) -> TransferOut:
    """The leader approves, perhaps with changes: from now the unit may see the matter (I7). Raises Refusal."""
    line, row = _waiting(tx, number, by)
    card = Card(row.lead_unit, tuple(row.cooperating_units), row.territorial_unit, _track(row.track), row.days)
    if amend:
        changes = amend.model_dump(exclude_unset=True)
        if changes.get("cooperating_units") is not None:
            changes["cooperating_units"] = tuple(changes["cooperating_units"])
        if "track" in changes and changes.get("days") is None:
            changes["days"] = rules.days_of(changes["track"])
        kept = {name: value for name, value in changes.items() if value is not None or name == "territorial_unit"}
        card, row.amended = transfer.amended(card, kept)
        _check_units(tx, card)
    line.state = complaint.decided(State(line.state), approved=True).value
    line.unit = card.lead_unit
    row.lead_unit, row.territorial_unit, row.track, row.days = (
        card.lead_unit,
        card.territorial_unit,
        card.track,
        card.days,
    )
    row.cooperating_units = list(card.cooperating_units)
    row.state, row.decided_by, row.decided_at = "approved", by, tx.now
    store.progress.note(tx.session, number, line.state, tx.now)
    tx.publish(
        TransferApproved(
            number=number,
            card=row.card,
            lead_unit=card.lead_unit,
            cooperating_units=card.cooperating_units,
            territorial_unit=card.territorial_unit,
            track=card.track,
            days=card.days,
            channel=line.channel,
            topic=line.topic,
            dimension=rules.dimension_of(line.topic),
            title=line.title,
            text=line.text,
            can_be_called=line.identity != "anonymous",
            petitioners=store.petitioners(tx.session, number),
            approver_role=role,
            amended=row.amended,
        ),
        subject=number,
    )
    metrics.count(tx, metrics.DECIDED, "amended" if row.amended else "approved")
    return transfer_out(row, tx.now)


def refuse(tx: Tx, number: str, reason: str, by: str) -> TransferOut:
    """The leader refuses the transfer; the complainant is answered (I4, I7). Raises Refusal."""
    line, row = _waiting(tx, number, by)
    line.state = complaint.decided(State(line.state), approved=False).value
    line.reason = row.reason = scrub(reason)
    row.state, row.decided_by, row.decided_at = "refused", by, tx.now
    store.progress.note(tx.session, number, line.state, tx.now)
    tx.publish(TransferRefused(number=number, card=row.card, reason=row.reason), subject=number)
    tell_sources(tx, line, line.state, row.reason)
    metrics.count(tx, metrics.DECIDED, "refused")
    return transfer_out(row, tx.now)


def _waiting(tx: Tx, number: str, by: str) -> tuple[store.Complaint, store.Transfer]:
    line = store.by_number(tx.session, number)
    row = tx.session.get(store.Transfer, number)
    if row is None:
        raise Refusal("transfer", number, "no transfer was asked for", "see GET /api/v1/transfers", 404)
    transfer.gate(row.requested_by, by)
    return line, row


def _track(value: str) -> transfer.Track:
    """A stored track; only those of the programme are ever stored."""
    match value:
        case "planned":
            return "planned"
        case "explained":
            return "explained"
        case _:
            return "immediate"
