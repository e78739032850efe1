"""What everybody may take home from a meeting to check it (S6, S14, S15): public files with their hashes."""

import datetime as dt

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.canon import digest
from services.scoring.domain.meeting import State
from services.scoring.domain.note import key_ring_from_bytes, open_note, verifier
from services.scoring.domain.seal import CHECKPOINT
from services.scoring.store import meetings as store
from services.scoring.usecases import custody
from services.scoring.usecases.publishing import BundleView, bundles
from services.scoring.usecases.timestamps import TOKEN


class PublicFile(BaseModel):
    """A file that anybody may fetch; `path` under the service's address."""

    name: str
    path: str
    sha256: str
    bytes: int


class PublicKey(BaseModel):
    """Who may sign for the meeting."""

    role: str
    name: str
    vkey: str


class ProofView(BaseModel):
    """A meeting's public proof. `checkpoint`: its three lines, from the seal on; `signed`: who signed them."""

    meeting: str
    cycle: str
    date: dt.date
    state: str
    rehearsal: bool
    rerun_of: str | None
    annulled: str | None
    locked: bool
    checkpoint: str | None
    signed: list[str]
    keys: list[PublicKey]
    files: list[PublicFile]
    bundles: list[BundleView]


def proof(session: Session, name: str) -> ProofView:
    """Everything public of a meeting so far. Raises Refusal (404)."""
    row = store.meeting(session, name)
    ring = store.files(session, name, "keys.json").get("")
    keys = () if ring is None else key_ring_from_bytes(ring).keys
    is_sealed = row.state in (State.SEALED, State.PUBLISHED)
    note = store.file(session, name, CHECKPOINT).decode() if is_sealed else None
    signed: tuple[str, ...] = ()
    if note is not None and ring is not None:
        _, signed = open_note(note, key_ring_from_bytes(ring).verifiers())
    return ProofView(
        meeting=name, cycle=row.cycle, date=row.date, state=row.state, rehearsal=row.rehearsal,
        rerun_of=row.rerun_of, annulled=row.annulled, locked=custody.is_locked(session, name),
        checkpoint=None if note is None else "\n".join(note.split("\n")[:3]) + "\n", signed=list(signed),
        keys=[PublicKey(role=k.role, name=verifier(k.vkey).name, vkey=k.vkey) for k in keys],
        files=list(_files(session, name, is_sealed=is_sealed)), bundles=bundles(session, name),
    )  # fmt: skip


def _files(session: Session, name: str, *, is_sealed: bool) -> list[PublicFile]:
    wanted = [("pool.json", "pool"), ("draw_proof.json", "draw-proof")]
    wanted += [(CHECKPOINT, "checkpoint"), (TOKEN, "timestamp")] if is_sealed else []
    found = []
    for file, path in wanted:
        data = store.files(session, name, file).get("")
        if data is not None:
            at = f"/api/v1/meetings/{name}/{path}"
            found.append(PublicFile(name=file, path=at, sha256=digest(data), bytes=len(data)))
    return found
