"""Pools of evaluators (S2)."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Param

from services.scoring.store import pools as store
from services.scoring.usecases import pools as usecases
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.pools import (
    ConflictList,
    ConflictView,
    ImportReport,
    NewConflict,
    NewPool,
    PoolImport,
    PoolView,
    Withdrawal,
)
from shared.web import Command, Query, allow, allow_read

Limit = Annotated[int, Param(ge=1, le=1000, description="most items of a page")]
Cursor = Annotated[str | None, Param(max_length=20, description="`next` of the page before")]


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/pools", tags=["pools"])

    @made.post("/{name}", status_code=201)
    async def register_pool(name: str, wanted: NewPool, do: Command = allow("office")) -> PoolView:
        """Register a pool of evaluators; size and shares are checked."""
        return await do.run(lambda tx: usecases.register(desk, tx, name, wanted))

    @made.post("/{name}/import")
    async def import_pool(name: str, wanted: PoolImport, do: Command = allow("office")) -> ImportReport:
        """Take the office's list: every row taken, or refused with its number, field and reason."""
        return await do.run(lambda tx: usecases.import_rows(desk, tx, name, wanted))

    @made.get("/{name}")
    async def show_pool(name: str, ask: Query = allow_read("office", "auditor", "guidance")) -> PoolView:
        """A pool in figures."""
        return await ask.run(
            lambda session: usecases.pool_view(store.pool(session, name).name, store.candidates(session, name))
        )

    @made.post("/{name}/conflicts", status_code=201)
    async def declare(name: str, wanted: NewConflict, do: Command = allow("office", "clerk")) -> ConflictView:
        """Put a declared conflict of interest on record."""
        return await do.run(lambda tx: usecases.declare(tx, name, wanted))

    @made.post("/{name}/conflicts/withdrawal", status_code=201)
    async def withdraw(name: str, wanted: Withdrawal, do: Command = allow("office")) -> ConflictView:
        """Withdraw a conflict of interest that has ended; the declaration stays on record."""
        return await do.run(lambda tx: usecases.withdraw(tx, name, wanted))

    @made.get("/{name}/conflicts")
    async def conflicts(
        name: str,
        cursor: Cursor = None,
        limit: Limit = 200,
        ask: Query = allow_read("office", "auditor", "guidance"),
    ) -> ConflictList:
        """The record of conflicts: declared and withdrawn, by whom, when, why."""
        return await ask.run(lambda session: usecases.record(session, name, cursor, limit))

    return made
