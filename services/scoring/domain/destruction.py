"""What was destroyed, on record: the laptop's file of cards, each teller's share, the key that was in memory (S5, S6).

Each is a signed note. That something was destroyed nobody can prove; who declared it, and when, stays on record.
"""

from collections.abc import Sequence

from services.scoring.domain.canon import Malformed
from services.scoring.domain.cards import CardList
from services.scoring.domain.note import KeyRing, open_note
from services.scoring.domain.rules import check_key
from shared.errors import Refusal

CARDS_ORIGIN = "minping/cards-destroyed"
SHARE_ORIGIN = "minping/share-destroyed"
KEY_ORIGIN = "minping/key-forgotten"
CARD_TELLERS = 2


def cards_text(meeting: str, cards: int, root: str) -> str:
    """What two tellers sign when the laptop's file of a meeting's cards is gone."""
    return f"{CARDS_ORIGIN}\n{check_key(meeting, 'meeting')}\n{cards}\n{root}\n"


def share_text(meeting: str, key: str, number: int) -> str:
    """What a teller signs when his share of a key (its id in hex) is gone, on paper and in files."""
    return f"{SHARE_ORIGIN}\n{check_key(meeting, 'meeting')}\n{key}\n{number}\n"


def key_text(meeting: str, key: str, ballots: int) -> str:
    """What the system signs at the count: the private key was in memory only, and is gone."""
    return f"{KEY_ORIGIN}\n{check_key(meeting, 'meeting')}\n{key}\n{ballots}\n"


def cards_destroyed(note: str, listed: CardList, ring: KeyRing) -> tuple[str, ...]:
    """Who declared that the file of these cards is gone. Raises Malformed, and Refusal for fewer than two tellers."""
    text, names = open_note(note, ring.verifiers("teller"))
    if text != cards_text(listed.meeting, len(listed.classes), listed.root):
        raise Malformed("is about other cards than this meeting's")
    if len(names) < CARD_TELLERS:
        raise Refusal("note", list(names), f"{CARD_TELLERS} tellers declare it", "let another teller sign")
    return names


def share_destroyed(note: str, meeting: str, keys: Sequence[str], ring: KeyRing) -> tuple[str, str, int]:
    """(teller, key's id, number of the share) of a declaration. Raises Malformed."""
    text, names = open_note(note, ring.verifiers("teller"))
    lines = text.split("\n")
    if len(lines) != 5 or lines[0] != SHARE_ORIGIN or lines[1] != meeting or lines[2] not in keys:
        raise Malformed("is not about a share of this meeting's keys")
    if not lines[3].isdigit() or len(lines[3]) > 3 or text != share_text(meeting, lines[2], int(lines[3])):
        raise Malformed("names no share")
    if len(names) != 1:
        raise Malformed("each teller declares the own share alone")
    return names[0], lines[2], int(lines[3])
