"""HTTP: the directory, the proof of every notice, uncertain letters, figures."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Query as Parameter
from sqlalchemy import RowMapping
from sqlmodel import Session

from services.notify import forms, usecases
from services.notify.domain.letter import message_id
from services.notify.store import directory as people
from services.notify.store import letters, notices
from shared.errors import Refusal
from shared.store import Tx
from shared.web import Command, Query, allow, allow_read

PAGE = 100
NoticeStates = Literal["unaddressed", "planned", "sent", "failed", "uncertain", "void"]
Text = Annotated[str | None, Parameter(max_length=128)]


def make_router(desk: usecases.Desk) -> APIRouter:
    """The endpoints of notify, at one desk."""
    router = APIRouter(prefix="/api/v1")
    _directory(router, desk)
    _notices(router, desk)
    _letters(router, desk)
    return router


def _directory(router: APIRouter, desk: usecases.Desk) -> None:
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


def _notices(router: APIRouter, desk: usecases.Desk) -> None:
    @router.get("/notices", tags=["notices"])
    async def get_notices(
        state: NoticeStates | None = None,
        unit: Text = None,
        case: Text = None,
        person: Text = None,
        cause: Text = None,
        cursor: Annotated[int, Parameter(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = PAGE,
        ask: Query = allow_read("office", "operator", "auditor"),
    ) -> forms.NoticesOut:
        """Who was told what, when, with which outcome, because of which event (N8)."""
        wanted = {"state": state, "unit": unit, "case": case, "person": person, "cause": cause}
        rows = await ask.run(lambda session: notices.page(session, cursor, limit, **wanted))
        following = str(rows[-1]["seq"]) if len(rows) == limit else None
        return forms.NoticesOut(notices=[_notice(row) for row in rows], next=following)

    @router.get("/notices/{notice}", tags=["notices"])
    async def get_notice(notice: str, ask: Query = allow_read("office", "operator", "auditor")) -> forms.NoticeOut:
        """One notice."""
        row = await ask.run(lambda session: notices.find(session, notice))
        if row is None:
            raise Refusal("notice", notice, "no such notice", "look it up under /api/v1/notices", 404)
        return _notice(row)

    @router.post("/notices/{notice}/resolution", tags=["notices"])
    async def resolve(notice: str, decision: forms.ResolutionIn, do: Command = allow("operator")) -> forms.LetterOut:
        """Decide on an uncertain letter: it went (`sent`), or send it again (`resend`). Holds for all in it (N3)."""

        def decide(tx: Tx) -> forms.LetterOut:
            letter = usecases.resolve(desk, tx, notice, decision.decision, decision.reason)
            return _letter(desk, tx.session, letter)

        return await do.run(decide)


def _letters(router: APIRouter, desk: usecases.Desk) -> None:
    @router.get("/letters/{letter}", tags=["letters"])
    async def get_letter(letter: str, ask: Query = allow_read("office", "operator", "auditor")) -> forms.LetterOut:
        """One letter with its text: as sent, or as it would be sent now."""
        return await ask.run(lambda session: _letter(desk, session, letter))

    @router.get("/statistics", tags=["statistics"])
    async def get_statistics(
        ask: Query = allow_read("office", "operator", "auditor"),
    ) -> forms.StatisticsOut:
        """Notices and letters by state."""
        return await ask.run(_statistics)


def _notice(row: RowMapping) -> forms.NoticeOut:
    return forms.NoticeOut(**{name: row[name] for name in forms.NoticeOut.model_fields})


def _letter(desk: usecases.Desk, session: Session, letter: str) -> forms.LetterOut:
    row = letters.some(session, [letter]).get(letter)
    if row is None:
        raise Refusal("letter", letter, "no such letter", "look it up under /api/v1/notices", 404)
    items = notices.of_letters(session, [letter])[letter]
    subject, text = usecases.preview(desk, session, row, items)
    fields: dict[str, Any] = {
        **row,
        "subject": subject,
        "text": text,
        "message_id": message_id(letter, desk.domain),
        "notices": [item["id"] for item in items],
        "resolutions": [dict(found) for found in letters.resolutions(session, letter)],
    }
    return forms.LetterOut.model_validate(fields)


def _statistics(session: Session) -> forms.StatisticsOut:
    by_state, of_letters = notices.counts(session), letters.counts(session)
    waiting = sum(of_letters.get(state, 0) for state in ("planned", "retry", "claimed"))
    return forms.StatisticsOut(
        **{
            state: by_state.get(state, 0) for state in ("planned", "sent", "uncertain", "failed", "unaddressed", "void")
        },
        letters_sent=of_letters.get("sent", 0),
        letters_uncertain=of_letters.get("uncertain", 0),
        letters_failed=of_letters.get("failed", 0),
        letters_waiting=waiting,
        letters_by_state=of_letters,
        notices_by_template=notices.counts_by_template(session),
    )
