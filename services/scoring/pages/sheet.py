"""The fact sheets of a meeting's units, to read and to print: one sheet of paper a unit (S4 ①)."""

from fastapi import APIRouter, Request, Response

from services.scoring.domain.fact_sheet import OPEN, OUTCOMES
from services.scoring.usecases import announcing, fact_sheets
from services.scoring.usecases.desk import Desk
from shared.pages import Pages
from shared.web import Query, public_read


def router(house: Pages, desk: Desk) -> APIRouter:
    """The endpoints of these pages. Public from the announcement on."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())
    topics = {topic.key: topic.label for topic in desk.programme.topics}
    zone = desk.programme.zone

    async def show(meeting: str, unit: str | None, request: Request, ask: Query) -> Response:
        found = await ask.run(lambda session: fact_sheets.announced(session, meeting, unit))
        told = await ask.run(lambda session: announcing.announcement_view(desk, session, meeting))
        return house.show(
            request, "sheet.html", sheets=found, told=told, topics=topics, columns=(*OUTCOMES, OPEN),
            local=lambda at: at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        )  # fmt: skip

    @api.get("/meetings/{meeting}/sheets")
    async def sheets(meeting: str, request: Request, ask: Query = public_read) -> Response:
        """The announcement and every unit's sheet."""
        return await show(meeting, None, request, ask)

    @api.get("/meetings/{meeting}/sheets/{unit}")
    async def sheet(meeting: str, unit: str, request: Request, ask: Query = public_read) -> Response:
        """The sheet of a unit."""
        return await show(meeting, unit, request, ask)

    return api
