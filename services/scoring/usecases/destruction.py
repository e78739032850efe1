"""What was destroyed, as those who did it signed: the cards' file, the shares, the key in memory (S5, S6)."""

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.canon import Json
from services.scoring.domain.cards import card_list
from services.scoring.domain.destruction import cards_destroyed, key_text, share_destroyed
from services.scoring.domain.key_file import SplitKey
from services.scoring.domain.meeting import Step
from services.scoring.domain.note import assemble, key_ring_from_bytes
from services.scoring.store import meetings as store
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.shares import key_file
from services.scoring.usecases.steps import begin, from_people, on_record
from shared.errors import Refusal
from shared.store import Tx

CARDS_GONE = "destroyed/cards.txt"


class Destroyed(BaseModel):
    """A declaration on record: what is gone, and who signed that it is."""

    what: str
    signed: list[str]
    note: str


def cards_gone(tx: Tx, name: str, note: str) -> Destroyed:
    """Put on record that the laptop's file of the cards is destroyed, signed by two tellers. Raises Refusal."""
    begin(tx, name, Step.CARD_DESTRUCTION)
    session = tx.session
    ring = key_ring_from_bytes(store.file(session, name, "keys.json"))
    cards = store.cards(session, name)
    if not cards:
        raise Refusal("cards", name, "there is no list of cards", "bring the list first", 409)
    with from_people("note"):
        signed = cards_destroyed(note, card_list(name, cards.items()), ring)
    if _keep(session, name, CARDS_GONE, note):
        on_record(tx, name, Step.CARD_DESTRUCTION, signed=list(signed))
    return Destroyed(what="cards", signed=list(signed), note=note)


def share_gone(tx: Tx, name: str, note: str) -> Destroyed:
    """Put on record that a teller's share is destroyed, signed by him, after the count. Raises Refusal."""
    begin(tx, name, Step.SHARE_DESTRUCTION)
    session = tx.session
    known = key_file(session, name)
    if known is None:
        raise Refusal("ballot_key", name, "nobody is named as holder of a share", "see the meeting's key", 409)
    purposes = {"ballot": known.ballot, "dispute": known.dispute, "result": known.result}
    keys = {key.id: (purpose, key) for purpose, key in purposes.items() if key is not None}
    with from_people("note"):
        ring = key_ring_from_bytes(store.file(session, name, "keys.json"))
        teller, key, number = share_destroyed(note, name, list(keys), ring)
    purpose, split = keys[key]
    if number not in {h.number for h in split.holders if h.name == teller}:
        raise Refusal("note", number, f"is not the share of {teller}", "each teller declares the own share")
    if _keep(session, name, f"destroyed/{purpose}-{number}.txt", note):
        on_record(tx, name, Step.SHARE_DESTRUCTION, key=purpose, number=number, signed=[teller])
    return Destroyed(what=f"{purpose} share {number}", signed=[teller], note=note)


def _keep(session: Session, name: str, file: str, note: str) -> bool:
    """Keep a declaration; False where it stands already: made twice it is the same."""
    if "" in store.files(session, name, file):
        return False
    store.keep_file(session, name, file, note.encode())
    return True


def destructions(session: Session, name: str) -> dict[str, str]:
    """What was declared destroyed so far: file → signed note. The server's own stands among them after the count."""
    store.meeting(session, name)
    return {file: data.decode() for file, data in sorted(store.files(session, name, "destroyed/").items())}


def sealed_with(desk: Desk, session: Session, name: str, opened: int) -> dict[str, Json]:
    """What the seal holds of the ceremony: who holds shares, the cards' destruction, the system's word on the key.

    The system signs that it had the private key in memory only, for these many ballots, and lets it go.
    """
    row = store.meeting(session, name)
    assert row.public_key is not None  # check-in opens only with a key
    known = key_file(session, name)
    text = key_text(name, SplitKey(row.public_key, 2, ()).id, opened)
    forgotten = assemble(text, [desk.signer.sign(text)])
    store.keep_file(session, name, "destroyed/ballot-key.txt", forgotten.encode())
    cards = store.files(session, name, CARDS_GONE).get("")
    return {
        "kind": "minping.ceremony.v1",
        "meeting": name,
        "ballot_key": None if known is None else known.ballot.to_json(),
        "dispute_key": None if known is None or known.dispute is None else known.dispute.to_json(),
        "result_key": None if known is None or known.result is None else known.result.to_json(),
        "cards_destroyed": None if cards is None else cards.decode(),
        "key_forgotten": forgotten,
    }
