"""Inspections: plans that hide their targets, records with findings, figures by unit (I9)."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Parameter

from services.intake import store
from services.intake.api.paging import Behind, Cursor, Limit, after, following
from services.intake.domain import mark
from services.intake.models.inspections import (
    AssignIn,
    CorrectionIn,
    InspectionDetail,
    InspectionIn,
    InspectionOut,
    InspectionPage,
    InspectionStatistics,
    PlanDetail,
    PlanIn,
    PlanList,
    PlanOut,
    PublicPlan,
    ValueIn,
)
from services.intake.rules import Rules
from services.intake.usecases import coverage, inspecting, planning, seeing
from shared.web import Command, Query, allow, allow_read, public_read

RECORDERS = ("office", "inspector", "supervisor", "handler", "leader")
READERS = (*RECORDERS, "auditor")
QuarterName = Annotated[str, Parameter(max_length=8)]


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["inspections"])
    _plans(api, rules)

    @api.post("/inspections", status_code=201)
    async def record(body: InspectionIn, do: Command = allow(*RECORDERS)) -> InspectionDetail:
        """Record an inspection: checklist, findings (each becomes a complaint), good practice."""
        return await do.run(lambda tx: inspecting.record(rules, tx, body, do.actor))

    @api.get("/inspections")
    async def list_inspections(
        quarter: QuarterName | None = None,
        unit: Annotated[str | None, Parameter(max_length=64)] = None,
        by: Literal["office", "unit", "supervisor"] | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
        ask: Query = allow_read(*READERS),
    ) -> InspectionPage:
        """Inspections: a unit sees its own reports, a supervisor and an inspector what they recorded."""
        start, own = after(cursor), seeing.narrowed(ask.actor)
        rows = await ask.run(
            lambda session: store.inspections.inspections(
                session, quarter=quarter, unit=unit, by=by, after=start, limit=limit, **own
            )
        )
        items = [InspectionOut.model_validate(row, from_attributes=True) for row in rows]
        return InspectionPage(items=items, next=following(rows[-1].seq if rows else None, len(rows), limit))

    @api.get("/inspections/statistics")
    async def statistics(
        quarter: QuarterName, ask: Query = allow_read("office", "inspector", "auditor")
    ) -> InspectionStatistics:
        """A quarter's inspections by unit, and which units are covered."""
        return await ask.run(lambda session: coverage.statistics(rules, session, quarter))

    @api.get("/inspections/{key}")
    async def get_inspection(key: str, ask: Query = allow_read(*READERS)) -> InspectionDetail:
        """An inspection with everything that was recorded of it."""
        return await ask.run(lambda session: seeing.inspection(session, key, ask.actor))

    @api.post("/inspections/{key}/correction")
    async def correct(key: str, body: CorrectionIn, do: Command = allow(*RECORDERS)) -> InspectionDetail:
        """A new version with its reason; nothing is overwritten, and what was transferred stays."""
        return await do.run(lambda tx: inspecting.correct(rules, tx, key, body, do.actor))

    return api


def _plans(api: APIRouter, rules: Rules) -> None:
    @api.post("/inspection-plans", status_code=201)
    async def plan(body: PlanIn, do: Command = allow("office", "inspector")) -> PlanOut:
        """Commit to a quarter's inspections; the commitment is public, the targets are hidden until done."""
        return await do.run(lambda tx: planning.plan(rules, tx, body, do.actor.sub))

    @api.get("/inspection-plans")
    async def list_plans(
        quarter: QuarterName | None = None,
        cursor: Behind = None,
        limit: Limit = 100,
        ask: Query = allow_read("office", "inspector", "auditor"),
    ) -> PlanList:
        """Plans, without targets."""
        start = mark.read(cursor)
        return await ask.run(lambda session: planning.listed(session, quarter, start, limit))

    @api.get("/inspection-plans/{key}")
    async def get_plan(key: str, ask: Query = allow_read("office", "inspector")) -> PlanDetail:
        """A plan: the office sees its targets, an inspector those assigned to him."""
        return await ask.run(lambda session: planning.detail(rules, session, key, ask.actor))

    @api.post("/inspection-plans/{key}/draw")
    async def draw(key: str, body: ValueIn, do: Command = allow("office", "inspector")) -> PlanOut:
        """Draw a plan that waited for public entropy."""
        return await do.run(lambda tx: planning.draw(rules, tx, key, body.value, do.actor.sub))

    @api.post("/inspection-plans/{key}/targets/{position}/assignment")
    async def assign(key: str, position: int, body: AssignIn, do: Command = allow("office")) -> PlanOut:
        """Say who inspects a target."""
        return await do.run(lambda tx: planning.assign(tx, key, position, body.inspector))

    @api.get("/public/inspection-plans/{key}")
    async def public_plan(key: str, ask: Query = public_read) -> PublicPlan:
        """What anybody may check: commitment and frame at once, each target when done, the seed at the end."""
        return await ask.run(lambda session: planning.public(rules, session, key))
