"""Opening the vault: asked for, consented to or refused, read once; every step and every attempt is kept (I3)."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from services.intake import store
from services.intake.domain import disclosure
from services.intake.domain.disclosure import Disclosure
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.models import DisclosureIn, DisclosureList, DisclosureOut
from services.intake.rules import Rules
from services.intake.store.paging import following
from services.intake.usecases import absences, audit
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
    added: tuple[str, ...] = ()


def ask(rules: Rules, tx: Tx, actor: Actor, wanted: DisclosureIn) -> DisclosureOut | Denied:
    """Ask to see who complained, with a reason. Denied, and kept in the audit: 404 no such complaint, or nobody
    known; 410 erased."""
    try:
        line = store.by_number(tx.session, wanted.number)
        if tx.session.get(store.Sealed, line.number) is None:
            raise _nothing(tx.session, line.number)
    except Refusal as refusal:
        audit.note(tx, actor, "request_denied", scrub(wanted.number), refusal.reason)
        return Denied(refusal)
    row = store.Disclosure(
        id=uuid.uuid4().hex,
        number=line.number,
        requester=actor.sub,
        role=actor.role,
        reason=scrub(wanted.reason),
        requested_at=tx.now,
    )
    tx.session.add(row)
    audit.note(tx, actor, "requested", row.number, row.reason, row.id)
    return _out(rules, row, tx.now)


def _nothing(session: Session, number: str) -> Refusal:
    """Why the vault holds nothing: it never did, or it was erased, when and by which rule."""
    if gone := store.retention.erasures(session, number):
        last = gone[-1]
        reason = f"it was erased on {last.at:%Y-%m-%d} by the rule {last.rule}"
        return Refusal("number", number, reason, "nobody can bring it back", 410)
    return Refusal("number", number, "the vault holds nothing about it", "it was anonymous", 404)


def decide(rules: Rules, tx: Tx, actor: Actor, key: str, reason: str, *, consent: bool) -> DisclosureOut | Denied:
    """The custodian's consent or refusal, or his deputy's while he is away; never on one's own request."""
    row = _row(tx.session, key)
    try:
        absent = absences.acting_for(rules, tx, actor, "custodian")
        if absent == row.requester:
            reason = "the absent custodian asked for it himself"
            raise Refusal("custodian", actor.sub, reason, "another custodian has to decide", 403)
        state = disclosure.decided(Disclosure(row.state), requester=row.requester, custodian=actor.sub, consent=consent)
    except Refusal as refusal:
        audit.note(tx, actor, "decision_denied", row.number, refusal.reason, row.id)
        return Denied(refusal)
    row.state, row.custodian, row.answer, row.decided_at = state.value, actor.sub, scrub(reason), tx.now
    words = f"{row.answer} (AB角 / stands in for {absent})" if absent else row.answer
    audit.note(tx, actor, state.value, row.number, words, row.id)
    if not consent:
        data = DisclosureRefused(number=row.number, request=row.id, role=actor.role, reason=row.answer)
        tx.publish(data, subject=row.number)
    return _out(rules, row, tx.now)


def read(rules: Rules, tx: Tx, actor: Actor, key: str) -> Opened | Denied:
    """The requester reads, once. Who may not is refused, and the attempt is kept."""
    row = _row(tx.session, key)
    try:
        now = disclosure.as_of(Disclosure(row.state), row.decided_at, tx.now, _usable(rules))
        state = disclosure.read(now, requester=row.requester, reader=actor.sub)
    except Refusal as refusal:
        row.state = now.value
        audit.note(tx, actor, "reading_denied", row.number, refusal.reason, row.id)
        return Denied(refusal)
    sealed = tx.session.get_one(store.Sealed, row.number)
    identity = (
        rules.vault.open_identity(sealed.source, sealed.ticket, sealed.identity) if sealed.identity else Identity()
    )
    original = json.loads(rules.vault.open("text", row.number, sealed.original)) if sealed.original else {}
    added = tuple(
        rules.vault.open("text", row.number, one.original).decode()
        for one in store.information.added(tx.session, row.number)
        if one.original
    )
    row.state, row.read_at = state.value, tx.now
    audit.note(tx, actor, state.value, row.number, row.reason, row.id)
    data = IdentityDisclosed(number=row.number, request=row.id, role=row.role, reason=row.reason)
    tx.publish(data, subject=row.number)
    return Opened(row.number, identity, original, added)


def listed(
    rules: Rules, session: Session, actor: Actor, state: str | None, now: datetime, after: Mark | None, limit: int
) -> DisclosureList:
    """Requests: a requester sees his own, custodians and auditors all."""
    mine = None if actor.role in ("custodian", "auditor") else actor.sub
    rows = store.disclosures(session, state=state, requester=mine, after=after, limit=limit)
    end = following(rows, limit, lambda row: (row.requested_at, row.id))
    return DisclosureList(items=[_out(rules, row, now) for row in rows], next=end)


def _usable(rules: Rules) -> timedelta:
    return timedelta(days=rules.programme.disclosure.consent_days)


def _row(session: Session, key: str) -> store.Disclosure:
    row = session.get(store.Disclosure, key)
    if row is None:
        raise Refusal("disclosure", key, "nobody asked under this id", "see GET /api/v1/disclosures", 404)
    return row


def _out(rules: Rules, row: store.Disclosure, now: datetime) -> DisclosureOut:
    state = disclosure.as_of(Disclosure(row.state), row.decided_at, now, _usable(rules))
    usable = state == Disclosure.CONSENTED and row.decided_at is not None
    until = row.decided_at + _usable(rules) if usable and row.decided_at else None
    shown = DisclosureOut.model_validate(row, from_attributes=True)
    return shown.model_copy(update={"state": state.value, "usable_until": until})
