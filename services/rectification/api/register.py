"""The one-page ledger to take away (R1, N9): JSON lines, or a spreadsheet. And the rates of outcomes (R5)."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Query as Param
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, TypeAdapter
from sqlmodel import Session

from services.rectification import store
from services.rectification.domain.case import Case, State
from services.rectification.domain.rules import Rules
from services.rectification.models.rates import OutcomesOut
from services.rectification.models.register import COLUMNS, cells_of, row_of
from shared import spreadsheet
from shared.web import Query, allow_read

PAGE = 1_000
IN_MEMORY = 4_000_000
CHUNK = 64_000
_ROW = TypeAdapter(dict[str, object])


def add(router: APIRouter, rules: Rules) -> None:
    """The endpoints of the one-page ledger and of the rates."""

    @router.get("/ledger/export")
    async def export_ledger(
        ask: Query = allow_read("office", "auditor", "operator"), format: Literal["jsonl", "xlsx"] = "jsonl"
    ) -> StreamingResponse:
        """One row a case: units, persons, difficulty, track, measures, dates, state, outcome, length of the history."""
        if format == "jsonl":
            return StreamingResponse(_lines(ask, _day_of(rules, ask)), media_type="application/jsonl")
        book = await ask.run(lambda session: _book(session, rules, ask))
        headers = {"Content-Disposition": 'attachment; filename="ledger.xlsx"'}
        return StreamingResponse(_chunks(book), media_type=spreadsheet.MEDIA_TYPE, headers=headers)

    @router.get("/statistics/outcomes")
    async def read_rates(
        ask: Query = allow_read("office", "auditor", "operator"),
        since: Annotated[AwareDatetime | None, Param(alias="from")] = None,
        to: AwareDatetime | None = None,
    ) -> OutcomesOut:
        """Rates of each outcome and of satisfaction, with denominators and all that is left out, in all, by unit and
        by track. `from` counts, `to` (default: now) ends the period."""
        until = to or ask.now

        def read(session: Session) -> OutcomesOut:
            found = store.outcomes.rates(session, since, until)
            return OutcomesOut.from_counts(found, rules, store.reports.names(session), since, until)

        return await ask.run(read)


async def _lines(ask: Query, day_of: Callable[[Case], date]) -> AsyncIterator[bytes]:
    after = ""
    while True:
        start = after

        def read(session: Session) -> list[dict[str, Any]]:
            names = store.reports.names(session)
            found = store.register.lines(session, start, PAGE, day_of)  # noqa: B023 - awaited here
            return [row_of(line, names) for line in found]

        rows = await ask.run(read)
        if rows:
            yield b"".join(_ROW.dump_json(row) + b"\n" for row in rows)
            after = rows[-1]["case"]
        if len(rows) < PAGE:
            return


def _book(session: Session, rules: Rules, ask: Query) -> "SpooledTemporaryFile[bytes]":
    book: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed when it was sent
    title = f"{rules.programme.name.zh}问题台账"
    rows = _cells(session, _day_of(rules, ask))
    spreadsheet.write(book, "问题台账", COLUMNS, rows, zone=rules.calendar.zone, title=title, made=ask.now)
    book.seek(0)
    return book


def _day_of(rules: Rules, ask: Query) -> Callable[[Case], date]:
    """Whose leaders a case's row names: those of its closing's day, or of today."""
    now = ask.now

    def day(case: Case) -> date:
        over = case.closing.at if case.closing and case.state is State.CLOSED else now
        return rules.calendar.local_date(over)

    return day


def _cells(session: Session, day_of: Callable[[Case], date]) -> Iterator[tuple[Any, ...]]:
    names, after = store.reports.names(session), ""
    while found := store.register.lines(session, after, PAGE, day_of):
        for line in found:
            yield cells_of(line, names)
        after = found[-1].case.number


def _chunks(book: "SpooledTemporaryFile[bytes]") -> Iterator[bytes]:
    with book:
        while chunk := book.read(CHUNK):
            yield chunk
