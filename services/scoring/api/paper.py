"""Paper when tablets or power fail (S16)."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scoring.usecases import paper
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.paper import FallbackView, NewPaper, PaperView
from shared.web import Command, Query, allow, allow_read


class Fallback(BaseModel):
    """Why paper."""

    reason: str = Field(min_length=1, max_length=2000)


def router(_desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/meetings", tags=["paper"])

    @made.post("/{meeting}/paper-fallback", status_code=201)
    async def propose(meeting: str, given: Fallback, do: Command = allow("office")) -> FallbackView:
        """The office proposes to vote on paper, with the reason."""
        return await do.run(lambda tx: paper.propose(tx, meeting, given.reason))

    @made.post("/{meeting}/paper-fallback/confirmation")
    async def confirm(meeting: str, do: Command = allow("guidance")) -> FallbackView:
        """The guidance group confirms: papers may be keyed in."""
        return await do.run(lambda tx: paper.confirm(tx, meeting))

    @made.get("/{meeting}/paper-fallback")
    async def show(
        meeting: str, ask: Query = allow_read("clerk", "teller", "office", "guidance", "scrutineer", "auditor")
    ) -> FallbackView:
        """The decision, which papers wait for a second or third look, how many are ballots."""
        return await ask.run(lambda session: paper.fallback_view(session, meeting))

    @made.post("/{meeting}/paper-ballots", status_code=201)
    async def key_in(meeting: str, given: NewPaper, do: Command = allow("clerk", "teller")) -> PaperView:
        """Key in a paper; two people do it apart, a third where they differ."""
        # An Idempotency-Key would leave the time beside the card: keying the same in again is harmless anyway.
        return await do.run(lambda tx: paper.key_in(tx, meeting, given), remember=False)

    return made
