"""Nominations of individuals, the rank among cities, and results from before this system (S12)."""

from fastapi import APIRouter

from services.scoring.api.canvassing import Cursor, Limit
from services.scoring.usecases import recording, rewards
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.recording import Decided, NewRecord, RecordPage, RecordView
from services.scoring.usecases.rewards import (
    CityRankView,
    NewCityRank,
    NewNomination,
    NominationPage,
    NominationView,
)
from shared.web import Command, Query, allow, allow_read

READERS = ("office", "approver", "auditor", "guidance", "higher_office")


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["results"])
    _rewards(made, desk)
    _recorded(made, desk)
    return made


def _rewards(made: APIRouter, desk: Desk) -> None:
    @made.post("/nominations", status_code=201)
    async def nominate(given: NewNomination, do: Command = allow("office", "leader")) -> NominationView:
        """Nominate an individual for commendation, with reasons; a leader confirms or withdraws its consequence."""
        return await do.run(lambda tx: rewards.nominate(desk, tx, given))

    @made.get("/nominations")
    async def nominations(
        cycle: str, cursor: Cursor = 0, limit: Limit = 100, ask: Query = allow_read(*READERS, "leader")
    ) -> NominationPage:
        """Nominations of a cycle; a leader sees those of his unit."""
        actor = ask.actor
        return await ask.run(lambda session: rewards.nominations(session, actor, cycle, after=cursor, limit=limit))

    @made.post("/cycles/{name}/city-ranks", status_code=201)
    async def enter(name: str, given: NewCityRank, do: Command = allow("office")) -> CityRankView:
        """Enter the city's rank with its document, and the units established as its cause."""
        return await do.run(lambda tx: rewards.enter_city_rank(tx, name, given))

    @made.post("/city-ranks/{key}/decision")
    async def decide(key: int, given: Decided, do: Command = allow("office", "approver")) -> CityRankView:
        """Somebody else than who entered it confirms or refuses it; what follows is proposed for its causes alone."""
        return await do.run(lambda tx: rewards.decide_city_rank(desk, tx, key, given))

    @made.get("/cycles/{name}/city-ranks")
    async def show(name: str, ask: Query = allow_read(*READERS)) -> list[CityRankView]:
        """The ranks among cities of a cycle, with document, causes and decision."""
        return await ask.run(lambda session: rewards.city_ranks(session, name))


def _recorded(made: APIRouter, desk: Desk) -> None:
    @made.post("/recorded-results", status_code=201)
    async def record(given: NewRecord, do: Command = allow("office")) -> RecordView:
        """Enter the whole result of a cycle from before this system, with its document."""
        return await do.run(lambda tx: recording.enter(desk, tx, given))

    @made.post("/recorded-results/{key}/decision")
    async def decide(key: int, given: Decided, do: Command = allow("office", "approver")) -> RecordView:
        """Somebody else than who entered it confirms or refuses it."""
        return await do.run(lambda tx: recording.decide(tx, key, given))

    @made.get("/recorded-results")
    async def show(cursor: Cursor = 0, limit: Limit = 100, ask: Query = allow_read(*READERS)) -> RecordPage:
        """Results from before this system, as recorded."""
        return await ask.run(lambda session: recording.listed(session, after=cursor, limit=limit))
