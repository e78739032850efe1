"""Canvassing (S11): established by the office with evidence, appealed by the unit, ruled on by somebody else."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked

from services.scoring.api.scores import Grounds, Ruling
from services.scoring.usecases import canvassing
from services.scoring.usecases.canvassing import CanvassingPage, CanvassingView, NewCanvassing
from services.scoring.usecases.desk import Desk
from shared.web import Command, Query, allow, allow_read

Cursor = Annotated[int, Asked(ge=0, lt=2**62, description="`next` of the page before")]
Limit = Annotated[int, Asked(ge=1, le=1000, description="most items of a page")]


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["results"])

    @made.post("/canvassing", status_code=201)
    async def establish(given: NewCanvassing, do: Command = allow("office")) -> CanvassingView:
        """The office establishes canvassing, with evidence; the unit is told, and may appeal."""
        return await do.run(lambda tx: canvassing.establish(desk, tx, given))

    @made.get("/canvassing")
    async def show(
        cycle: str | None = None,
        cursor: Cursor = 0,
        limit: Limit = 100,
        ask: Query = allow_read("office", "approver", "auditor", "guidance", "higher_office", "leader"),
    ) -> CanvassingPage:
        """Cases of canvassing with evidence, appeal and ruling; a leader sees those of his unit."""
        actor = ask.actor
        return await ask.run(lambda session: canvassing.listed(session, actor, cycle=cycle, after=cursor, limit=limit))

    @made.post("/canvassing/{key}/appeal")
    async def appeal(key: int, given: Grounds, do: Command = allow("leader")) -> CanvassingView:
        """The unit's leader appeals."""
        return await do.run(lambda tx: canvassing.appeal_canvassing(tx, key, given.grounds))

    @made.post("/canvassing/{key}/ruling")
    async def rule(key: int, given: Ruling, do: Command = allow("office", "approver")) -> CanvassingView:
        """Somebody else than who established it rules."""
        return await do.run(
            lambda tx: canvassing.rule_on_canvassing(tx, key, is_upheld=given.upheld, reason=given.reason)
        )

    return made
