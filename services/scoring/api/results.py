"""The ranking of a cycle in every version, and its consequences (S10, S12, S14, S15)."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked
from pydantic import BaseModel, Field

from services.scoring.usecases import consequences, issued, ranking, releasing
from services.scoring.usecases.consequences import ConsequenceView
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.issued import IssueView, RankingView
from services.scoring.usecases.releasing import CyclePublication
from shared.web import Command, Query, allow, allow_read, public_read

Version = Annotated[int | None, Asked(ge=1)]


class Reissue(BaseModel):
    """Why a published ranking is issued again."""

    reason: str = Field(default="", max_length=2000)


class Answer(BaseModel):
    """A leader's written answer to the doubt; needed where a consequence carries a review flag."""

    answer: str = Field(default="", max_length=5000)


class Withdrawal(BaseModel):
    """Why a leader does not confirm."""

    reason: str = Field(min_length=1, max_length=5000)


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["results"])
    _result_endpoints(made, desk)
    return made


def _result_endpoints(made: APIRouter, desk: Desk) -> None:
    @made.post("/cycles/{name}/ranking", status_code=201)
    async def rank(name: str, given: Reissue | None = None, do: Command = allow("office")) -> RankingView:
        """Compute the ranking of a closed cycle, propose its consequences; units are told when it is published."""
        return await do.run(lambda tx: ranking.rank_cycle(desk, tx, name, given.reason if given else ""))

    @made.post("/cycles/{name}/publication")
    async def release(name: str, do: Command = allow("office")) -> CyclePublication:
        """Release the cycle's whole result: public at once, or by the clock at the programme's time."""
        return await do.run(lambda tx: releasing.release_cycle(desk, tx, name))

    @made.get("/cycles/{name}/publication")
    async def publication(
        name: str, ask: Query = allow_read("office", "approver", "auditor", "guidance", "higher_office")
    ) -> CyclePublication:
        """What was released, when it opens, and what holds it back."""
        return await ask.run(lambda session: releasing.publication(desk, session, name, ask.now))

    @made.get("/cycles/{name}/ranking")
    async def show_ranking(name: str, version: Version = None, ask: Query = public_read) -> RankingView:
        """The ranking, once it is published: the last version, or the one asked for."""
        return await ask.run(lambda session: issued.ranking_view(desk, session, name, version))

    @made.get("/cycles/{name}/rankings")
    async def show_versions(name: str, ask: Query = public_read) -> list[IssueView]:
        """Every version of the ranking with its reason, oldest first: none is overwritten."""
        return await ask.run(lambda session: issued.issues(session, name))

    @made.get("/consequences")
    async def show_consequences(
        cycle: str, ask: Query = allow_read("office", "approver", "auditor", "guidance", "higher_office")
    ) -> list[ConsequenceView]:
        """The consequences of a cycle and what was decided."""
        return await ask.run(lambda session: consequences.consequences_of(desk, session, cycle))

    @made.post("/consequences/{key}/confirmation")
    async def confirm(key: str, given: Answer | None = None, do: Command = allow("approver")) -> ConsequenceView:
        """A leader confirms; a review flag needs a written answer."""
        answer = given.answer if given else ""
        return await do.run(lambda tx: consequences.confirm_one(desk, tx, key, answer))

    @made.post("/consequences/{key}/withdrawal")
    async def withdraw(key: str, given: Withdrawal, do: Command = allow("approver")) -> ConsequenceView:
        """A leader does not confirm, with a reason."""
        return await do.run(lambda tx: consequences.withdraw_one(desk, tx, key, given.reason))
