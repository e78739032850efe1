"""Terms of a case over HTTP: why its dates are what they are, what is asked and decided, who helps, who handles it."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Param
from sqlmodel import Session

from services.rectification import store, usecases
from services.rectification.api.paging import Limit, visible
from services.rectification.domain.case import Case
from services.rectification.domain.counting import explain
from services.rectification.domain.rules import Rules
from services.rectification.models.cases import CaseOut
from services.rectification.models.terms import (
    AssignmentIn,
    CaseDeadline,
    CaseDeadlines,
    ContributionIn,
    DecisionIn,
    ExplanationOut,
    ExtensionIn,
    HandoverIn,
    HandoverOut,
    HandoverPage,
    PreviewOut,
    SuspensionIn,
    TrackIn,
)
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.web import Command, Query, allow, allow_read

READERS = ("office", "clerk", "auditor", "handler", "leader")


def add(router: APIRouter, rules: Rules) -> None:
    """The endpoints."""
    _dates(router, rules)
    _requests(router, rules)
    _units(router, rules)


def _dates(router: APIRouter, rules: Rules) -> None:
    @router.get("/cases/{case}/deadlines")
    async def list_deadlines_of_case(case: str, ask: Query = allow_read(*READERS)) -> CaseDeadlines:
        """Every deadline that a case has or had. A unit that helps sees its own and the case's."""

        def read(session: Session) -> CaseDeadlines:
            found = visible(session, ask.actor, case)
            every = store.deadlines.of_case(session, case)
            return CaseDeadlines(items=tuple(CaseDeadline.of(r) for r in every if _may_see(ask.actor, found, r.unit)))

        return await ask.run(read)

    @router.get("/deadlines/{deadline}/explanation")
    async def explain_deadline(deadline: int, ask: Query = allow_read(*READERS)) -> ExplanationOut:
        """Day by day why the date is what it is: weekends, festivals, make-up workdays, suspension, extension."""

        def read(session: Session) -> ExplanationOut:
            found = store.deadlines.by_id(session, deadline)
            if found is None:
                raise _no_deadline(deadline)
            # A duty is no case: its unit sees it, and the office.
            matter = store.cases.find(session, found.deadline.case)
            if ask.actor.role in OF_A_UNIT and not (
                _may_see(ask.actor, matter, found.unit) if matter else ask.actor.unit == found.unit
            ):
                raise _no_deadline(deadline)
            return ExplanationOut.of(found.deadline, explain(rules, found.deadline))

        return await ask.run(read)


def _requests(router: APIRouter, rules: Rules) -> None:
    @router.post("/cases/{case}/extension")
    async def ask_extension(case: str, given: ExtensionIn, do: Command = allow("handler")) -> CaseOut:
        """The handler asks for more working days: once, before expiry, at most the original period."""
        return await do.run(lambda tx: CaseOut.of(usecases.ask_extension(rules, tx, case, given.days, given.reasons)))

    @router.post("/cases/{case}/track")
    async def ask_track(case: str, given: TrackIn, do: Command = allow("handler")) -> CaseOut:
        """The handler asks for another track before the due date; it counts as the extension."""
        return await do.run(lambda tx: CaseOut.of(usecases.ask_track(rules, tx, case, given.track, given.reasons)))

    @router.post("/cases/{case}/decision")
    async def decide(case: str, given: DecisionIn, do: Command = allow("office")) -> CaseOut:
        """The office grants or refuses what the unit asked for."""
        return await do.run(lambda tx: CaseOut.of(usecases.decide(rules, tx, case, given.answer())))

    @router.post("/cases/{case}/suspension")
    async def suspend(case: str, given: SuspensionIn, do: Command = allow("office", "handler")) -> CaseOut:
        """The office lets the unit's periods stand still; from a handler it is a request that the office decides."""
        return await do.run(lambda tx: CaseOut.of(usecases.suspend(rules, tx, case, given.ground, given.reasons)))

    @router.post("/cases/{case}/resumption")
    async def resume(case: str, do: Command = allow("office")) -> CaseOut:
        """The periods run again; the day of resuming counts."""
        return await do.run(lambda tx: CaseOut.of(usecases.resume(rules, tx, case)))


def _units(router: APIRouter, rules: Rules) -> None:
    @router.post("/cases/{case}/contributions")
    async def contribute(case: str, given: ContributionIn, do: Command = allow("handler", "leader")) -> CaseOut:
        """A cooperating or territorial unit hands in what it did."""
        evidence = tuple(given.evidence)
        return await do.run(lambda tx: CaseOut.of(usecases.contribute(rules, tx, case, given.text, evidence)))

    @router.post("/cases/{case}/assignment")
    async def assign(case: str, given: AssignmentIn, do: Command = allow("leader")) -> CaseOut:
        """The main leader names who handles the case in his unit."""
        return await do.run(lambda tx: CaseOut.of(usecases.assign(rules, tx, case, given.handler, given.reason)))

    @router.get("/handovers/preview")
    async def preview_handover(
        giver: Annotated[str, Param(alias="from", min_length=1, max_length=64)], ask: Query = allow_read("leader")
    ) -> PreviewOut:
        """Which open cases of the unit a handover from this handler would move."""
        unit = ask.actor.unit or ""
        cases = await ask.run(lambda session: store.units.open_of_handler(session, unit, giver))
        return PreviewOut(from_=giver, cases=tuple(cases))

    @router.get("/handovers")
    async def list_handovers(
        ask: Query = allow_read("office", "auditor", "leader"),
        cursor: Annotated[int, Param(ge=0)] = 0,
        limit: Limit = 100,
    ) -> HandoverPage:
        """Handovers in their order. A leader sees those of his own unit."""
        unit = (ask.actor.unit or "") if ask.actor.role in OF_A_UNIT else None
        found = await ask.run(lambda session: store.units.page_of_handovers(session, unit, cursor, limit))
        return HandoverPage(
            items=tuple(HandoverOut.of(made) for made in found),
            cursor=str(found[-1].id) if len(found) == limit else None,
        )

    @router.post("/handovers")
    async def hand_over(given: HandoverIn, do: Command = allow("leader")) -> HandoverOut:
        """All open cases of one handler of the unit to another, in one step."""
        return await do.run(
            lambda tx: HandoverOut.of(usecases.hand_over(rules, tx, given.from_, given.to, given.reason, given.undoes))
        )


def _may_see(actor: Actor, case: Case, unit: str) -> bool:
    """The lead unit sees every date of its case, a unit that helps its own and those of the lead unit."""
    if actor.role not in OF_A_UNIT:
        return True
    return actor.unit in case.card.units and (actor.unit in (unit, case.unit) or unit == case.unit)


def _no_deadline(key: int) -> Refusal:
    return Refusal("deadline", key, "there is no such deadline", "see GET /api/v1/cases/{case}/deadlines", 404)
