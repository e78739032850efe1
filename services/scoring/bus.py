"""What scoring takes from the bus: cases' events for the daily score, ballots, and online evaluations."""

from collections.abc import Sequence
from functools import partial

from nats.aio.msg import Msg

from services.scoring.usecases import ballots, facts, orders, points, promises
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_messages import Raw, take_all
from shared.bus.batches import Batches, deliveries
from shared.bus.broker import Bus, Malformed
from shared.contracts.assignment import OrderRegistered
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
    bus.on_plain(BallotCast, ballots.cast_from_bus, malformed=refuse)


def refuse(tx: Tx, message: Malformed) -> None:
    """A ballot that does not parse is answered at once; nothing in it may be kept."""
    wrong = f"{message.field}: {message.reason}"
    ballots.refuse_malformed(tx, subject=message.subject, body=message.body, wrong=wrong)


def evaluations(desk: Desk, parts: Parts) -> Batches:
    """Online evaluations: as many as have arrived in one transaction (S13)."""

    async def take(messages: Sequence[Msg]) -> None:
        raw = [Raw(m.subject.rpartition(".")[2], m.data, deliveries(m)) for m in messages]
        await parts.unit.run(lambda tx: take_all(desk, tx, raw), at=parts.clock.now())

    return Batches(parts.name, EvaluationSubmitted, parts.connection, take, parts.bus.bury)
