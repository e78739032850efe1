"""HTTP: the directory as a table, taken in whole or not at all, and given out so that it is read back (N1)."""

from collections.abc import Iterator
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Literal, cast

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from services.notify import usecases
from services.notify.api.directory import EDITORS, READERS, gap_out
from services.notify.models import directory as forms
from services.notify.usecases import directory_table as tables
from shared import spreadsheet
from shared.web import Command, Query, allow, allow_read

IN_MEMORY = 4_000_000
CHUNK = 64_000
MEDIA = {"xlsx": spreadsheet.MEDIA_TYPE, "csv": "text/csv; charset=utf-8"}


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of the directory's table; before `/directory/{unit}`."""

    @router.post("/directory/table", tags=["directory"])
    async def take_table(table: forms.TableIn, do: Command = allow(*EDITORS)) -> forms.TableOut:
        """Enter a table of the directory, all or none: with an error in any row nothing is entered, and each error
        names row, field and reason."""
        rows = [(row.row, row.cells) for row in table.rows]
        return await do.run(lambda tx: _out(tables.take_table(desk, tx, table.header, rows, table.reason)))

    @router.post("/directory/table/check", tags=["directory"])
    async def check_table(table: forms.TableIn, ask: Query = allow_read(*EDITORS)) -> forms.TableOut:
        """What a table would do, with every error of every row; enters nothing."""
        rows = [(row.row, row.cells) for row in table.rows]
        return await ask.run(lambda session: _out(tables.check_table(desk, session, table.header, rows, ask.now)))

    @router.get("/directory/export", tags=["directory"])
    async def export_directory(
        format: Literal["xlsx", "csv"] = "xlsx", on: date | None = None, ask: Query = allow_read(*READERS)
    ) -> StreamingResponse:
        """The directory with its history as a table with Chinese headings, which can be imported again; `on` leaves
        those in office that day."""

        def write(session: Any) -> IO[bytes]:
            target = cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - closed when it has been sent
            tables.write_table(desk, session, target, format, on, ask.now)
            target.seek(0)
            return target

        table = await ask.run(write)
        headers = {"Content-Disposition": f'attachment; filename="directory.{format}"'}
        return StreamingResponse(_chunks(table), media_type=MEDIA[format], headers=headers)


def _chunks(table: IO[bytes]) -> Iterator[bytes]:
    with table:
        while chunk := table.read(CHUNK):
            yield chunk


def _out(done: tables.Outcome) -> forms.TableOut:
    return forms.TableOut(
        taken=done.entry is not None,
        read=done.read,
        unchanged=done.unchanged,
        errors=[forms.RowErrorOut(**{name: getattr(e, name) for name in forms.RowErrorOut.model_fields})
                for e in done.errors],
        passed_over=list(done.passed_over),
        entry=done.entry,
        notices_moved=done.notices_moved,
        changes=[forms.ChangeOut.of(change) for change in done.changes],
        gaps=[gap_out(gap) for gap in done.gaps],
    )  # fmt: skip
