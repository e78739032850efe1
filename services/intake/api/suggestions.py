"""Suggested units and topics (I14): for a clerk's list, and how good they are."""

from fastapi import APIRouter

from services.intake.api.paging import Cursor, Limit, after, following
from services.intake.models.suggestions import ModelFigures, SuggestionsPage
from services.intake.rules import Rules
from services.intake.usecases import suggesting
from shared.web import Query, allow_read


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["suggestions"])

    @api.get("/suggestions")
    async def list_suggestions(
        cursor: Cursor = None, limit: Limit = 100, ask: Query = allow_read("clerk", "office", "approver", "auditor")
    ) -> SuggestionsPage:
        """Suggestions for every complaint that waits for a clerk; with confidence and why. Nothing is decided."""
        start = after(cursor)
        page, last = await ask.run(lambda session: suggesting.listed(rules, session, start, limit))
        return page.model_copy(update={"next": following(last, len(page.items), limit)})

    @api.get("/suggestions/model")
    async def model_figures(ask: Query = allow_read("clerk", "office", "auditor", "operator")) -> ModelFigures:
        """What was learned, its cross-validated figures, and how often clerks followed it."""
        return await ask.run(lambda session: suggesting.figures(rules, session))

    return api
