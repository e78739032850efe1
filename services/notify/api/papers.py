"""HTTP: leaders' papers (N9): the one-page ledger, the monthly table, a unit's dossier, the archive package."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from fastapi import Query as Parameter

from services.notify import usecases
from services.notify.domain.quarter import month
from services.notify.usecases import paper_archive, paper_dossier, paper_ledger, paper_monthly
from shared.errors import Refusal
from shared.spreadsheet import MEDIA_TYPE
from shared.web import Query, allow_read

READERS = ("office", "approver", "auditor")
Spoken = Literal["zh", "en"]
Year = Annotated[int, Parameter(ge=2004, le=2099)]


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of papers."""

    @router.get("/papers/ledger", tags=["papers"])
    async def ledger(language: Spoken = "zh", ask: Query = allow_read(*READERS)) -> Response:
        """All open cases on one page of A4: unit, person, due, late."""
        body = await ask.run(lambda session: paper_ledger.workbook(desk, session, ask.now, language))
        return _file(body, "ledger.xlsx")

    @router.get("/papers/monthly", tags=["papers"])
    async def monthly(
        month_: Annotated[str, Parameter(alias="month", max_length=7)],
        language: Spoken = "zh",
        ask: Query = allow_read(*READERS),
    ) -> Response:
        """A month's figures by unit (`2026-03`)."""
        span = month(month_)
        body = await ask.run(lambda session: paper_monthly.workbook(desk, session, span, ask.now, language))
        return _file(body, f"monthly-{span.name}.xlsx")

    @router.get("/papers/dossier", tags=["papers"])
    async def dossier(
        unit: Annotated[str, Parameter(max_length=64)],
        year: Year,
        language: Spoken = "zh",
        ask: Query = allow_read(*READERS, "leader"),
    ) -> Response:
        """Everything on record about a unit in a year; a leader reads that of his own unit."""
        own = ask.actor.role == "leader"
        if own and ask.actor.unit != unit:
            raise Refusal("unit", unit, "a leader reads the dossier of his own unit", "ask the office", 403)
        body = await ask.run(
            lambda session: paper_dossier.workbook(desk, session, unit, year, ask.now, language, own=own)
        )
        return _file(body, f"dossier-{year}.xlsx")

    @router.get("/papers/archive", tags=["papers"])
    async def archive(year: Year, language: Spoken = "zh", ask: Query = allow_read("office", "auditor")) -> Response:
        """A year's papers as .zip, each with its SHA-256 and the period for which it is kept."""
        body = await ask.run(lambda session: paper_archive.package(desk, session, year, ask.now, language))
        return _file(body, f"archive-{year}.zip", "application/zip")


def _file(body: bytes, name: str, kind: str = MEDIA_TYPE) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename={name}", "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }  # fmt: skip
    return Response(body, media_type=kind, headers=headers)
