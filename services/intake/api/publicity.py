"""Media feedback, filing upward, the on-air roster, a hotline's own tickets (I12, I18)."""

from fastapi import APIRouter, Response

from services.intake.api.paging import Behind, Limit
from services.intake.domain import mark
from services.intake.models import ReasonIn
from services.intake.models.filing import (
    BroadcastIn,
    BroadcastOut,
    FeedbackList,
    FilingDetail,
    FilingIn,
    FilingList,
    FilingOut,
    FilingReceiptIn,
)
from services.intake.models.roster import QuestionsIn, Roster, ShowChangeIn, ShowDetail, ShowIn, TicketOut
from services.intake.rules import Rules
from services.intake.usecases import feedback, filing, roster, tickets
from shared.spreadsheet import MEDIA_TYPE
from shared.web import Command, Query, allow, allow_read, public_read

READERS = ("clerk", "office", "auditor")
FILERS = ("office", "higher_office", "auditor")


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["publicity"])

    @api.post("/complaints/{number}/broadcast", status_code=201)
    async def broadcast(number: str, body: BroadcastIn, do: Command = allow("clerk", "office")) -> BroadcastOut:
        """The outcome was told in the media: where, when, in which words."""
        return await do.run(lambda tx: feedback.broadcast(rules, tx, number, body, do.actor.sub))

    @api.get("/feedback")
    async def list_feedback(
        overdue: bool = False, cursor: Behind = None, limit: Limit = 100, ask: Query = allow_read(*READERS)
    ) -> FeedbackList:
        """Outcomes that are still to be fed back in the media, the longest due first."""
        now, start = ask.now, mark.read(cursor)
        return await ask.run(lambda session: feedback.owed(session, now, start, limit, overdue=overdue))

    @api.post("/filings", status_code=201)
    async def file(body: FilingIn, do: Command = allow("office")) -> FilingOut:
        """File the results of a period with a higher office; the content is frozen."""
        return await do.run(lambda tx: filing.make(rules, tx, do.actor, body))

    @api.get("/filings")
    async def list_filings(cursor: Behind = None, limit: Limit = 100, ask: Query = allow_read(*FILERS)) -> FilingList:
        """Filings, the newest first."""
        start = mark.read(cursor)
        return await ask.run(lambda session: filing.listed(session, start, limit))

    @api.get("/filings/{key}")
    async def get_filing(key: str, ask: Query = allow_read(*FILERS)) -> FilingDetail:
        """A filing with its content."""
        return await ask.run(lambda session: filing.shown(session, key))

    @api.get("/filings/{key}/export.xlsx", response_class=Response)
    async def export(key: str, ask: Query = allow_read(*FILERS)) -> Response:
        """The filing as a sheet with Chinese headings; nothing in a cell runs."""
        body = await ask.run(lambda session: filing.sheet(rules, session, key))
        headers = {"Content-Disposition": f'attachment; filename="filing-{key}.xlsx"'}
        return Response(body, media_type=MEDIA_TYPE, headers=headers)

    @api.post("/filings/{key}/receipt")
    async def receive(key: str, body: FilingReceiptIn, do: Command = allow("office", "higher_office")) -> FilingOut:
        """The higher office's receipt: its number and day, once."""
        return await do.run(lambda tx: filing.receive(rules, tx, do.actor, key, body))

    @api.post("/roster", status_code=201)
    async def enter(body: ShowIn, do: Command = allow("office")) -> ShowDetail:
        """A leader answers on a show; never on two at once. He is told beforehand."""
        return await do.run(lambda tx: roster.enter(rules, tx, do.actor, body))

    @api.post("/roster/{key}/change")
    async def change(key: str, body: ShowChangeIn, do: Command = allow("office")) -> ShowDetail:
        """Another time, show or leader, with the reason; what it said before is kept."""
        return await do.run(lambda tx: roster.change(rules, tx, do.actor, key, body))

    @api.post("/roster/{key}/cancellation")
    async def cancel(key: str, body: ReasonIn, do: Command = allow("office")) -> ShowDetail:
        """The show is off, or nobody comes; the entry stays, marked."""
        return await do.run(lambda tx: roster.cancel(tx, do.actor, key, body.reason))

    @api.post("/roster/{key}/questions")
    async def put(key: str, body: QuestionsIn, do: Command = allow("clerk", "office")) -> ShowDetail:
        """Put complaints to the show."""
        return await do.run(lambda tx: roster.put(tx, do.actor, key, body))

    @api.get("/roster/{key}")
    async def get_show(key: str, ask: Query = allow_read(*READERS)) -> ShowDetail:
        """An entry with its history and its questions."""
        return await ask.run(lambda session: roster.shown(session, key))

    @api.get("/public/roster")
    async def public_roster(cursor: Behind = None, limit: Limit = 100, ask: Query = public_read) -> Roster:
        """Who answers on which show, the next first."""
        now, start = ask.now, mark.read(cursor)
        return await ask.run(lambda session: roster.listed(session, now, start, limit))

    @api.get("/tickets/{ticket:path}")
    async def get_ticket(ticket: str, ask: Query = allow_read("source")) -> TicketOut:
        """A source's own ticket: status, expected date, reply, outcome, and every status it has had."""
        source = ask.actor.sub
        return await ask.run(lambda session: tickets.shown(session, source, ticket))

    return api
