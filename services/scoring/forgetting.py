"""Beside the service: once ballots are closed nothing may tell in which order they came, and after the seal nor when.

At the closing the store is written anew, in the order of the cards' hashes: pages and the write-ahead log had kept the
order of the voting, and the tellers' shares come only afterwards. After the seal the meeting's ballots and receipts
leave the streams, where the broker's time stamps stand beside them (voting.md B), and the outbox, which dates them too.
"""

import asyncio

import structlog
from sqlalchemy.exc import DBAPIError

from services.scoring.store import forgetting, meetings
from shared.bus.erase import erase
from shared.service import Parts
from shared.store import Tx, forget_deleted

LOOK_S = 1.0
log = structlog.get_logger()


async def forget(parts: Parts) -> None:
    """Look for meetings that closed or were sealed, until cancelled. What does not succeed is tried again."""
    in_order: set[str] = set()
    while True:
        try:
            closed = await parts.unit.read(forgetting.closed)
            if not closed <= in_order and await _put_in_order(parts):
                in_order |= closed
            for name in await parts.unit.read(meetings.to_purge):
                await _purge(parts, name)
        except DBAPIError as error:  # the store is away: readiness tells, and this tries again
            log.warning("forgetting_put_off", error=type(error).__name__)
        await asyncio.sleep(LOOK_S)


async def _put_in_order(parts: Parts) -> bool:
    """Leave nothing of the order in which rows were written; False if readers were in the way."""
    await parts.unit.run(lambda tx: forgetting.rearrange(tx.session), at=parts.clock.now())
    done = await asyncio.to_thread(forget_deleted, parts.settings.database_url, rebuilt=forgetting.TELLING)
    if done:
        log.info("store_put_in_order")
    return done


async def _purge(parts: Parts, name: str) -> None:
    receipts = f"minping.receipt.{name}"
    if await parts.unit.read(lambda session: forgetting.unsent_receipts(session, name)):
        return  # the relay would publish them after the purge
    for stream, subject in (("BALLOTS", f"minping.inbox.ballot.{name}"), ("RECEIPTS", receipts)):
        if why := await erase(parts.connection, stream, subject):
            log.warning("purge_put_off", meeting=name, stream=stream, error=why)
            return
    await parts.unit.run(lambda tx: meetings.forget_receipts(tx.session, name), at=parts.clock.now())
    if await _put_in_order(parts):
        await parts.unit.run(lambda tx: _purged(tx, name), at=parts.clock.now())
        log.info("ballots_purged", meeting=name)


def _purged(tx: Tx, name: str) -> None:
    meetings.meeting(tx.session, name).purged = True
