"""Opening the vault: asked for, consented to or refused, read once; every step and every attempt is kept (I3)."""

import json
import uuid
from dataclasses import dataclass

from sqlmodel import Session

from services.intake import metrics, store
from services.intake.domain import disclosure
from services.intake.domain.disclosure import GENESIS, Disclosure
from services.intake.domain.scrub import scrub
from services.intake.models import AuditCheck, AuditOut, DisclosureIn, DisclosureOut
from services.intake.rules import Rules
from services.intake.vault import Identity
from shared.contracts.intake import DisclosureRefused, IdentityDisclosed
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx


@dataclass(frozen=True, slots=True)
class Denied:
    """A step that was not allowed. The audit entry about it is committed; the caller raises `refusal`."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Opened:
    """What the requester may read, once. No pydantic model: nothing but the answer to the requester may hold it."""

    number: str
    identity: Identity
    original: dict[str, str]


def ask(tx: Tx, actor: Actor, wanted: DisclosureIn) -> DisclosureOut:
    """Ask to see who complained, with a reason. Raises Refusal (404: no such complaint, or nobody known)."""
    line = store.by_number(tx.session, wanted.number)
    if tx.session.get(store.Sealed, line.number) is None:
        raise Refusal("number", line.number, "the vault holds nothing about it", "it was anonymous", 404)
    row = store.Disclosure(
        id=uuid.uuid4().hex,
        number=line.number,
        requester=actor.sub,
        role=actor.role,
        reason=scrub(wanted.reason),
        requested_at=tx.now,
    )
    tx.session.add(row)
    _note(tx, actor, "requested", row, row.reason)
    return _out(row)


def decide(tx: Tx, actor: Actor, key: str, reason: str, *, consent: bool) -> DisclosureOut | Denied:
    """The custodian's consent or refusal; never on one's own request."""
    row = _row(tx.session, key)
    try:
        state = disclosure.decided(Disclosure(row.state), requester=row.requester, custodian=actor.sub, consent=consent)
    except Refusal as refusal:
        _note(tx, actor, "decision_denied", row, refusal.reason)
        return Denied(refusal)
    row.state, row.custodian, row.answer, row.decided_at = state.value, actor.sub, scrub(reason), tx.now
    _note(tx, actor, state.value, row, row.answer)
    if not consent:
        data = DisclosureRefused(number=row.number, request=row.id, role=actor.role, reason=row.answer)
        tx.publish(data, subject=row.number)
    return _out(row)


def read(rules: Rules, tx: Tx, actor: Actor, key: str) -> Opened | Denied:
    """The requester reads, once. Who may not is refused, and the attempt is kept."""
    row = _row(tx.session, key)
    try:
        state = disclosure.read(Disclosure(row.state), requester=row.requester, reader=actor.sub)
    except Refusal as refusal:
        _note(tx, actor, "reading_denied", row, refusal.reason)
        return Denied(refusal)
    sealed = tx.session.get_one(store.Sealed, row.number)
    identity = (
        rules.vault.open_identity(sealed.source, sealed.ticket, sealed.identity) if sealed.identity else Identity()
    )
    original = json.loads(rules.vault.open("text", row.number, sealed.original)) if sealed.original else {}
    row.state, row.read_at = state.value, tx.now
    _note(tx, actor, state.value, row, row.reason)
    data = IdentityDisclosed(number=row.number, request=row.id, role=row.role, reason=row.reason)
    tx.publish(data, subject=row.number)
    return Opened(row.number, identity, original)


def listed(session: Session, actor: Actor, state: str | None) -> list[DisclosureOut]:
    """Requests: a requester sees his own, custodians and auditors all."""
    mine = None if actor.role in ("custodian", "auditor") else actor.sub
    return [_out(row) for row in store.disclosures(session, state=state, requester=mine)]


def audit_page(session: Session, after: int, limit: int) -> list[AuditOut]:
    """Audit entries after a position."""
    rows = store.audit_entries(session, after=after, limit=limit)
    return [AuditOut.model_validate(row, from_attributes=True) for row in rows]


def audit_check(session: Session) -> AuditCheck:
    """Recompute the whole chain; names the first entry that does not fit."""
    rows = store.audit_entries(session, after=0, limit=10_000_000)
    broken = disclosure.first_broken((row.position, row.hash, _entry(row)) for row in rows)
    return AuditCheck(entries=len(rows), first_broken=broken)


def _note(tx: Tx, actor: Actor, step: str, about: store.Disclosure, words: str) -> None:
    last = store.last_audit(tx.session)
    row = store.Audit(
        position=last.position + 1 if last else 1,
        at=tx.now,
        who=actor.sub,
        role=actor.role,
        step=step,
        disclosure=about.id,
        number=about.number,
        words=words,
        hash="",
    )
    row.hash = disclosure.chained(last.hash if last else GENESIS, _entry(row))
    tx.session.add(row)
    metrics.count(tx, metrics.DISCLOSURES, step)


def _entry(row: store.Audit) -> dict[str, object]:
    entry: dict[str, object] = row.model_dump(exclude={"hash"})
    return entry | {"at": row.at.timestamp()}


def _row(session: Session, key: str) -> store.Disclosure:
    row = session.get(store.Disclosure, key)
    if row is None:
        raise Refusal("disclosure", key, "nobody asked under this id", "see GET /api/v1/disclosures", 404)
    return row


def _out(row: store.Disclosure) -> DisclosureOut:
    return DisclosureOut.model_validate(row, from_attributes=True)
