"""What scoring takes from the bus: cases' events for the daily score, and ballots. And what it purges after a seal."""

import asyncio
from functools import partial

import nats.errors
import structlog
from sqlalchemy.exc import DBAPIError

from services.scoring.store import meetings
from services.scoring.usecases import ballots, facts, points
from services.scoring.usecases.desk import Desk
from shared.bus.broker import Bus, Malformed
from shared.bus.provision import request
from shared.contracts.inbox import BallotCast
from shared.contracts.inspection import CoverageMissed, InspectionRecorded
from shared.contracts.rectification import CaseClosed, CaseLapsed, CaseOpened, CaseReopened
from shared.contracts.rectification_duties import LatenessExcused, ObligationMissed
from shared.contracts.rectification_promises import CommitmentBroken, CommitmentKept
from shared.contracts.rectification_terms import CaseReassigned
from shared.service import Parts
from shared.store import Tx

PURGE_EVERY_S = 2.0
log = structlog.get_logger()


def subscribe(desk: Desk, bus: Bus) -> None:
    """Event → use case."""
    bus.on(CaseOpened, points.case_opened)
    bus.on(CaseReassigned, points.case_reassigned)
    bus.on(CaseReopened, points.case_reopened)
    bus.on(CaseClosed, partial(points.case_closed, desk))
    bus.on(CaseLapsed, partial(points.case_lapsed, desk))
    bus.on(ObligationMissed, partial(facts.obligation_missed, desk))
    bus.on(LatenessExcused, facts.lateness_excused)
    bus.on(CommitmentBroken, partial(facts.commitment_broken, desk))
    bus.on(CommitmentKept, facts.commitment_kept)
    bus.on(InspectionRecorded, partial(facts.inspection_recorded, desk))
    bus.on(CoverageMissed, partial(facts.coverage_missed, desk))
    bus.on_plain(BallotCast, ballots.cast_from_bus, malformed=refuse)


def refuse(tx: Tx, message: Malformed) -> None:
    """A ballot that does not parse is answered at once; nothing in it may be kept."""
    wrong = f"{message.field}: {message.reason}"
    ballots.refuse_malformed(tx, subject=message.subject, body=message.body, wrong=wrong)


async def purge(parts: Parts) -> None:
    """Remove a meeting's ballots and receipts from the streams after its seal.

    Until then the broker's own time stamps stand beside the ciphertexts (voting.md B); the outbox row of a receipt
    knows its time too, and goes with them.
    """
    while True:
        try:
            for name in await parts.unit.read(meetings.to_purge):
                await _purge_one(parts, name)
        except DBAPIError as error:  # the store is away: readiness tells, and this tries again
            log.warning("purge_put_off", error=type(error).__name__)
        await asyncio.sleep(PURGE_EVERY_S)


async def _purge_one(parts: Parts, name: str) -> None:
    for stream, subject in (("BALLOTS", f"minping.inbox.ballot.{name}"), ("RECEIPTS", f"minping.receipt.{name}")):
        try:
            answer = await request(parts.connection, f"STREAM.PURGE.{stream}", {"filter": subject})
        except (nats.errors.Error, OSError) as error:
            log.warning("purge_put_off", meeting=name, stream=stream, error=repr(error))
            return
        if "error" in answer:
            log.error("purge_refused", meeting=name, stream=stream, error=str(answer["error"].get("description")))
            return
    await parts.unit.run(lambda tx: _purged(tx, name), at=parts.clock.now())
    log.info("ballots_purged", meeting=name)


def _purged(tx: Tx, name: str) -> None:
    meetings.meeting(tx.session, name).purged = True
    meetings.forget_receipts(tx.session, name)
