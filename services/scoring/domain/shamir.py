"""Splitting a meeting's key among its tellers (Shamir, pycryptodome): k of n shares give it back, k - 1 tell nothing.

The key is the 32-byte scalar of a P-256 private key. pycryptodome shares 16 bytes at a time, so both halves are
shared with the same numbers. The coefficients come from the operating system inside pycryptodome. What is put
together again is checked against the published public key, so a wrong share can never pass.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from Crypto.Protocol.SecretSharing import Shamir
from cryptography.hazmat.primitives.asymmetric import ec

from services.scoring.domain.ballot import public_bytes
from services.scoring.domain.canon import Entropy, Malformed
from shared.errors import Refusal

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {c: i for i, c in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_VERSION, _LENGTH, _GROUP = 1, 43, 5
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def new_key(entropy: Entropy) -> ec.EllipticCurvePrivateKey:
    """A P-256 private key from 48 bytes of entropy (FIPS 186-5, A.2.1: extra random bits)."""
    scalar = int.from_bytes(entropy(48), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(scalar, ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class Share:
    """One teller's share. Secret: repr leaves the value out."""

    needed: int
    number: int
    key_id: bytes
    value: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """What the teller keeps: groups of five characters with a checksum against typing errors."""
        body = bytes((_VERSION, self.needed, self.number)) + self.key_id + self.value
        number = int.from_bytes(body + hashlib.sha256(body).digest()[:4], "big")
        count = (_LENGTH * 8 + 4) // 5
        plain = "".join(_ALPHABET[number >> 5 * (count - 1 - i) & 31] for i in range(count))
        return "-".join(plain[i : i + _GROUP] for i in range(0, count, _GROUP))


def key_id(public: ec.EllipticCurvePublicKey) -> bytes:
    """4 bytes that name a key on its shares."""
    return hashlib.sha256(public_bytes(public)).digest()[:4]


def split_key(private: ec.EllipticCurvePrivateKey, *, needed: int, given: int) -> tuple[str, ...]:
    """`given` shares as texts, of which `needed` give the key back (3 of 5 for ballots, 4 of 5 for disputes)."""
    if not 2 <= needed <= given <= 255:
        raise Malformed(f"a key is split k of n with 2 ≤ k ≤ n ≤ 255, not {needed} of {given}")
    secret = private.private_numbers().private_value.to_bytes(32, "big")
    name = key_id(private.public_key())
    halves = [Shamir.split(needed, given, secret[:16]), Shamir.split(needed, given, secret[16:])]
    return tuple(
        Share(needed, number, name, low + high).text
        for (number, low), (_, high) in zip(halves[0], halves[1], strict=True)
    )


def parse_share(typed: str) -> Share:
    """Read a share as typed; raises Refusal for a typing error, never repeating what was typed."""
    plain = "".join(c for c in typed.upper() if c not in " -\t\r\n")
    remedy = "type the share again from the teller's sheet"
    count = (_LENGTH * 8 + 4) // 5
    if len(plain) != count or any(c not in _VALUES for c in plain):
        raise Refusal("share", "…", f"a share has {count} letters and digits", remedy)
    number = 0
    for c in plain:
        number = number << 5 | _VALUES[c]
    if number >> 8 * _LENGTH:
        raise Refusal("share", "…", "there is a typing error", remedy)
    data = number.to_bytes(_LENGTH, "big")
    body, check = data[:-4], data[-4:]
    if hashlib.sha256(body).digest()[:4] != check or body[0] != _VERSION:
        raise Refusal("share", "…", "there is a typing error", remedy)
    return Share(body[1], body[2], body[3:7], body[7:])


def _combine(shares: Sequence[Share]) -> int:
    halves = [Shamir.combine([(s.number, s.value[part]) for s in shares]) for part in (slice(16), slice(16, 32))]
    return int.from_bytes(b"".join(halves), "big")


def combine_key(typed: Sequence[str], public: ec.EllipticCurvePublicKey, *, needed: int) -> ec.EllipticCurvePrivateKey:
    """Put the key together from the tellers' shares; it must be the private key of `public`.

    Raises Refusal for too few, a share given twice, one of another key, and names the share that is wrong where
    enough right ones are there to tell.
    """
    shares = [parse_share(one) for one in typed]
    own = key_id(public)
    for share in shares:
        if share.key_id != own:
            raise Refusal("share", share.number, "belongs to another key", "bring this meeting's shares")
        if share.needed != needed:
            raise Refusal("share", share.number, f"says {share.needed} are needed, not {needed}", "check the sheet")
    numbers = [share.number for share in shares]
    for number in sorted(set(numbers)):
        if numbers.count(number) > 1 or number == 0:
            raise Refusal("share", number, "was given twice", "each teller gives the own share once")
    if len(shares) < needed:
        raise Refusal("shares", len(shares), f"{needed} shares are needed", "wait for more tellers", 409)
    for some in combinations(shares, needed):
        scalar = _combine(some)
        if not 0 < scalar < _ORDER:
            continue
        private = ec.derive_private_key(scalar, ec.SECP256R1())
        if public_bytes(private.public_key()) != public_bytes(public):
            continue
        right = _with(some, shares, scalar)
        wrong = [s.number for s in shares if s.number not in right]
        if wrong:
            raise Refusal("share", wrong, "does not fit the others", "leave it out or bring the right one")
        return private
    raise Refusal("shares", numbers, "at least one is wrong", "let other tellers give their shares")


def _with(some: Sequence[Share], shares: Sequence[Share], scalar: int) -> set[int]:
    """Numbers of the shares that lie on the polynomial through `some`."""
    right = {share.number for share in some}
    for share in shares:
        if share.number not in right and _combine([share, *some[1:]]) == scalar:
            right.add(share.number)
    return right
