"""The minutes as a sheet to print, with the checkpoint as a code and lines to sign by hand (S6)."""

import io
from datetime import datetime

import segno
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from services.scoring.usecases import minutes
from services.scoring.usecases.desk import Desk
from shared.pages import Pages
from shared.web import Query, public_read


def router(house: Pages, desk: Desk) -> APIRouter:
    """The endpoints of this page."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    def local(at: datetime) -> str:
        """A time on the programme's clocks."""
        return at.astimezone(desk.programme.zone).strftime("%m-%d %H:%M")

    @api.get("/meetings/{meeting}/minutes")
    async def sheet(meeting: str, request: Request, ask: Query = public_read) -> Response:
        """The minutes of a meeting."""
        found = await ask.run(lambda session: minutes.view(desk, session, meeting))
        known = house.wording.keys()
        qr = None if found.seal is None else code("\n".join(found.seal.checkpoint.split("\n")[:3]) + "\n")
        return house.show(
            request, "minutes.html", it=found, local=local, qr=qr, known=lambda key: key in known,
            printed_at=local(ask.now),
        )  # fmt: skip

    return api


def code(text: str) -> Markup:
    """A code as a picture inside the page: the sheet is one file."""
    made = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        made, kind="svg", xmldecl=False, svgns=False, border=2, omitsize=True, svgclass="qr", lineclass=None
    )
    return Markup(made.getvalue().decode())
