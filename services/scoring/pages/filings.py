"""What lower offices filed, for the office above at `/filings`: when, verified or not, and what was decided (S14)."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as Numbered
from fastapi import Query as Asked

from services.scoring.usecases import filings_board, filings_review
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.filings_taken import RESULT
from services.scoring.verify.titles import TITLES
from shared.pages import Pages
from shared.web import Query, allow_read

READERS = ("office", "approver", "auditor", "guidance", "higher_office")
MOST = 5_000
"""Units of a ranking on a page."""
Cycle = Annotated[str, Asked(max_length=64)]
Number = Annotated[int, Numbered(ge=1, lt=2**62)]


def router(house: Pages, desk: Desk) -> APIRouter:
    """The endpoints of these pages, for who is signed in as the office or oversees it."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())
    zone = desk.programme.zone

    def local(at: datetime) -> str:
        return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")

    def part(language: str, key: str | None) -> str:
        """What the composite calls a part."""
        return next((str(getattr(p.label, language)) for p in desk.programme.composite if p.key == key), key or "")

    @api.get("/filings")
    async def board(request: Request, cycle: Cycle = "", ask: Query = allow_read(*READERS)) -> Response:
        """Who files on a cycle, what came of whom, and who is silent."""
        now = ask.now
        found = await ask.run(lambda session: filings_board.board(desk, session, cycle, now))
        return house.show(request, "filings.html", it=found, local=local)

    @api.get("/filings/{number}")
    async def one(request: Request, number: Number, ask: Query = allow_read(*READERS)) -> Response:
        """A filing: what was verified, the lower office's ranking, what was decided."""
        found = await ask.run(lambda session: filings_review.shown(session, number))
        rows = []
        if found.kind == RESULT and found.version is not None:
            rows = (await ask.run(lambda session: filings_review.rows(session, number, 0, MOST))).items
        language = house.language(request)
        return house.show(
            request, "filing.html", it=found, rows=rows, local=local, part=part(language, found.part),
            titles={name: pair[language == "en"] for name, pair in TITLES.items()},
        )  # fmt: skip

    return api
