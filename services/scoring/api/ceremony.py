"""Around the count: shares' holders, reconciliation by hand, what is signed, what was destroyed (S5, S6)."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.scoring.usecases import ceremony, destruction, minutes, shares
from services.scoring.usecases.ceremony import ByHand, HandView
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.destruction import Destroyed
from services.scoring.usecases.minutes import MinutesView
from services.scoring.usecases.steps import MeetingView
from shared.errors import Refusal
from shared.web import Command, Query, allow, allow_read, public_read


class BallotKey(BaseModel):
    """ballot-key.json of `minping teller ballot-key`: public keys, and who holds which share by its hash."""

    kind: str = Field(max_length=100)
    meeting: str = Field(max_length=64)
    ballot: dict[str, Any]
    dispute: dict[str, Any] | None = None
    result: dict[str, Any] | None = None


class Declaration(BaseModel):
    """A signed note (C2SP): text, an empty line, signature lines."""

    note: str = Field(min_length=1, max_length=10_000)


class Reopening(BaseModel):
    """Why the ballots are opened again."""

    reason: str = Field(min_length=1, max_length=2000)


class Lines(BaseModel):
    """Signature lines of a signed note."""

    signatures: tuple[str, ...] = Field(min_length=1, max_length=20)


class Signers(BaseModel):
    """Whose keys signed."""

    signed: list[str]


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/meetings", tags=["ceremony"])

    @made.post("/{meeting}/ballot-key", status_code=201)
    async def bring(meeting: str, given: BallotKey, do: Command = allow("teller")) -> MeetingView:
        """Bring the public keys with who holds which share; like `key`, and a wrong share can be named later."""
        brought = given.model_dump(exclude_unset=True)
        return await do.run(lambda tx: shares.bring_key(desk, tx, meeting, brought))

    @made.get("/{meeting}/ballot-key")
    async def show(meeting: str, ask: Query = public_read) -> Response:
        """Who holds which share, by its hash. 404 where the key was brought without saying so."""
        found = await ask.run(lambda session: shares.key_file(session, meeting))
        if found is None:
            raise Refusal("meeting", meeting, "nobody is named as holder of a share", "see the meeting's key", 404)
        return Response(found.to_bytes(), media_type="application/json")

    @made.post("/{meeting}/reconciliation")
    async def by_hand(
        meeting: str, given: ByHand, ask: Query = allow_read("teller", "scrutineer", "office")
    ) -> HandView:
        """Whether the figures agree, before any share is brought; keeps nothing."""
        return await ask.run(lambda session: ceremony.by_hand(session, meeting, given))

    @made.post("/{meeting}/reopening")
    async def reopen(meeting: str, given: Reopening, do: Command = allow("guidance")) -> MeetingView:
        """The ballots were closed by mistake: open them again, on record, before the count."""
        return await do.run(lambda tx: ceremony.reopen(tx, meeting, given.reason))

    @made.get("/{meeting}/signing")
    async def signing(meeting: str, ask: Query = allow_read("teller", "scrutineer")) -> Response:
        """signing.json, for `minping teller sign` and the page: the checkpoint with figures provably in its root."""
        found = await ask.run(lambda session: ceremony.paper_to_sign(session, meeting))
        return Response(found.to_bytes(), media_type="application/json")

    @made.post("/{meeting}/card-destruction", status_code=201)
    async def cards_gone(meeting: str, given: Declaration, do: Command = allow("teller")) -> Destroyed:
        """The laptop's file of the cards is destroyed: the record that two tellers signed."""
        return await do.run(lambda tx: destruction.cards_gone(tx, meeting, given.note))

    @made.post("/{meeting}/share-destructions", status_code=201)
    async def share_gone(meeting: str, given: Declaration, do: Command = allow("teller")) -> Destroyed:
        """A teller's share is destroyed: the declaration that he signed."""
        return await do.run(lambda tx: destruction.share_gone(tx, meeting, given.note))

    @made.get("/{meeting}/destructions")
    async def destructions(meeting: str, ask: Query = public_read) -> dict[str, str]:
        """What was declared destroyed, as signed: cards, shares, and the server's own word on the key in memory."""
        return await ask.run(lambda session: destruction.destructions(session, meeting))

    @made.get("/{meeting}/minutes")
    async def show_minutes(meeting: str, ask: Query = public_read) -> MinutesView:
        """The minutes: steps and times, figures and checkpoint from the seal on, no names of persons, no result."""
        return await ask.run(lambda session: minutes.view(desk, session, meeting))

    @made.get("/{meeting}/minutes-record")
    async def minutes_record(meeting: str, ask: Query = public_read) -> Response:
        """minutes.json, which the guidance group signs: the same bytes from the seal on."""
        found = await ask.run(lambda session: minutes.record(desk, session, meeting))
        return Response(found.to_bytes(), media_type="application/json")

    @made.post("/{meeting}/minutes-signatures", status_code=201)
    async def sign_minutes(meeting: str, given: Lines, do: Command = allow("guidance", "office")) -> Signers:
        """Signatures over the minutes; one of the guidance group is among them."""
        return await do.run(lambda tx: Signers(signed=minutes.sign(desk, tx, meeting, given.signatures)))

    return made
