"""The public bulletin at `/bulletin` and every item's permanent address `/bulletin/{id}` (N7)."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asked
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from services.notify.domain.bulletin import Item
from services.notify.pages.caching import kept
from services.notify.pages.telling import Teller
from services.notify.usecases import Desk
from services.notify.usecases import bulletin as usecases
from services.notify.usecases.bulletin_reading import Named, named, names_for, units_shown
from shared.pages import Pages
from shared.web import Query, public_read

Text = Annotated[str, Asked(max_length=100)]


def router(house: Pages, desk: Desk, public_url: str, results_url: str) -> APIRouter:
    """The endpoints of these pages, for everybody."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    def told(request: Request, session: Session, items: tuple[Item, ...]) -> Teller:
        return Teller(desk.programme, house.wording, house.language(request), names_for(session, items))

    @api.get("/", dependencies=[public_read])
    async def start(request: Request) -> Response:
        """The start of notify's pages is the bulletin."""
        asked = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/bulletin{asked}", 307)

    @api.get("/bulletin")
    async def listing(
        request: Request, kind: Text = "", unit: Text = "", cursor: Text = "", ask: Query = public_read
    ) -> Response:
        """The latest items; `kind` and `unit` choose, `cursor` goes on. All without a script."""

        def read(session: Session) -> dict[str, Any]:
            most = desk.programme.bulletin.page
            found = usecases.listed(desk, session, kind=kind, unit=unit, cursor=cursor, limit=most)
            units = units_shown(session, house.language(request))
            return {"found": found, "teller": told(request, session, found.items), "units": units}

        values = await ask.run(read)
        kinds = usecases.kinds(desk, "")
        page = house.show(
            request,
            "bulletin.html",
            kinds=kinds,
            kind=kind,
            unit=unit,
            cursor=cursor,
            results_url=results_url,
            **values,
        )
        return kept(request, page)

    @api.get("/bulletin/{item}")
    async def one(item: str, request: Request, ask: Query = public_read) -> Response:
        """One item with all that happened to it."""

        def read(session: Session) -> tuple[Item, Teller, Named]:
            found = usecases.shown(desk, session, item)
            return found, told(request, session, (found,)), named(session, found)

        found, teller, instances = await ask.run(read)
        base = public_url or str(request.base_url).rstrip("/")
        page = house.show(
            request, "bulletin_item.html", item=found, teller=teller, address=f"{base}/bulletin/{found.id}",
            results_url=results_url, named=instances,
        )  # fmt: skip
        return kept(request, page)

    return api
