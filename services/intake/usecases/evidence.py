"""Evidence: taken in, given for a complaint, an inspection or a card, and shown to those whom it concerns (I1, I9)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from services.intake import store
from services.intake.domain import evidence
from services.intake.domain.evidence import Attachment
from services.intake.domain.scrub import scrub
from services.intake.evidence_files import Taken
from services.intake.models.evidence import AttachmentList, AttachmentOut, EvidenceOut
from services.intake.store.evidence import Attachment as Row
from services.intake.store.evidence import Evidence
from services.intake.store.inspections import Inspection
from services.intake.store.supervisors import Card
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.store import Tx

STAFF = ("clerk", "office", "approver", "inspector", "discipline", "auditor")
PUBLIC = Actor(sub="web", role="public")
"""Who sends a file with a report on the web."""

_NOT_YOURS = "it belongs to a matter that is not yours"


@dataclass(frozen=True, slots=True)
class Given:
    """What a sender says of a file. `kind`: photo, video, document, recording, letter; by default its type's first."""

    kind: str | None = None
    name: str = ""
    words: str = ""
    to: Attachment | None = None


def store_evidence(tx: Tx, taken: Taken, given: Given, actor: Actor) -> EvidenceOut:
    """The row of a file that has its place, and what it belongs to. The same file again is kept once.

    Raises Refusal (404, 403) if what it is given for is not there, or not the sender's.
    """
    kind = given.kind or evidence.kind_of(taken.media_type)
    evidence.checked(taken.media_type, kind, tuple(evidence.TYPES))
    if given.to:
        _may_attach(tx.session, given.to, actor)
    known = tx.session.get(Evidence, taken.sha)
    if known is not None:
        known.erased_at = known.unlinked_at = None  # it was sent again
    else:
        tx.session.add(
            Evidence(
                sha=taken.sha,
                original=taken.original,
                media_type=taken.media_type,
                size=taken.size,
                kept_at=tx.now,
            )
        )
    row = Row(
        sha=taken.sha,
        about=given.to.about if given.to else "",
        key=given.to.key if given.to else "",
        kind=kind,
        name=evidence.shown_name(given.name),
        words=scrub(given.words),
        by=actor.sub,
        role=actor.role,
        unit=actor.unit if actor.role in OF_A_UNIT else None,
        at=tx.now,
    )
    tx.session.add(row)
    tx.session.flush()
    if given.to and given.to.about == "complaint":
        store.retention.touch(tx.session, given.to.key, tx.now, "evidence")
    return EvidenceOut(**row.model_dump(), media_type=taken.media_type, size=taken.size, original=taken.original)


def bind(
    tx: Tx, shas: Sequence[str], to: Attachment, senders: Collection[str], taken: tuple[str, ...] | None = None
) -> None:
    """Files that one of these sent before now belong to something. Raises Refusal for one that is not theirs to give.

    taken: the kinds of evidence that the channel takes (I1).
    """
    loose = {row.sha: row for row in store.evidence.loose(tx.session, shas, senders)}
    for index, sha in enumerate(shas):
        row = loose.get(sha)
        if row is None:
            remedy = "send it with POST /api/v1/evidence first; each file is given once"
            raise Refusal(f"evidence.{index}", sha[:80], "you sent no such file, or gave it for something", remedy)
        if taken is not None and row.kind not in taken:
            may = ", ".join(taken)
            raise Refusal(f"evidence.{index}", row.kind, "the channel takes no evidence of this kind", f"send {may}")
        row.about, row.key = to.about, to.key


def listed(session: Session, about: str, key: str, actor: Actor) -> AttachmentList:
    """What was given for a thing, as far as the reader may see it. Raises Refusal (403)."""
    rows = [row for row in store.evidence.attachments(session, about=about, key=key) if _sees(session, row, actor)]
    return AttachmentList(items=[AttachmentOut.model_validate(row, from_attributes=True) for row in rows])


def readable(session: Session, sha: str, actor: Actor) -> Evidence:
    """A file that the reader may have. Raises Refusal (404; 403 where nothing it belongs to concerns him)."""
    found = store.evidence.file(session, sha)
    if not any(_sees(session, row, actor) for row in store.evidence.attachments(session, sha=sha)):
        raise Refusal("evidence", sha, _NOT_YOURS, "ask the appraisal office", 403)
    return found


def release(tx: Tx, key: int, reason: str, by: str) -> AttachmentOut:
    """The units of the matter may see a file: somebody has looked whether it shows who complains. Raises Refusal."""
    row = tx.session.get(Row, key)
    if row is None:
        raise Refusal("attachment", key, "there is no such attachment", "see GET /api/v1/evidence", 404)
    row.released, row.released_by, row.released_at, row.released_reason = True, by, tx.now, scrub(reason)
    return AttachmentOut.model_validate(row, from_attributes=True)


def _sees(session: Session, row: Row, actor: Actor) -> bool:
    """Staff see all; who sent it sees it; a unit what was released to it in a matter that it was given."""
    if actor.role in STAFF or row.by == actor.sub:
        return True
    if actor.role not in OF_A_UNIT:
        return False
    if row.unit == actor.unit:
        return True
    return row.released and row.about == "complaint" and actor.unit in _units_of(session, row.key)


def _units_of(session: Session, number: str) -> Iterable[str | None]:
    """The units of a complaint's approved transfer; none before (I7)."""
    line = store.by_number(session, number)
    card = session.get(store.Transfer, line.lead or number)
    if card is None or card.state != "approved":
        return ()
    return (card.lead_unit, *card.cooperating_units, card.territorial_unit)


def _may_attach(session: Session, to: Attachment, actor: Actor) -> None:
    """Staff give evidence for anything; others for what is their own. Raises Refusal (403, 404)."""
    match to.about:
        case "complaint":
            line = store.by_number(session, to.key)
            mine = actor.role == "source" and line.source == actor.sub
        case "inspection":
            record = session.get(Inspection, to.key)
            if record is None:
                raise Refusal("of", to.key, "there is no such inspection", "see GET /api/v1/inspections", 404)
            mine = record.recorded_by == actor.sub or (actor.unit is not None and record.by_unit == actor.unit)
        case "card":
            card = session.get(Card, to.key)
            if card is None:
                raise Refusal("of", to.key, "there is no such card", "see GET /api/v1/cards", 404)
            mine = card.by == actor.sub
        case _:
            remedy = "say complaint, inspection or card"
            raise Refusal("about", to.about, "evidence belongs to none such", remedy)
    if not mine and actor.role not in STAFF:
        raise Refusal("of", to.key, _NOT_YOURS, "give evidence for your own matters", 403)
