"""HTTP: the directory (N1): who holds which office from when, its history, its gaps."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi import Query as Parameter

from services.notify import usecases
from services.notify.api.asked import PAGE, Text
from services.notify.domain.recipient import OFFICE
from services.notify.domain.terms import Gap
from services.notify.models import directory as forms
from services.notify.store import changes as history
from services.notify.store import directory as people
from services.notify.usecases import seats
from shared.errors import Refusal
from shared.store import Tx
from shared.web import Command, Query, allow, allow_read

READERS = ("office", "operator", "auditor")
EDITORS = ("office", "operator")
Unit = Annotated[str, InPath(min_length=1, max_length=64)]
LONGEST = timedelta(days=3660)


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of the directory; what is read of all units comes before `/directory/{unit}`."""
    _entering(router, desk)
    _correcting(router, desk)
    _reading(router, desk)


def _entering(router: APIRouter, desk: usecases.Desk) -> None:
    @router.put("/directory/{unit}/{role}", tags=["directory"])
    async def put_holder(unit: str, role: str, seat: forms.SeatIn, do: Command = allow(*EDITORS)) -> forms.EnteredOut:
        """Enter a term of office; whoever held it before is in office until the day before (N1)."""
        return await do.run(lambda tx: entered(usecases.put_holders(desk, tx, [seat.seat(unit, role, desk.language)])))

    @router.post("/directory/import", tags=["directory"])
    async def import_directory(table: forms.ImportIn, do: Command = allow(*EDITORS)) -> forms.EnteredOut:
        """Enter many terms of office, all or none; an error names the row."""

        def enter(tx: Tx) -> forms.EnteredOut:
            seats = [row.seat(row.unit, row.role, desk.language) for row in table.rows]
            return entered(usecases.put_holders(desk, tx, seats, kind="imported"))

        return await do.run(enter)


def _correcting(router: APIRouter, desk: usecases.Desk) -> None:
    @router.post("/directory/{unit}/{role}/corrections", tags=["directory"])
    async def correct(
        unit: str, role: str, given: forms.CorrectionIn, do: Command = allow(*EDITORS)
    ) -> forms.EnteredOut:
        """Put a wrong entry right, with the reason; history keeps both. The unit, office, person and first day that
        were entered wrongly may be given beside the right ones."""
        right = given.seat(given.unit or unit, given.role or role, desk.language)
        wrong = (unit, role, given.entered_person or given.person, given.entered_since or given.since)
        return await do.run(lambda tx: entered(usecases.correct(desk, tx, wrong, right, given.reason)))

    @router.post("/directory/changes/{entry}/undo", tags=["directory"])
    async def undo(entry: int, given: forms.UndoIn, do: Command = allow(*EDITORS)) -> forms.EnteredOut:
        """Take an entry back whole, be it one term or an imported table; what it ended goes on again."""
        return await do.run(lambda tx: entered(usecases.undo(desk, tx, entry, given.reason)))


def _reading(router: APIRouter, desk: usecases.Desk) -> None:
    @router.get("/directory", tags=["directory"])
    async def get_directory(
        unit: Text = None, role: Text = None, on: date | None = None, ask: Query = allow_read(*READERS)
    ) -> forms.DirectoryOut:
        """The directory with its history; `on` leaves those in office that day."""
        rows = await ask.run(lambda session: people.holders(session, unit, role, on))
        return forms.DirectoryOut(holders=[forms.HolderOut(**row._mapping) for row in rows])

    @router.get("/directory/changes", tags=["directory"])
    async def get_changes(
        unit: Text = None,
        cursor: Annotated[int, Parameter(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = PAGE,
        ask: Query = allow_read(*READERS),
    ) -> forms.ChangesOut:
        """Every change with who made it, when and why, in their order: nothing is overwritten silently."""
        rows = await ask.run(lambda session: history.page(session, unit, cursor, limit))
        following = str(rows[-1]["id"]) if len(rows) == limit else None
        return forms.ChangesOut(changes=[forms.ChangeRowOut(**row) for row in rows], next=following)

    @router.get("/directory/gaps", tags=["directory"])
    async def get_gaps(
        since: Annotated[date | None, Parameter(alias="from", description="by default today")] = None,
        to: Annotated[date | None, Parameter(description="by default the same day")] = None,
        cursor: Annotated[str, Parameter(max_length=64)] = "",
        limit: Annotated[int, Parameter(ge=1, le=1000)] = PAGE,
        ask: Query = allow_read(*READERS),
    ) -> forms.GapsOut:
        """Units without a main leader, and offices that rules tell which nobody holds; a page is of `limit` units."""
        first = since or desk.calendar.local_date(ask.now)
        last = to or first
        if not first <= last <= first + LONGEST:
            raise Refusal("to", str(last), "is before the first day, or years after it", "name a day within ten years")

        def read(session: Any) -> forms.GapsOut:
            units = [unit for unit in people.unit_keys(session) if unit > cursor]
            page = units[:limit]
            asked = page if cursor else [OFFICE, *page]
            found = seats.gaps(desk, session, first, last, asked)
            following = page[-1] if len(units) > limit else None
            return forms.GapsOut(gaps=[gap_out(gap) for gap in found], next=following)

        return await ask.run(read)

    @router.get("/directory/{unit}", tags=["directory"])
    async def get_unit(unit: Unit, on: date | None = None, ask: Query = allow_read(*READERS)) -> forms.UnitOut:
        """A unit's leaders on a day (today): who answers for each office, in which order, and every term."""
        day = on or desk.calendar.local_date(ask.now)
        found = await ask.run(lambda session: seats.leaders(desk, session, unit, day))
        if found is None:
            raise Refusal("unit", unit, "nothing is known of this unit", "see GET /api/v1/directory", 404)
        return forms.UnitOut(
            unit=unit, name=found.name, parent=found.parent, on=day,
            offices=[_office(office) for office in found.offices],
            gaps=[gap_out(gap) for gap in found.gaps],
        )  # fmt: skip


def entered(done: usecases.Entered) -> forms.EnteredOut:
    """What a change of the directory did."""
    return forms.EnteredOut(
        holders=done.holders, notices_moved=done.notices_moved, entry=done.entry,
        changes=[forms.ChangeOut.of(change) for change in done.changes],
        gaps=[gap_out(gap) for gap in done.gaps],
    )  # fmt: skip


def gap_out(gap: Gap) -> forms.GapOut:
    """A gap."""
    return forms.GapOut(unit=gap.unit, role=gap.role, first=gap.first, last=gap.last)


def _office(office: seats.Office) -> forms.OfficeOut:
    answering = [
        forms.AnsweringOut(
            person=one.answer.person, name=one.answer.holder.name, why=one.answer.why, reachable=one.reachable
        )
        for one in office.answering
    ]
    return forms.OfficeOut(
        role=office.role, vacant=office.vacant, answering=answering, terms=[forms.TermOut.of(t) for t in office.terms]
    )
