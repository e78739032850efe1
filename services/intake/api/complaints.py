"""The register: reports from clerks and sources, screening, same matter, repairs, figures."""

from typing import Literal

from fastapi import APIRouter

from services.intake import store
from services.intake.api.paging import Behind, Cursor, Limit, after, after_pair, following
from services.intake.domain import mark
from services.intake.domain.complaint import State
from services.intake.domain.self_report import must_be_own, source_of
from services.intake.models import (
    ComplaintDetail,
    ComplaintOut,
    ComplaintPage,
    LinkIn,
    MendIn,
    ReasonIn,
    Receipt,
    RepairList,
    RepairOut,
    ReportIn,
    ScreeningIn,
    SimilarOut,
    Statistics,
    UnitList,
    UnitOut,
)
from services.intake.receiving import registered, submission
from services.intake.rules import Rules
from services.intake.usecases import excluding, linking, repair, report, screening, view
from shared.identity import OF_A_UNIT
from shared.web import Command, Query, allow, allow_read

READERS = ("clerk", "office", "approver", "auditor")
DESK = "desk"
"""Source of what clerks write down themselves."""


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["register"])

    @api.post("/complaints", status_code=201)
    async def report_complaint(body: ReportIn, do: Command = allow("clerk", "source", *OF_A_UNIT)) -> Receipt:
        """Register a report (I2). A source's token names the source; the same ticket twice is one complaint.

        Somebody of a unit reports what it found in its own house (R10): channel `self_inspection`.
        """
        actor, source = do.actor, DESK
        if actor.role == "source":
            source = actor.sub
        elif actor.role in OF_A_UNIT and actor.unit:
            must_be_own(body.channel, body.unit, actor.unit)
            body, source = body.model_copy(update={"unit": actor.unit}), source_of(actor.unit)
        given = submission(source, body, do.at)
        return await registered(rules, do, lambda tx: report.register(rules, tx, given))

    @api.get("/complaints")
    async def list_complaints(
        state: State | None = None,
        order: Literal["registered", "priority"] = "registered",
        cursor: Cursor = None,
        limit: Limit = 100,
        ask: Query = allow_read(*READERS),
    ) -> ComplaintPage:
        """Lines of the register without any identity: as they were registered, or most petitioners (hot) first."""
        if order == "priority":
            last = after_pair(cursor)
            rows = await ask.run(lambda session: store.by_priority(session, state=state, after=last, limit=limit))
            end = f"{rows[-1].petitioners}-{rows[-1].seq}" if len(rows) == limit else None
            return ComplaintPage(items=[view.complaint_out(row) for row in rows], next=end)
        start = after(cursor)
        rows = await ask.run(lambda session: store.complaints(session, state=state, after=start, limit=limit))
        items = [view.complaint_out(row) for row in rows]
        return ComplaintPage(items=items, next=following(rows[-1].seq if rows else None, len(rows), limit))

    @api.get("/complaints/{number}")
    async def get_complaint(number: str, ask: Query = allow_read(*READERS)) -> ComplaintDetail:
        """One complaint with links, card and suggestions."""
        return await ask.run(lambda session: view.detail(rules, session, number, ask.now))

    @api.get("/complaints/{number}/similar")
    async def similar_complaints(number: str, ask: Query = allow_read(*READERS)) -> SimilarOut:
        """Likely repeats, texts side by side; a clerk decides (I5)."""
        return await ask.run(lambda session: view.similar(session, number))

    @api.post("/complaints/{number}/screening")
    async def screen(number: str, body: ScreeningIn, do: Command = allow("clerk")) -> ComplaintOut:
        """A clerk's decision with its reason, and if wanted the transfer in the same step (I4, I7)."""
        return await do.run(lambda tx: screening.screen(rules, tx, number, body, do.actor.sub))

    @api.post("/complaints/{number}/link")
    async def link(number: str, body: LinkIn, do: Command = allow("clerk")) -> ComplaintOut:
        """Same matter as an earlier complaint: one case, many petitioners (I5)."""
        return await do.run(lambda tx: linking.link(rules, tx, number, body.lead, body.reason, do.actor.sub))

    @api.post("/complaints/{number}/unlink")
    async def unlink(number: str, body: ReasonIn, do: Command = allow("clerk")) -> ComplaintOut:
        """Undo a link (I5)."""
        return await do.run(lambda tx: linking.unlink(rules, tx, number, body.reason, do.actor.sub))

    @api.get("/repairs")
    async def list_repairs(
        state: Literal["open", "mended"] = "open",
        cursor: Behind = None,
        limit: Limit = 100,
        ask: Query = allow_read("clerk", "auditor"),
    ) -> RepairList:
        """Reports that could not be registered, with the error beside them (I2)."""
        start, mended = mark.read(cursor), state == "mended"
        return await ask.run(lambda session: repair.listed(session, mended=mended, after=start, limit=limit))

    @api.get("/repairs/{key}")
    async def get_repair(key: str, ask: Query = allow_read("clerk")) -> RepairOut:
        """One of them with its fields."""
        return await ask.run(lambda session: repair.shown(rules, session, key))

    @api.post("/repairs/{key}/resubmission", status_code=201)
    async def resubmit(key: str, body: MendIn, do: Command = allow("clerk")) -> Receipt:
        """Register it with the fields given here in place of those at fault; the source is told."""
        return await registered(rules, do, lambda tx: repair.resubmit(rules, tx, key, body, do.actor.sub))

    @api.get("/units")
    async def list_units(ask: Query = allow_read(*READERS)) -> UnitList:
        """Units that complaints can be transferred to."""
        rows = await ask.run(store.units)
        return UnitList(items=[UnitOut.model_validate(row, from_attributes=True) for row in rows])

    @api.get("/statistics")
    async def statistics(ask: Query = allow_read("office", "operator", "auditor")) -> Statistics:
        """The register's figures, by channel (I1, I13); what rates are taken of, and what is left out of them (I5)."""
        return await ask.run(excluding.statistics)

    return api
