"""The building blocks against second implementations and the numbers of the standards, not only against themselves."""

import hashlib
import random
import struct
from itertools import combinations

import pyhpke
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from services.scoring.domain import ballot, custody, merkle, openings, shamir
from services.scoring.domain.canon import Malformed, canonical, parse

# -- HPKE: pyhpke, another implementation, both ways -----------------------------------------------------

SUITE = pyhpke.CipherSuite.new(pyhpke.KEMId.DHKEM_P256_HKDF_SHA256, pyhpke.KDFId.HKDF_SHA256, pyhpke.AEADId.AES256_GCM)


def theirs(private):
    """A key as pyhpke reads it."""
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pyhpke.KEMKey.from_pem(pem), pyhpke.KEMKey.from_pem(public)


def opened_by_them(private, data, info):
    context = SUITE.create_recipient_context(data[:65], theirs(private)[0], info=info)
    return context.open(data[65:])


def sealed_by_them(private, plain, info):
    enc, context = SUITE.create_sender_context(theirs(private)[1], info=info)
    return enc + context.seal(plain)


def test_a_second_hpke_opens_our_ballots_and_we_open_those_it_seals(world):
    for card in world.cards[:8]:
        info = f"minping.ballot.v1\x1fM-1\x1f{card.hash}".encode()
        marks = {u: dict.fromkeys(world.form.dimensions, "satisfied") for u in world.form.units}
        ours = ballot.seal_ballot(world.key.public_key(), world.form, card.hash, marks)
        assert opened_by_them(world.key, ours, info) == ballot.encode_ballot(world.form, marks)
        foreign = sealed_by_them(world.key, ballot.encode_ballot(world.form, marks), info)
        assert len(foreign) == len(ours) == world.form.sealed_size
        read = ballot.open_ballot(world.key, world.form, card.hash, foreign)
        assert isinstance(read, ballot.Ballot) and read.marks(world.form) == marks
        other = ballot.open_ballot(world.key, world.form, world.cards[9].hash, foreign)
        assert isinstance(other, ballot.Void) and other.reason == "unreadable"


def test_a_second_hpke_opens_disputes_and_the_locked_result(world):
    info = b"minping.openings.v1\x1fM-1"
    plain = openings.decrypt_openings(world.dispute_key, "M-1", world.sealed.openings)
    assert opened_by_them(world.dispute_key, world.sealed.openings, info).rstrip(b" ") == plain
    locked = custody.lock(world.dispute_key.public_key(), "M-1", world.files)
    assert b"minping.tally.v1" in opened_by_them(world.dispute_key, locked, b"minping.locked-result.v1\x1fM-1")
    assert b"minping" not in locked


def test_the_locked_result_opens_to_what_was_sealed_and_to_nothing_else(world):
    sealed = parse(world.files["manifest.json"])["files"]
    locked = custody.lock(world.key.public_key(), "M-1", world.files)
    found = custody.unlock(world.key, "M-1", locked, sealed)
    assert found == {name: world.files[name] for name in custody.LOCKED_FILES if name in world.files}
    for key, meeting, data in (
        (world.dispute_key, "M-1", locked),
        (world.key, "M-2", locked),
        (world.key, "M-1", locked[:-1] + bytes([locked[-1] ^ 1])),
        (world.key, "M-1", b""),
    ):
        with pytest.raises(Malformed):
            custody.unlock(key, meeting, data, sealed)
    with pytest.raises(Malformed, match=r"tally\.json is not what was sealed"):
        custody.unlock(world.key, "M-1", locked, {**sealed, "tally.json": "0" * 64})


# -- Shamir: the polynomial computed from the definition -------------------------------------------------

MODULUS = 1 << 128 | 0b10000111  # x¹²⁸ + x⁷ + x² + x + 1


def times(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a, b = a << 1, b >> 1
        if a >> 128:
            a ^= MODULUS
    return product


def inverse(a):
    result, power = 1, a
    for _ in range(127):  # a^(2^128 - 2)
        power = times(power, power)
        result = times(result, power)
    return result


def at_zero(points):
    """Lagrange at 0 over GF(2¹²⁸)."""
    total = 0
    for x, y in points:
        top = bottom = 1
        for other, _ in points:
            if other != x:
                top, bottom = times(top, other), times(bottom, x ^ other)
        total ^= times(y, times(top, inverse(bottom)))
    return total


@pytest.mark.parametrize(("needed", "given"), [(3, 5), (4, 5), (2, 5)])
def test_the_shares_lie_on_a_polynomial_whose_value_at_zero_is_the_key(entropy_of, needed, given):
    private = shamir.new_key(entropy_of(f"shamir {needed}"))
    secret = private.private_numbers().private_value.to_bytes(32, "big")
    shares = [shamir.parse_share(text) for text in shamir.split_key(private, needed=needed, given=given)]
    for some in combinations(shares, needed):
        halves = [
            at_zero([(s.number, int.from_bytes(s.value[part], "big")) for s in some]).to_bytes(16, "big")
            for part in (slice(16), slice(16, 32))
        ]
        assert b"".join(halves) == secret
    fewer = shares[: needed - 1]
    assert at_zero([(s.number, int.from_bytes(s.value[:16], "big")) for s in fewer]).to_bytes(16, "big") != secret[:16]


# -- RFC 8785 --------------------------------------------------------------------------------------------

APPENDIX_B = {
    "0000000000000000": "0", "8000000000000000": "0", "0000000000000001": "5e-324", "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308", "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992", "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000", "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23", "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000", "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21", "3eb0c6f7a0b5ed8c": "9.999999999999997e-7", "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332", "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333", "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343", "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}  # fmt: skip
"""IEEE 754 → text, RFC 8785, appendix B: what the library writes, and what our files refuse to hold."""


def test_the_library_writes_the_numbers_of_the_standard_and_our_files_hold_none_of_them():
    for bits, text in APPENDIX_B.items():
        (value,) = struct.unpack(">d", bytes.fromhex(bits))
        assert rfc8785.dumps(value).decode() == text
        with pytest.raises(Malformed, match="float"):
            canonical({"figure": value})
    for whole in (0, 1, -1, 10**15, 2**53 - 1, 1 - 2**53):
        assert canonical(whole) == rfc8785.dumps(whole) == str(whole).encode()
    for beyond in (2**53, -(2**53), 10**30):
        with pytest.raises(Malformed, match="too large"):
            canonical([beyond])


def test_the_fast_writer_sorts_members_beyond_the_surrogates_as_the_library_does():
    value = {"\U0001f600": 1, "\ufb33": 2, "\ue000": 3, "\ud7ff": 4, "中": {"\U00010000": 5, "\uffff": 6}}
    assert canonical(value) == rfc8785.dumps(value)
    for wrong in ("\ud800", {"\udfff": 1}, {"a": "\ud800x"}):
        with pytest.raises(Malformed):
            canonical(wrong)


# -- RFC 9162: the definition of MTH, written down ------------------------------------------------------


def mth(leaves):
    """Section 2.1.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


@pytest.mark.parametrize("size", [0, 1, 2, 3, 1023, 1024, 1025, 2047, 2048, 2049, 3000, 4096, 5121])
def test_trees_of_any_size_have_the_root_of_the_definition_however_they_grow(size):
    leaves = [random.Random(i).randbytes(9) for i in range(size)]
    assert merkle.root(leaves) == mth(leaves)
    for cut in {0, 1, size // 3, max(size - 1, 0)}:
        tree = merkle.Tree()
        for leaf in leaves[:cut]:
            tree.add(leaf)
        tree.extend(leaves[cut:])
        assert (tree.root(), tree.size) == (mth(leaves), size)


def test_keys_of_both_libraries_are_the_same_point(world):
    raw = ballot.public_bytes(world.key.public_key())
    again = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    assert again.public_numbers() == world.key.public_key().public_numbers() and len(raw) == 65
