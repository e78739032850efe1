"""HTTP: addresses that get nothing, with who, when and why (N3)."""

import io
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi import Query as Parameter
from sqlalchemy import RowMapping
from sqlmodel import Session

from services.notify import usecases
from services.notify.api.asked import PAGE, Text
from services.notify.domain.channel import EMAIL, split
from services.notify.models import bounces as forms
from services.notify.store import suppressions
from services.notify.usecases.suppressing import lift_by_hand, suppress_by_hand, written
from shared import spreadsheet
from shared.store import Tx
from shared.web import Command, Query, allow, allow_read

READERS = ("office", "operator", "auditor")
COLUMNS = (
    spreadsheet.Column("渠道", 10),
    spreadsheet.Column("地址", 32),
    spreadsheet.Column("姓名", 12),
    spreadsheet.Column("单位", 16),
    spreadsheet.Column("原因类别", 12),
    spreadsheet.Column("原因", 48),
    spreadsheet.Column("操作人", 16),
    spreadsheet.Column("信件", 28),
    spreadsheet.Column("时间", 18),
)


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of suppressed addresses."""

    @router.get("/suppressions", tags=["suppressions"])
    async def get_suppressions(
        cursor: Annotated[str, Parameter(max_length=300)] = "",
        limit: Annotated[int, Parameter(ge=1, le=1000)] = PAGE,
        ask: Query = allow_read(*READERS),
    ) -> forms.SuppressionsOut:
        """Addresses that get nothing now."""
        rows = await ask.run(lambda session: suppressions.page(session, cursor, limit))
        following = str(rows[-1]["email"]) if len(rows) == limit else None
        return forms.SuppressionsOut(suppressions=[_out(row) for row in rows], next=following)

    @router.get("/suppressions/history", tags=["suppressions"])
    async def get_history(
        address: Text = None,
        channel: Text = None,
        cursor: Annotated[int, Parameter(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = PAGE,
        ask: Query = allow_read(*READERS),
    ) -> forms.SuppressionChangesOut:
        """How addresses came onto the list and left it; of all, or of one."""
        one = None if address is None else written(desk, channel or EMAIL, address)
        rows = await ask.run(lambda session: suppressions.changes(session, one, cursor, limit))
        following = str(rows[-1]["id"]) if len(rows) == limit else None
        return forms.SuppressionChangesOut(changes=[_change(row) for row in rows], next=following)

    @router.get("/suppressions/export", tags=["suppressions"])
    async def export_suppressions(ask: Query = allow_read(*READERS)) -> Response:
        """The list as a table (.xlsx)."""

        def write(session: Session) -> bytes:
            target = io.BytesIO()
            rows = (_cells(row) for row in suppressions.page(session, "", spreadsheet.MOST_ROWS))
            spreadsheet.write(target, "停发地址", COLUMNS, rows, zone=desk.calendar.zone, made=ask.now)
            return target.getvalue()

        headers = {"Content-Disposition": 'attachment; filename="suppressions.xlsx"'}
        return Response(await ask.run(write), media_type=spreadsheet.MEDIA_TYPE, headers=headers)

    @router.post("/suppressions", tags=["suppressions"], status_code=201)
    async def suppress(given: forms.SuppressIn, do: Command = allow("operator")) -> forms.SuppressionsOut:
        """Suppress an address: what has not gone yet goes to the next in line instead."""

        def enter(tx: Tx) -> forms.SuppressionsOut:
            return _all(tx.session, suppress_by_hand(desk, tx, given.channel, given.address, given.reason))

        return await do.run(enter)

    @router.post("/suppressions/lift", tags=["suppressions"])
    async def lift(given: forms.SuppressIn, do: Command = allow("operator")) -> forms.SuppressionChangesOut:
        """Let an address get letters again, with the reason; what failed meanwhile stays failed."""

        def take_off(tx: Tx) -> forms.SuppressionChangesOut:
            where = lift_by_hand(desk, tx, given.channel, given.address, given.reason)
            rows = suppressions.changes(tx.session, where, 0, 1000)
            return forms.SuppressionChangesOut(changes=[_change(row) for row in rows], next=None)

        return await do.run(take_off)


def _all(session: Session, address: str) -> forms.SuppressionsOut:
    row = suppressions.one(session, address)
    return forms.SuppressionsOut(suppressions=[_out(row)], next=None)


def _out(row: RowMapping) -> forms.SuppressionOut:
    channel, address = split(row["email"])
    fields = {name: row[name] for name in ("cause", "reason", "actor", "letter", "at", "name", "unit")}
    return forms.SuppressionOut(channel=channel, address=address, **fields)


def _change(row: RowMapping) -> forms.SuppressionChangeOut:
    channel, address = split(row["address"])
    return forms.SuppressionChangeOut(**{**row, "channel": channel, "address": address})


def _cells(row: RowMapping) -> tuple[Any, ...]:
    channel, address = split(row["email"])
    return (
        channel, address, row["name"], row["unit"], row["cause"], row["reason"], row["actor"], row["letter"], row["at"]
    )  # fmt: skip
