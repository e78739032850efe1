"""Meetings up to the hall, and the draw (S3, S4)."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.scoring.store import meetings as store
from services.scoring.usecases import drawing, meetings
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.drawing import DrawView, Entropy, Freezing, FrozenView, LotsView, PanelView, Recorded
from services.scoring.usecases.meetings import KeyRingView, NewKey, NewMeeting
from services.scoring.usecases.steps import MeetingView, meeting_view
from shared.web import Command, Query, allow, allow_read, public_read


class NewCommitment(BaseModel):
    """A witness's commitment: SHA-256(32 bytes ‖ value) in hex."""

    witness: str = Field(min_length=1, max_length=100)
    commitment: str


class Reason(BaseModel):
    """Why."""

    reason: str = Field(min_length=1, max_length=2000)


class NotComing(BaseModel):
    """Somebody drawn who does not come."""

    representative: str
    reason: str = Field(min_length=1, max_length=500)


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/meetings", tags=["meetings"])

    @made.post("", status_code=201)
    async def create(wanted: NewMeeting, do: Command = allow("office")) -> MeetingView:
        """Create a meeting on whole scopes."""
        return await do.run(lambda tx: meetings.create(desk, tx, wanted))

    @made.get("/{meeting}")
    async def show(meeting: str, ask: Query = public_read) -> MeetingView:
        """Where a meeting stands."""
        return await ask.run(lambda session: meeting_view(session, store.meeting(session, meeting)))

    @made.post("/{meeting}/keys", status_code=201)
    async def enrol(meeting: str, wanted: NewKey, do: Command = allow("office")) -> KeyRingView:
        """Enrol the public key of a teller, the scrutineer, a witness or the guidance group."""
        return await do.run(lambda tx: meetings.enrol(desk, tx, meeting, wanted))

    @made.post("/{meeting}/commitments", status_code=201)
    async def commit(meeting: str, given: NewCommitment, do: Command = allow("office", "witness")) -> Recorded:
        """A witness commits to a value, before the freeze."""
        return await do.run(lambda tx: drawing.commit(tx, meeting, given.witness, given.commitment))

    @made.get("/{meeting}/lots")
    async def lots(meeting: str, ask: Query = allow_read("office", "auditor")) -> LotsView:
        """Who may be drawn, with attributes, and the seats: what panels for crossing quotas are proposed from."""
        return await ask.run(lambda session: drawing.lots(desk, session, meeting))

    @made.post("/{meeting}/freezing")
    async def freeze(meeting: str, given: Freezing, do: Command = allow("office")) -> FrozenView:
        """Freeze the pool and publish its hash, before the public value exists."""
        return await do.run(lambda tx: drawing.freeze_pool(desk, tx, meeting, given))

    @made.post("/{meeting}/draw")
    async def draw(meeting: str, given: Entropy, do: Command = allow("office")) -> DrawView:
        """Draw the representatives from all entropy together."""
        return await do.run(lambda tx: drawing.draw_lots(desk, tx, meeting, given))

    @made.get("/{meeting}/pool")
    async def pool(meeting: str, ask: Query = public_read) -> Response:
        """The frozen pool file, byte for byte as it was hashed."""
        data = await ask.run(lambda session: store.file(session, meeting, "pool.json"))
        return Response(data, media_type="application/json")

    @made.get("/{meeting}/draw-proof")
    async def proof(meeting: str, ask: Query = public_read) -> Response:
        """draw_proof.json: anybody may repeat the draw with it, `minping verify draw_proof.json`."""
        data = await ask.run(lambda session: store.file(session, meeting, "draw_proof.json"))
        return Response(data, media_type="application/json")

    @made.post("/{meeting}/refusals", status_code=201)
    async def replace(meeting: str, given: NotComing, do: Command = allow("office", "clerk")) -> PanelView:
        """Somebody drawn does not come: the next alternate is called, on record."""
        return await do.run(lambda tx: drawing.replace(tx, meeting, given.representative, given.reason))

    @made.post("/{meeting}/halt")
    async def halt(meeting: str, given: Reason, do: Command = allow("guidance")) -> MeetingView:
        """The guidance group halts the meeting."""
        return await do.run(lambda tx: meetings.halt(tx, meeting, given.reason))

    @made.post("/{meeting}/resumption")
    async def resume(meeting: str, given: Reason, do: Command = allow("guidance")) -> MeetingView:
        """The guidance group lets it go on."""
        return await do.run(lambda tx: meetings.resume(tx, meeting, given.reason))

    @made.post("/{meeting}/annulment")
    async def annul(meeting: str, given: Reason, do: Command = allow("office")) -> MeetingView:
        """Annul a meeting that is not sealed; it is held again under another name."""
        return await do.run(lambda tx: meetings.annul(tx, meeting, given.reason))

    return made
