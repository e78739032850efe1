"""HTTP: the directory (N1)."""

from datetime import date

from fastapi import APIRouter

from services.notify import usecases
from services.notify.api.asked import Text
from services.notify.models import directory as forms
from services.notify.store import directory as people
from shared.store import Tx
from shared.web import Command, Query, allow, allow_read


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of the directory."""

    @router.put("/directory/{unit}/{role}", tags=["directory"])
    async def put_holder(
        unit: str, role: str, seat: forms.SeatIn, do: Command = allow("office", "operator")
    ) -> forms.EnteredOut:
        """Enter a term of office; whoever held it before is in office until the day before (N1)."""

        def enter(tx: Tx) -> forms.EnteredOut:
            done = usecases.put_holders(desk, tx, [seat.seat(unit, role, desk.language)])
            return forms.EnteredOut(holders=done.holders, notices_moved=done.notices_moved)

        return await do.run(enter)

    @router.post("/directory/import", tags=["directory"])
    async def import_directory(table: forms.ImportIn, do: Command = allow("office", "operator")) -> forms.EnteredOut:
        """Enter many terms of office, all or none; an error names the row."""

        def enter(tx: Tx) -> forms.EnteredOut:
            seats = [row.seat(row.unit, row.role, desk.language) for row in table.rows]
            done = usecases.put_holders(desk, tx, seats)
            return forms.EnteredOut(holders=done.holders, notices_moved=done.notices_moved)

        return await do.run(enter)

    @router.get("/directory", tags=["directory"])
    async def get_directory(
        unit: Text = None,
        role: Text = None,
        on: date | None = None,
        ask: Query = allow_read("office", "operator", "auditor"),
    ) -> forms.DirectoryOut:
        """The directory with its history; `on` leaves those in office that day."""
        rows = await ask.run(lambda session: people.holders(session, unit, role, on))
        return forms.DirectoryOut(holders=[forms.HolderOut(**row._mapping) for row in rows])
