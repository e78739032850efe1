"""Offices that file with this one, what they filed, and its review (S9, S14)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from fastapi import Path as Numbered
from fastapi import Query as Asked

from services.scoring.usecases import filing_offices, filings_review, filings_taken
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.filing_offices import FilingOfficePage, FilingOfficeView, KeyDecision, NewFilingOffice
from services.scoring.usecases.filings_review import FiledUnitPage, Review
from services.scoring.usecases.filings_taken import FilingDetail, FilingPage
from shared.contracts.filings import FilingSubmitted
from shared.web import Command, Query, allow, allow_read

READERS = ("office", "approver", "auditor", "guidance", "higher_office")
Cursor = Annotated[int, Asked(ge=0, lt=2**62, description="`next` of the page before")]
Before = Annotated[int | None, Asked(ge=1, lt=2**62, description="`next` of the page before")]
Unit = Annotated[str, Asked(max_length=64, description="`next` of the page before")]
Limit = Annotated[int, Asked(ge=1, le=1000, description="most items of a page")]
Number = Annotated[int, Numbered(ge=1, lt=2**62)]
State = Literal["received", "refused", "accepted", "returned"]
FILES = {"result": ("result.json", "application/json"), "report": ("report", "application/octet-stream")}


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["filings"])
    _offices(made, desk)
    _filings(made, desk)
    return made


def _offices(made: APIRouter, desk: Desk) -> None:
    @made.post("/filing-offices", status_code=201)
    async def register(given: NewFilingOffice, do: Command = allow("office")) -> FilingOfficeView:
        """Enter the key of a lower office; it is believed once a second person has confirmed it."""
        return await do.run(lambda tx: filing_offices.register(desk, tx, given))

    @made.post("/filing-offices/{unit}/decision")
    async def decide(unit: str, given: KeyDecision, do: Command = allow("office", "approver")) -> FilingOfficeView:
        """Somebody else than who entered a key confirms or refuses it."""
        return await do.run(lambda tx: filing_offices.decide(tx, unit, given))

    @made.get("/filing-offices")
    async def show_offices(
        cursor: Unit = "", limit: Limit = 100, ask: Query = allow_read(*READERS)
    ) -> FilingOfficePage:
        """The lower offices with the newest version of their keys, by unit."""
        return await ask.run(lambda session: filing_offices.listed(session, cursor, limit))

    @made.get("/filing-offices/{unit}")
    async def show_office(unit: str, ask: Query = allow_read(*READERS)) -> list[FilingOfficeView]:
        """Every key of a lower office, who entered it and who confirmed it."""
        return await ask.run(lambda session: filing_offices.versions(session, unit))


def _filings(made: APIRouter, desk: Desk) -> None:
    @made.post("/filings", status_code=201)
    async def bring(given: FilingSubmitted, do: Command = allow("office")) -> FilingDetail:
        """Enter a filing that was brought as a file: verified as one that comes over the bus."""
        return await do.run(lambda tx: filings_taken.bring(desk, tx, given))

    @made.get("/filings")
    async def show_filings(
        cycle: str | None = None,
        unit: str | None = None,
        state: State | None = None,
        cursor: Before = None,
        limit: Limit = 100,
        ask: Query = allow_read(*READERS),
    ) -> FilingPage:
        """What lower offices filed, every version and what was refused; the newest first."""
        return await ask.run(
            lambda session: filings_taken.listed(
                session, cycle=cycle, unit=unit, state=state, before=cursor, limit=limit
            )
        )

    @made.get("/filings/{number}")
    async def show(number: Number, ask: Query = allow_read(*READERS)) -> FilingDetail:
        """A filing: what was verified, and what was decided."""
        return await ask.run(lambda session: filings_review.shown(session, number))

    @made.get("/filings/{number}/units")
    async def show_units(
        number: Number, cursor: Cursor = 0, limit: Limit = 200, ask: Query = allow_read(*READERS)
    ) -> FiledUnitPage:
        """The lower office's ranking as it filed it."""
        return await ask.run(lambda session: filings_review.rows(session, number, cursor, limit))

    @made.get("/filings/{number}/document")
    async def document(number: Number, ask: Query = allow_read(*READERS)) -> Response:
        """The document as it came: `minping verify` reads a result, with its note beside it."""
        row = await ask.run(lambda session: filings_review.document(session, number))
        name, media_type = FILES[row.kind]
        headers = {"Content-Disposition": f'attachment; filename="{row.unit}-{name}"'}
        return Response(row.document, headers=headers, media_type=media_type)

    @made.get("/filings/{number}/note")
    async def note(number: Number, ask: Query = allow_read(*READERS)) -> Response:
        """The lower office's signed note over its result."""
        row = await ask.run(lambda session: filings_review.document(session, number))
        headers = {"Content-Disposition": f'attachment; filename="{row.unit}-result.json.note"'}
        return Response(row.note, headers=headers, media_type="text/plain; charset=utf-8")

    @made.post("/filings/{number}/review")
    async def review(number: Number, given: Review, do: Command = allow("office")) -> FilingDetail:
        """Accept a filing or return it; a mark is entered as the unit's value and waits for a second person."""
        return await do.run(lambda tx: filings_review.review(desk, tx, number, given))
