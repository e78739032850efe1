"""In the hall: key, cards, check-in, ballots, count, signatures (S4–S7). Turnout may be shown, a result may not."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.scoring import metrics
from services.scoring.store import meetings as store
from services.scoring.usecases import ballots, count, hall
from services.scoring.usecases.ballots import BallotView, FormView, Turnout
from services.scoring.usecases.count import Count, CountView
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.hall import CardsView, CheckedIn, HallView, NewCards
from services.scoring.usecases.steps import MeetingView
from shared.errors import Refusal
from shared.web import Command, Query, allow, allow_read, public_read


class MeetingKey(BaseModel):
    """Public keys made by the tellers: base64url of the uncompressed P-256 point."""

    public_key: str = Field(max_length=100)
    dispute_key: str | None = Field(default=None, max_length=100)


class Representative(BaseModel):
    """A representative by registration id."""

    representative: str = Field(min_length=1, max_length=64)


class NewBallot(BaseModel):
    """A card's text and the ballot encrypted to the meeting's key (base64 of 65 bytes of key ‖ ciphertext)."""

    token: str = Field(min_length=1, max_length=64)
    ciphertext: str = Field(min_length=1, max_length=2_000_000)


class Signatures(BaseModel):
    """Signature lines of C2SP signed notes over the checkpoint."""

    signatures: tuple[str, ...] = Field(min_length=1, max_length=20)


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/meetings", tags=["hall"])

    @made.post("/{meeting}/key", status_code=201)
    async def set_key(meeting: str, given: MeetingKey, do: Command = allow("teller")) -> MeetingView:
        """Bring the meeting's public key; the private one stays split among the tellers."""
        return await do.run(lambda tx: hall.set_key(tx, meeting, given.public_key, given.dispute_key))

    @made.post("/{meeting}/cards", status_code=201)
    async def cards(meeting: str, given: NewCards, do: Command = allow("teller")) -> CardsView:
        """Bring the hashes of the printed cards, signed by two tellers."""
        return await do.run(lambda tx: hall.keep_cards(desk, tx, meeting, given))

    @made.post("/{meeting}/check-in-opening")
    async def open_check_in(meeting: str, do: Command = allow("office")) -> MeetingView:
        """Open the check-in."""
        return await do.run(lambda tx: hall.open_check_in(tx, meeting))

    @made.post("/{meeting}/check-ins", status_code=201)
    async def check_in(meeting: str, given: Representative, do: Command = allow("clerk")) -> CheckedIn:
        """Mark the roll."""
        return await do.run(lambda tx: hall.check_in(desk, tx, meeting, given.representative))

    @made.get("/{meeting}/hall")
    async def show_hall(
        meeting: str, ask: Query = allow_read("clerk", "office", "guidance", "teller", "scrutineer", "auditor")
    ) -> HallView:
        """Who is present in figures, and which alternates to call."""
        return await ask.run(lambda session: hall.hall(desk, session, meeting))

    @made.post("/{meeting}/ballots-opening")
    async def open_ballots(meeting: str, do: Command = allow("office")) -> MeetingView:
        """Open the ballots: at least 70% of those present are ordinary people."""
        return await do.run(lambda tx: hall.open_ballots(desk, tx, meeting))

    @made.get("/{meeting}/form")
    async def form(meeting: str, ask: Query = public_read) -> FormView:
        """What a terminal needs: units, dimensions, grades, size, public key."""
        return await ask.run(lambda session: ballots.form_view(session, meeting))

    @made.post("/{meeting}/ballots", status_code=201)
    async def cast(meeting: str, given: NewBallot, response: Response, do: Command = allow("terminal")) -> BallotView:
        """Cast a ballot: 201 accepted; 200 the very same again; 409 used card or not open; 422 unknown card."""
        try:
            # An Idempotency-Key would leave the terminal and the time beside the card: the card itself is the key.
            found = await do.run(lambda tx: ballots.cast(tx, meeting, given.token, given.ciphertext), remember=False)
        except Refusal:
            metrics.BALLOTS.labels("refused").inc()
            raise
        response.status_code = 201 if found.state == "accepted" else 200
        return found

    @made.get("/{meeting}/turnout")
    async def turnout(meeting: str, ask: Query = public_read) -> Turnout:
        """Cards issued and ballots returned: never an interim result."""
        return await ask.run(lambda session: ballots.turnout(session, meeting))

    @made.post("/{meeting}/closing")
    async def close(meeting: str, do: Command = allow("office", "teller")) -> Turnout:
        """No more ballots."""
        return await do.run(lambda tx: ballots.close(tx, meeting))

    @made.post("/{meeting}/count")
    async def count_ballots(meeting: str, given: Count, do: Command = allow("teller")) -> CountView:
        """Bring the shares: count and seal; answers the checkpoint to sign, never a result."""
        return await do.run(lambda tx: count.count(desk, tx, meeting, given))

    @made.get("/{meeting}/count")
    async def show_count(
        meeting: str, ask: Query = allow_read("teller", "scrutineer", "office", "guidance")
    ) -> CountView:
        """The checkpoint to sign, and who has signed."""
        return await ask.run(lambda session: count.count_view(session, store.meeting(session, meeting)))

    @made.post("/{meeting}/signatures")
    async def sign(meeting: str, given: Signatures, do: Command = allow("teller", "scrutineer")) -> CountView:
        """Sign the checkpoint; with the last signature needed the meeting is sealed."""
        return await do.run(lambda tx: count.sign(tx, meeting, given.signatures))

    return made
