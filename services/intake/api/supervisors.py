"""Supervisors, their cards, presence and briefings, and monitoring points (I10)."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Parameter

from services.intake.api.paging import Behind, Limit
from services.intake.domain import mark
from services.intake.models.supervisors import (
    AppointIn,
    Briefing,
    CardIn,
    CardList,
    CardOut,
    DismissIn,
    EndIn,
    LetterIn,
    PointIn,
    PointList,
    PointOut,
    PresenceIn,
    PresenceList,
    SupervisorDetail,
    SupervisorList,
    TextIn,
    ToldIn,
)
from services.intake.rules import Rules
from services.intake.usecases import appointing, briefing, contact_cards
from shared.web import Command, Query, allow, allow_read

APPOINTERS = ("office", "leader")


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["supervisors"])
    _cards(api, rules)
    _points(api)

    @api.post("/supervisors", status_code=201)
    async def appoint(body: AppointIn, do: Command = allow(*APPOINTERS)) -> SupervisorDetail:
        """Appoint by letter; a leader appoints for his unit."""
        return await do.run(lambda tx: appointing.appoint(rules, tx, body, do.actor))

    @api.get("/supervisors")
    async def list_supervisors(
        cursor: Behind = None,
        limit: Limit = 100,
        ask: Query = allow_read("office", "leader", "supervisor", "auditor"),
    ) -> SupervisorList:
        """The register: a leader sees whom his unit appointed, a supervisor himself."""
        actor, start = ask.actor, mark.read(cursor)
        return await ask.run(lambda session: appointing.listed(session, actor, start, limit))

    @api.get("/supervisors/{key}")
    async def get_supervisor(key: str, ask: Query = allow_read("office", "auditor")) -> SupervisorDetail:
        """A supervisor with every entry about him."""
        return await ask.run(lambda session: appointing.detail(session, key))

    @api.post("/supervisors/{key}/renewal")
    async def renew(key: str, body: LetterIn, do: Command = allow(*APPOINTERS)) -> SupervisorDetail:
        """A new term by a new letter."""
        return await do.run(lambda tx: appointing.renew(rules, tx, key, body, do.actor))

    @api.post("/supervisors/{key}/dismissal")
    async def dismiss(key: str, body: DismissIn, do: Command = allow(*APPOINTERS)) -> SupervisorDetail:
        """End an appointment before its term."""
        return await do.run(lambda tx: appointing.dismiss(tx, key, body, do.actor))

    @api.post("/presences", status_code=201)
    async def attend(body: PresenceIn, do: Command = allow("office", "clerk")) -> PresenceList:
        """Who of the supervisors came to a meeting."""
        return await do.run(lambda tx: appointing.attend(tx, body, do.actor.sub))

    @api.get("/presences")
    async def attended(
        meeting: Annotated[str, Parameter(max_length=100)], ask: Query = allow_read("office", "clerk", "auditor")
    ) -> PresenceList:
        """The attendance list of a meeting."""
        return await ask.run(lambda session: appointing.attended(session, meeting))

    @api.get("/briefings/{quarter}")
    async def brief(quarter: str, ask: Query = allow_read("office", "supervisor", "auditor")) -> Briefing:
        """A quarter's figures for supervisors."""
        return await ask.run(lambda session: briefing.of(rules, session, quarter, ask.now, ask.actor))

    return api


def _cards(api: APIRouter, rules: Rules) -> None:
    readers = ("supervisor", "office", "clerk", "auditor", "handler", "leader")

    @api.post("/cards", status_code=201)
    async def write(body: CardIn, do: Command = allow("supervisor")) -> CardOut:
        """A contact card: it becomes a complaint, and the unit and the office answer it."""
        return await do.run(lambda tx: contact_cards.write(rules, tx, body, do.actor))

    @api.get("/cards")
    async def list_cards(
        overdue: bool = False, cursor: Behind = None, limit: Limit = 100, ask: Query = allow_read(*readers)
    ) -> CardList:
        """A supervisor's own cards, a unit's cards, all for the office; `overdue`: an answer is late."""
        actor, now, start = ask.actor, ask.now, mark.read(cursor)
        return await ask.run(lambda session: contact_cards.listed(session, now, actor, start, limit, overdue=overdue))

    @api.get("/cards/{key}")
    async def get_card(key: str, ask: Query = allow_read(*readers)) -> CardOut:
        """One card with its answers."""
        return await ask.run(lambda session: contact_cards.shown(session, key, ask.now, ask.actor))

    @api.post("/cards/{key}/answer")
    async def answer(key: str, body: TextIn, do: Command = allow("office", "handler", "leader")) -> CardOut:
        """Answer it, as the office or as the unit that the matter went to; once each."""
        return await do.run(lambda tx: contact_cards.answer(tx, key, body.text, do.actor))

    @api.post("/cards/{key}/telling")
    async def tell(key: str, body: ToldIn, do: Command = allow("office")) -> CardOut:
        """The reported unit was told of the card."""
        return await do.run(lambda tx: contact_cards.told(tx, key, body, do.actor))


def _points(api: APIRouter) -> None:
    @api.post("/monitoring-points", status_code=201)
    async def add_point(body: PointIn, do: Command = allow("office")) -> PointOut:
        """Register a monitoring point; a source of its name may report."""
        return await do.run(lambda tx: appointing.add_point(tx, body, do.actor.sub))

    @api.get("/monitoring-points")
    async def list_points(ask: Query = allow_read("office", "clerk", "auditor")) -> PointList:
        """The monitoring points."""
        return await ask.run(appointing.points)

    @api.post("/monitoring-points/{key}/end")
    async def end_point(key: str, body: EndIn, do: Command = allow("office")) -> PointOut:
        """A monitoring point reports no more after a day."""
        return await do.run(lambda tx: appointing.end_point(tx, key, body))
