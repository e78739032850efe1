"""Sections, posts, the register's import, reorganised units and what counts above (S1)."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi import Query as Param

from services.scoring.usecases import organisation as usecases
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.organisation import (
    History,
    NewSuccession,
    Post,
    PostPage,
    Section,
    SectionPage,
    Subordinates,
    SuccessionView,
)
from services.scoring.usecases.unit_import import RegisterFile, RegisterReport, import_register
from shared.web import Command, Query, allow, public_read

Sections = Annotated[list[Section], Body(min_length=1, max_length=5000)]
Posts = Annotated[list[Post], Body(min_length=1, max_length=5000)]
Unit = Annotated[str | None, Param(max_length=48)]
Cursor = Annotated[str, Param(max_length=48, description="`cursor` of the page before")]
Limit = Annotated[int, Param(ge=1, le=500)]


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["units"])

    @made.post("/units/import")
    async def import_units(given: RegisterFile, do: Command = allow("office")) -> RegisterReport:
        """Take the office's register: every row registered, unchanged, or refused with its number and reason."""
        return await do.run(lambda tx: import_register(desk, tx, given))

    @made.post("/sections", status_code=201)
    async def put_sections(wanted: Sections, do: Command = allow("office")) -> dict[str, int]:
        """Register sections of units: all or none; the same again changes nothing."""
        return await do.run(lambda tx: {"changed": usecases.put_sections(tx, wanted)})

    @made.get("/sections")
    async def list_sections(
        unit: Unit = None, cursor: Cursor = "", limit: Limit = 100, ask: Query = public_read
    ) -> SectionPage:
        """Sections by key."""
        return await ask.run(lambda session: usecases.sections(session, unit, cursor, limit))

    @made.post("/posts", status_code=201)
    async def put_posts(wanted: Posts, do: Command = allow("office")) -> dict[str, int]:
        """Register posts of units or sections, without who holds them: all or none."""
        return await do.run(lambda tx: {"changed": usecases.put_posts(tx, wanted)})

    @made.get("/posts")
    async def list_posts(
        unit: Unit = None, cursor: Cursor = "", limit: Limit = 100, ask: Query = public_read
    ) -> PostPage:
        """Posts by key."""
        return await ask.run(lambda session: usecases.posts(session, unit, cursor, limit))

    @made.post("/successions", status_code=201)
    async def record(wanted: NewSuccession, do: Command = allow("office")) -> SuccessionView:
        """Put on record that units were merged, renamed or split: the heir takes over what is open, nothing is
        overwritten."""
        return await do.run(lambda tx: usecases.record(desk, tx, wanted))

    @made.get("/successions")
    async def list_successions(ask: Query = public_read) -> list[SuccessionView]:
        """Every reorganisation on record."""
        return await ask.run(usecases.listed)

    @made.get("/units/{unit}/history")
    async def history(unit: str, ask: Query = public_read) -> History:
        """A unit's reorganisations and published results, those of its predecessors under their own names too."""
        return await ask.run(lambda session: usecases.history(desk, session, unit))

    @made.get("/departments/{department}/results")
    async def subordinates(department: str, cycle: str, ask: Query = public_read) -> Subordinates:
        """What the units of a competent department came to: it counts in the department's own appraisal."""
        return await ask.run(lambda session: usecases.subordinates(desk, session, department, cycle))

    return made
