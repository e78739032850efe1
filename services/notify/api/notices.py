"""HTTP: the proof of every notice (N8), and decisions on uncertain ones (N3)."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Parameter
from sqlalchemy import RowMapping

from services.notify import usecases
from services.notify.api.asked import PAGE, Text
from services.notify.api.letters import letter_out
from services.notify.models import notices as forms
from services.notify.models.letters import LetterOut
from services.notify.store import notices
from shared.errors import Refusal
from shared.store import Tx
from shared.web import Command, Query, allow, allow_read

NoticeStates = Literal["unaddressed", "planned", "sent", "failed", "uncertain", "void"]


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of notices."""

    @router.get("/notices", tags=["notices"])
    async def get_notices(
        state: NoticeStates | None = None,
        unit: Text = None,
        case: Text = None,
        person: Text = None,
        cause: Text = None,
        cursor: Annotated[int, Parameter(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = PAGE,
        ask: Query = allow_read("office", "operator", "auditor"),
    ) -> forms.NoticesOut:
        """Who was told what, when, with which outcome, because of which event (N8)."""
        wanted = {"state": state, "unit": unit, "case": case, "person": person, "cause": cause}
        rows = await ask.run(lambda session: notices.page(session, cursor, limit, **wanted))
        following = str(rows[-1]["seq"]) if len(rows) == limit else None
        return forms.NoticesOut(notices=[_notice(row) for row in rows], next=following)

    @router.get("/notices/{notice}", tags=["notices"])
    async def get_notice(notice: str, ask: Query = allow_read("office", "operator", "auditor")) -> forms.NoticeOut:
        """One notice."""
        row = await ask.run(lambda session: notices.find(session, notice))
        if row is None:
            raise Refusal("notice", notice, "no such notice", "look it up under /api/v1/notices", 404)
        return _notice(row)

    @router.post("/notices/{notice}/resolution", tags=["notices"])
    async def resolve(notice: str, decision: forms.ResolutionIn, do: Command = allow("operator")) -> LetterOut:
        """Decide on an uncertain letter: it went (`sent`), or send it again (`resend`). Holds for all in it (N3)."""

        def decide(tx: Tx) -> LetterOut:
            letter = usecases.resolve(desk, tx, notice, decision.decision, decision.reason)
            return letter_out(desk, tx.session, letter)

        return await do.run(decide)


def _notice(row: RowMapping) -> forms.NoticeOut:
    return forms.NoticeOut(**{name: row[name] for name in forms.NoticeOut.model_fields})
