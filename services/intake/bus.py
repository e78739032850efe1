"""What intake takes from the bus, and which use case takes it. Nothing else comes in this way."""

from functools import partial

from services.intake.rules import Rules
from services.intake.usecases import calls, hall, inbox, orders, standing, terms
from shared.bus.broker import Bus, Malformed
from shared.contracts.consequences import RectificationOrdered
from shared.contracts.envelope import Event
from shared.contracts.inbox import ComplaintSubmitted
from shared.contracts.opinions import OpinionIssued
from shared.contracts.rectification import (
    CallbackRequested,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseReturned,
    CaseSolved,
)
from shared.contracts.rectification_promises import CaseExplained
from shared.contracts.rectification_terms import CaseReassigned, DeadlineExtended, DeadlineResumed, DeadlineSuspended
from shared.contracts.scoring import MeetingQuestionDeferred, UnitRegistered
from shared.store import Tx


def subscribe(bus: Bus, rules: Rules) -> None:
    """Connect each event with its use case."""

    def submitted(tx: Tx, event: Event[ComplaintSubmitted], subject: str) -> None:
        inbox.register_submitted(rules, tx, event, subject)

    def malformed(tx: Tx, message: Malformed) -> None:
        inbox.keep_malformed(rules, tx, message.subject, message.body, message.field, message.value, message.reason)

    def callback_requested(tx: Tx, event: Event[CallbackRequested]) -> None:
        calls.requested(rules, tx, event)

    bus.on_from(ComplaintSubmitted, submitted, malformed=malformed)
    bus.on(UnitRegistered, standing.unit_registered)
    bus.on(MeetingQuestionDeferred, partial(hall.question_deferred, rules))
    bus.on(RectificationOrdered, partial(orders.rectification_ordered, rules))
    bus.on(OpinionIssued, partial(orders.opinion_issued, rules))
    bus.on(CaseOpened, standing.case_opened)
    bus.on(CaseSolved, standing.case_solved)
    bus.on(CaseExplained, standing.case_explained)
    bus.on(CaseReturned, standing.case_returned)
    bus.on(CaseClosed, partial(standing.case_closed, rules))
    bus.on(CaseReopened, partial(standing.case_reopened, rules))
    bus.on(CallbackRequested, callback_requested)
    bus.on(DeadlineExtended, terms.deadline_extended)
    bus.on(DeadlineSuspended, terms.deadline_suspended)
    bus.on(DeadlineResumed, terms.deadline_resumed)
    bus.on(CaseReassigned, terms.case_reassigned)
