"""JSON at the edge: parse, use case, status."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Param
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, TypeAdapter
from sqlmodel import Session

from services.rectification import store, usecases
from services.rectification.domain import ledger
from services.rectification.domain.case import Case, State
from services.rectification.domain.rules import Rules
from services.rectification.usecases.record import unknown
from services.rectification.views import (
    CaseDetail,
    CaseOut,
    CasePage,
    ClosingIn,
    DeadlineOut,
    DeadlinePage,
    DisputeIn,
    EntryOut,
    HistoryOut,
    LedgerPage,
    ReturnIn,
    SolutionIn,
    StatisticsOut,
    VerdictOut,
)
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.web import Command, Query, allow, allow_read

Limit = Annotated[int, Param(ge=1, le=500)]
EXPORT_PAGE = 2_000
_ROW = TypeAdapter(dict[str, object])


def routes(rules: Rules) -> APIRouter:
    """The endpoints, by the rules of a programme."""
    router = APIRouter(prefix="/api/v1", tags=["rectification"])
    _reading(router)
    _acting(router, rules)
    _auditing(router)
    return router


def _reading(router: APIRouter) -> None:
    @router.get("/cases")
    async def list_cases(
        ask: Query = allow_read("office", "clerk", "auditor", "handler", "leader"),
        unit: Annotated[str | None, Param(max_length=64)] = None,
        state: State | None = None,
        cursor: Annotated[str, Param(max_length=64)] = "",
        limit: Limit = 100,
    ) -> CasePage:
        """Cases by number. A handler or leader sees those of his own unit."""
        of_unit = _own_unit(ask.actor, unit)
        found = await ask.run(
            lambda session: store.reports.page(
                session, unit=of_unit, state=state.value if state else None, after=cursor, limit=limit
            )
        )
        return CasePage(items=tuple(CaseOut.of(c) for c in found), cursor=_next(found, limit))

    @router.get("/cases/export")
    async def export_cases(
        ask: Query = allow_read("office", "auditor", "operator"), to: AwareDatetime | None = None
    ) -> StreamingResponse:
        """One JSON line a case, for auditing: with the instants by which `late` is judged as of `to` (default: now)."""
        return StreamingResponse(_lines(ask, to or ask.now), media_type="application/jsonl")

    @router.get("/cases/{case}")
    async def read_case(
        case: str, ask: Query = allow_read("office", "clerk", "auditor", "handler", "leader")
    ) -> CaseDetail:
        """A case with its history. Units see the cases in which they have a part; others get 404."""

        def read(session: Session) -> CaseDetail:
            found = store.cases.find(session, case)
            for_unit = ask.actor.role in OF_A_UNIT
            if found is None or (for_unit and ask.actor.unit not in found.card.units):
                raise unknown(case)
            history = tuple(HistoryOut.of(e, for_unit=for_unit) for e in store.ledger.of_case(session, case))
            return CaseDetail(**CaseOut.of(found).model_dump(), text=found.card.text, history=history)

        return await ask.run(read)

    @router.get("/deadlines")
    async def list_deadlines(
        ask: Query = allow_read("office", "handler", "leader"),
        unit: Annotated[str | None, Param(max_length=64)] = None,
        cursor: Annotated[str | None, Param(max_length=64)] = None,
        limit: Limit = 100,
    ) -> DeadlinePage:
        """Deadlines that run, the earliest expiry first. A handler or leader sees those of his own unit."""
        of_unit, after = _own_unit(ask.actor, unit), _position(cursor)
        found = await ask.run(lambda session: store.deadlines.page(session, unit=of_unit, after=after, limit=limit))
        last = found[-1].deadline if len(found) == limit else None
        return DeadlinePage(
            items=tuple(DeadlineOut.of(running) for running in found),
            cursor=f"{last.expires_at.isoformat()}|{last.id}" if last else None,
        )

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


def _acting(router: APIRouter, rules: Rules) -> None:
    @router.post("/cases/{case}/acceptance")
    async def accept(case: str, do: Command = allow("handler")) -> CaseOut:
        """The unit takes the case in hand."""
        return await do.run(lambda tx: CaseOut.of(usecases.accept(rules, tx, case)))

    @router.post("/cases/{case}/solution")
    async def solve(case: str, given: SolutionIn, do: Command = allow("handler")) -> CaseOut:
        """The unit reports the case solved; the petitioners are asked."""
        solution = given.solution()
        return await do.run(lambda tx: CaseOut.of(usecases.solve(rules, tx, case, solution)))

    @router.post("/cases/{case}/closing")
    async def close(case: str, given: ClosingIn, do: Command = allow("office")) -> CaseOut:
        """Write the case off behind the four guards."""
        claim = given.claim()
        return await do.run(lambda tx: CaseOut.of(usecases.close(rules, tx, case, claim)))

    @router.post("/cases/{case}/return")
    async def send_back(case: str, given: ReturnIn, do: Command = allow("office")) -> CaseOut:
        """Return the case to the unit, with reasons and a rework deadline."""
        reasons = tuple(given.reasons)
        return await do.run(lambda tx: CaseOut.of(usecases.send_back(rules, tx, case, reasons)))

    @router.post("/cases/{case}/dispute")
    async def dispute(case: str, given: DisputeIn, do: Command = allow("approver")) -> CaseOut:
        """A leader closes a case that was returned often enough as disputed, with reasons."""
        return await do.run(lambda tx: CaseOut.of(usecases.dispute(rules, tx, case, given.reasons)))


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


def _own_unit(actor: Actor, unit: str | None) -> str | None:
    """The unit whose matters are asked for. Raises Refusal (404) if it is not the asker's own."""
    if actor.role not in OF_A_UNIT:
        return unit
    if unit is not None and unit != actor.unit:
        raise Refusal("unit", unit, "there is no such unit for you", "leave it out: you see your own unit", 404)
    return actor.unit or ""


def _next(found: list[Case], limit: int) -> str | None:
    return found[-1].number if len(found) == limit else None


def _position(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    at, _, key = cursor.partition("|")
    try:
        # A plus sign that was not escaped arrives as a space.
        return datetime.fromisoformat(at.replace(" ", "+")).astimezone(), int(key)
    except ValueError:
        raise Refusal("cursor", cursor, "not a cursor of ours", "give the one of the page before") from None


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
