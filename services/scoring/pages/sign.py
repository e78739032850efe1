"""The signing page: a teller or the scrutineer makes a key in the browser and signs the checkpoint shown in words (S6).

The page holds no secret and needs no sign-in to make a key; what is to be signed it asks of the API, which does.
"""

from fastapi import APIRouter, Request, Response

from services.scoring.pages.addresses import Addresses
from services.scoring.store import meetings as store
from shared.pages import Pages
from shared.pages.house import WITH_SCRIPT
from shared.web import Query, public_read

WORDS = "sign.say."


def router(house: Pages, addresses: Addresses) -> APIRouter:
    """The endpoints of this page."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    @api.get("/sign/{meeting}")
    async def sign(meeting: str, request: Request, ask: Query = public_read) -> Response:
        """Make a key, see what is signed, sign."""
        name = await ask.run(lambda session: store.meeting(session, meeting).name)
        words = house.wording.of(house.language(request))
        texts = {key.removeprefix(WORDS): text for key, text in words.items() if key.startswith(WORDS)}
        secure = "" if request.url.scheme == "https" else addresses.secure_page(request, f"/sign/{name}")
        return house.show(
            request, "sign.html", policy=WITH_SCRIPT, meeting=name, secure=secure,
            data={"meeting": name, "texts": texts},
        )  # fmt: skip

    return api
