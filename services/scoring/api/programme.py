"""The rules that the appraisal runs by, and their amendments."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.scoring.usecases import amendments
from services.scoring.usecases.amendments import AmendmentView, NewAmendment
from services.scoring.usecases.desk import Desk
from shared.web import Command, Query, allow, public_read


class ProgrammeView(BaseModel):
    """The rules as they are in force, whole."""

    key: str
    sha256: str = Field(description="of the canonical JSON (RFC 8785) of `rules`")
    rules: dict[str, Any]


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1", tags=["programme"])
    view = ProgrammeView(key=desk.programme.key, sha256=desk.sha256, rules=desk.programme.model_dump(mode="json"))

    @made.get("/programme")
    async def show_programme(ask: Query = public_read) -> ProgrammeView:
        """The rules that the appraisal runs by: they are public."""
        return view

    @made.post("/cycles/{cycle}/amendments", status_code=201)
    async def amend(cycle: str, given: NewAmendment, do: Command = allow("approver")) -> AmendmentView:
        """Put a change of a running cycle's rules on record, with its reason; then start with the new file."""
        return await do.run(lambda tx: amendments.amend(desk, tx, cycle, given))

    @made.get("/cycles/{cycle}/amendments")
    async def show_amendments(cycle: str, ask: Query = public_read) -> list[AmendmentView]:
        """How a cycle's rules were changed, and why."""
        return await ask.run(lambda session: amendments.amendments(session, cycle))

    return made
