"""The phone clerk's callbacks (I11)."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Parameter

from services.intake import store
from services.intake.api.paging import Behind, Cursor, Limit, after, following
from services.intake.domain import mark
from services.intake.models import CallbackOut, CallbackPage, CallIn
from services.intake.models.callbacks import CallbackWork
from services.intake.rules import Rules
from services.intake.usecases import calls, view
from shared.web import Command, Query, allow, allow_read


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["callbacks"])

    @api.get("/callbacks")
    async def list_callbacks(
        state: Literal["open", "graded", "not_reached", "superseded"] | None = None,
        case: Annotated[str | None, Parameter(max_length=64)] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
        ask: Query = allow_read("clerk", "office", "auditor"),
    ) -> CallbackPage:
        """Petitioners to ask, and those asked."""
        start = after(cursor)
        rows = await ask.run(lambda session: store.callbacks(session, state=state, case=case, after=start, limit=limit))
        items = [view.callback_out(row) for row in rows]
        return CallbackPage(items=items, next=following(rows[-1].id if rows else None, len(rows), limit))

    @api.get("/callbacks/worklist")
    async def work_list(cursor: Behind = None, limit: Limit = 100, ask: Query = allow_read("clerk")) -> CallbackWork:
        """Whom to ring up, the most pressing first; who was tried today is to be left in peace."""
        now, start = ask.now, mark.read(cursor)
        return await ask.run(lambda session: calls.work_list(rules, session, now, start, limit))

    @api.post("/callbacks/{case}/{number}")
    async def record_call(case: str, number: str, body: CallIn, do: Command = allow("clerk")) -> CallbackOut:
        """What came of a call: a grade, once, read back before; or a try that reached nobody, at most one a day."""
        return await do.run(lambda tx: calls.called(rules, tx, case, number, body, do.actor.sub))

    return api
