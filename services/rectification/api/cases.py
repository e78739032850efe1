"""Cases over HTTP: lists, one case with its history, and what the unit and the office do with it."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Param
from sqlmodel import Session

from services.rectification import store, usecases
from services.rectification.api.paging import Limit, own_unit, position, visible
from services.rectification.domain.case import Case, State
from services.rectification.domain.rules import Rules
from services.rectification.models.cases import (
    CaseDetail,
    CaseOut,
    CasePage,
    ClosingIn,
    ContributionOut,
    DeadlineOut,
    DeadlinePage,
    DisputeIn,
    EvidenceOut,
    HelperOut,
    HistoryOut,
    ResponsibleOut,
    ReturnIn,
    SolutionIn,
)
from shared.identity import OF_A_UNIT
from shared.web import Command, Query, allow, allow_read

Part = Literal["lead", "cooperating", "territorial"]


def add(router: APIRouter, rules: Rules) -> None:
    """The endpoints of a case's life."""
    _reading(router, rules)
    _acting(router, rules)


def _reading(router: APIRouter, rules: Rules) -> None:
    @router.get("/cases")
    async def list_cases(
        ask: Query = allow_read("office", "clerk", "auditor", "handler", "leader"),
        unit: Annotated[str | None, Param(max_length=64)] = None,
        role: Part = "lead",
        state: State | None = None,
        cursor: Annotated[str, Param(max_length=64)] = "",
        limit: Limit = 100,
    ) -> CasePage:
        """Cases by number. A handler or leader sees those of his own unit; `role`: which part it has in them."""
        of_unit = own_unit(ask.actor, unit)
        found = await ask.run(
            lambda session: store.reports.page(
                session, unit=of_unit, role=role, state=state.value if state else None, after=cursor, limit=limit
            )
        )
        return CasePage(items=tuple(CaseOut.of(c) for c in found), cursor=_next(found, limit))

    @router.get("/cases/{case}")
    async def read_case(
        case: str, ask: Query = allow_read("office", "clerk", "auditor", "handler", "leader")
    ) -> CaseDetail:
        """A case with its history. Units see the cases in which they have a part; others get 404."""

        def read(session: Session) -> CaseDetail:
            found = visible(session, ask.actor, case)
            for_unit = ask.actor.role in OF_A_UNIT
            history = tuple(HistoryOut.of(e, for_unit=for_unit) for e in store.ledger.of_case(session, case))
            return CaseDetail(
                **CaseOut.of(found).model_dump(),
                text=found.card.text,
                evidence=tuple(EvidenceOut(id=i, name=n) for i, n in store.evidence.of_case(session, found)),
                helpers=tuple(HelperOut.of(h) for h in store.units.of_case(session, case)),
                contributions=tuple(ContributionOut.of(c) for c in store.units.contributions_of(session, case)),
                responsible=_responsible(session, rules, found),
                history=history,
            )

        return await ask.run(read)

    @router.get("/deadlines")
    async def list_deadlines(
        ask: Query = allow_read("office", "handler", "leader"),
        unit: Annotated[str | None, Param(max_length=64)] = None,
        cursor: Annotated[str | None, Param(max_length=64)] = None,
        limit: Limit = 100,
    ) -> DeadlinePage:
        """Deadlines that run, the earliest expiry first. A handler or leader sees those of his own unit."""
        of_unit, after = own_unit(ask.actor, unit), position(cursor)
        found = await ask.run(lambda session: store.deadlines.page(session, unit=of_unit, after=after, limit=limit))
        last = found[-1].deadline if len(found) == limit else None
        return DeadlinePage(
            items=tuple(DeadlineOut.of(running) for running in found),
            cursor=f"{last.expires_at.isoformat()}|{last.id}" if last else None,
        )


def _acting(router: APIRouter, rules: Rules) -> None:
    @router.post("/cases/{case}/acknowledgement")
    async def acknowledge(case: str, do: Command = allow("handler", "leader")) -> CaseOut:
        """The unit says that it got the case."""
        return await do.run(lambda tx: CaseOut.of(usecases.acknowledge(rules, tx, case)))

    @router.post("/cases/{case}/acceptance")
    async def accept(case: str, do: Command = allow("handler")) -> CaseOut:
        """The unit takes the case in hand."""
        return await do.run(lambda tx: CaseOut.of(usecases.accept(rules, tx, case)))

    @router.post("/cases/{case}/solution")
    async def solve(case: str, given: SolutionIn, do: Command = allow("handler")) -> CaseOut:
        """The unit reports the case solved; the petitioners are asked."""
        solution = given.solution()
        return await do.run(lambda tx: CaseOut.of(usecases.solve(rules, tx, case, solution)))

    @router.post("/cases/{case}/closing")
    async def close(case: str, given: ClosingIn, do: Command = allow("office")) -> CaseOut:
        """Write the case off behind the four guards."""
        claim = given.claim()
        return await do.run(lambda tx: CaseOut.of(usecases.close(rules, tx, case, claim)))

    @router.post("/cases/{case}/return")
    async def send_back(case: str, given: ReturnIn, do: Command = allow("office")) -> CaseOut:
        """Return the case to the unit, with reasons and a rework deadline."""
        reasons = tuple(given.reasons)
        return await do.run(lambda tx: CaseOut.of(usecases.send_back(rules, tx, case, reasons)))

    @router.post("/cases/{case}/dispute")
    async def dispute(case: str, given: DisputeIn, do: Command = allow("approver")) -> CaseOut:
        """A leader closes a case that was returned often enough as disputed, with reasons."""
        return await do.run(lambda tx: CaseOut.of(usecases.dispute(rules, tx, case, given.reasons)))


def _next(found: list[Case], limit: int) -> str | None:
    return found[-1].number if len(found) == limit else None


def _responsible(session: Session, rules: Rules, case: Case) -> tuple[ResponsibleOut, ...]:
    """Who held which office of the case's units while it was open."""
    begun = rules.calendar.local_date(case.opened_at)
    over = rules.calendar.local_date(case.closing.at) if case.closing and case.state is State.CLOSED else None
    return tuple(
        ResponsibleOut(unit=one.unit, role=one.role, person=one.person, name=one.name, since=one.since, until=one.until)
        for one in store.units.officials_of(session, case.card.units)
        if (one.until is None or one.until >= begun) and (over is None or one.since <= over)
    )
