"""Protocol B: one card, one ballot, and nobody can tell whose."""

import hashlib
import hmac
import string

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain import ballot, cards, shamir
from services.scoring.domain.canon import Malformed, canonical
from shared.errors import Refusal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# RFC 9180, appendix A.3.1: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode, sequence number 0
RFC_INFO = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
RFC_KEY = int("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2", 16)
RFC_ENC = bytes.fromhex(
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
    "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4"
)
RFC_AAD = b"Count-0"
RFC_CIPHERTEXT = bytes.fromhex(
    "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434"
)
RFC_PLAINTEXT = b"Beauty is truth, truth beauty"


# -- cards ----------------------------------------------------------------------------------------------


@given(st.binary(min_size=16, max_size=16))
def test_a_card_read_back_gives_its_token_however_it_is_typed(token):
    text = cards.token_text(token)
    assert len(text) == 34 and cards.parse_card(text) == token
    assert cards.parse_card(text.lower().replace("-", " ").replace("0", "o").replace("1", "l")) == token


def test_every_single_typing_error_and_every_swap_is_found():
    text = cards.token_text(hashlib.sha256(b"card").digest()[:16]).replace("-", "")
    wrong = {text[:i] + c + text[i + 1 :] for i in range(28) for c in ALPHABET if c != text[i]}
    wrong |= {
        text[:i] + text[j] + text[i + 1 : j] + text[i] + text[j + 1 :] for i in range(28) for j in range(i + 1, 28)
    }
    wrong |= {text[:i] + text[i + 1 :] for i in range(28)} | {text + c for c in ALPHABET}
    for typed in wrong - {text}:
        with pytest.raises(Refusal):
            cards.parse_card(typed)


@given(st.integers(0, 27), st.integers(0, 27), st.sampled_from(ALPHABET), st.sampled_from(ALPHABET))
def test_two_typing_errors_are_found(i, j, a, b):
    text = list(cards.token_text(b"0123456789abcdef").replace("-", ""))
    right = text.copy()
    text[i], text[j] = a, b
    if text != right:
        with pytest.raises(Refusal):
            cards.parse_card("".join(text))


@given(st.text(alphabet=string.printable, max_size=40))
def test_a_refused_card_is_never_repeated_in_the_error(typed):
    with pytest.raises(Refusal) as refused:
        cards.parse_card(typed)
    assert refused.value.value == "…"


def test_the_server_gets_only_hashes_in_an_order_that_tells_nothing(entropy_of):
    made = cards.make_cards(50, entropy_of("cards"))
    listed = cards.card_list("M-1", made)
    assert list(listed.classes) == sorted(c.hash for c in made)
    assert not any(c.token.hex() in listed.data.decode() or c.text in listed.data.decode() for c in made)
    assert "token" not in repr(made[0]) and made[0].text not in repr(made[0])
    assert cards.card_list_from_bytes(listed.data) == listed
    assert listed.root in listed.note_text and listed.root != cards.card_list("M-1", made[1:]).root
    with pytest.raises(Malformed, match="twice"):
        cards.card_list("M-1", [made[0], made[0]])
    with pytest.raises(Malformed, match="same token"):
        cards.make_cards(2, lambda n: bytes(n))


# -- encryption -----------------------------------------------------------------------------------------


def by_rfc_9180(private: ec.EllipticCurvePrivateKey, enc: bytes, info: bytes, aead: int, key_size: int):
    """Key and nonce of RFC 9180's base mode from its text, to check the library against."""
    expand_size = hashlib.sha256().digest_size

    def extract(suite, salt, label, secret):
        return hmac.digest(salt, b"HPKE-v1" + suite + label + secret, "sha256")

    def expand(suite, prk, label, more, size):
        labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + more
        assert size <= expand_size
        return hmac.digest(prk, labelled + b"\x01", "sha256")[:size]

    kem = b"KEM" + (0x0010).to_bytes(2, "big")
    suite = b"HPKE" + b"".join(i.to_bytes(2, "big") for i in (0x0010, 0x0001, aead))
    other = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), enc)
    prk = extract(kem, b"", b"eae_prk", private.exchange(ec.ECDH(), other))
    shared = expand(kem, prk, b"shared_secret", enc + ballot.public_bytes(private.public_key()), 32)
    context = b"\x00" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    return expand(suite, secret, b"key", context, key_size), expand(suite, secret, b"base_nonce", context, 12)


def test_the_library_opens_the_published_vector_of_rfc_9180():
    private = ec.derive_private_key(RFC_KEY, ec.SECP256R1())
    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    opened = openssl.hpke._decrypt_with_aad(suite, RFC_ENC + RFC_CIPHERTEXT, private, info=RFC_INFO, aad=RFC_AAD)
    assert opened == RFC_PLAINTEXT
    key, nonce = by_rfc_9180(private, RFC_ENC, RFC_INFO, 0x0001, 16)
    assert AESGCM(key).decrypt(nonce, RFC_CIPHERTEXT, RFC_AAD) == RFC_PLAINTEXT


def test_a_sealed_ballot_opens_by_the_text_of_rfc_9180_with_aes_256(world):
    card = world.cards[0].hash
    sealed = ballot.seal_ballot(world.key.public_key(), world.form, card, {})
    key, nonce = by_rfc_9180(world.key, sealed[:65], f"minping.ballot.v1\x1fM-1\x1f{card}".encode(), 0x0002, 32)
    assert AESGCM(key).decrypt(nonce, sealed[65:], None).rstrip() == b'{"marks":{},"meeting":"M-1"}'


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_ballot_has_the_same_length_and_opens_to_what_was_marked(world, data):
    form, card = world.form, world.cards[data.draw(st.integers(0, 9))].hash
    row = st.dictionaries(st.sampled_from(form.dimensions), st.sampled_from(form.choices))
    marks = data.draw(st.dictionaries(st.sampled_from(form.units), row))
    sealed = ballot.seal_ballot(world.key.public_key(), form, card, marks)
    assert len(sealed) == form.sealed_size
    opened = ballot.open_ballot(world.key, form, card, sealed)
    assert isinstance(opened, ballot.Ballot)
    assert opened.marks(form) == {
        u: {d: marks.get(u, {}).get(d, "abstain") for d in form.dimensions} for u in form.units
    }


def test_the_same_marks_never_give_the_same_bytes(world):
    sealed = {ballot.seal_ballot(world.key.public_key(), world.form, world.cards[0].hash, {}) for _ in range(5)}
    assert len(sealed) == 5


def test_a_ballot_opens_only_with_its_card_its_meeting_and_its_key(world, entropy_of):
    card, other = world.cards[0].hash, world.cards[1].hash
    sealed = ballot.seal_ballot(world.key.public_key(), world.form, card, {})
    elsewhere = ballot.ballot_form("M-2", world.rules, world.units)
    another_key = shamir.new_key(entropy_of("another"))
    for key, form, token in (
        (world.key, world.form, other),
        (world.key, elsewhere, card),
        (another_key, world.form, card),
    ):
        assert ballot.open_ballot(key, form, token, sealed) == ballot.Void(token, "unreadable")
    for at in (0, 1, 40, 70, len(sealed) - 1):
        broken = bytearray(sealed)
        broken[at] ^= 1
        assert ballot.open_ballot(world.key, world.form, card, bytes(broken)) == ballot.Void(card, "unreadable")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=2000))
def test_garbage_from_a_terminal_is_void_and_never_an_error(world, data):
    for ciphertext in (data, data.ljust(world.form.sealed_size, b"\x04")[: world.form.sealed_size]):
        assert isinstance(ballot.open_ballot(world.key, world.form, world.cards[0].hash, ciphertext), ballot.Void)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"meeting": "M-2", "marks": {}}, "other_meeting"),
        ({"meeting": "M-1", "marks": {"U999": {}}}, "unknown_unit"),
        ({"meeting": "M-1", "marks": {"U001": {"d9": "satisfied"}}}, "unknown_dimension"),
        ({"meeting": "M-1", "marks": {"U001": {"d1": "excellent"}}}, "unknown_grade"),
        ({"meeting": "M-1", "marks": {"U001": {"d1": 100}}}, "unknown_grade"),
        ({"meeting": "M-1", "marks": {"U001": {"d1": ["satisfied"]}}}, "unknown_grade"),
        ({"meeting": "M-1", "marks": {"U001": "satisfied"}}, "not_canonical"),
        ({"meeting": "M-1", "marks": []}, "not_canonical"),
        ({"meeting": "M-1"}, "not_canonical"),
        ({"meeting": "M-1", "marks": {}, "name": "张三"}, "not_canonical"),
        (["M-1"], "not_canonical"),
    ],
)
def test_a_void_ballot_has_its_reason(world, content, reason):
    assert ballot.read_marks(world.form, canonical(content).ljust(world.form.size)) == reason
    assert reason in ballot.VOID_REASONS


@pytest.mark.parametrize(
    "data", [b"", b"{}x", b'{ "marks":{},"meeting":"M-1"}', b'{"marks":{},"meeting":"M-1"}\n', b"\xff" * 9]
)
def test_a_ballot_in_another_spelling_is_void_because_spelling_could_mark_it(world, data):
    assert ballot.read_marks(world.form, data.ljust(world.form.size)) == "not_canonical"


def test_a_card_cannot_vote_twice_and_void_ballots_are_counted_by_reason(world):
    public = world.key.public_key()
    good = (world.cards[0].hash, "all", ballot.seal_ballot(public, world.form, world.cards[0].hash, {}))
    short = (world.cards[1].hash, "all", b"x")
    stolen = (world.cards[2].hash, "all", good[2])
    opened = ballot.open_all(world.key, world.form, [good, short, stolen])
    assert len(opened.valid) == 1 and opened.void_reasons == {"unreadable": 1, "wrong_size": 1}
    with pytest.raises(Malformed, match="twice"):
        ballot.open_all(world.key, world.form, [good, good])


def test_an_opened_ballot_does_not_show_itself_in_logs(world):
    shown = repr(world.opened.valid[0]) + repr(world.sealed)
    assert "satisfied" not in shown and world.cards[0].hash not in shown


def test_public_keys_travel_as_text(world):
    public = world.key.public_key()
    assert ballot.public_from_text(ballot.public_text(public)).public_numbers() == public.public_numbers()
    for wrong in ("", "AAAA", ballot.public_text(public)[:-2] + "AA", "!" * 87):
        with pytest.raises(Malformed):
            ballot.public_from_text(wrong)


# -- the split key --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def split(world):
    return shamir.split_key(world.key, needed=3, given=5)


def same(key, other):
    return key.private_numbers() == other.private_numbers()


def test_any_three_of_five_tellers_open_and_no_two_do(world, split):
    public = world.key.public_key()
    for i in range(5):
        for j in range(i + 1, 5):
            with pytest.raises(Refusal, match="3 shares are needed"):
                shamir.combine_key([split[i], split[j]], public, needed=3)
            for k in range(j + 1, 5):
                assert same(shamir.combine_key([split[k], split[i], split[j]], public, needed=3), world.key)
    assert same(shamir.combine_key(split, public, needed=3), world.key)


def test_two_shares_fit_every_key_so_they_tell_nothing(world, split):
    """Whatever the third share, two given ones lead to some key: they rule none out."""
    two = [shamir.parse_share(s) for s in split[:2]]
    found = {shamir._combine([*two, shamir.Share(3, 3, two[0].key_id, bytes([n]) * 32)]) for n in range(200)}
    assert len(found) == 200


def test_the_dispute_key_needs_four_of_five(world):
    shares = shamir.split_key(world.dispute_key, needed=4, given=5)
    public = world.dispute_key.public_key()
    with pytest.raises(Refusal, match="4 shares are needed"):
        shamir.combine_key(shares[:3], public, needed=4)
    assert same(shamir.combine_key(shares[1:], public, needed=4), world.dispute_key)


def test_a_wrong_share_is_named_where_enough_right_ones_are_there_to_tell(world, split):
    share = shamir.parse_share(split[1])
    forged = shamir.Share(3, share.number, share.key_id, bytes(32)).text
    public = world.key.public_key()
    with pytest.raises(Refusal, match="at least one is wrong"):
        shamir.combine_key([split[0], forged, split[2]], public, needed=3)
    with pytest.raises(Refusal) as refused:
        shamir.combine_key([split[0], forged, split[2], split[3]], public, needed=3)
    assert refused.value.value == [share.number]


def test_shares_of_another_key_twice_the_same_and_typing_errors_are_refused(world, split, entropy_of):
    public = world.key.public_key()
    foreign = shamir.split_key(shamir.new_key(entropy_of("foreign")), needed=3, given=5)
    with pytest.raises(Refusal, match="another key"):
        shamir.combine_key([split[0], split[1], foreign[2]], public, needed=3)
    with pytest.raises(Refusal, match="twice"):
        shamir.combine_key([split[0], split[1], split[1]], public, needed=3)
    with pytest.raises(Refusal, match="says 3 are needed"):
        shamir.combine_key(split[:4], public, needed=4)
    plain = split[0].replace("-", "")
    assert shamir.parse_share(split[0].lower()) == shamir.parse_share(plain)
    for at, c in enumerate(plain):
        with pytest.raises(Refusal) as refused:
            shamir.parse_share(plain[:at] + ALPHABET[(ALPHABET.index(c) + 7) % 32] + plain[at + 1 :])
        assert refused.value.value == "…"
    assert plain not in repr(shamir.parse_share(plain))


@pytest.mark.parametrize(("needed", "given_out"), [(1, 5), (6, 5), (0, 0)])
def test_a_split_that_protects_nothing_is_refused(world, needed, given_out):
    with pytest.raises(Malformed):
        shamir.split_key(world.key, needed=needed, given=given_out)
