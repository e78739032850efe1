"""HTTP: documents (N5): the register with its numbers, files as .docx and PDF, corrections and withdrawals."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi import Query as Parameter
from sqlmodel import Session

from services.notify import usecases
from services.notify.api.asked import PAGE, Text
from services.notify.documents import MEDIA_TYPE
from services.notify.models import documents as forms
from services.notify.pdf import Converter
from services.notify.store import documents as store
from services.notify.usecases import documents
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.programme.parts import DocumentKind
from shared.store import Tx
from shared.web import Command, Query, allow, allow_read

OFFICE = ("office", "clerk", "approver", "auditor")
READERS = (*OFFICE, *OF_A_UNIT)
ISSUED = frozenset({"valid", "superseded", "withdrawn"})
FOR_ALL_UNITS = frozenset({"circular", "circulated_criticism", "meeting_announcement"})
NEWEST = Annotated[int | None, Parameter(ge=1, le=2**53)]


def add(router: APIRouter, desk: usecases.Desk, converter: Converter) -> None:
    """The endpoints of documents."""

    @router.get("/documents", tags=["documents"])
    async def get_documents(
        kind: DocumentKind | None = None,
        case: Text = None,
        unit: Text = None,
        number: Text = None,
        matter: Annotated[str | None, Parameter(max_length=400)] = None,
        cursor: NEWEST = None,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = PAGE,
        ask: Query = allow_read(*READERS),
    ) -> forms.DocumentsOut:
        """The register, the newest first. A unit sees what was issued to it or to all units, and no draft."""
        actor = ask.actor
        of_unit = actor.role in OF_A_UNIT
        wanted = {"kind": kind, "case": case, "unit": unit, "number": number, "matter": matter}
        states = ISSUED if of_unit else {*ISSUED, "draft"}
        own = (actor.unit or "", FOR_ALL_UNITS) if of_unit else None
        rows = await ask.run(lambda session: store.page(session, cursor, limit, states, own=own, **wanted))
        following = str(rows[-1]["n"]) if len(rows) == limit else None
        return forms.DocumentsOut(documents=[forms.DocumentOut(**_shown(dict(row))) for row in rows], next=following)

    @router.get("/documents/{document}.docx", tags=["documents"])
    async def get_file(document: str, ask: Query = allow_read(*READERS)) -> Response:
        """The document as it was made: an office can open it in Word or WPS, edit and print it."""
        row = await ask.run(lambda session: _seen(session, ask.actor, document))
        return _file(row["body"], MEDIA_TYPE, documents.file_name_of(row, "docx"))

    @router.get("/documents/{document}.pdf", tags=["documents"])
    async def get_pdf(document: str, ask: Query = allow_read(*READERS)) -> Response:
        """The document as PDF, where LibreOffice is on the machine; otherwise 501."""
        row = await ask.run(lambda session: _seen(session, ask.actor, document))
        made = await converter.convert({document: row["body"]})
        return _file(made[document], "application/pdf", documents.file_name_of(row, "pdf"))

    @router.get("/documents/{document}", tags=["documents"])
    async def get_document(document: str, ask: Query = allow_read(*READERS)) -> forms.WholeDocumentOut:
        """One document, with what it was filled with."""
        return _whole(await ask.run(lambda session: _seen(session, ask.actor, document)))

    @router.post("/documents", status_code=201, tags=["documents"])
    async def make(given: forms.DocumentIn, do: Command = allow("office")) -> forms.WholeDocumentOut:
        """Make and number a document by hand; circulars have a way of their own."""

        def made(tx: Tx) -> forms.WholeDocumentOut:
            return _whole(documents.by_hand(desk, tx, given.kind, given.facts, given.language, given.signed_on))

        return await do.run(made)

    @router.post("/documents/{document}/correction", tags=["documents"])
    async def correct(
        document: str, given: forms.CorrectionIn, do: Command = allow("office")
    ) -> forms.WholeDocumentOut:
        """Another version under the same number, with its reason on it; the old one stays to be seen."""
        return await do.run(lambda tx: _whole(documents.correct(desk, tx, document, given.facts, given.reason)))

    @router.post("/documents/{document}/withdrawal", tags=["documents"])
    async def withdraw(
        document: str, given: forms.WithdrawalIn, do: Command = allow("office")
    ) -> forms.WholeDocumentOut:
        """The document is void (作废): its number stays in the register and is not given again."""
        return await do.run(lambda tx: _whole(documents.withdraw(tx, document, given.reason)))


def _seen(session: Session, actor: Actor, document: str) -> dict[str, Any]:
    row = documents.found(session, document)
    if actor.role in OF_A_UNIT and not (
        row["state"] in ISSUED and (row["unit"] == actor.unit or row["kind"] in FOR_ALL_UNITS)
    ):
        raise Refusal("document", document, "no such document of your unit", "see GET /api/v1/documents", 404)
    return row


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in forms.DocumentOut.model_fields}


def _whole(row: Mapping[str, Any]) -> forms.WholeDocumentOut:
    return forms.WholeDocumentOut(**_shown(row), facts=row["facts"])


def _file(body: bytes, media_type: str, name: str) -> Response:
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(body, media_type=media_type, headers=headers)
