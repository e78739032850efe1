"""The tellers' shares: who holds which, and whether a share that is brought is the one that was made (S5, S6)."""

from collections.abc import Sequence

from sqlmodel import Session

from services.scoring.domain.canon import Json, canonical
from services.scoring.domain.key_file import KeyFile, key_file_from_bytes
from services.scoring.domain.note import key_ring_from_bytes
from services.scoring.store import meetings as store
from services.scoring.usecases import hall
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.steps import MeetingView, from_people
from shared.errors import Refusal
from shared.store import Tx

KEY_FILE = "ballot_key.json"


def bring_key(desk: Desk, tx: Tx, name: str, given: Json) -> MeetingView:
    """Keep the meeting's public keys, and who holds which share by its hash. Raises Refusal.

    As many tellers as the programme says hold shares, and each stands in the meeting's ring of keys.
    """
    with from_people("ballot_key"):
        data = canonical(given)
        found = key_file_from_bytes(data)
    if found.meeting != name:
        raise Refusal("ballot_key.meeting", found.meeting, "is the key of another meeting", "bring this meeting's key")
    rule = desk.programme.meeting
    for field, split, wanted in (
        ("ballot", found.ballot, rule.ballot_key),
        ("dispute", found.dispute, rule.dispute_key),
        ("result", found.result, rule.result_key),
    ):
        if split is not None and (split.needed, len(split.holders)) != (wanted.needed, wanted.given):
            says = f"{split.needed} of {len(split.holders)}"
            remedy = f"split it {wanted.needed} of {wanted.given}, as the programme says"
            raise Refusal(f"ballot_key.{field}", says, "is split otherwise than the programme says", remedy)
    view = hall.set_key(tx, name, found.ballot.public, found.dispute.public if found.dispute else None)
    tellers = {v.name for v in key_ring_from_bytes(store.file(tx.session, name, "keys.json")).verifiers("teller")}
    splits = [split for split in (found.ballot, found.dispute, found.result) if split is not None]
    if strangers := sorted({h.name for split in splits for h in split.holders} - tellers):
        raise Refusal("ballot_key.holders", strangers, "are no tellers of this meeting", "name tellers of the ring")
    if key_file(tx.session, name) is None:
        store.keep_file(tx.session, name, KEY_FILE, data)
    return view


def key_file(session: Session, name: str) -> KeyFile | None:
    """Who holds the shares, None where the key was brought without saying so."""
    found = store.files(session, name, KEY_FILE).get("")
    return None if found is None else key_file_from_bytes(found)


def check_shares(session: Session, name: str, shares: Sequence[str]) -> None:
    """Check each share by its own hash before any is used. Raises Refusal naming whose is wrong."""
    known = key_file(session, name)
    if known is not None:
        for share in shares:
            known.ballot.check(share)
