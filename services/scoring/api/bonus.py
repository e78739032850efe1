"""Bonus points and service volumes of the daily score (S8)."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel, Field

from services.scoring.usecases import bonus, volumes
from services.scoring.usecases.bonus import (
    CommendationDecision,
    CommendationPage,
    CommendationView,
    NewCommendation,
    WithdrawalView,
)
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.versions import Decision
from services.scoring.usecases.volumes import NewVolumes, VolumePage, VolumeView
from shared.web import Command, Query, allow, allow_read

Cursor = Annotated[int, Asked(ge=0, lt=2**62, description="`next` of the page before")]
Limit = Annotated[int, Asked(ge=1, le=1000, description="most items of a page")]
READERS = ("office", "approver", "auditor", "guidance", "higher_office")


class BonusReason(BaseModel):
    """Why a bonus is withdrawn."""

    reason: str = Field(min_length=1, max_length=5000)


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["scores"])

    @made.post("/commendations", status_code=201)
    async def commend(given: NewCommendation, do: Command = allow("office")) -> CommendationView:
        """The office enters a commendation that a unit was given, with its document."""
        return await do.run(lambda tx: bonus.commend(desk, tx, given))

    @made.post("/commendations/{number}/decision")
    async def decide(
        number: int, given: CommendationDecision, do: Command = allow("office", "approver")
    ) -> CommendationView:
        """Somebody else than who entered it confirms it, and it is a bonus; or refuses it."""
        return await do.run(lambda tx: bonus.decide(desk, tx, number, given))

    @made.get("/commendations")
    async def commendations(
        cycle: str, cursor: Cursor = 0, limit: Limit = 100, ask: Query = allow_read(*READERS)
    ) -> CommendationPage:
        """The commendations of a cycle."""
        return await ask.run(lambda session: bonus.listed(session, cycle, after=cursor, limit=limit))

    @made.post("/points/{line}/withdrawal", status_code=201)
    async def withdraw(line: str, given: BonusReason, do: Command = allow("office", "approver")) -> WithdrawalView:
        """The office contests a bonus: it counts no more; line, evidence and reason stay to be seen."""
        return await do.run(lambda tx: bonus.withdraw(tx, line, given.reason))

    @made.post("/cycles/{cycle}/volumes", status_code=201)
    async def enter(cycle: str, given: NewVolumes, do: Command = allow("office")) -> list[VolumeView]:
        """The office enters units' service volumes, each with its document; a correction with its reason."""
        return await do.run(lambda tx: volumes.enter(desk, tx, cycle, given))

    @made.post("/cycles/{cycle}/volumes/decision")
    async def confirm(cycle: str, given: Decision, do: Command = allow("office", "approver")) -> list[VolumeView]:
        """Somebody else than who entered them confirms or refuses volumes."""
        return await do.run(lambda tx: volumes.decide(desk, tx, cycle, given))

    @made.get("/cycles/{cycle}/volumes")
    async def show(
        cycle: str, unit: str | None = None, cursor: Cursor = 0, limit: Limit = 100, ask: Query = allow_read(*READERS)
    ) -> VolumePage:
        """Every version of the volumes, with document, who and when."""
        return await ask.run(lambda session: volumes.listed(desk, session, cycle, unit=unit, after=cursor, limit=limit))

    return made
