"""Figures, exports and the ledger over HTTP: what offices count by and auditors check."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Param
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, TypeAdapter
from sqlmodel import Session

from services.rectification import store
from services.rectification.api.paging import Limit
from services.rectification.domain import ledger
from services.rectification.models.audit import EntryOut, LedgerPage, StatisticsOut, VerdictOut
from shared.errors import Refusal
from shared.web import Query, allow_read

EXPORT_PAGE = 2_000
_ROW = TypeAdapter(dict[str, object])


def add(router: APIRouter) -> None:
    """The endpoints of figures and of the ledger."""
    _counting(router)
    _auditing(router)


def _counting(router: APIRouter) -> None:
    @router.get("/cases/export")
    async def export_cases(
        ask: Query = allow_read("office", "auditor", "operator"), to: AwareDatetime | None = None
    ) -> StreamingResponse:
        """One JSON line a case, for auditing: with the instants by which `late` is judged as of `to` (default: now)."""
        return StreamingResponse(_lines(ask, to or ask.now), media_type="application/jsonl")

    @router.get("/statistics")
    async def read_statistics(
        ask: Query = allow_read("office", "auditor", "operator"),
        since: Annotated[AwareDatetime | None, Param(alias="from")] = None,
        to: AwareDatetime | None = None,
    ) -> StatisticsOut:
        """Figures of a period, in all and by unit, from stored instants. `from` counts, `to` (default: now) ends it."""
        until = to or ask.now

        def read(session: Session) -> StatisticsOut:
            found = store.reports.statistics(session, since, until)
            return StatisticsOut.of(found, store.reports.names(session), since, until)

        return await ask.run(read)


def _auditing(router: APIRouter) -> None:
    @router.get("/ledger")
    async def list_entries(
        ask: Query = allow_read("auditor", "office"),
        cursor: Annotated[int, Param(ge=0)] = 0,
        limit: Limit = 100,
    ) -> LedgerPage:
        """The ledger's entries in the order of the chain."""
        found = await ask.run(lambda session: store.ledger.page(session, cursor, limit))
        return LedgerPage(
            items=tuple(EntryOut.of(entry) for entry in found),
            cursor=str(found[-1].seq) if len(found) == limit else None,
        )

    @router.get("/ledger/verification")
    async def verify_ledger(
        ask: Query = allow_read("auditor", "office", "operator"),
        length: Annotated[int | None, Param(ge=1)] = None,
        head: Annotated[str | None, Param(pattern="^[0-9a-f]{64}$")] = None,
    ) -> VerdictOut:
        """Check the whole hash chain; names the first entry that does not fit. `length` and `head` of an earlier
        verification, given together, also find a tail that was cut off."""
        if (length is None) != (head is None):
            raise Refusal("head", head, "length and head belong together", "give both, or neither")
        noted = ledger.Head(length, head) if length is not None and head is not None else None
        found = await ask.run(lambda session: ledger.verify(store.ledger.every(session), noted=noted))
        return VerdictOut.of(found)


async def _lines(ask: Query, to: datetime) -> AsyncIterator[bytes]:
    after = ""
    while True:
        start = after
        rows = await ask.run(lambda session: store.reports.export(session, to, start, EXPORT_PAGE))  # noqa: B023 - awaited here
        if rows:
            yield b"".join(_ROW.dump_json(row) + b"\n" for row in rows)
            after = rows[-1]["case"]
        if len(rows) < EXPORT_PAGE:
            return
