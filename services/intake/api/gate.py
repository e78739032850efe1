"""Stand-ins, handovers, objections to assignments (I7, I17)."""

from typing import Literal

from fastapi import APIRouter

from services.intake.api.paging import Behind, Cursor, Limit, after, following
from services.intake.domain import mark
from services.intake.models import ReasonIn
from services.intake.models.absences import AbsenceIn, AbsenceList, AbsenceOut, HandoverIn, HandoverList, HandoverOut
from services.intake.models.objections import ObjectionIn, ObjectionOut, ObjectionPage, RulingIn
from services.intake.rules import Rules
from services.intake.usecases import absences, handover, objecting
from shared.web import Command, Query, allow, allow_read


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["transfers"])

    @api.post("/absences", status_code=201)
    async def enter_absence(body: AbsenceIn, do: Command = allow(*absences.ROLES)) -> AbsenceOut:
        """Who is away from when to when, and who stands in (AB角). The office enters anybody's, others their own."""
        return await do.run(lambda tx: absences.enter(rules, tx, do.actor, body))

    @api.get("/absences")
    async def list_absences(
        cursor: Behind = None, limit: Limit = 100, ask: Query = allow_read(*absences.ROLES, "auditor")
    ) -> AbsenceList:
        """Absences, the newest first, also those that were withdrawn."""
        start = mark.read(cursor)
        return await ask.run(lambda session: absences.listed(session, start, limit))

    @api.post("/absences/{key}/withdrawal")
    async def withdraw_absence(key: str, body: ReasonIn, do: Command = allow(*absences.ROLES)) -> AbsenceOut:
        """The person is back early, or does not go. What the deputy decided stands."""
        return await do.run(lambda tx: absences.withdraw(rules, tx, do.actor, key, body.reason))

    @api.post("/handovers", status_code=201)
    async def hand_over(body: HandoverIn, do: Command = allow("office")) -> HandoverOut:
        """An official leaves: what is his to do goes to the successor, on record."""
        return await do.run(lambda tx: handover.hand_over(rules, tx, do.actor, body))

    @api.get("/handovers")
    async def list_handovers(
        cursor: Behind = None, limit: Limit = 100, ask: Query = allow_read("office", "auditor")
    ) -> HandoverList:
        """Handovers, the newest first."""
        start = mark.read(cursor)
        return await ask.run(lambda session: handover.listed(session, start, limit))

    @api.post("/transfers/{number}/objection", status_code=201)
    async def object_to(number: str, body: ObjectionIn, do: Command = allow("handler", "leader")) -> ObjectionOut:
        """A unit of the card contests the assignment, once, within the programme's working days."""
        return await do.run(lambda tx: objecting.object_to(rules, tx, do.actor, number, body))

    @api.post("/transfers/{number}/objection/ruling")
    async def rule(number: str, body: RulingIn, do: Command = allow("office")) -> ObjectionOut:
        """The office rules. Upheld: the new card waits for an approver; until then the first receiver stays liable."""
        return await do.run(lambda tx: objecting.rule(rules, tx, do.actor, number, body))

    @api.get("/objections")
    async def list_objections(
        state: Literal["pending", "proposed", "upheld", "dismissed"] | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
        ask: Query = allow_read("clerk", "office", "approver", "auditor", "handler", "leader"),
    ) -> ObjectionPage:
        """Objections with their rulings; a unit sees its own."""
        start, actor = after(cursor), ask.actor
        items, last = await ask.run(
            lambda session: objecting.listed(session, actor, state=state, after=start, limit=limit)
        )
        return ObjectionPage(items=items, next=following(last, len(items), limit))

    return api
