"""Transfer cards and the leader's gate (I6, I7)."""

from typing import Literal

from fastapi import APIRouter

from services.intake import store
from services.intake.api.paging import Limit
from services.intake.models import (
    ApprovalIn,
    ApprovalsIn,
    BatchIn,
    ComplaintList,
    ReasonIn,
    TransferIn,
    TransferOut,
    TransferPage,
)
from services.intake.rules import Rules
from services.intake.usecases import screening, view
from shared.web import Command, Query, allow, allow_read


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["transfers"])

    @api.post("/complaints/{number}/transfer", status_code=201)
    async def request_transfer(number: str, body: TransferIn, do: Command = allow("clerk")) -> TransferOut:
        """Ask for the transfer of an accepted complaint; before approval no unit sees it."""
        return await do.run(lambda tx: screening.request_transfer(rules, tx, number, body, do.actor.sub))

    @api.post("/transfers/batch", status_code=201)
    async def screen_many(body: BatchIn, do: Command = allow("clerk")) -> ComplaintList:
        """Accept many complaints that are alike and ask for their transfers: all of them or none."""
        actor = do.actor
        return await do.run(lambda tx: ComplaintList(items=screening.screen_many(rules, tx, body, actor.sub)))

    @api.post("/approvals/batch")
    async def approve_many(body: ApprovalsIn, do: Command = allow("approver")) -> TransferPage:
        """Approve a stack of cards as they are: all of them or none."""
        actor = do.actor
        return await do.run(
            lambda tx: TransferPage(items=screening.approve_many(rules, tx, body.numbers, actor.sub, actor.role))
        )

    @api.post("/transfers/{number}/approval")
    async def approve(number: str, body: ApprovalIn | None = None, do: Command = allow("approver")) -> TransferOut:
        """Approve, perhaps with changes. Who asked for the transfer cannot approve it."""
        changes = body.amend if body else None
        actor = do.actor
        return await do.run(lambda tx: screening.approve(rules, tx, number, changes, actor.sub, actor.role))

    @api.post("/transfers/{number}/refusal")
    async def refuse(number: str, body: ReasonIn, do: Command = allow("approver")) -> TransferOut:
        """Refuse, with the reason; the complainant is answered."""
        return await do.run(lambda tx: screening.refuse(tx, number, body.reason, do.actor.sub))

    @api.get("/transfers")
    async def list_transfers(
        state: Literal["requested", "approved", "refused"] | None = None,
        overdue: bool = False,
        limit: Limit = 100,
        ask: Query = allow_read("clerk", "office", "approver", "auditor"),
    ) -> TransferPage:
        """Cards, oldest request first; `overdue`: those that wait although the approval's period is over."""
        now = ask.now
        rows = await ask.run(
            lambda session: store.transfers(session, state=state, overdue_at=now if overdue else None, limit=limit)
        )
        return TransferPage(items=[view.transfer_out(row, now) for row in rows])

    return api
