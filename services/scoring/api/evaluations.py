"""Online evaluation (S13): one evaluation a code, from anybody who has one; what was said.

Who calls is counted against floods and forgotten; nothing of it is kept with an evaluation.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Query as Param
from pydantic import BaseModel, Field

from services.scoring.domain.evaluation import check_code
from services.scoring.domain.evaluation_patterns import device_text
from services.scoring.usecases import evaluation_codes as codes
from services.scoring.usecases import evaluation_results as results
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_codes import CodeForm
from services.scoring.usecases.evaluation_results import Counters, OpinionList, OpinionView, RefusalView
from services.scoring.usecases.evaluations import Arrival, Outcome, Taken, take
from shared.errors import Refusal
from shared.gather import Gather
from shared.web import Command, Query, allow_read, public, public_read
from shared.web_rate import PerMinute

A_MINUTE = 60
Live = Callable[[str], Awaitable[Counters | None]]


class TypedCode(BaseModel):
    """A code as typed or scanned; case, spaces and dashes do not matter."""

    code: str = Field(min_length=1, max_length=64, repr=False)


class NewEvaluation(TypedCode):
    """An evaluation. `marks`: dimension → grade, or 不了解; a dimension left out is 不了解."""

    unit: str = Field(default="", max_length=64, description="the unit, if the page knows it; else that of the code")
    marks: dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=64)]] = Field(max_length=50)


class EvaluationView(BaseModel):
    """The answer: accepted (201), or the very same again (200)."""

    state: Literal["accepted", "repeated"]


def router(desk: Desk, limit: PerMinute | None = None, live: Live | None = None) -> APIRouter:
    """The endpoints of this subject.

    limit: how many requests one address may send without signing in. live: a cycle's counters where they are cheap.
    """
    made = APIRouter(prefix="/api/v1", tags=["evaluations"])
    bound = limit or PerMinute(A_MINUTE)
    gather: Gather[Arrival, Taken] = Gather()

    @made.post("/evaluation-form")
    async def form(given: TypedCode, request: Request, response: Response, ask: Query = public_read) -> CodeForm:
        """What a code is for: the unit, what may be graded, whether it was used. Changes nothing."""
        bound.take(request.client.host if request.client else "")
        response.headers["Cache-Control"] = "no-store"
        return await ask.run(lambda session: codes.form_of(desk, session, given.code))

    @made.post("/evaluations", status_code=201)
    async def evaluate(
        given: NewEvaluation, request: Request, response: Response, do: Command = public
    ) -> EvaluationView:
        """Evaluate with a code: on the disk when this answers. The very same again is harmless (200)."""
        bound.take(request.client.host if request.client else "")

        async def together(arrivals: Sequence[Arrival]) -> list[Taken]:
            return await do.run(lambda tx: take(desk, tx, arrivals), remember=False)

        device = device_text(request.client.host if request.client else "", request.headers.get("user-agent", ""))
        arrival = Arrival(given.code, given.unit, given.marks, do.at, device=device)
        taken = await gather.submit(arrival, together)
        if taken.outcome is Outcome.REPEATED:
            response.status_code = 200
            return EvaluationView(state="repeated")
        if taken.outcome is not Outcome.ACCEPTED:
            raise _refusal(taken, given)
        return EvaluationView(state="accepted")

    @made.get("/cycles/{cycle}/evaluations")
    async def opinions(
        cycle: str, after: str = "", limit: Annotated[int, Param(ge=1, le=500)] = 100, ask: Query = public_read
    ) -> OpinionList:
        """What was said online of each unit: opinion at scale, from the publication of the cycle's result on."""
        return await ask.run(
            lambda session: results.opinions(desk, session, cycle, inside=False, after=after, limit=limit)
        )

    @made.get("/cycles/{cycle}/evaluations/inside")
    async def opinions_inside(
        cycle: str,
        after: str = "",
        limit: Annotated[int, Param(ge=1, le=500)] = 100,
        ask: Query = allow_read("office", "auditor"),
    ) -> OpinionList:
        """The same for the office, before the publication too."""
        return await ask.run(
            lambda session: results.opinions(desk, session, cycle, inside=True, after=after, limit=limit)
        )

    @made.get("/units/{unit}/evaluations")
    async def of_unit(unit: str, cycle: str, ask: Query = public_read) -> list[OpinionView]:
        """What was said online of a unit, then of its sections; from the publication on."""
        return await ask.run(lambda session: results.of_unit(desk, session, unit, cycle, inside=False))

    @made.get("/cycles/{cycle}/evaluations/counters")
    async def counted(cycle: str, ask: Query = public_read) -> Counters:
        """How many evaluations have come so far, at any time: never what they say."""
        if live and (found := await live(cycle)):
            return found
        return await ask.run(lambda session: results.counters(session, cycle))

    @made.get("/evaluations/refusals")
    async def refusals(ask: Query = allow_read("office", "auditor", "operator")) -> list[RefusalView]:
        """What counted nothing, by source and reason."""
        return await ask.run(results.refusals)

    return made


def _refusal(taken: Taken, given: NewEvaluation) -> Refusal:
    if taken.why is not None:
        return taken.why
    match taken.outcome:
        case Outcome.USED:
            return Refusal("code", "…", "has been used", "one receipt is one evaluation", 409)
        case Outcome.EXPIRED:
            return Refusal("code", "…", "its time is over", "evaluate sooner after a service", 410)
        case Outcome.OTHER_UNIT:
            return Refusal("unit", given.unit, "the code is not of this unit", "leave `unit` out", 422)
    try:
        check_code(given.code)
    except Refusal as error:
        return error
    return Refusal("code", "…", "is no code of ours", "see the receipt again", 404)
