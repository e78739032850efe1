"""A unit's score with its explanation, and appeals against lines of the daily part (S8, S9)."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scoring.usecases import explaining, points, ranking
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.explaining import WorkingView
from services.scoring.usecases.points import AppealView
from services.scoring.usecases.ranking import ScoreView
from shared.errors import Refusal
from shared.web import Command, Query, allow, allow_read


class Grounds(BaseModel):
    """Why a decision is wrong."""

    grounds: str = Field(min_length=1, max_length=5000)


class Ruling(BaseModel):
    """A ruling on an appeal, with its reason."""

    upheld: bool
    reason: str = Field(min_length=1, max_length=5000)


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["scores"])
    readers = ("office", "approver", "auditor", "guidance", "higher_office", "handler", "leader")

    @made.get("/units/{unit}/score")
    async def score(unit: str, cycle: str, ask: Query = allow_read(*readers)) -> ScoreView:
        """The score with formula, lines and evidence; a unit's people see their own unit's."""
        if ask.actor.unit is not None and ask.actor.unit != unit:
            raise Refusal("unit", unit, "is another unit", "see your own unit's score", 403)
        return await ask.run(lambda session: ranking.explain(desk, session, unit, cycle, inside=ask.actor.unit is None))

    @made.get("/units/{unit}/working")
    async def working(unit: str, cycle: str, ask: Query = allow_read(*readers)) -> WorkingView:
        """The score's arithmetic, step by step, to be redone by hand; a unit's people see their own unit's."""
        if ask.actor.unit is not None and ask.actor.unit != unit:
            raise Refusal("unit", unit, "is another unit", "see your own unit's score", 403)
        inside = ask.actor.unit is None
        return await ask.run(lambda session: explaining.explanation(desk, session, unit, cycle, inside=inside))

    @made.post("/points/{line}/appeal", status_code=201)
    async def appeal(line: str, given: Grounds, do: Command = allow("leader")) -> AppealView:
        """The unit's leader appeals a line, within the programme's working days from its notice."""
        return await do.run(lambda tx: points.appeal(desk, tx, line, given.grounds))

    @made.post("/points/{line}/ruling")
    async def rule(line: str, given: Ruling, do: Command = allow("office", "approver")) -> AppealView:
        """Somebody else than the line's author rules; an upheld appeal restores, the trace stays."""
        return await do.run(lambda tx: points.rule_on_appeal(tx, line, is_upheld=given.upheld, reason=given.reason))

    return made
