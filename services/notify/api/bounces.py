"""HTTP: bounces and complaints that others report (N3)."""

import re
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Query as Parameter

from services.notify import usecases
from services.notify.api.asked import PAGE, Text
from services.notify.models import bounces as forms
from services.notify.postbox.reading import read_report
from services.notify.store import bounces
from services.notify.usecases.bounces import Bounce, Taken, take_bounce
from shared.errors import Refusal
from shared.store import Tx
from shared.web import Command, Query, allow, allow_read, allow_stream

MESSAGE = "message/rfc822"
REPORTERS = ("source", "operator")
LETTER = re.compile(r"<?(l-[0-9a-f]{24})(@[^<>\s]+)?>?")


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of bounces."""

    @router.post("/bounces", tags=["bounces"])
    async def report_bounce(given: forms.BounceIn, do: Command = allow(*REPORTERS)) -> forms.TakenOut:
        """Report a bounce or complaint, as a mail service's or gateway's webhook does. Each `id` counts once."""
        named = LETTER.fullmatch(given.message_id or "")
        letter = named.group(1) if named else None

        def take(tx: Tx) -> forms.TakenOut:
            key = f"w:{do.actor.sub}:{given.id}"
            bounce = Bounce(
                key, given.kind, letter, given.address, given.status, given.reason, "webhook", given.channel
            )
            return _out(take_bounce(desk, tx, bounce))

        return await do.run(take)

    @router.post(
        "/bounces/report",
        tags=["bounces"],
        openapi_extra={
            "requestBody": {"required": True, "content": {"message/rfc822": {"schema": {"type": "string"}}}}
        },
    )
    async def upload_report(request: Request, do: Command = allow_stream(*REPORTERS)) -> forms.TakenOut:
        """Send a delivery report (RFC 3464) or complaint (RFC 5965) as it came: the message is the body."""
        bounce = read_report(await request.body(), desk.domain, "upload")
        if bounce is None:
            raise Refusal(
                "body", "", "neither a delivery report nor a complaint", "send the whole message that came back"
            )
        return await do.run(lambda tx: _out(take_bounce(desk, tx, bounce)))

    @router.get("/bounces", tags=["bounces"])
    async def get_bounces(
        letter: Text = None,
        kind: Literal["hard", "refused", "soft", "complaint"] | None = None,
        cursor: Annotated[int, Parameter(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = PAGE,
        ask: Query = allow_read("office", "operator", "auditor"),
    ) -> forms.BouncesOut:
        """What came back after letters had been taken, and what followed from it."""
        rows = await ask.run(lambda session: bounces.page(session, letter, kind, cursor, limit))
        following = str(rows[-1]["id"]) if len(rows) == limit else None
        return forms.BouncesOut(bounces=[forms.BounceOut(**row) for row in rows], next=following)


def _out(taken: Taken) -> forms.TakenOut:
    return forms.TakenOut(effect=taken.effect, again=taken.again)
