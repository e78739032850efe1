"""What is sealed and published of a meeting: checkpoint, bundle in every version, receipts, openings (S6, S14, S15)."""

import base64
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Query as Asked
from pydantic import BaseModel, Field

from services.scoring.domain.bundle import write_bundle
from services.scoring.store import meetings as store
from services.scoring.usecases import count, custody, patterns, publishing, releasing, timestamps
from services.scoring.usecases.custody import LockView, Shares
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.patterns import PatternsView
from services.scoring.usecases.publishing import BundleView, PublicationView
from services.scoring.usecases.timestamps import TimestampView
from shared.web import Command, Query, allow, allow_read, public_read

ZIP = "application/zip"
BINARY = "application/octet-stream"
Version = Annotated[int | None, Asked(ge=1)]


class Token(BaseModel):
    """An RFC 3161 response of a time-stamping authority over the signed checkpoint, in base64."""

    response: str = Field(min_length=1, max_length=100_000, pattern=r"^[A-Za-z0-9+/]+={0,2}$")


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/meetings", tags=["seal"])
    _sealed(made)
    _published(made, desk)
    return made


def _sealed(made: APIRouter) -> None:
    @made.get("/{meeting}/checkpoint")
    async def checkpoint(meeting: str, ask: Query = public_read) -> Response:
        """The signed checkpoint: public from the seal on."""
        data = await ask.run(lambda session: count.checkpoint(session, meeting))
        return Response(data, media_type="text/plain; charset=utf-8")

    @made.get("/{meeting}/sealed-bundle")
    async def sealed_bundle(
        meeting: str, ask: Query = allow_read("office", "teller", "scrutineer", "guidance", "auditor")
    ) -> Response:
        """The sealed bundle before its publication, for those who counted; refused while its result is under lock."""
        data = await ask.run(lambda session: write_bundle(count.seal_members(session, meeting)))
        return Response(data, media_type=ZIP)

    @made.get("/{meeting}/result-lock")
    async def lock(meeting: str, ask: Query = public_read) -> LockView:
        """Whether the result is under lock."""
        return await ask.run(lambda session: custody.lock_view(session, meeting))

    @made.get("/{meeting}/locked-result")
    async def locked(meeting: str, ask: Query = allow_read("office", "teller", "scrutineer", "auditor")) -> Response:
        """The encrypted result: keep a copy elsewhere, it cannot be made again."""
        data = await ask.run(lambda session: custody.locked_result(session, meeting))
        return Response(data, media_type=BINARY)

    @made.post("/{meeting}/result-opening")
    async def open_result(meeting: str, given: Shares, do: Command = allow("teller")) -> LockView:
        """Tellers open the result, after the cycle is closed and the last appeal is ruled on."""
        return await do.run(lambda tx: custody.open_result(tx, meeting, given), remember=False)

    @made.get("/{meeting}/receipts/{token_hash}")
    async def receipt(meeting: str, token_hash: str, ask: Query = public_read) -> Response:
        """Shows that a card's ballot is in the seal, not what it says."""
        data = await ask.run(lambda session: count.receipt(session, meeting, token_hash))
        return Response(data, media_type="application/json")

    @made.get("/{meeting}/patterns")
    async def show_patterns(
        meeting: str, ask: Query = allow_read("office", "auditor", "guidance", "scrutineer")
    ) -> PatternsView:
        """Unusual patterns among the ballots, seen at the count: figures, never a verdict."""
        return await ask.run(lambda session: patterns.shown(session, meeting))

    @made.get("/{meeting}/openings")
    async def openings(meeting: str, ask: Query = allow_read("office", "auditor")) -> Response:
        """The ballots encrypted to the dispute key, where the meeting has one."""
        data = await ask.run(lambda session: store.file(session, meeting, "openings.bin"))
        return Response(data, media_type=BINARY)


def _published(made: APIRouter, desk: Desk) -> None:
    @made.post("/{meeting}/publication")
    async def publish(meeting: str, do: Command = allow("office")) -> PublicationView:
        """Release the sealed meeting with the cycle's result: public at once, or at the programme's time."""
        return await do.run(lambda tx: releasing.release_meeting(desk, tx, meeting))

    @made.get("/{meeting}/bundles")
    async def bundles(meeting: str, ask: Query = public_read) -> list[BundleView]:
        """Every version of the published bundle with its reason, oldest first: none is overwritten."""
        return await ask.run(lambda session: publishing.bundles(session, meeting))

    @made.get("/{meeting}/bundle")
    async def bundle(meeting: str, version: Version = None, ask: Query = public_read) -> Response:
        """The published bundle, the last version or the one asked for: check it with `minping verify`."""
        row = await ask.run(lambda session: publishing.bundle(session, meeting, version))
        name = f"{meeting}.zip" if version is None else f"{meeting}-{version}.zip"
        headers = {"ETag": f'"{row.sha256}"', "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(row.data, media_type=ZIP, headers=headers)

    @made.post("/{meeting}/timestamp", status_code=201)
    async def stamp(meeting: str, given: Token, do: Command = allow("office", "scrutineer")) -> TimestampView:
        """Keep an outside time stamp over the signed checkpoint beside the bundle."""
        return await do.run(lambda tx: timestamps.keep(tx, meeting, base64.b64decode(given.response)))

    @made.get("/{meeting}/timestamp")
    async def show_stamp(meeting: str, ask: Query = public_read) -> Response:
        """The time stamp, for `minping verify --timestamp`. 404 where there is none."""
        data = await ask.run(lambda session: timestamps.token(session, meeting))
        return Response(data, media_type="application/timestamp-reply")
