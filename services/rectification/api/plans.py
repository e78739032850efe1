"""Plans, milestones and explanations over HTTP (R2), and how hard a case is (R1)."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi import Query as Param
from sqlmodel import Session

from services.rectification import store, usecases
from services.rectification.api.paging import Limit, own_unit, visible
from services.rectification.domain.plan import PlanState
from services.rectification.domain.rules import Rules
from services.rectification.models.cases import CaseOut, ReturnIn
from services.rectification.models.plans import (
    DifficultyIn,
    EvidenceIn,
    ExplanationIn,
    ExplanationList,
    ExplanationOut,
    MilestoneOut,
    PlanDetail,
    PlanIn,
    PlanOut,
    PlanPage,
)
from shared.errors import Refusal
from shared.web import Command, Query, allow, allow_read


def add(router: APIRouter, rules: Rules) -> None:
    """The endpoints of plans and explanations."""
    _of_the_unit(router, rules)
    _of_the_office(router, rules)
    _reading(router)


def _of_the_unit(router: APIRouter, rules: Rules) -> None:
    @router.post("/cases/{case}/plan")
    async def submit_plan(case: str, given: PlanIn, do: Command = allow("handler")) -> CaseOut:
        """Submit the plan with its written commitment, or an amendment: a new version, none is overwritten."""
        draft = given.draft()
        return await do.run(lambda tx: CaseOut.of(usecases.submit_plan(rules, tx, case, draft)))

    @router.post("/cases/{case}/milestones/{n}/completion")
    async def complete_milestone(
        case: str, n: Annotated[int, Path(ge=1, le=1_000_000)], given: EvidenceIn, do: Command = allow("handler")
    ) -> CaseOut:
        """A milestone is done, with what shows it."""
        evidence = tuple(given.evidence)
        return await do.run(lambda tx: CaseOut.of(usecases.complete_milestone(rules, tx, case, n, evidence)))

    @router.post("/cases/{case}/explanation")
    async def explain(case: str, given: ExplanationIn, do: Command = allow("handler")) -> CaseOut:
        """Submit a reasoned explanation; the office approves it, or returns the case."""
        misconduct = (given.misconduct_found, given.misconduct_dealt_with)
        return await do.run(
            lambda tx: CaseOut.of(
                usecases.explain(rules, tx, case, given.documents(), given.reasoning, given.text, misconduct)
            )
        )


def _of_the_office(router: APIRouter, rules: Rules) -> None:
    @router.post("/cases/{case}/plan/return")
    async def return_plan(case: str, given: ReturnIn, do: Command = allow("office")) -> CaseOut:
        """Return the version that waits, with reasons."""
        reasons = tuple(given.reasons)
        return await do.run(lambda tx: CaseOut.of(usecases.return_plan(rules, tx, case, reasons)))

    @router.post("/cases/{case}/plan/filing")
    async def file_plan(case: str, do: Command = allow("office")) -> CaseOut:
        """File the version that waits: it is published, its milestones run."""
        return await do.run(lambda tx: CaseOut.of(usecases.file_plan(rules, tx, case)))

    @router.post("/cases/{case}/explanation/approval")
    async def approve_explanation(case: str, do: Command = allow("office")) -> CaseOut:
        """Approve the explanation: the person is told, and asked. To refuse it, return the case."""
        return await do.run(lambda tx: CaseOut.of(usecases.approve_explanation(rules, tx, case)))

    @router.post("/cases/{case}/difficulty")
    async def set_difficulty(case: str, given: DifficultyIn, do: Command = allow("office")) -> CaseOut:
        """Say how hard the matter is, at any time, with the reason."""
        return await do.run(
            lambda tx: CaseOut.of(usecases.set_difficulty(rules, tx, case, given.difficulty, given.reason))
        )


def _reading(router: APIRouter) -> None:
    @router.get("/plans")
    async def list_plans(
        ask: Query = allow_read("office", "auditor", "handler", "leader"),
        unit: Annotated[str | None, Param(max_length=64)] = None,
        state: PlanState | None = None,
        cursor: Annotated[str | None, Param(max_length=80)] = None,
        limit: Limit = 100,
    ) -> PlanPage:
        """Versions of plans; `state=submitted`: those that wait for the office. A unit sees its own."""
        of_unit, after = own_unit(ask.actor, unit), _place(cursor)
        wanted = state.value if state else None
        found = await ask.run(lambda s: store.plans.page(s, unit=of_unit, state=wanted, after=after, limit=limit))
        last = found[-1] if len(found) == limit else None
        return PlanPage(
            items=tuple(PlanOut.of(plan) for plan in found), cursor=f"{last.case}|{last.version}" if last else None
        )

    @router.get("/cases/{case}/plan")
    async def read_plan(
        case: str, ask: Query = allow_read("office", "clerk", "auditor", "handler", "leader")
    ) -> PlanDetail:
        """Every version of a case's plan, with its milestones as they stand. Other units get 404."""

        def read(session: Session) -> PlanDetail:
            visible(session, ask.actor, case)
            return PlanDetail(
                case=case,
                versions=tuple(PlanOut.of(plan) for plan in store.plans.of_case(session, case)),
                milestones=tuple(MilestoneOut.of(m, ask.now) for m in store.plans.milestones_of(session, case)),
            )

        return await ask.run(read)

    @router.get("/cases/{case}/explanations")
    async def list_explanations(
        case: str, ask: Query = allow_read("office", "clerk", "auditor", "handler", "leader")
    ) -> ExplanationList:
        """Every explanation of a case. Other units get 404."""

        def read(session: Session) -> ExplanationList:
            visible(session, ask.actor, case)
            found = store.plans.explanations_of(session, case)
            return ExplanationList(items=tuple(ExplanationOut.of(one) for one in found))

        return await ask.run(read)


def _place(cursor: str | None) -> tuple[str, int]:
    if cursor is None:
        return "", 0
    case, _, version = cursor.rpartition("|")
    if not (version.isascii() and version.isdigit()):
        raise Refusal("cursor", cursor, "not a cursor of ours", "give the one of the page before")
    return case, int(version)
