"""What is unusual among online evaluations (S13): a list for the office to look at, and its decisions."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Param

from services.scoring.usecases import evaluation_flags as flags
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_flags import FlagDetail, FlagList, NewDecision
from shared.web import Command, Query, allow, allow_read


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/evaluation-flags", tags=["evaluations"])

    @made.get("")
    async def listed(
        cycle: str,
        unit: Annotated[str, Param(max_length=48)] = "",
        kind: Literal["", "device", "string", "burst"] = "",
        state: Literal["", "open", "kept", "set_apart"] = "",
        after: int = 0,
        limit: Annotated[int, Param(ge=1, le=500)] = 100,
        ask: Query = allow_read("office", "auditor"),
    ) -> FlagList:
        """Flags of a cycle, unit by unit: what went beyond a limit, with its figures. All of it is counted."""
        return await ask.run(
            lambda session: flags.listed(
                desk, session, cycle, unit=unit, kind=kind, state=state, after=after, limit=limit
            )
        )

    @made.get("/{number}")
    async def shown(number: int, ask: Query = allow_read("office", "auditor")) -> FlagDetail:
        """A flag with its decisions, and the unit's figure with and without it."""
        return await ask.run(lambda session: flags.shown(desk, session, number))

    @made.post("/{number}/decision")
    async def decide(number: int, wanted: NewDecision, do: Command = allow("office")) -> FlagDetail:
        """Keep it, set it apart, or open it again, with the reason; until the cycle's result is published."""
        return await do.run(lambda tx: flags.decide(desk, tx, number, wanted))

    return made
