"""Codes for a unit's service receipts (S13): some of a day, or a table of receipts; shown once, kept as hashes."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Query as Param

from services.scoring.usecases import evaluation_codes as codes
from services.scoring.usecases import receipts
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_codes import BatchList, IssuedCodes, NewCodes
from services.scoring.usecases.receipts import CodesReport, ReceiptFile
from shared.web import Command, Query, allow, allow_read

ISSUERS = ("handler", "leader", "clerk", "office")


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["evaluations"])

    def with_link(request: Request, found: IssuedCodes) -> IssuedCodes:
        base = desk.address or str(request.base_url).rstrip("/")
        return found.model_copy(update={"link": f"{base}/evaluate/"})

    @made.post("/units/{unit}/evaluation-codes", status_code=201)
    async def issue(
        unit: str, wanted: NewCodes, request: Request, response: Response, do: Command = allow(*ISSUERS)
    ) -> IssuedCodes:
        """New one-time codes for receipts, shown here only: a repeated request makes others."""
        response.headers["Cache-Control"] = "no-store"
        found = await do.run(lambda tx: codes.issue(desk, tx, unit, wanted), remember=False)
        return with_link(request, found)

    @made.post("/evaluation-codes/import")
    async def issue_for(
        given: ReceiptFile, request: Request, response: Response, do: Command = allow(*ISSUERS)
    ) -> CodesReport:
        """Codes for a table of receipts: every row good, or none is issued and every fault is named by its row."""
        response.headers["Cache-Control"] = "no-store"
        found = await do.run(lambda tx: receipts.issue_for(desk, tx, given), remember=False)
        return found.model_copy(update={"batches": [with_link(request, one) for one in found.batches]})

    @made.get("/units/{unit}/evaluation-codes")
    async def issued(
        unit: str,
        cycle: str,
        after: int = 0,
        limit: Annotated[int, Param(ge=1, le=500)] = 100,
        ask: Query = allow_read(*ISSUERS, "auditor"),
    ) -> BatchList:
        """Which codes were issued, without the codes."""
        return await ask.run(lambda session: codes.listed(session, ask.actor, unit, cycle, after, limit))

    return made
