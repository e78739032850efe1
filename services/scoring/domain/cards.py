"""Cards (S5, protocol B): 128-bit tokens, printed, of which the server gets only the SHA-256.

The text on a card is 26 characters of Crockford's base 32 and 2 check characters (Reed–Solomon over GF(32), distance
3): any two mistyped characters, also two swapped, are found.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from services.scoring.domain import merkle
from services.scoring.domain.canon import (
    Entropy,
    Json,
    Malformed,
    canonical,
    items,
    kind,
    members,
    parse_canonical,
    text,
)
from services.scoring.domain.rules import check_key
from shared.errors import Refusal

CARDS_KIND = "minping.cards.v1"
CARDS_ORIGIN = "minping/cards"
TOKEN_BYTES = 16
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {c: i for i, c in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_DIGITS, _GROUP = 26, 4


def _powers() -> tuple[list[int], list[int]]:
    power, log, x = [0] * 31, [0] * 32, 1
    for i in range(31):
        power[i], log[x] = x, i
        x <<= 1
        if x & 32:
            x ^= 0b100101  # x⁵ + x² + 1, primitive
    return power, log


_POWER, _LOG = _powers()


def _times(a: int, exponent: int) -> int:
    return _POWER[(_LOG[a] + exponent) % 31] if a else 0


def _syndromes(digits: Iterable[int]) -> tuple[int, int]:
    first = second = 0
    for i, digit in enumerate(digits):
        first ^= _times(digit, i)
        second ^= _times(digit, 2 * i)
    return first, second


def _checks(digits: list[int]) -> list[int]:
    first, second = _syndromes(digits)
    n = len(digits)
    # find a, b with a·αⁿ + b·αⁿ⁺¹ = first and a·α²ⁿ + b·α²ⁿ⁺² = second
    for a in range(32):
        rest = first ^ _times(a, n)
        b = _times(rest, -(n + 1) % 31)
        if _times(a, 2 * n) ^ _times(b, 2 * n + 2) == second:
            return [a, b]
    raise AssertionError("the two check equations always have a solution")


def token_text(token: bytes) -> str:
    """The text on a card: seven groups of four characters with dashes between them."""
    if len(token) != TOKEN_BYTES:
        raise Malformed("a token has 16 bytes")
    number = int.from_bytes(token, "big")
    digits = [number >> 5 * (_DIGITS - 1 - i) & 31 for i in range(_DIGITS)]
    whole = "".join(_ALPHABET[d] for d in [*digits, *_checks(digits)])
    return "-".join(whole[i : i + _GROUP] for i in range(0, len(whole), _GROUP))


def parse_card(typed: str) -> bytes:
    """The token of a card as typed or scanned: case, spaces and dashes do not matter, O is 0, I and L are 1.

    Raises Refusal for a wrong length, a character that is none of ours, or a typing error. What was typed is never
    repeated in the error: it may be all but one character of somebody's card.
    """
    plain = "".join(c for c in typed.upper() if c not in " -\t\r\n")
    remedy = "type the 28 characters of the card again, or scan its code"
    if len(plain) != _DIGITS + 2:
        raise Refusal("card", "…", f"has {len(plain)} characters, a card has {_DIGITS + 2}", remedy)
    for place, c in enumerate(plain, 1):
        if c not in _VALUES:
            raise Refusal("card", "…", f"character {place} is never on a card", remedy)
    digits = [_VALUES[c] for c in plain]
    if _syndromes(digits) != (0, 0) or digits[0] > 7:  # 26 characters hold 130 bits, the first two are 0
        raise Refusal("card", "…", "there is a typing error", remedy)
    number = 0
    for digit in digits[:_DIGITS]:
        number = number << 5 | digit
    return number.to_bytes(TOKEN_BYTES, "big")


def card_hash(token: bytes) -> str:
    """SHA-256 of a token in hex: all that the server ever holds of a card."""
    if len(token) != TOKEN_BYTES:
        raise Malformed("a token has 16 bytes")
    return hashlib.sha256(token).hexdigest()


def receipt_ticket(token: bytes) -> str:
    """What names a card in a receipt on the bus: nobody without the card can tell to which hash it belongs."""
    return hashlib.sha256(b"minping.receipt.v1\x1f" + token).hexdigest()


@dataclass(frozen=True, slots=True)
class Card:
    """A printed card. The token is secret: repr leaves it and the text out."""

    card_class: str
    hash: str
    token: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """What is printed on it."""
        return token_text(self.token)


def make_cards(number: int, entropy: Entropy, card_class: str = "all") -> tuple[Card, ...]:
    """New cards, on the offline laptop; the caller prints them and destroys them."""
    cards = []
    for _ in range(number):
        token = entropy(TOKEN_BYTES)
        cards.append(Card(card_class, card_hash(token), token))
    if len({c.hash for c in cards}) != number:
        raise Malformed("the entropy gave the same token twice")
    return tuple(cards)


@dataclass(frozen=True, slots=True)
class CardList:
    """What the server gets: hash and class of every printed card of a meeting."""

    meeting: str
    classes: dict[str, str]  # hash → class
    data: bytes

    @property
    def root(self) -> str:
        """Merkle root over the sorted entries, in hex."""
        return merkle.root(_leaf(h, c) for h, c in sorted(self.classes.items())).hex()

    @property
    def note_text(self) -> str:
        """The text that is signed before the meeting."""
        return cards_note_text(self.meeting, len(self.classes), self.root)


def cards_note_text(meeting: str, size: int, root: str) -> str:
    """The text by which two tellers sign a list of cards."""
    return f"{CARDS_ORIGIN}\n{meeting}\n{size}\n{root}\n"


def _leaf(card: str, card_class: str) -> bytes:
    return canonical({"card": card, "class": card_class})


def card_list(meeting: str, cards: Iterable[Card | tuple[str, str]]) -> CardList:
    """The list of a meeting's cards, from cards or (hash, class); raises Malformed for one that stands twice."""
    check_key(meeting, "meeting")
    pairs = sorted((c.hash, c.card_class) if isinstance(c, Card) else c for c in cards)
    classes = dict(pairs)
    if len(classes) != len(pairs) or not pairs:
        raise Malformed("cards: none, or one twice")
    for card in classes:
        if len(card) != 64 or not set(card) <= set("0123456789abcdef"):
            raise Malformed("cards: an entry is no SHA-256 in hex")
    entries: list[Json] = [{"card": h, "class": c} for h, c in pairs]
    return CardList(meeting, classes, canonical({"kind": CARDS_KIND, "meeting": meeting, "cards": entries}))


def card_list_from_bytes(data: bytes) -> CardList:
    """Read a card list; raises Malformed."""
    value = parse_canonical(data)
    kind(value, CARDS_KIND)
    top = members(value, "cards", ("kind", "meeting", "cards"))
    pairs = []
    for number, entry in enumerate(items(top["cards"], "cards")):
        card = members(entry, f"cards[{number}]", ("card", "class"))
        pairs.append((text(card["card"], f"cards[{number}].card"), text(card["class"], f"cards[{number}].class")))
    return card_list(text(top["meeting"], "meeting"), pairs)
