"""Who is left out of the rates, openly: complaint numbers with reasons, and of how many (I5)."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Param
from sqlmodel import Session

from services.rectification import store
from services.rectification.api.paging import Limit
from services.rectification.models.exclusion import ExcludedOut, ExclusionsOut
from shared.web import Query, allow_read


def add(router: APIRouter) -> None:
    """The endpoint."""

    @router.get("/statistics/exclusions")
    async def read_exclusions(
        ask: Query = allow_read("office", "auditor", "operator"),
        cursor: Annotated[str, Param(max_length=64)] = "",
        limit: Limit = 100,
    ) -> ExclusionsOut:
        """Complaints whose grades are recorded but count in no rate, with reasons and denominators."""

        def read(session: Session) -> ExclusionsOut:
            left_out, of = store.exclusion.figures(session)
            items = tuple(ExcludedOut(**row) for row in store.exclusion.listed(session, cursor, limit))
            after = items[-1].number if len(items) == limit else None
            return ExclusionsOut(left_out=left_out, of=of, items=items, cursor=after)

        return await ask.run(read)
