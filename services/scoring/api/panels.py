"""Groups and their panels (S1)."""

from datetime import date

from fastapi import APIRouter

from services.scoring.usecases import panels
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.panels import Appointment, Ending, GroupUnit, GroupView, MemberView
from shared.web import Command, Query, allow, allow_read, public_read


def router(desk: Desk) -> APIRouter:
    """The endpoints of this subject."""
    made = APIRouter(prefix="/api/v1/groups", tags=["groups"])

    @made.get("")
    async def show_groups(ask: Query = public_read) -> list[GroupView]:
        """The programme's groups, their method, and who sits in their panels today."""
        today = desk.calendar.local_date(ask.now)
        return await ask.run(lambda session: panels.groups(desk, session, today))

    @made.get("/{group}/panel")
    async def show_panel(group: str, on: date | None = None, ask: Query = public_read) -> list[MemberView]:
        """Who sits in a group's panel, today or on another day."""
        day = on or desk.calendar.local_date(ask.now)
        return await ask.run(lambda session: panels.panel(desk, session, group, day))

    @made.post("/{group}/panel", status_code=201)
    async def appoint(group: str, given: Appointment, do: Command = allow("office")) -> MemberView:
        """Appoint the leader or a member of a panel."""
        return await do.run(lambda tx: panels.appoint(desk, tx, group, given))

    @made.post("/{group}/panel/{number}/ending")
    async def end(group: str, number: int, given: Ending, do: Command = allow("office")) -> MemberView:
        """End somebody's office in a panel; that it was held stays."""
        return await do.run(lambda tx: panels.end(desk, tx, group, number, given))

    @made.get("/{group}/units")
    async def show_units(
        group: str, cycle: str, ask: Query = allow_read("office", "auditor", "inspector", "supervisor")
    ) -> list[GroupUnit]:
        """The units of a group with their figures: for the office, and for who sits in its panel."""
        who, now = ask.actor, ask.now
        return await ask.run(lambda session: panels.units_of(desk, session, group, cycle, who, now))

    return made
