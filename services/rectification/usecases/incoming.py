"""What the other services tell: an approved transfer, links, answers, units. One function an event."""

from services.rectification import store
from services.rectification.domain import petitioners as petitions
from services.rectification.domain.case import Card, Petitioner, State
from services.rectification.domain.handling import open_case
from services.rectification.domain.petitioners import Answer
from services.rectification.domain.rules import Rules
from services.rectification.usecases.firing import fire_case
from services.rectification.usecases.obligations import announce_to
from services.rectification.usecases.record import take
from services.rectification.usecases.terms import end_standstill
from shared.contracts import Event
from shared.contracts.intake import CallbackRecorded, ComplaintLinked, ComplaintUnlinked, TransferApproved
from shared.contracts.scoring import UnitRegistered
from shared.errors import NotYet, Refusal
from shared.store import Tx

INTAKE = "intake"


def open_approved(rules: Rules, tx: Tx, event: Event[TransferApproved]) -> None:
    """An approved transfer opens a case, dated by the approval (I7, R1, R3). Raises Refusal for a second approval."""
    said = event.data
    if store.cases.find(tx.session, said.number):
        remedy = "correct the transfer in intake; the case keeps its date"
        raise Refusal("number", said.number, "its case is open already, by an earlier approval", remedy, 409)
    card = Card(
        number=said.number,
        card=said.card,
        lead_unit=said.lead_unit,
        cooperating_units=said.cooperating_units,
        territorial_unit=said.territorial_unit,
        paying_unit=said.paying_unit or said.lead_unit,
        track=said.track,
        channel=said.channel,
        topic=said.topic,
        dimension=said.dimension,
        title=said.title,
        text=said.text,
        approver_role=said.approver_role,
        days=said.days,
        self_reported=said.self_reported,
    )
    linked = store.cases.take_kept_links(tx.session, said.number)
    decision = open_case(rules, card, tx.now, can_be_called=said.can_be_called, linked=linked, promised=said.promised)
    take(rules, tx, decision, by=INTAKE, new=True)


def link_complaint(rules: Rules, tx: Tx, event: Event[ComplaintLinked]) -> None:
    """The same matter again (I5, R6). A link that comes before its case is kept until the transfer is approved.

    Raises NotYet while an earlier link of the complaint stands whose undoing has not come.
    """
    said = event.data
    if not _in_turn(tx, said):
        return
    case = store.cases.find(tx.session, said.lead)
    if case is None:
        store.cases.keep_link(tx.session, said.lead, said.number, tx.now, said.how, can_be_called=said.can_be_called)
        return
    # No step of a deadline depends on who complains, so nothing need fire first.
    known = store.cases.petitioners_of(tx.session, case.number)
    left_out = said.excluded or store.exclusion.is_excluded(tx.session, said.number)
    newcomer = Petitioner(said.number, tx.now, said.can_be_called, excluded=left_out)
    take(rules, tx, petitions.link(rules, case, known, newcomer, said.how), by=INTAKE)


def unlink_complaint(rules: Rules, tx: Tx, event: Event[ComplaintUnlinked]) -> None:
    """A link is undone, and what it caused with it (I5). Raises NotYet if the link has not come, Refusal."""
    said = event.data
    if not _in_turn(tx, said):
        return
    case = store.cases.find(tx.session, said.lead)
    if case is None:
        if not store.cases.drop_kept_link(tx.session, said.lead, said.number):
            raise NotYet(f"the link of {said.number} to {said.lead}")
        return
    fire_case(rules, tx, case)
    known = store.cases.petitioners_of(tx.session, case.number)
    decision = petitions.unlink(case, known, said.number, said.reason, tx.now)
    if decision.case.state is State.CLOSED and case.state is not State.CLOSED:
        began = case.suspension.at if case.suspension else tx.now
        case = end_standstill(rules, tx, case, max(tx.now, began))
        decision = petitions.unlink(case, known, said.number, said.reason, tx.now)
    take(rules, tx, decision, by=INTAKE)


def _in_turn(tx: Tx, said: ComplaintLinked | ComplaintUnlinked) -> bool:
    """Whether a step of a complaint's links is to be taken now: not if a later one was. Raises NotYet before its turn.

    The two kinds come by two consumers, so that a link made again may overtake the undoing of the first. Of what an
    earlier release took no step is known: then the first that comes is taken.
    """
    if said.step is None:
        return True
    last = store.linking.last(tx.session, said.number)
    if said.step <= last:
        return False
    if last and said.step > last + 1:
        raise NotYet(f"step {last + 1} of the links of {said.number}")
    store.linking.save(tx.session, said.number, said.step)
    return True


def record_answer(rules: Rules, tx: Tx, event: Event[CallbackRecorded]) -> None:
    """A petitioner's answer (I11): a bad one returns the case, or reopens it (R5, R6). Raises NotYet."""
    said = event.data
    case = store.cases.find(tx.session, said.case)
    if case is None:
        raise NotYet(f"case {said.case}")
    fire_case(rules, tx, case)
    known = store.cases.petitioners_of(tx.session, case.number)
    given = Answer(said.number, said.round, said.result, said.grade, said.words, said.objection)
    take(rules, tx, petitions.answer(rules, case, known, given, tx.now), by=INTAKE)


def register_unit(rules: Rules, tx: Tx, event: Event[UnitRegistered]) -> None:
    """A unit's name, for lists and statistics (S1). Duties announced from its first registration on are its (R9)."""
    said = event.data
    if store.reports.save_unit(tx.session, said.unit, said.name, said.category, said.parent, tx.now):
        announce_to(rules, tx, said.unit, said.category)
