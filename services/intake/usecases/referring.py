"""Suspected misconduct goes to the discipline organ, never to the accused unit or its leaders (I15)."""

from sqlmodel import Session

from services.intake import store
from services.intake.domain import complaint, referral
from services.intake.domain.complaint import State
from services.intake.domain.scrub import scrub
from services.intake.models.referrals import (
    ConclusionIn,
    MisconductIn,
    ReadingOut,
    ReferralDetail,
    ReferralOut,
    ReferralReceiptIn,
)
from services.intake.rules import Rules
from services.intake.store.referrals import Referral, ReferralReading
from services.intake.usecases import deadlines, linking, papers
from services.intake.usecases.telling import tell_sources
from shared.contracts.assignment import MatterReferred, ReferralConcluded
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx

APART = "另行办理 (handled apart)"


def refer(rules: Rules, tx: Tx, actor: Actor, number: str, given: MisconductIn) -> ReferralOut:
    """Hand a matter to the discipline organ. Raises Refusal (409 while a referral of it runs).

    Before a transfer the organ takes the matter itself, a card that waits is withdrawn, a complaint linked to
    another is taken out. Where a unit has it, the referral stands beside the case and changes nothing there.
    """
    line = store.by_number(tx.session, number)
    earlier = store.referrals.latest(tx.session, number)
    if earlier and earlier.state != referral.CONCLUDED:
        raise Refusal("referral", number, "it is with the discipline organ already", "add to it there", 409)
    lead = store.lead_of(tx.session, line)
    taken = complaint.referred(State(lead.state))
    if taken and line.lead:
        linking.unlink(rules, tx, number, APART, actor.sub)
    if taken:
        _withdraw_card(rules, tx, line)
        deadlines.finish(rules, tx, "verification", number)
        line.state = taken.value
        store.progress.note(tx.session, number, line.state, tx.now)
        tell_sources(tx, line, line.state, referral.NEUTRAL)
    row = Referral(
        number=number, reason=scrub(given.reason), by=actor.sub, role=actor.role, at=tx.now, aside=taken is None
    )
    tx.session.add(row)
    tx.session.flush()
    tx.publish(MatterReferred(number=number, reason=row.reason), subject=number)
    return _out(row)


def _withdraw_card(rules: Rules, tx: Tx, line: store.Complaint) -> None:
    row = tx.session.get(store.Transfer, line.number)
    if row and row.state == "requested":
        deadlines.finish(rules, tx, "approval", line.number)
        row.state = "withdrawn"
        papers.add_version(rules, tx, line, row, "withdrawn")


def receive(rules: Rules, tx: Tx, actor: Actor, number: str, given: ReferralReceiptIn) -> ReferralOut:
    """The organ's receipt. Raises Refusal."""
    row = _row(tx.session, number)
    row.state = referral.received(row.state)
    if given.on > rules.calendar.local_date(tx.now):
        raise Refusal("on", given.on.isoformat(), "it lies in the future", "give the day of the receipt")
    row.receipt, row.received_on, row.received_by = scrub(given.receipt), given.on, actor.sub
    return _out(row)


def conclude(tx: Tx, actor: Actor, number: str, given: ConclusionIn) -> ReferralOut:
    """The organ's outcome; the complainant is told that it is done, no more. Raises Refusal."""
    row, line = _row(tx.session, number), store.by_number(tx.session, number)
    row.state = referral.concluded(row.state)
    row.outcome, row.words = given.outcome, scrub(given.words)
    row.concluded_by, row.concluded_at = actor.sub, tx.now
    if not row.aside:
        line.state = (State.REGISTERED if given.outcome == "returned" else State.BODY_DONE).value
        store.progress.note(tx.session, number, line.state, tx.now)
        if given.outcome != "returned":
            tell_sources(tx, line, line.state, referral.NEUTRAL_DONE)
    tx.publish(ReferralConcluded(number=number, outcome=given.outcome), subject=number)
    return _out(row)


def read(tx: Tx, actor: Actor, number: str, reason: str) -> ReferralDetail:
    """Somebody of the office reads a referral: for a reason, and on record. Raises Refusal."""
    row = _row(tx.session, number)
    tx.session.add(
        ReferralReading(referral=row.id or 0, who=actor.sub, role=actor.role, reason=scrub(reason), at=tx.now)
    )
    tx.session.flush()
    return shown(tx.session, number)


def shown(session: Session, number: str) -> ReferralDetail:
    """A referral with what it is about, for the organ. Raises Refusal (404)."""
    row, line = _row(session, number), store.by_number(session, number)
    read_by = store.referrals.readings(session, row.id or 0)
    return ReferralDetail(
        **_out(row).model_dump(),
        channel=line.channel,
        title=line.title,
        text=line.text,
        place=line.place,
        named_unit=line.named_unit,
        unit=line.unit,
        readings=[ReadingOut.model_validate(one, from_attributes=True) for one in read_by],
    )


def listed(session: Session, *, state: str | None, after: int, limit: int) -> tuple[list[ReferralOut], int | None]:
    """Referrals after a cursor, and the last id."""
    rows = store.referrals.listed(session, state=state, after=after, limit=limit)
    return [_out(row) for row in rows], rows[-1].id if rows else None


def _row(session: Session, number: str) -> Referral:
    row = store.referrals.latest(session, number)
    if row is None:
        raise Refusal("number", number, "nothing about it was referred", "see GET /api/v1/referrals", 404)
    return row


def _out(row: Referral) -> ReferralOut:
    return ReferralOut.model_validate(row, from_attributes=True)
