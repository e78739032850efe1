"""An outside time stamp (RFC 3161) over a signed checkpoint, kept beside the bundle. Optional: nothing waits for it.

The request is made and sent by people on another machine; here only the answer is kept. Whether it is over this
checkpoint is checked by its digest, whether its authority signed it by `minping verify --timestamp T --tsa ROOTS`.
"""

import hashlib

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.store import meetings as store
from services.scoring.usecases.count import checkpoint
from services.scoring.usecases.steps import on_record
from shared.errors import Refusal
from shared.store import Tx

TOKEN = "timestamp.tsr"


class TimestampView(BaseModel):
    """A time stamp as kept."""

    meeting: str
    checkpoint_sha256: str
    bytes: int


def keep(tx: Tx, name: str, response: bytes) -> TimestampView:
    """Keep a response that holds the digest of the signed checkpoint; it stays. Raises Refusal."""
    imprint = hashlib.sha256(checkpoint(tx.session, name)).digest()
    if imprint not in response:
        reason = "does not hold the SHA-256 of the signed checkpoint"
        raise Refusal("response", "…", reason, "ask for a stamp over GET …/checkpoint, with SHA-256")
    earlier = store.files(tx.session, name, TOKEN).get("")
    if earlier is None:
        store.keep_file(tx.session, name, TOKEN, response)
        on_record(tx, name, "timestamp", sha256=imprint.hex())
    elif earlier != response:
        raise Refusal("response", "…", "the checkpoint is stamped already", "a stamp stays", 409)
    return TimestampView(meeting=name, checkpoint_sha256=imprint.hex(), bytes=len(response))


def token(session: Session, name: str) -> bytes:
    """The time stamp. Raises Refusal (404)."""
    store.meeting(session, name)
    return store.file(session, name, TOKEN)
