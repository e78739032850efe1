"""What this office files with the one above it (S14)."""

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Query as Asked

from services.scoring.usecases import filing_upward
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.filing_upward import Carried, NewFiling, SentFilingPage, SentFilingView, Upward
from shared.web import Command, Query, allow, allow_read

Cursor = Annotated[int | None, Asked(ge=0, lt=2**62, description="`next` of the page before")]
Limit = Annotated[int, Asked(ge=1, le=1000, description="most items of a page")]


def router(desk: Desk, to: Upward) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/cycles/{cycle}/filings", tags=["filings"])

    @made.post("", status_code=201)
    async def file(cycle: str, given: NewFiling, do: Command = allow("office", "approver")) -> SentFilingView:
        """File the published result, or a report on it, with the office above: over its bus, or as a file."""
        return await do.run(lambda tx: filing_upward.file(desk, to, tx, cycle, given))

    @made.get("")
    async def show_filings(
        cycle: str,
        cursor: Cursor = None,
        limit: Limit = 100,
        ask: Query = allow_read("office", "approver", "auditor", "guidance"),
    ) -> SentFilingPage:
        """What was filed of a cycle in every version, and how it was answered; the newest first."""
        return await ask.run(lambda session: filing_upward.listed(session, cycle, cursor, limit))

    @made.get("/{filing}/file.json")
    async def carried(cycle: str, filing: str, ask: Query = allow_read("office", "approver")) -> Response:
        """A filing as a file to be carried: the office above enters it by POST /api/v1/filings."""
        found = await ask.run(lambda session: filing_upward.carried(session, cycle, filing))
        headers = {"Content-Disposition": f'attachment; filename="filing-{filing}.json"'}
        return Response(found.model_dump_json(), headers=headers, media_type="application/json")

    @made.post("/{filing}/answer")
    async def answer(
        cycle: str, filing: str, given: Carried, do: Command = allow("office", "approver")
    ) -> SentFilingView:
        """Enter what the office above answered by letter or telephone."""
        return await do.run(lambda tx: filing_upward.enter_answer(tx, cycle, filing, given))

    return made
