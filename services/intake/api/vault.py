"""The vault over HTTP: its public key for everybody, its content only by request, consent and one reading (I3)."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi import Query as Parameter
from pydantic import BaseModel

from services.intake.api.paging import Behind, Cursor, Limit, after, following
from services.intake.domain import mark
from services.intake.models import (
    AuditCheck,
    AuditPage,
    DisclosureIn,
    DisclosureList,
    DisclosureOut,
    IdentityIn,
    PublicKey,
    ReasonIn,
)
from services.intake.rules import Rules
from services.intake.usecases import audit, contact, disclose
from services.intake.usecases.contact import Contact
from services.intake.usecases.disclose import Denied, Opened
from services.intake.vault import PARTS
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx
from shared.web import Command, Query, Replayed, allow, allow_read, public_read

T = TypeVar("T")
REQUESTERS = ("clerk", "office", "discipline")


class ReadingOut(BaseModel):
    """Who complained, and the text as it was where something was scrubbed out of it."""

    number: str
    identity: IdentityIn
    original: dict[str, str | None]
    added: list[str]


class ContactOut(BaseModel):
    """A telephone number for one callback."""

    case: str
    number: str
    phone: str


async def allowed(do: Command, step: Callable[[Tx], T | Denied]) -> T:
    """The result of a step, or its refusal, whose audit entry is committed by then. Raises Refusal.

    What was read of the vault is handed over beside the transaction: the answer that is kept for a request
    repeated with its Idempotency-Key is null then, and the repeat is refused.
    """
    results: list[T | Denied] = []

    def kept(tx: Tx) -> BaseModel | None:
        results[:] = [step(tx)]
        return results[0] if isinstance(results[0], BaseModel) else None

    try:
        await do.run(kept)
    except Replayed as again:
        if again.answer != "null":
            raise
        remedy = "ask again, without the Idempotency-Key of this request"
        raise Refusal("Idempotency-Key", "…", "the request was answered once", remedy, 409) from None
    result = results[0]
    if isinstance(result, Denied):
        raise result.refusal
    return result


def _denied(tx: Tx, actor: Actor, request: Request) -> None:
    """Somebody knocked whose role never opens the vault: that is in the audit too (I3)."""
    said = request.path_params
    about = said.get("key", said.get("case", ""))
    audit.note(
        tx, actor, "role_denied", said.get("number", "")[:32], f"{request.method} {request.url.path}"[:200], about[:64]
    )


def router(rules: Rules) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(prefix="/api/v1", tags=["vault"])

    @api.get("/vault/public-key", dependencies=[public_read])
    async def public_key() -> PublicKey:
        """The key to seal identities to, and how: see services/intake/sealing.py, 20 lines."""
        return PublicKey(
            algorithm="HPKE base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (RFC 9180)",
            public_key_pem=rules.vault.public_pem,
            key_id=rules.vault.current,
            info="minping-vault|<source>|<ticket>",
        )

    @api.post("/disclosures", status_code=201)
    async def ask_for(body: DisclosureIn, do: Command = allow(*REQUESTERS, denied=_denied)) -> DisclosureOut:
        """Ask to see who complained, with a reason."""
        return await allowed(do, lambda tx: disclose.ask(rules, tx, do.actor, body))

    @api.get("/disclosures")
    async def list_disclosures(
        state: str | None = None,
        cursor: Behind = None,
        limit: Limit = 100,
        ask: Query = allow_read(*REQUESTERS, "custodian", "auditor", denied=_denied),
    ) -> DisclosureList:
        """One's own requests; custodians and auditors see all."""
        actor, now, start = ask.actor, ask.now, mark.read(cursor)
        return await ask.run(lambda session: disclose.listed(rules, session, actor, state, now, start, limit))

    @api.post("/disclosures/{key}/consent")
    async def consent(key: str, body: ReasonIn, do: Command = allow("custodian", denied=_denied)) -> DisclosureOut:
        """Consent, once; never to one's own request."""
        return await allowed(do, lambda tx: disclose.decide(rules, tx, do.actor, key, body.reason, consent=True))

    @api.post("/disclosures/{key}/refusal")
    async def refuse(key: str, body: ReasonIn, do: Command = allow("custodian", denied=_denied)) -> DisclosureOut:
        """Refuse, with the reason."""
        return await allowed(do, lambda tx: disclose.decide(rules, tx, do.actor, key, body.reason, consent=False))

    @api.post("/disclosures/{key}/reading")
    async def read(key: str, response: Response, do: Command = allow(*REQUESTERS, denied=_denied)) -> ReadingOut:
        """Read it, once, by who asked for it."""
        opened: Opened = await allowed(do, lambda tx: disclose.read(rules, tx, do.actor, key))
        response.headers["Cache-Control"] = "no-store"
        identity = IdentityIn(**{part: getattr(opened.identity, part) for part in PARTS})
        added = list(opened.added)
        return ReadingOut(number=opened.number, identity=identity, original=dict(opened.original), added=added)

    @api.post("/callbacks/{case}/{number}/contact")
    async def show_contact(
        case: str, number: str, response: Response, do: Command = allow("clerk", denied=_denied)
    ) -> ContactOut:
        """The telephone number for an open callback, and nothing else of who complained; so many an hour."""
        found: Contact = await allowed(do, lambda tx: contact.show(rules, tx, do.actor, case, number))
        response.headers["Cache-Control"] = "no-store"
        return ContactOut(case=found.case, number=found.number, phone=found.phone)

    @api.get("/audit")
    async def list_audit(cursor: Cursor = None, limit: Limit = 100, ask: Query = allow_read("auditor")) -> AuditPage:
        """Every step towards the vault, oldest first."""
        start = after(cursor)
        items = await ask.run(lambda session: audit.page(session, start, limit))
        return AuditPage(items=items, next=following(items[-1].position if items else None, len(items), limit))

    @api.get("/audit/verification")
    async def verify(
        length: Annotated[int | None, Parameter(ge=1)] = None,
        head: Annotated[str | None, Parameter(pattern="^[0-9a-f]{64}$")] = None,
        ask: Query = allow_read("auditor"),
    ) -> AuditCheck:
        """Recompute the audit chain; names the first entry that was altered, removed or moved. `length` and `head` of
        an earlier verification, given together, also find a tail that was cut off."""
        return await ask.run(lambda session: audit.check(session, length, head))

    return api
