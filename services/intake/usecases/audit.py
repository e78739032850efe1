"""The audit of the vault: every step towards an identity, every attempt, every erasure is an entry (I3)."""

from collections.abc import Iterator

from sqlmodel import Session

from services.intake import metrics, store
from services.intake.domain import audit
from services.intake.domain.audit import GENESIS, Head
from services.intake.models import AuditCheck, AuditOut
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx

PAGE = 1_000
CLOCK = Actor(sub="clock", role="clock")
"""Who acts where time alone does."""


def note(tx: Tx, actor: Actor, step: str, number: str, words: str, about: str = "") -> None:
    """Add an entry. number: the complaint; about: id of the request, hold or determination, if there is one."""
    last = store.last_audit(tx.session)
    row = store.Audit(
        position=last.position + 1 if last else 1,
        at=tx.now,
        who=actor.sub,
        role=actor.role,
        step=step,
        disclosure=about,
        number=number,
        words=words,
        hash="",
    )
    row.hash = audit.chained(last.hash if last else GENESIS, _entry(row))
    tx.session.add(row)
    metrics.count(tx, metrics.DISCLOSURES, step)


def page(session: Session, after: int, limit: int) -> list[AuditOut]:
    """Entries after a position."""
    rows = store.audit_entries(session, after=after, limit=limit)
    return [AuditOut.model_validate(row, from_attributes=True) for row in rows]


def check(session: Session, length: int | None, head: str | None) -> AuditCheck:
    """Recompute the whole chain. Raises Refusal where only one of length and head is given."""
    if (length is None) != (head is None):
        raise Refusal("head", head, "length and head belong together", "give both, or neither")
    found = audit.verify(_entries(session), Head(length, head) if length is not None and head else None)
    return AuditCheck(
        holds=found.position is None,
        entries=found.entries,
        first_broken=found.position,
        reason=found.reason,
        length=found.head.length,
        head=found.head.hash,
    )


def _entries(session: Session) -> Iterator[tuple[int, str, dict[str, object]]]:
    after = 0
    while rows := store.audit_entries(session, after=after, limit=PAGE):
        yield from ((row.position, row.hash, _entry(row)) for row in rows)
        after = rows[-1].position
        session.expunge_all()


def _entry(row: store.Audit) -> dict[str, object]:
    entry: dict[str, object] = row.model_dump(exclude={"hash"})
    return entry | {"at": row.at.timestamp()}
