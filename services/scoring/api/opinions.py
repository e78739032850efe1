"""The appraisal opinion of panel or office on a unit, and its feedback meeting (S14)."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Asked

from services.scoring.usecases import opinions
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.opinions import Feedback, NewOpinion, OpinionPage, OpinionText, OpinionView
from shared.web import Command, Query, allow, allow_read

Cursor = Annotated[str, Asked(max_length=200, description="`next` of the page before")]
Limit = Annotated[int, Asked(ge=1, le=1000, description="most items of a page")]
AUTHORS = ("office", "supervisor", "inspector", "guidance")
"""The office, and roles of people who may sit in a panel."""


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["opinions"])

    @made.post("/cycles/{name}/opinions", status_code=201)
    async def draft(name: str, given: NewOpinion, do: Command = allow(*AUTHORS)) -> OpinionView:
        """Draft an opinion on a unit: for the office, or for the panel in which you sit."""
        return await do.run(lambda tx: opinions.draft(desk, tx, name, given))

    @made.get("/cycles/{name}/opinions")
    async def show_all(
        name: str, cursor: Cursor = "", limit: Limit = 100,
        ask: Query = allow_read(*AUTHORS, "approver", "auditor", "higher_office"),
    ) -> OpinionPage:  # fmt: skip
        """A cycle's opinions; who sits in a panel sees the panel's."""
        actor, now = ask.actor, ask.now
        return await ask.run(
            lambda session: opinions.listed(desk, session, actor, name, now, after=cursor, limit=limit)
        )

    @made.get("/opinions/{key}")
    async def show(
        key: str, ask: Query = allow_read(*AUTHORS, "approver", "auditor", "higher_office", "leader")
    ) -> OpinionView:
        """An opinion; a unit's leader sees his own unit's from its issue on."""
        actor, now = ask.actor, ask.now
        return await ask.run(lambda session: opinions.shown(desk, session, actor, key, now))

    @made.post("/opinions/{key}/text")
    async def rewrite(key: str, given: OpinionText, do: Command = allow(*AUTHORS)) -> OpinionView:
        """Write a draft anew."""
        return await do.run(lambda tx: opinions.rewrite(desk, tx, key, given))

    @made.post("/opinions/{key}/signature")
    async def sign(key: str, do: Command = allow(*AUTHORS)) -> OpinionView:
        """The panel's leader, or another person of the office, signs: it goes out, each problem becomes a case."""
        return await do.run(lambda tx: opinions.sign(desk, tx, key))

    @made.post("/opinions/{key}/feedback")
    async def feed_back(key: str, given: Feedback, do: Command = allow(*AUTHORS)) -> OpinionView:
        """The feedback meeting with the unit's leadership, with its minutes."""
        return await do.run(lambda tx: opinions.feed_back(desk, tx, key, given))

    return made
