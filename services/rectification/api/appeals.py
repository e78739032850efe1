"""Late marks under appeal over HTTP (S8)."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Param

from services.rectification import store
from services.rectification.api.paging import Limit, own_unit
from services.rectification.domain.rules import Rules
from services.rectification.models.appeals import AppealIn, AppealOut, AppealPage, RulingIn
from services.rectification.usecases.appeals import appeal_lateness, rule_on_lateness
from shared.errors import Refusal
from shared.web import Command, Query, allow, allow_read


def add(router: APIRouter, rules: Rules) -> None:
    """The endpoints of appeals."""

    @router.post("/cases/{case}/lateness-appeal", status_code=201)
    async def appeal(case: str, given: AppealIn, do: Command = allow("leader")) -> AppealOut:
        """The unit's leader appeals the late mark of the last closing, within the programme's working days."""
        return await do.run(lambda tx: AppealOut.of(appeal_lateness(rules, tx, case, given.grounds)))

    @router.post("/cases/{case}/lateness-appeal/ruling")
    async def rule(case: str, given: RulingIn, do: Command = allow("office", "approver")) -> AppealOut:
        """Somebody who neither closed nor reported the case rules; an upheld appeal excuses, the trace stays."""
        upheld, reason = given.upheld, given.reason
        return await do.run(lambda tx: AppealOut.of(rule_on_lateness(rules, tx, case, upheld=upheld, reason=reason)))

    @router.get("/lateness-appeals")
    async def list_appeals(
        ask: Query = allow_read("office", "approver", "auditor", "handler", "leader"),
        unit: Annotated[str | None, Param(max_length=64)] = None,
        state: Literal["pending", "upheld", "dismissed"] | None = None,
        cursor: Annotated[str | None, Param(max_length=120)] = None,
        limit: Limit = 100,
    ) -> AppealPage:
        """Appeals, the oldest first. A handler or leader sees those of his own unit."""
        of_unit, after = own_unit(ask.actor, unit), _position(cursor)
        found = await ask.run(
            lambda session: store.appeals.page(session, unit=of_unit, state=state, after=after, limit=limit)
        )
        last = found[-1] if len(found) == limit else None
        return AppealPage(
            items=tuple(AppealOut.of(one) for one in found),
            cursor=f"{last.at.isoformat()}|{last.case}" if last else None,
        )


def _position(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    at, _, key = cursor.partition("|")
    try:
        # A plus sign that was not escaped arrives as a space.
        return datetime.fromisoformat(at.replace(" ", "+")).astimezone(), key
    except ValueError:
        raise Refusal("cursor", cursor, "not a cursor of ours", "give the one of the page before") from None
