"""The hall's big screen: it looks again every two seconds and shows what changed, without a reload (S4, S7)."""

from decimal import ROUND_FLOOR, Decimal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.scoring.usecases import screen
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.screen import ScreenView
from shared.pages import Pages
from shared.pages.house import WITH_SCRIPT
from shared.web import Query, public_read


def percent(share: Decimal) -> str:
    """A share for the screen, rounded down: 69.96 % never reads as the 70 % that are not reached."""
    tenths = (share * 100).quantize(Decimal("0.1"), ROUND_FLOOR)
    return f"{tenths.normalize():f}%"


def router(house: Pages, desk: Desk) -> APIRouter:
    """The endpoints of this page. Everybody may see it: it hangs in the hall, and holds no result."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())
    strata = {stratum.key: stratum.label for stratum in desk.programme.pool.strata}

    async def show(meeting: str, request: Request, ask: Query, template: str) -> HTMLResponse:
        found: ScreenView = await ask.run(lambda session: screen.screen(desk, session, meeting))
        starts = found.starts_at.astimezone(desk.programme.zone) if found.starts_at else None
        return house.show(
            request, template, policy=WITH_SCRIPT, it=found, strata=strata,
            starts=starts.strftime("%Y-%m-%d %H:%M") if starts else "", percent=percent,
        )  # fmt: skip

    @api.get("/hall/{meeting}")
    async def whole(meeting: str, request: Request, ask: Query = public_read) -> Response:
        """The screen."""
        return await show(meeting, request, ask, "hall.html")

    @api.get("/hall/{meeting}/now")
    async def now(meeting: str, request: Request, ask: Query = public_read) -> Response:
        """What stands on the screen now: the script puts it in place of what stood there."""
        return await show(meeting, request, ask, "hall_now.html")

    return api
