"""Promises over HTTP: what everybody may read, the register, and their inspection (R2, R8)."""

from typing import Annotated, Literal

from fastapi import APIRouter
from fastapi import Query as Param
from sqlmodel import Session

from services.rectification import store, usecases
from services.rectification.api.paging import Limit, day_position, own_unit
from services.rectification.domain.commitment import Commitment, Inspection
from services.rectification.domain.rules import Rules
from services.rectification.models.commitments import (
    CommitmentDetail,
    CommitmentOut,
    CommitmentPage,
    CorrectionIn,
    InspectionIn,
    InspectionOut,
    PublicCommitment,
    PublicCommitmentPage,
    RegisterLine,
    RegisterOut,
)
from shared.errors import Refusal
from shared.identity import OF_A_UNIT
from shared.store import Tx
from shared.web import Command, Query, allow, allow_read, public_read

Wanted = Literal["pending", "to_inspect", "kept", "late", "broken", "withdrawn"]
PublicState = Literal["pending", "kept", "late", "broken", "withdrawn"]
Unit = Annotated[str | None, Param(max_length=64)]
Cursor = Annotated[str | None, Param(max_length=80)]


def add(router: APIRouter, rules: Rules) -> None:
    """The endpoints of promises."""
    _publishing(router)
    _reading(router)
    _inspecting(router, rules)


def _publishing(router: APIRouter) -> None:
    @router.get("/public/commitments")
    async def publish_commitments(
        ask: Query = public_read,
        unit: Unit = None,
        state: PublicState | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> PublicCommitmentPage:
        """Every promise, with who made it and whether it was kept. No complainant appears."""
        after, now = day_position(cursor), ask.now
        wanted = "not_inspected" if state == "pending" else state

        def read(session: Session) -> PublicCommitmentPage:
            found = store.commitments.page(session, now, unit=unit, state=wanted, after=after, limit=limit)
            names = store.reports.names(session)
            items = tuple(PublicCommitment.of(promised, names) for promised in found)
            return PublicCommitmentPage(items=items, cursor=_next(found, limit))

        return await ask.run(read)


def _reading(router: APIRouter) -> None:
    @router.get("/commitments")
    async def list_commitments(
        ask: Query = allow_read("office", "inspector", "auditor", "handler", "leader"),
        unit: Unit = None,
        state: Wanted | None = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> CommitmentPage:
        """Promises by promised day; `state=to_inspect`: those whose day is over. A unit sees its own."""
        of_unit, after, now = own_unit(ask.actor, unit), day_position(cursor), ask.now

        def read(session: Session) -> CommitmentPage:
            found = store.commitments.page(session, now, unit=of_unit, state=state, after=after, limit=limit)
            names = store.reports.names(session)
            items = tuple(CommitmentOut.of(promised, names, now) for promised in found)
            return CommitmentPage(items=items, cursor=_next(found, limit))

        return await ask.run(read)

    @router.get("/commitments/register")
    async def read_register(
        ask: Query = allow_read("office", "inspector", "auditor", "handler", "leader"), unit: Unit = None
    ) -> RegisterOut:
        """The register of promises: how many each unit made, kept and broke. A unit sees its own line."""
        of_unit, now = own_unit(ask.actor, unit), ask.now

        def read(session: Session) -> RegisterOut:
            names = store.reports.names(session)
            counted = store.commitments.register(session, now, of_unit)
            return RegisterOut(
                items=tuple(
                    RegisterLine(unit=key, name=names.get(key, key), made=sum(counts.values()), **counts)
                    for key, counts in sorted(counted.items())
                )
            )

        return await ask.run(read)

    @router.get("/commitments/{commitment}")
    async def read_commitment(
        commitment: str, ask: Query = allow_read("office", "inspector", "auditor", "handler", "leader")
    ) -> CommitmentDetail:
        """A promise with every record of its fulfilment, corrected ones too. Other units get 404."""

        def read(session: Session) -> CommitmentDetail:
            found = store.commitments.find(session, commitment)
            if found is None or (ask.actor.role in OF_A_UNIT and ask.actor.unit != found.unit):
                raise Refusal("commitment", commitment, "there is no such commitment", "check its id", 404)
            records = store.commitments.inspections_of(session, commitment)
            shown = CommitmentOut.of(found, store.reports.names(session), ask.now).model_dump()
            return CommitmentDetail(
                **shown,
                inspections=tuple(InspectionOut.of(one, stands=one is records[-1]) for one in records),
            )

        return await ask.run(read)


def _inspecting(router: APIRouter, rules: Rules) -> None:
    @router.post("/commitments/{commitment}/inspection")
    async def inspect_commitment(
        commitment: str, given: InspectionIn, do: Command = allow("office", "inspector")
    ) -> CommitmentDetail:
        """Record whether the promise was kept, with evidence and a survey; a broken one counts and is published."""
        found = given.found()
        return await do.run(lambda tx: _shown(tx, *usecases.inspect_commitment(rules, tx, commitment, found)))

    @router.post("/commitments/{commitment}/correction")
    async def correct_inspection(
        commitment: str, given: CorrectionIn, do: Command = allow("office", "inspector")
    ) -> CommitmentDetail:
        """A new record takes the place of a wrong one, with the reason; both are kept."""
        found = given.found()
        return await do.run(
            lambda tx: _shown(tx, *usecases.correct_inspection(rules, tx, commitment, found, given.reason))
        )


def _shown(tx: Tx, commitment: Commitment, record: Inspection) -> CommitmentDetail:
    records = store.commitments.inspections_of(tx.session, commitment.id)
    shown = CommitmentOut.of(commitment, store.reports.names(tx.session), tx.now).model_dump()
    inspections = tuple(InspectionOut.of(one, stands=one.n == record.n) for one in records)
    return CommitmentDetail(**shown, inspections=inspections)


def _next(found: list[Commitment], limit: int) -> str | None:
    return f"{found[-1].due.isoformat()}|{found[-1].id}" if len(found) == limit else None
