"""HTTP: circulars (N6): drafts, the office's text, a leader's approval, issue, and the document."""

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Response

from services.notify import usecases
from services.notify.models import circulars as forms
from services.notify.store import circulars as store
from services.notify.usecases import circular_papers, circulars
from services.notify.usecases.circulars import Whole
from shared.store import Tx
from shared.web import Command, Query, allow, allow_read

READERS = ("office", "approver", "auditor")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of circulars."""

    @router.get("/circulars", tags=["circulars"])
    async def get_circulars(state: forms.State | None = None, ask: Query = allow_read(*READERS)) -> forms.CircularsOut:
        """Circulars and drafts, the latest period first: one a quarter and one a cycle."""
        rows = await ask.run(lambda session: store.page(session, state=state))
        return forms.CircularsOut(circulars=[forms.CircularOut.of(row) for row in rows])

    @router.get("/circulars/{key}", tags=["circulars"])
    async def get_circular(key: str, ask: Query = allow_read(*READERS)) -> forms.WholeOut:
        """One circular: words, figures with the events that they count, and who did what. A draft is counted anew."""
        return await ask.run(
            lambda session: forms.WholeOut.whole(
                circulars.whole(desk, session, key, ask.now), store.steps(session, key)
            )
        )

    @router.get("/circulars/{key}/document", tags=["circulars"])
    async def get_document(
        key: str, language: Literal["zh", "en"] = "zh", ask: Query = allow_read(*READERS)
    ) -> Response:
        """The circular as .docx; a draft is marked as one."""
        found = await ask.run(lambda session: circulars.whole(desk, session, key, ask.now))
        body = circular_papers.document(desk, found, language, ask.now)
        name = f"circular-{found.row.period}.docx"
        headers = {"Content-Disposition": f"attachment; filename={name}", "X-Content-Type-Options": "nosniff"}
        return Response(body, media_type=DOCX, headers=headers)

    @router.post("/circulars", tags=["circulars"])
    async def draft(given: forms.DraftIn, do: Command = allow("office")) -> forms.WholeOut:
        """Draft the circular of a quarter that is over; it is drafted once."""
        return await _done(do, lambda tx: circulars.draft_quarter(desk, tx, given.quarter, do.actor.sub))

    @router.put("/circulars/{key}/text", tags=["circulars"])
    async def edit(key: str, given: forms.TextIn, do: Command = allow("office")) -> forms.WholeOut:
        """The office's own words, until a leader approves them; the words before are kept."""
        return await _done(do, lambda tx: circulars.edit(desk, tx, key, given.words(), do.actor))

    @router.post("/circulars/{key}/approval", tags=["circulars"])
    async def approve(key: str, do: Command = allow("approver")) -> forms.WholeOut:
        """A leader approves: words and figures are frozen, and it gets its number."""
        return await _done(do, lambda tx: circulars.approve(desk, tx, key, do.actor))

    @router.post("/circulars/{key}/return", tags=["circulars"])
    async def send_back(key: str, given: forms.ReturnIn, do: Command = allow("approver")) -> forms.WholeOut:
        """A leader returns the draft to the office."""
        return await _done(do, lambda tx: circulars.send_back(desk, tx, key, given.reason, do.actor))

    @router.post("/circulars/{key}/issue", tags=["circulars"])
    async def issue(key: str, do: Command = allow("office")) -> forms.WholeOut:
        """Issue what was approved: letters to the leaders, an item on the bulletin."""
        return await _done(do, lambda tx: circulars.issue(desk, tx, key, do.actor))


async def _done(do: Command, act: Callable[[Tx], Whole]) -> forms.WholeOut:
    def work(tx: Tx) -> forms.WholeOut:
        found = act(tx)
        return forms.WholeOut.whole(found, store.steps(tx.session, found.row.key))

    return await do.run(work)
