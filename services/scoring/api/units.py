"""Units and cycles (S1)."""

from typing import Annotated

from fastapi import APIRouter, Body

from services.scoring.store import units as store
from services.scoring.usecases import units as usecases
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.units import CycleView, NewCycle, NewUnit, UnitsRegistered, UnitView
from shared.web import Command, Query, allow, public_read

UnitList = Annotated[list[NewUnit], Body(min_length=1, max_length=5000)]


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["units"])

    @made.post("/units", status_code=201)
    async def register_units(wanted: UnitList, do: Command = allow("office")) -> UnitsRegistered:
        """Register units: all or none; the same again changes nothing."""
        return await do.run(lambda tx: usecases.register_units(desk, tx, wanted))

    @made.get("/units")
    async def list_units(scope: str | None = None, retired: bool = False, ask: Query = public_read) -> list[UnitView]:
        """The units that are appraised; `retired`: also those that are no more."""
        rows = await ask.run(store.units if retired else store.standing)
        return [usecases.unit_view(row) for row in rows if scope is None or row.scope == scope]

    @made.post("/cycles", status_code=201)
    async def open_cycle(wanted: NewCycle, do: Command = allow("office")) -> CycleView:
        """Open a run of the programme."""
        return await do.run(lambda tx: usecases.open_cycle(desk, tx, wanted))

    @made.get("/cycles")
    async def list_cycles(ask: Query = public_read) -> list[CycleView]:
        """The runs of the programme."""
        return [usecases.cycle_view(row) for row in await ask.run(store.cycles)]

    @made.post("/cycles/{name}/closing")
    async def close_cycle(name: str, do: Command = allow("office")) -> CycleView:
        """Close a run that has ended: what is open and past due then is without result."""
        return await do.run(lambda tx: usecases.close_cycle(tx, name))

    return made
