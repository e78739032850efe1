"""The composite's other parts (S9): values entered with a document, confirmed by a second person."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked

from services.scoring.usecases import parts
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.parts import NewValues, PartValuePage, PartValueView
from services.scoring.usecases.versions import Decision
from shared.web import Command, Query, allow, allow_read

Cursor = Annotated[int, Asked(ge=0, lt=2**62, description="`next` of the page before")]
Limit = Annotated[int, Asked(ge=1, le=1000, description="most items of a page")]


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/cycles/{cycle}/parts/{part}", tags=["scores"])

    @made.post("/values", status_code=201)
    async def enter(cycle: str, part: str, given: NewValues, do: Command = allow("office")) -> list[PartValueView]:
        """The office enters units' values of a part, each with its document; a correction with its reason."""
        return await do.run(lambda tx: parts.enter(desk, tx, cycle, part, given))

    @made.post("/decision")
    async def decide(
        cycle: str, part: str, given: Decision, do: Command = allow("office", "approver")
    ) -> list[PartValueView]:
        """Somebody else than who entered them confirms or refuses values."""
        return await do.run(lambda tx: parts.decide(desk, tx, cycle, part, given))

    @made.get("/values")
    async def show(
        cycle: str,
        part: str,
        unit: str | None = None,
        cursor: Cursor = 0,
        limit: Limit = 100,
        ask: Query = allow_read("office", "approver", "auditor", "guidance", "higher_office"),
    ) -> PartValuePage:
        """Every version of the values, with document, who and when."""
        return await ask.run(
            lambda session: parts.listed(desk, session, cycle, part, unit=unit, after=cursor, limit=limit)
        )

    return made
