"""The result under lock from the count until the daily scores stand (S6): `domain/custody.py` says why."""

from collections.abc import Mapping
from typing import cast

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.canon import Json, parse_canonical
from services.scoring.domain.custody import LOCKED_FILES, lock, unlock, unlock_beside
from services.scoring.domain.meeting import State
from services.scoring.domain.seal import Sealed
from services.scoring.domain.shamir import combine_key
from services.scoring.store import meetings as store
from services.scoring.store import points, units
from services.scoring.store.tables import MeetingRow
from services.scoring.usecases.patterns import LOCKED_PATTERNS, PATTERNS
from services.scoring.usecases.shares import key_file
from services.scoring.usecases.steps import from_people, on_record
from shared.errors import Refusal
from shared.store import Tx

DRAFT = "seal/"
LOCKED = "locked-result.bin"


class Shares(BaseModel):
    """The shares of the result's key that tellers bring."""

    shares: tuple[str, ...] = Field(min_length=1, max_length=20)


class LockView(BaseModel):
    """Whether the result of a sealed meeting is still under lock."""

    meeting: str
    state: str
    locked: bool


def keep(tx: Tx, name: str, sealed: Sealed) -> None:
    """Keep the draft of a seal: what tells the result under lock where the tellers brought a key for that."""
    known = key_file(tx.session, name)
    under_lock: tuple[str, ...] = ()
    if known is not None and known.result is not None:
        under_lock = LOCKED_FILES
        store.keep_file(tx.session, name, LOCKED, lock(known.result.key, name, sealed.files))
    for file, data in sealed.files.items():
        if file not in under_lock:
            store.keep_file(tx.session, name, DRAFT + file, data)


def is_locked(session: Session, name: str) -> bool:
    """Whether the result is under lock."""
    return store.has_file(session, name, LOCKED) and not store.has_file(session, name, DRAFT + "tally.json")


def open_result(tx: Tx, name: str, given: Shares) -> LockView:
    """Tellers open the result: after the seal, and when no appeal can change a daily score any more. Raises Refusal.

    So nobody who rules on an appeal knows how the hall voted. Opening twice is harmless.
    """
    session, row = tx.session, store.meeting(tx.session, name)
    if not is_locked(session, name):
        return lock_view(session, name)
    _check_time(session, row)
    known = key_file(session, name)
    assert known is not None and known.result is not None  # else nothing would be under lock
    with from_people("shares"):
        for share in given.shares:
            known.result.check(share)
        key = combine_key(given.shares, known.result.key, needed=known.result.needed)
        manifest = cast(Mapping[str, Json], parse_canonical(store.file(session, name, DRAFT + "manifest.json")))
        sealed = cast(Mapping[str, Json], manifest["files"])
        files = unlock(key, name, store.file(session, name, LOCKED), sealed)
        if store.has_file(session, name, LOCKED_PATTERNS):
            beside = unlock_beside(key, name, store.file(session, name, LOCKED_PATTERNS))
            store.keep_file(session, name, PATTERNS, beside)
    del key
    for file, data in files.items():
        store.keep_file(session, name, DRAFT + file, data)
    session.flush()
    on_record(tx, name, "result_opened", shares=len(given.shares))
    return lock_view(session, name)


def _check_time(session: Session, row: MeetingRow) -> None:
    if row.state not in (State.SEALED, State.PUBLISHED):
        raise Refusal("meeting", row.name, f"is {row.state}, not sealed", "sign first", 409)
    if row.rehearsal:
        return
    if units.cycle(session, row.cycle).closed_at is None:
        raise Refusal("cycle", row.cycle, "is not closed", "close the cycle first", 409)
    if pending := points.pending_appeals(session, row.cycle):
        raise Refusal("appeals", pending, "are pending", "rule on them first: nobody rules knowing the vote", 409)


def locked_result(session: Session, name: str) -> bytes:
    """The result as it lies under lock: a copy to keep elsewhere. Raises Refusal (404)."""
    store.meeting(session, name)
    return store.file(session, name, LOCKED)


def lock_view(session: Session, name: str) -> LockView:
    """Whether the result is under lock. Raises Refusal (404)."""
    row = store.meeting(session, name)
    return LockView(meeting=name, state=row.state, locked=is_locked(session, name))
