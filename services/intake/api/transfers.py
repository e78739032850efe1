"""Transfer cards and the leader's gate (I6, I7)."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Parameter

from services.intake import store
from services.intake.api.paging import Behind, Limit
from services.intake.domain import mark
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
from services.intake.models.papers import CardOut, LetterOut, VersionList
from services.intake.rules import Rules
from services.intake.store.paging import following
from services.intake.usecases import gate, papers, screening, view
from shared.web import Command, Query, allow, allow_read

DECIDERS = ("approver", "office")
"""Approvers; and who else stands in for one who is away, which the gate looks up."""
OFFICIALS = ("clerk", "office", "approver", "auditor")
READERS = (*OFFICIALS, "handler", "leader")
Version = Annotated[int | None, Parameter(ge=1, le=10_000)]


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["transfers"])

    @api.post("/complaints/{number}/transfer", status_code=201)
    async def request_transfer(number: str, body: TransferIn, do: Command = allow("clerk")) -> TransferOut:
        """Ask for the transfer of an accepted complaint; before approval no unit sees it."""
        return await do.run(lambda tx: gate.request(rules, tx, number, body, do.actor.sub))

    @api.post("/transfers/batch", status_code=201)
    async def screen_many(body: BatchIn, do: Command = allow("clerk")) -> ComplaintList:
        """Accept many complaints that are alike and ask for their transfers: all of them or none."""
        actor = do.actor
        return await do.run(lambda tx: ComplaintList(items=screening.screen_many(rules, tx, body, actor.sub)))

    @api.post("/approvals/batch")
    async def approve_many(body: ApprovalsIn, do: Command = allow(*DECIDERS)) -> TransferPage:
        """Approve a stack of cards as they are: all of them or none."""
        actor = do.actor
        return await do.run(lambda tx: TransferPage(items=gate.approve_many(rules, tx, body.numbers, actor)))

    @api.post("/transfers/{number}/approval")
    async def approve(number: str, body: ApprovalIn | None = None, do: Command = allow(*DECIDERS)) -> TransferOut:
        """Approve, perhaps with changes, in words. Who asked for it cannot; the office only as a deputy."""
        actor = do.actor
        return await do.run(lambda tx: gate.approve(rules, tx, number, body, actor))

    @api.post("/transfers/{number}/refusal")
    async def refuse(number: str, body: ReasonIn, do: Command = allow(*DECIDERS)) -> TransferOut:
        """Refuse, with the reason; the complainant is answered."""
        actor = do.actor
        return await do.run(lambda tx: gate.refuse(rules, tx, number, body.reason, actor))

    @api.get("/transfers/{number}/card")
    async def card(number: str, version: Version = None, ask: Query = allow_read(*READERS)) -> CardOut:
        """Everything on the printed card, the newest version by default. A unit sees approved cards that name it."""
        actor = ask.actor
        return await ask.run(lambda session: papers.card(session, actor, number, version))

    @api.get("/transfers/{number}/recommendation")
    async def letter(number: str, version: Version = None, ask: Query = allow_read(*READERS)) -> LetterOut:
        """The recommendation letter that goes with the card."""
        actor = ask.actor
        return await ask.run(lambda session: papers.letter(session, actor, number, version))

    @api.get("/transfers/{number}/versions")
    async def versions(number: str, ask: Query = allow_read(*OFFICIALS)) -> VersionList:
        """Every version of a card, and why it was made; none is ever changed."""
        return await ask.run(lambda session: papers.listed(session, number))

    @api.get("/transfers")
    async def list_transfers(
        state: Literal["requested", "approved", "refused", "reassigning", "withdrawn"] | None = None,
        overdue: bool = False,
        cursor: Behind = None,
        limit: Limit = 100,
        ask: Query = allow_read(*OFFICIALS),
    ) -> TransferPage:
        """Cards, oldest request first; `overdue`: those that wait although the approval's period is over."""
        now, after = ask.now, mark.read(cursor)
        rows = await ask.run(
            lambda session: store.transfers(
                session, state=state, overdue_at=now if overdue else None, after=after, limit=limit
            )
        )
        end = following(rows, limit, lambda row: (row.requested_at, row.number))
        return TransferPage(items=[view.transfer_out(row, now) for row in rows], next=end)

    return api
