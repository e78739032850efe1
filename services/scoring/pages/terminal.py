"""The terminal in the hall: a page that works by finger, by keyboard and while the server is away (S5)."""

from fastapi import APIRouter, Request, Response

from services.scoring.usecases.desk import Desk
from shared.pages import Pages
from shared.pages.house import WITH_SCRIPT
from shared.web import public_read


def router(house: Pages, desk: Desk, public_url: str) -> APIRouter:
    """The endpoints of this page."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    @api.get("/terminal", dependencies=[public_read])
    async def terminal(request: Request) -> Response:
        """Vote."""
        return house.show(request, "terminal.html", policy=WITH_SCRIPT, permissions="camera=(self)")

    return api
