"""What anybody may do without signing in: report, track, answer a callback, object (I2, I11)."""

from fastapi import APIRouter, Request, Response

from services.intake.models import AnswerIn, CallbackOut, InformationIn, Receipt, ReportIn, TrackOut
from services.intake.models.petitioners import ExcludedFigures
from services.intake.receiving import registered, submission
from services.intake.rules import Rules
from services.intake.usecases import calls, excluding, informing, report, view
from shared.errors import Refusal
from shared.web import Command, Query, public, public_read
from shared.web_rate import PerMinute

WEB = "web"
"""Source of what the public reports itself."""


def router(rules: Rules, limit: PerMinute) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1/public", tags=["public"])

    @api.post("/complaints", status_code=201)
    async def report_complaint(body: ReportIn, request: Request, do: Command = public) -> Receipt:
        """Report. The tracking code in the receipt is shown here only; keep it."""
        limit.take(request.client.host if request.client else "")
        if body.ticket is not None or body.sealed_identity is not None:
            remedy = "leave ticket and sealed_identity out; `person` is sealed on arrival"
            raise Refusal("ticket", body.ticket, "only sources have tickets", remedy)
        given = submission(WEB, body, do.at)
        return await registered(rules, do, lambda tx: report.register(rules, tx, given))

    @api.get("/track/{code}")
    async def track(code: str, response: Response, ask: Query = public_read) -> TrackOut:
        """Where a complaint stands, in words; its expected date and reply; a callback's question, if there is one."""
        response.headers["Cache-Control"] = "no-store"
        return await ask.run(lambda session: view.track(rules, session, code))

    @api.post("/track/{code}/information", status_code=201)
    async def add_information(code: str, body: InformationIn, request: Request, do: Command = public) -> TrackOut:
        """Add to a complaint that was not decided yet, above all when it was returned for information (I4)."""
        limit.take(request.client.host if request.client else "")
        return await do.run(lambda tx: informing.add(rules, tx, code, body.text))

    @api.get("/exclusions")
    async def exclusions(ask: Query = public_read) -> ExcludedFigures:
        """How many petitioners and complaints are left out of the rates, and of how many (I5)."""
        return await ask.run(excluding.figures)

    @api.post("/callbacks/{code}")
    async def answer(code: str, body: AnswerIn, do: Command = public) -> CallbackOut:
        """Say how satisfied you are; once."""
        return await do.run(lambda tx: calls.answered(tx, code, body))

    @api.post("/track/{code}/objection", status_code=204)
    async def object_to(code: str, body: AnswerIn, do: Command = public) -> None:
        """After closing: it was not solved after all. Once a closing, within the programme's window (R6)."""
        await do.run(lambda tx: calls.objected(rules, tx, code, body))

    return api
