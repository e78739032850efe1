"""Questionnaires (S8, S9): opened for a cycle, answered with a code by anybody who has one, reported.

Who calls is counted against floods and forgotten; nothing of it is kept with an answer.
"""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asked
from pydantic import BaseModel, Field

from services.scoring.usecases import questionnaire_answers as answers
from services.scoring.usecases import questionnaire_results as results
from services.scoring.usecases import questionnaires
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.questionnaire_answers import State, SurveyForm
from services.scoring.usecases.questionnaire_results import SurveyReport, WrittenPage
from services.scoring.usecases.questionnaires import HeldView, IssuedSurveyCodes, NewSurveyCodes, SurveyBatchList
from shared.web import Command, Query, allow, allow_read, public, public_read
from shared.web_rate import PerMinute

A_MINUTE = 60
Limit = Annotated[int, Asked(ge=1, le=500, description="most items of a page")]
Written = Annotated[str, Field(max_length=4000)]
Key = Annotated[str, Field(max_length=64)]


class SurveyCode(BaseModel):
    """A code as typed or scanned; case, spaces and dashes do not matter."""

    code: str = Field(min_length=1, max_length=64, repr=False)


class NewAnswer(SurveyCode):
    """An answer: question → option, options, or text; a question left out is not answered."""

    answers: dict[Key, Written | Annotated[list[Key], Field(max_length=40)]] = Field(max_length=50)


class AnswerView(BaseModel):
    """The answer was taken (201), or is the very same again (200)."""

    state: State


class Annulment(BaseModel):
    """Why a questionnaire does not count."""

    reason: str = Field(min_length=1, max_length=2000)


def router(desk: Desk, limit: PerMinute | None = None) -> APIRouter:
    """The endpoints of this subject. limit: how many requests one address may send without signing in."""
    made = APIRouter(prefix="/api/v1", tags=["questionnaires"])
    bound = limit or PerMinute(A_MINUTE)
    path = "/cycles/{cycle}/questionnaires/{key}"

    @made.post(f"{path}/opening", status_code=201)
    async def opening(cycle: str, key: str, do: Command = allow("office")) -> HeldView:
        """Hold a questionnaire of the programme in a cycle; its questions are fixed from now on."""
        return await do.run(lambda tx: questionnaires.open_for(desk, tx, cycle, key))

    @made.post(f"{path}/annulment")
    async def annulment(cycle: str, key: str, given: Annulment, do: Command = allow("approver")) -> HeldView:
        """A leader annuls it, with a reason: it counts as not held."""
        return await do.run(lambda tx: questionnaires.annul(tx, cycle, key, given.reason))

    @made.post(f"{path}/codes", status_code=201)
    async def issue(
        cycle: str, key: str, wanted: NewSurveyCodes, request: Request, response: Response,
        do: Command = allow("office", "clerk"),
    ) -> IssuedSurveyCodes:  # fmt: skip
        """New one-time codes for people whom a unit served, shown here only: a repeated request makes others."""
        response.headers["Cache-Control"] = "no-store"
        found = await do.run(lambda tx: questionnaires.issue(desk, tx, cycle, key, wanted), remember=False)
        base = desk.address or str(request.base_url).rstrip("/")
        return found.model_copy(update={"link": f"{base}/questionnaire/"})

    @made.get(f"{path}/codes")
    async def issued(
        cycle: str, key: str, after: int = 0, limit: Limit = 100, ask: Query = allow_read("office", "clerk", "auditor")
    ) -> SurveyBatchList:
        """Which codes were issued, without the codes."""
        return await ask.run(lambda session: questionnaires.issued(session, cycle, key, after, limit))

    @made.post("/questionnaire-form")
    async def form(given: SurveyCode, request: Request, response: Response, ask: Query = public_read) -> SurveyForm:
        """What a code asks, about which unit, and whether it was used. Changes nothing."""
        bound.take(request.client.host if request.client else "")
        response.headers["Cache-Control"] = "no-store"
        return await ask.run(lambda session: answers.form_of(desk, session, given.code))

    @made.post("/questionnaire-answers", status_code=201)
    async def answer(given: NewAnswer, request: Request, response: Response, do: Command = public) -> AnswerView:
        """Answer with a code: on the disk when this answers. The very same again is harmless (200)."""
        bound.take(request.client.host if request.client else "")
        state = await do.run(lambda tx: answers.take(tx, given.code, given.answers), remember=False)
        if state == "repeated":
            response.status_code = 200
        return AnswerView(state=state)

    @made.get(path)
    async def report(
        cycle: str, key: str, after: str = "", limit: Limit = 100, ask: Query = public_read
    ) -> SurveyReport:
        """Scores and distributions by unit, from the publication of the cycle's result on."""
        return await ask.run(
            lambda session: results.report(desk, session, cycle, key, inside=False, after=after, limit=limit)
        )

    @made.get(f"{path}/inside")
    async def inside(
        cycle: str, key: str, after: str = "", limit: Limit = 100, ask: Query = allow_read("office", "auditor")
    ) -> SurveyReport:
        """The same for the office, before the publication too."""
        return await ask.run(
            lambda session: results.report(desk, session, cycle, key, inside=True, after=after, limit=limit)
        )

    @made.get(f"{path}/texts")
    async def texts(
        cycle: str, key: str, unit: str, cursor: Annotated[str, Asked(max_length=64)] = "", limit: Limit = 100,
        ask: Query = allow_read("office"),
    ) -> WrittenPage:  # fmt: skip
        """What people wrote about a unit, scrubbed; for the office only."""
        return await ask.run(lambda session: results.written(session, cycle, key, unit, cursor, limit))

    return made
