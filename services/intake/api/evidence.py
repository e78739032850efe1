"""Evidence over HTTP: the file is the body, what it is for stands in the query (I1, I9, X8)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi import Query as Parameter
from fastapi.responses import FileResponse

from services.intake.domain.evidence import Attachment, file_name
from services.intake.models import ReasonIn
from services.intake.models.evidence import AttachmentList, AttachmentOut, EvidenceOut
from services.intake.rules import Rules
from services.intake.usecases import evidence
from shared.errors import Refusal
from shared.web import Command, Query, allow, allow_read, allow_stream

UPLOAD = "/api/v1/evidence"
SENDERS = ("clerk", "office", "inspector", "supervisor", "handler", "leader", "source")
READERS = (*evidence.STAFF, "supervisor", "handler", "leader", "source")
About = Literal["complaint", "inspection", "card"]
Key = Annotated[str, Parameter(max_length=64)]
Words = Annotated[str, Parameter(max_length=500)]


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["evidence"])

    @api.post("/evidence", status_code=201)
    async def send(
        request: Request,
        kind: Literal["photo", "video", "document", "recording", "letter"] | None = None,
        about: About | None = None,
        of: Key = "",
        name: Words = "",
        words: Words = "",
        do: Command = allow_stream(*SENDERS),
    ) -> EvidenceOut:
        """Send a file: its bytes are the body. It is cleaned, and kept under the SHA-256 of what is left."""
        if bool(about) != bool(of):
            raise Refusal("of", of, "what the file belongs to is half said", "give about and of, or neither")
        given = evidence.Given(kind, name, words, Attachment(about, of) if about else None)
        async with rules.evidence.receiving(request.stream()) as taken:
            return await do.run(lambda tx: evidence.store_evidence(tx, taken, given, do.actor))

    @api.get("/evidence")
    async def list_evidence(about: About, of: Key, ask: Query = allow_read(*READERS)) -> AttachmentList:
        """What was given for a complaint, an inspection or a card, as far as it concerns the reader."""
        return await ask.run(lambda session: evidence.listed(session, about, of, ask.actor))

    @api.get("/evidence/{sha}")
    async def download(sha: str, ask: Query = allow_read(*READERS)) -> FileResponse:
        """The file, to be kept and not to be shown by the browser: what it belongs to must concern the reader."""
        path = rules.evidence.path(sha)
        found = await ask.run(lambda session: evidence.readable(session, sha, ask.actor))
        return FileResponse(
            path,
            media_type=found.media_type,
            filename=file_name(sha, found.media_type),
            content_disposition_type="attachment",
            headers={
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )

    @api.post("/attachments/{key}/release")
    async def release(key: int, body: ReasonIn, do: Command = allow("clerk", "office")) -> AttachmentOut:
        """Let the units of the matter see a file, after somebody looked whether it shows who complains."""
        return await do.run(lambda tx: evidence.release(tx, key, body.reason, do.actor.sub))

    return api
