"""Dated duties over HTTP: what is owed, handing it in, judging it, and how units keep their duties (R9)."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Param
from pydantic import AwareDatetime
from sqlmodel import Session

from services.rectification import store
from services.rectification.api.paging import Limit, day_position, own_unit
from services.rectification.domain.obligation import Duty
from services.rectification.domain.rules import Rules
from services.rectification.models.cases import HistoryOut, ReturnIn
from services.rectification.models.obligations import (
    FulfilmentIn,
    ObligationDetail,
    ObligationOut,
    ObligationPage,
    ObligationStatistics,
    PublicTask,
    PublicTaskPage,
    TaskIn,
    TaskOut,
    TaskPage,
)
from services.rectification.usecases import duties
from shared.web import Command, Query, allow, allow_read, public_read

Wanted = Literal["open", "handed_in", "returned", "accepted", "missed"]
Key = Annotated[str | None, Param(max_length=64)]
Cursor = Annotated[str | None, Param(max_length=160)]
READERS = ("office", "clerk", "auditor", "handler", "leader")


def add(router: APIRouter, rules: Rules) -> None:
    """The endpoints of duties and tasks."""
    _reading(router)
    _acting(router, rules)
    _tasks(router, rules)


def _reading(router: APIRouter) -> None:
    @router.get("/obligations")
    async def list_obligations(
        ask: Query = allow_read(*READERS),
        unit: Key = None,
        state: Wanted | None = None,
        obligation: Key = None,
        period: Key = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> ObligationPage:
        """Duties by due date; `missed`: missed and not accepted since. A handler or leader sees those of his unit."""
        of_unit, after = own_unit(ask.actor, unit), day_position(cursor)
        found = await ask.run(
            lambda session: store.obligations.page(
                session, unit=of_unit, state=state, obligation=obligation, period=period, after=after, limit=limit
            )
        )
        return ObligationPage(items=tuple(ObligationOut.of(d) for d in found), cursor=_next(found, limit))

    @router.get("/obligations/{duty}")
    async def read_obligation(duty: str, ask: Query = allow_read(*READERS)) -> ObligationDetail:
        """A duty with its history. A unit sees its own; others get 404."""

        def read(session: Session) -> ObligationDetail:
            found = store.obligations.find(session, duty)
            if found is None or not duties.may_see(found, ask.actor):
                raise duties.unknown(duty)
            history = tuple(HistoryOut.of(e, for_unit=False) for e in store.ledger.of_case(session, duty))
            return ObligationDetail(**ObligationOut.of(found).model_dump(), history=history)

        return await ask.run(read)

    @router.get("/statistics/obligations")
    async def read_obligation_statistics(
        ask: Query = allow_read("office", "auditor", "operator", "handler", "leader"),
        unit: Key = None,
        since: Annotated[AwareDatetime | None, Param(alias="from")] = None,
        to: AwareDatetime | None = None,
    ) -> ObligationStatistics:
        """How units keep their duties: those whose due day ended after `from` and not after `to` (default: now)."""
        of_unit, until = own_unit(ask.actor, unit), to or ask.now

        def read(session: Session) -> ObligationStatistics:
            found = store.obligations.figures(session, since, until, unit=of_unit)
            return ObligationStatistics.of(found, store.reports.names(session), since, until)

        return await ask.run(read)


def _acting(router: APIRouter, rules: Rules) -> None:
    @router.post("/obligations/{duty}/fulfilment")
    async def hand_in(
        duty: str, given: FulfilmentIn, do: Command = allow("handler", "leader", "office")
    ) -> ObligationOut:
        """The unit hands in what is due, also late; the office hands in its own duties."""
        answers, documents = given.answers, tuple(given.documents)
        return await do.run(
            lambda tx: ObligationOut.of(duties.hand_in(rules, tx, duty, answers, documents, given.address))
        )

    @router.post("/obligations/{duty}/acceptance")
    async def accept(duty: str, do: Command = allow("office", "approver")) -> ObligationOut:
        """The office accepts what was handed in; not who handed it in, nor an officer of the unit."""
        return await do.run(lambda tx: ObligationOut.of(duties.accept(rules, tx, duty)))

    @router.post("/obligations/{duty}/return")
    async def send_back(duty: str, given: ReturnIn, do: Command = allow("office", "approver")) -> ObligationOut:
        """The office returns it with reasons: before the due day ends its period runs on, later the duty is missed."""
        reasons = tuple(given.reasons)
        return await do.run(lambda tx: ObligationOut.of(duties.send_back(rules, tx, duty, reasons)))


def _tasks(router: APIRouter, rules: Rules) -> None:
    @router.post("/tasks", status_code=201)
    async def publish_task(given: TaskIn, do: Command = allow("office")) -> TaskOut:
        """Publish a task of a decision; the lead unit owes it by its date."""
        wanted = given.wanted()
        return await do.run(
            lambda tx: TaskOut.with_duty(*duties.publish_task(rules, tx, wanted), store.reports.names(tx.session))
        )

    @router.get("/tasks")
    async def list_tasks(
        ask: Query = allow_read(*READERS), unit: Key = None, cursor: Cursor = None, limit: Limit = 100
    ) -> TaskPage:
        """Tasks by due date; a unit sees those in which it has a part."""
        of_unit, after = own_unit(ask.actor, unit), day_position(cursor)

        def read(session: Session) -> TaskPage:
            found = store.tasks.page(session, unit=of_unit, after=after, limit=limit)
            names = store.reports.names(session)
            items = tuple(TaskOut.with_duty(task, duty, names) for task, duty in found)
            return TaskPage(items=items, cursor=_following([(t.due, t.number) for t, _ in found], limit))

        return await ask.run(read)

    @router.get("/public/tasks")
    async def public_tasks(ask: Query = public_read, cursor: Cursor = None, limit: Limit = 100) -> PublicTaskPage:
        """The published schedule: what, from which decision, who, by when, by which standard, and how it stands."""
        after = day_position(cursor)

        def read(session: Session) -> PublicTaskPage:
            found = store.tasks.page(session, unit=None, after=after, limit=limit)
            names = store.reports.names(session)
            items = tuple(PublicTask.of(task, duty, names) for task, duty in found)
            return PublicTaskPage(items=items, cursor=_following([(t.due, t.number) for t, _ in found], limit))

        return await ask.run(read)


def _next(found: list[Duty], limit: int) -> str | None:
    return _following([(duty.due, duty.id) for duty in found], limit)


def _following(keys: list[tuple[date, str]], limit: int) -> str | None:
    return f"{keys[-1][0].isoformat()}|{keys[-1][1]}" if len(keys) == limit else None
