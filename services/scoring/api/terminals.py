"""What terminals ask before a ballot (S5): the meetings, where one stands, whether a card is still good."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.scoring.usecases import terminals
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.terminals import CardState, MeetingList, StationView
from shared.web import Command, allow, allow_read, public_read
from shared.web import Query as Ask

Cursor = Annotated[str, Query(max_length=64, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


class CardShown(BaseModel):
    """A card's text as scanned or typed."""

    token: str = Field(min_length=1, max_length=64)


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/meetings", tags=["terminals"])

    @made.get("")
    async def list_meetings(
        state: str | None = None, cursor: Cursor = "", limit: Limit = 50, ask: Ask = public_read
    ) -> MeetingList:
        """The meetings, by name."""
        return await ask.run(lambda session: terminals.listed(session, state, cursor, limit))

    @made.get("/{meeting}/station")
    async def station(meeting: str, ask: Ask = allow_read("terminal")) -> StationView:
        """Where the meeting stands, for a terminal that is signed in."""
        return await ask.run(lambda session: terminals.station(session, meeting))

    @made.post("/{meeting}/card-checks")
    async def check_card(meeting: str, given: CardShown, do: Command = allow("terminal")) -> CardState:
        """Whether a card may still be voted with; 422 for a card of no such meeting. Nothing is kept."""
        return await do.query().run(lambda session: terminals.check_card(session, meeting, given.token))

    return made
