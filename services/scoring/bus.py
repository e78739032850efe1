"""What scoring takes from the bus: cases' events for the daily score, ballots, online evaluations, filings; and what
it files over another office's."""

from collections.abc import Sequence
from functools import partial

import structlog
from nats.aio.msg import Msg
from pydantic import ValidationError

from services.scoring.usecases import ballots, facts, filing_upward, filings_taken, orders, points, promises
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_messages import Raw, take_all
from shared.bus.batches import Batches, deliveries
from shared.bus.broker import Bus, Malformed
from shared.bus.far import Account, FarBus
from shared.contracts import Event
from shared.contracts.assignment import OrderRegistered
from shared.contracts.filings import FilingReceipt, FilingSubmitted
from shared.contracts.inbox import BallotCast, EvaluationSubmitted
from shared.contracts.inspection import CoverageMissed, InspectionRecorded
from shared.contracts.rectification import (
    CaseClosed,
    CaseLapsed,
    CaseOpened,
    CaseReopened,
    CaseReturned,
    DeadlinePassed,
)
from shared.contracts.rectification_duties import LatenessExcused, ObligationMissed
from shared.contracts.rectification_promises import CaseCommitted, CommitmentBroken, CommitmentKept
from shared.contracts.rectification_terms import CaseReassigned
from shared.service import Parts
from shared.store import Tx

log = structlog.get_logger()


def subscribe(desk: Desk, bus: Bus) -> None:
    """Event → use case."""
    bus.on(CaseOpened, points.case_opened)
    bus.on(CaseReassigned, points.case_reassigned)
    bus.on(CaseReopened, points.case_reopened)
    bus.on(CaseClosed, partial(points.case_closed, desk))
    bus.on(CaseReturned, partial(orders.case_returned, desk))
    bus.on(DeadlinePassed, partial(orders.deadline_passed, desk))
    bus.on(OrderRegistered, partial(orders.registered, desk))
    bus.on(CaseLapsed, partial(points.case_lapsed, desk))
    bus.on(ObligationMissed, partial(facts.obligation_missed, desk))
    bus.on(LatenessExcused, facts.lateness_excused)
    bus.on(CaseCommitted, promises.promised)
    bus.on(CommitmentBroken, partial(facts.commitment_broken, desk))
    bus.on(CommitmentKept, facts.commitment_kept)
    bus.on(InspectionRecorded, partial(facts.inspection_recorded, desk))
    bus.on(CoverageMissed, partial(facts.coverage_missed, desk))
    bus.on_from(FilingSubmitted, partial(filings_taken.take_from_bus, desk, bus.now), malformed=refuse_filing)
    bus.on_plain(BallotCast, ballots.cast_from_bus, malformed=refuse)


def refuse(tx: Tx, message: Malformed) -> None:
    """A ballot that does not parse is answered at once; nothing in it may be kept."""
    wrong = f"{message.field}: {message.reason}"
    ballots.refuse_malformed(tx, subject=message.subject, body=message.body, wrong=wrong)


def refuse_filing(tx: Tx, message: Malformed) -> None:
    """A filing that does not parse is answered at once."""
    filings_taken.take_malformed(tx, message.subject, message.body, f"{message.field}: {message.reason}")


def evaluations(desk: Desk, parts: Parts) -> Batches:
    """Online evaluations: as many as have arrived in one transaction (S13)."""

    async def take(messages: Sequence[Msg]) -> None:
        raw = [Raw(m.subject.rpartition(".")[2], m.data, deliveries(m)) for m in messages]
        await parts.unit.run(lambda tx: take_all(desk, tx, raw), at=parts.clock.now())

    return Batches(parts.name, EvaluationSubmitted, parts.connection, take, parts.bus.bury)


def upward(parts: Parts, account: Account) -> FarBus:
    """What this office files goes over the bus of the one above; the answers come from there."""

    async def waiting() -> Sequence[tuple[str, bytes]]:
        return await parts.unit.read(filing_upward.waiting)

    async def sent(number: str) -> None:
        await parts.unit.run(lambda tx: filing_upward.sent(tx, number), at=parts.clock.now())

    async def receive(body: bytes) -> None:
        try:
            event = Event[FilingReceipt].model_validate_json(body)
        except ValidationError as error:
            log.warning("receipt_not_understood", errors=error.error_count())
            return
        if event.type == FilingReceipt.TYPE:
            key = f"receipt|{account.user}|{event.id}"
            await parts.unit.run(lambda tx: filing_upward.answered(tx, event.data), at=parts.clock.now(), inbox_key=key)

    subject = FilingSubmitted.SUBJECT.replace("*", account.user)
    return FarBus(account, subject, waiting=waiting, sent=sent, receive=receive)
