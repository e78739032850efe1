"""What everybody may take home from a meeting and how to check it, at `/proof/{meeting}` (S6, S14, S15)."""

from fastapi import APIRouter, Request, Response

from services.scoring.pages.minutes import code
from services.scoring.usecases import proof
from shared.pages import Pages
from shared.web import Query, public_read


def router(house: Pages) -> APIRouter:
    """The endpoints of this page."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    @api.get("/proof/{meeting}")
    async def page(meeting: str, request: Request, ask: Query = public_read) -> Response:
        """Public files with their hashes, the checkpoint as a code, and how to check them."""
        found = await ask.run(lambda session: proof.proof(session, meeting))
        qr = None if found.checkpoint is None else code(found.checkpoint)
        known = house.wording.keys()
        return house.show(request, "proof.html", it=found, qr=qr, known=lambda key: key in known)

    return api
