"""The transfer card and the leader's gate before it: asked for, approved, amended or refused, chased (I6, I7)."""

from datetime import date

from services.intake import metrics, store
from services.intake.domain import complaint, transfer
from services.intake.domain.complaint import State
from services.intake.domain.inspection import origin_of
from services.intake.domain.scrub import scrub
from services.intake.domain.self_report import is_self_reported
from services.intake.domain.transfer import Card
from services.intake.models import AmendIn, ApprovalIn, TransferIn, TransferOut
from services.intake.rules import Rules
from services.intake.store.self_reports import others_before
from services.intake.usecases import (
    absences,
    card_units,
    cards,
    deadlines,
    feedback,
    papers,
    reassigning,
    suggesting,
    supplement,
)
from services.intake.usecases.batch import each
from services.intake.usecases.inspection_versions import finding_dismissed
from services.intake.usecases.telling import tell_sources
from services.intake.usecases.view import transfer_out
from shared.contracts.intake import TransferApproved, TransferRefused
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx

MAY_BE_NONE = ("territorial_unit", "paying_unit")
"""What the approver may take off a card."""


def request(rules: Rules, tx: Tx, number: str, wanted: TransferIn, by: str) -> TransferOut:
    """Ask for the transfer of an accepted complaint; no unit sees it yet (I7). Raises Refusal."""
    return transfer_out(ask(rules, tx, store.by_number(tx.session, number), wanted, by), tx.now)


def ask(rules: Rules, tx: Tx, line: store.Complaint, wanted: TransferIn, by: str) -> store.Transfer:
    """The card of an accepted complaint, waiting for the leader; overdue at 24:00 of the approval's last day."""
    _must_fit(rules, line, wanted.track)
    line.state = complaint.requested(State(line.state)).value
    card = Card(
        lead_unit=wanted.lead_unit,
        cooperating_units=tuple(wanted.cooperating_units),
        territorial_unit=wanted.territorial_unit,
        track=wanted.track,
        days=wanted.days or rules.days_of(wanted.track),
        paying_unit=wanted.paying_unit,
    )
    cards.check_units(tx, card)
    row = tx.session.get(store.Transfer, line.number)
    start, days = line.screened_at or tx.now, rules.programme.deadlines.approval
    round_ = row.version + 1 if row else 1
    due = deadlines.begin(rules, tx, "approval", line.number, days=days, at=start, round_=round_)
    if row:  # it came back from the discipline organ: another card
        row.assignment += 1
        row.card = transfer.card_number(line.number, row.assignment)
    row = row or store.Transfer(
        number=line.number,
        card=transfer.card_number(line.number),
        lead_unit="",
        track="",
        days=0,
        requested_by=by,
        requested_at=tx.now,
        due=due.expires_at,
    )
    row.state, row.requested_by, row.requested_at, row.due = "requested", by, tx.now, due.expires_at
    row.findings, row.advice, row.basis = (scrub(text or "") for text in (wanted.findings, wanted.advice, wanted.basis))
    cards.put(row, card)
    tx.session.add(row)
    suggesting.note_unit(rules, tx, line, card.lead_unit)
    papers.add_version(rules, tx, line, row, "requested")
    cards.announce(tx, line, row, card)
    return row


def approve(
    rules: Rules, tx: Tx, number: str, given: ApprovalIn | None, actor: Actor, *, promised: date | None = None
) -> TransferOut:
    """The leader approves, perhaps with changes: from now the unit may see the matter (I7). Raises Refusal.

    A card that an upheld objection proposes goes through the same gate; the case then changes hands (I17).
    promised: the day that the unit's leader promised in the hall, which is his approval (S4).
    """
    line, row = _waiting(rules, tx, number, actor, by_promise=promised is not None)
    amend = given.amend if given else None
    proposed = cards.proposed(row) or cards.card_of(row)
    card, row.amended = _amended(rules, tx, proposed, amend) if amend else (proposed, False)
    _must_fit(rules, line, card.track)
    row.words = scrub(given.words) if given else ""
    if row.state == "reassigning":
        reassigning.approved(rules, tx, line, row, card)
    else:
        line.state = complaint.decided(State(line.state), approved=True).value
        cards.put(row, card)
        row.state = "approved"
        cards.begin_period(rules, tx, row)
        store.progress.note(tx.session, number, line.state, tx.now)
        tx.publish(_approval(rules, tx, line, row, actor, promised), subject=number)
        papers.add_version(rules, tx, line, row, "approved")
    line.unit = card.lead_unit
    card_units.transferred(rules, tx, number, card.lead_unit)
    suggesting.note_unit(rules, tx, line, card.lead_unit)
    metrics.count(tx, metrics.DECIDED, "amended" if row.amended else "approved")
    return transfer_out(row, tx.now)


def _amended(rules: Rules, tx: Tx, card: Card, amend: AmendIn) -> tuple[Card, bool]:
    changes = amend.model_dump(exclude_unset=True)
    if changes.get("cooperating_units") is not None:
        changes["cooperating_units"] = tuple(changes["cooperating_units"])
    if "track" in changes and changes.get("days") is None:
        changes["days"] = rules.days_of(changes["track"])
    kept = {name: value for name, value in changes.items() if value is not None or name in MAY_BE_NONE}
    new, different = transfer.amended(card, kept)
    cards.check_units(tx, new)
    return new, different


def _must_fit(rules: Rules, line: store.Complaint, track: str) -> None:
    """Raises Refusal (409) for a track that the programme does not give to matters of this channel (R2)."""
    if not rules.programme.may_take(track, line.channel):
        reason = f"is not for matters that came by {line.channel} in this programme"
        raise Refusal("track", track, reason, "solve it at once, or use a track that the programme allows", 409)


def _approval(
    rules: Rules, tx: Tx, line: store.Complaint, row: store.Transfer, actor: Actor, promised: date | None
) -> TransferApproved:
    exposed = rules.programme.channel(line.channel).verification
    return TransferApproved(
        number=line.number,
        card=row.card,
        lead_unit=row.lead_unit,
        cooperating_units=tuple(row.cooperating_units),
        territorial_unit=row.territorial_unit,
        paying_unit=row.paying_unit,
        track=cards.track_of(row.track),
        days=row.days,
        channel=line.channel,
        topic=line.topic,
        dimension=rules.dimension_of(line.topic),
        title=line.title,
        text=supplement.whole_text(tx.session, line),
        can_be_called=line.identity != "anonymous",
        petitioners=store.petitioners(tx.session, line.number),
        approver_role=actor.role,
        amended=row.amended,
        stands_in_for=row.stands_in_for,
        self_reported=is_self_reported(
            line.channel, line.named_unit, row.lead_unit, others_before=others_before(tx.session, line)
        ),
        origin="exposure" if exposed else origin_of(line.channel),
        promised=promised,
    )


def refuse(rules: Rules, tx: Tx, number: str, reason: str, actor: Actor) -> TransferOut:
    """The leader refuses, in words (I4, I7): the complainant is answered, or an objection is dismissed after all (I17).

    Raises Refusal.
    """
    line, row = _waiting(rules, tx, number, actor)
    row.reason = row.words = scrub(reason)
    if row.state == "reassigning":
        reassigning.refused(rules, tx, line, row)
    else:
        line.state = complaint.decided(State(line.state), approved=False).value
        line.reason, row.state = row.reason, "refused"
        store.progress.note(tx.session, number, line.state, tx.now)
        tx.publish(TransferRefused(number=number, card=row.card, reason=row.reason), subject=number)
        tell_sources(tx, line, line.state, row.reason)
        feedback.ended(rules, tx, line)
        finding_dismissed(tx, line, row.reason, actor.sub)
        papers.add_version(rules, tx, line, row, "refused")
    metrics.count(tx, metrics.DECIDED, "refused")
    return transfer_out(row, tx.now)


def _waiting(
    rules: Rules, tx: Tx, number: str, actor: Actor, *, by_promise: bool = False
) -> tuple[store.Complaint, store.Transfer]:
    """A card that waits, for somebody who may decide on it now. What fell due before has fired."""
    line = store.by_number(tx.session, number)
    row = tx.session.get(store.Transfer, number)
    if row is None:
        raise Refusal("transfer", number, "no transfer was asked for", "see GET /api/v1/transfers", 404)
    absent = None if by_promise else absences.acting_for(rules, tx, actor, "approver")
    transfer.gate(row.requested_by, actor.sub, absent)
    if row.state != "reassigning":
        complaint.decided(State(line.state), approved=True)
    deadlines.finish(rules, tx, "approval", number)
    row.stands_in_for, row.decided_by, row.decided_role, row.decided_at = absent, actor.sub, actor.role, tx.now
    return line, row


def approve_many(rules: Rules, tx: Tx, numbers: list[str], actor: Actor) -> list[TransferOut]:
    """Approve a stack of cards as they are, all or none. Raises Refusal naming the card."""
    return each("numbers", numbers, lambda number: approve(rules, tx, number, None, actor))
