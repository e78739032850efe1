"""A clerk's decision on a report, with its reason; the complainant is answered in every case (I4)."""

from services.intake import store
from services.intake.domain import complaint
from services.intake.domain.complaint import State
from services.intake.domain.scrub import scrub
from services.intake.models import BatchIn, BatchItem, ComplaintOut, ScreeningIn
from services.intake.rules import Rules
from services.intake.usecases import exposing, feedback, gate, suggesting
from services.intake.usecases.batch import each
from services.intake.usecases.inspection_versions import finding_dismissed
from services.intake.usecases.supplement import answer_of
from services.intake.usecases.telling import tell_sources
from services.intake.usecases.view import complaint_out
from shared.contracts.intake import ComplaintScreened
from shared.errors import Refusal
from shared.store import Tx


def screen(rules: Rules, tx: Tx, number: str, given: ScreeningIn, by: str, *, corrects: bool = False) -> ComplaintOut:
    """A clerk's decision, with its reason; with `transfer` the card is asked for in the same step (I4).

    corrects: it is part of an inspection's correction, which tells by itself what stands. Raises Refusal.
    """
    line = store.by_number(tx.session, number)
    if line.lead:
        raise Refusal("number", number, f"it is handled together with {line.lead}", "screen that one", 409)
    if given.transfer and given.decision != "accepted":
        raise Refusal("transfer", given.decision, "only an accepted complaint is transferred", "leave it out")
    if (given.referral is not None) != (given.decision == "outside_jurisdiction"):
        reason = "who is sent elsewhere is told where to, and only he"
        remedy = "with outside_jurisdiction give `referral`: who is in charge, and how people reach them"
        raise Refusal("referral", given.decision, reason, remedy)
    rules.dimension_of(given.topic)
    exposing.before_screening(rules, tx, line, given.decision)
    line.state = complaint.screened(State(line.state), given.decision).value
    line.reason, line.screened_by, line.screened_at = scrub(given.reason), by, tx.now
    to = given.referral
    line.referred_to, line.referral_contact = (scrub(to.to), to.contact) if to else (None, None)
    store.progress.note(tx.session, number, line.state, tx.now)
    line.topic = given.topic or line.topic
    if given.topic:
        suggesting.note_topic(rules, tx, line, given.topic)
    unit = given.transfer.lead_unit if given.transfer else None
    screened = ComplaintScreened(
        number=number, decision=given.decision, reason=line.reason, unit=unit, referred_to=line.referred_to
    )
    tx.publish(screened, subject=number)
    if given.decision != "accepted":
        tell_sources(tx, line, line.state, answer_of(line))
        feedback.ended(rules, tx, line)
    if State(line.state) in complaint.ENDED and not corrects:
        finding_dismissed(tx, line, line.reason, by)
    if given.transfer:
        gate.ask(rules, tx, line, given.transfer, by)
    return complaint_out(line)


def screen_many(rules: Rules, tx: Tx, batch: BatchIn, by: str) -> list[ComplaintOut]:
    """Accept many and ask for their transfers, all or none. Raises Refusal naming the item (`items.3.…`)."""

    def accept(item: BatchItem) -> ComplaintOut:
        given = ScreeningIn(decision="accepted", reason=item.reason, topic=item.topic, transfer=item.transfer)
        return screen(rules, tx, item.number, given, by)

    return each("items", batch.items, accept)
