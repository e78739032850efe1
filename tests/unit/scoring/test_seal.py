"""Protocol C: what is sealed, against published vectors and against whoever would change it."""

import base64
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import rfc8785
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain import bundle, merkle, minutes, note, openings, seal
from services.scoring.domain.ballot import Ballot
from services.scoring.domain.canon import Malformed, canonical, decimal, digest, parse, parse_canonical
from services.scoring.verify import draw_proof
from shared.errors import Refusal

# -- RFC 8785 -------------------------------------------------------------------------------------------

SORTED = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\U0001f600": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
}  # RFC 8785, 3.2.3


def test_the_library_writes_the_example_of_rfc_8785():
    given_text = (
        '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],'
        '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
    )
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert rfc8785.dumps(json.loads(given_text)).decode() == expected


def test_members_are_sorted_as_rfc_8785_says_by_all_our_writers():
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    for write in (canonical, draw_proof.jcs):
        assert list(json.loads(write(SORTED))) == order


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_the_one_file_verifier_writes_the_same_bytes_as_the_library(value):
    assert draw_proof.jcs(value) == rfc8785.dumps(value) == canonical(value)
    assert parse_canonical(canonical(value)) == value == draw_proof.parse(canonical(value))


@pytest.mark.parametrize(
    "data",
    [b"1.0", b"1e3", b"NaN", b'{"a":1,"a":2}', b' {"a":1}', b'{"a":1}\n', b'{"b":1,"a":2}', b'"\\u0041"', b"\xff", b"",
     b"1" * 5000, b"[" * 100_000, b'"\\ud800"', b"-0", b"123456789012345678", b"\xef\xbb\xbf{}"],
)  # fmt: skip
def test_json_that_could_be_read_in_two_ways_is_refused(data):
    with pytest.raises(Malformed):
        parse_canonical(data)
    with pytest.raises(draw_proof.Wrong):
        draw_proof.parse(data)


@pytest.mark.parametrize("value", [1.5, {"a": float("nan")}, {1: 2}, [2**53], "\ud800", {"a": {b"b"}}])
def test_what_has_no_one_canonical_form_is_not_written(value):
    with pytest.raises(Malformed):
        canonical(value)


@pytest.mark.parametrize("value", ["1e5", "+1", "01", ".5", "1.", "NaN", "1/2", 5, None, "1" * 30, "１"])
def test_a_decimal_is_a_plain_string(value):
    with pytest.raises(Malformed):
        decimal(value, "x")


# -- RFC 9162 (vectors of the Certificate Transparency reference implementation) ------------------------

LEAVES = list(
    map(
        bytes.fromhex,
        ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
)
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    (0, 8): ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"],
    (5, 8): ["bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
             "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
             "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
}  # fmt: skip


def test_roots_and_paths_are_those_of_the_published_vectors():
    assert [merkle.root(LEAVES[:n]).hex() for n in range(9)] == ROOTS
    for (index, size), path in PATHS.items():
        assert [h.hex() for h in merkle.paths(LEAVES[:size])[index]] == path


@given(st.integers(1, 70), st.data())
def test_every_path_leads_to_the_root_and_no_other_does(size, data):
    leaves = [bytes([i]) for i in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path, root = merkle.paths(leaves)[index], merkle.root(leaves)
    assert merkle.root_from_path(leaves[index], index, size, path) == root
    assert merkle.root_from_path(b"other", index, size, path) != root
    assert merkle.root_from_path(leaves[index], size, size, path) is None
    assert merkle.root_from_path(leaves[index], index, size, (*path, bytes(32))) != root
    for at in range(len(path)):
        assert merkle.root_from_path(leaves[index], index, size, path[:at] + path[at + 1 :]) != root


# -- C2SP signed note (vectors of golang.org/x/mod/sumdb/note) and Ed25519 (RFC 8032) -------------------

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
RFC_8032 = [
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


def test_our_notes_are_those_of_the_reference_implementation_byte_for_byte():
    peter = note.signer("PeterNeumann", PETER_SEED)
    assert peter.vkey == PETER and note.verifier(PETER).vkey == PETER
    assert note.assemble(TEXT, [peter.sign(TEXT)]) == SIGNED
    assert note.open_note(SIGNED, [note.verifier(PETER)]) == (TEXT, ("PeterNeumann",))
    assert PETER_SEED.hex() not in repr(peter)


def test_no_mangled_vkey_is_accepted():
    for at in range(len(PETER)):
        for mangled in (PETER[:at], PETER[at + 1 :], PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :]):
            with pytest.raises(Malformed):
                note.verifier(mangled)


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_both_verifiers_hold_the_vectors_of_rfc_8032(seed, public, message, signature):
    parts = [bytes.fromhex(x) for x in (public, message, signature)]
    signer = note.signer("x", bytes.fromhex(seed))
    assert signer.verifier.public == parts[0] and signer.private.sign(parts[1]) == parts[2]
    for verify in (draw_proof.ed25519_verify, lambda p, m, s: note.Verifier("x", p).verify(m, s)):
        assert verify(*parts)
        for at in range(64):
            wrong = parts[2][:at] + bytes([parts[2][at] ^ 1]) + parts[2][at + 1 :]
            assert not verify(parts[0], parts[1], wrong)
        assert not verify(parts[0], parts[1] + b"x", parts[2])
        assert not verify(bytes(32), parts[1], parts[2]) and not verify(b"\xff" * 32, parts[1], parts[2])
    order = 2**252 + 27742317777372353535851937790883648493
    shifted = parts[2][:32] + (int.from_bytes(parts[2][32:], "little") + order).to_bytes(32, "little")
    assert not draw_proof.ed25519_verify(parts[0], parts[1], shifted)  # the same signature in another spelling


@pytest.mark.parametrize("at", range(len(SIGNED.encode())))
def test_no_byte_of_a_note_can_change(at):
    data = bytearray(SIGNED.encode())
    data[at] ^= 4
    with pytest.raises(ValueError):
        note.open_note(data.decode(), [note.verifier(PETER)])


def test_a_signature_by_an_unknown_key_or_twice_by_one_is_refused(entropy_of):
    entropy = entropy_of("signers")
    peter, paul = note.signer("peter", entropy(32)), note.signer("paul", entropy(32))
    false_peter = note.signer("peter", entropy(32))
    for lines in (
        [peter.sign(TEXT), paul.sign(TEXT)],
        [peter.sign(TEXT)] * 2,
        [false_peter.sign(TEXT)],
        [peter.sign("x\n")],
    ):
        with pytest.raises(Malformed):
            note.open_note(note.assemble(TEXT, lines), [peter.verifier])
    for text in ("", "no newline", "\n", "a\n\nb\n", "a\tb\n"):
        with pytest.raises(Malformed):
            peter.sign(text)
    for name in ("", "a b", "a+b", "a\n"):
        with pytest.raises(Malformed):
            note.signer(name, bytes(32))


def test_a_person_cannot_stand_in_the_key_ring_twice(entropy_of):
    one = note.signer("one", entropy_of("k")(32))
    same_key = note.Signer("two", one.private)
    for keys in ([one.vkey, one.vkey], [one.vkey, same_key.vkey]):
        with pytest.raises(Malformed, match="twice"):
            note.KeyRing(tuple(note.Key("teller", k) for k in keys))
    with pytest.raises(Malformed, match="role"):
        note.KeyRing((note.Key("boss", one.vkey),))


# -- what is in the seal --------------------------------------------------------------------------------


def test_leaf_zero_is_the_manifest_and_the_others_hide_their_ballots(world):
    leaves = [bytes.fromhex(line) for line in world.files["ballots.txt"].decode().split()]
    assert leaves == sorted(leaves) and len(leaves) == 30
    root = merkle.root([world.files["manifest.json"], *leaves])
    assert world.files["checkpoint.txt"].decode().split("\n")[:3] == [
        "minping/window-units/2026-H1/M-1", "31", base64.b64encode(root).decode(),
    ]  # fmt: skip
    manifest = parse_canonical(world.files["manifest.json"])
    assert manifest["files"]["tally.json"] == digest(world.files["tally.json"])
    assert set(manifest["files"]) == set(seal.SEALED_FILES)


def test_the_public_records_are_canonical_json_and_hold_one_choice_each(world):
    lines = world.files["slices.jsonl"].splitlines()
    assert len(lines) == 30 * 3 * 2 and lines == sorted(set(lines))
    for line in lines:
        record = parse_canonical(line)
        assert record.keys() == {"dimension", "grade", "nonce", "unit"} and len(record["nonce"]) == 32
    assert len({parse(line)["nonce"] for line in lines}) == len(lines)


def test_names_with_quotes_and_chinese_are_written_as_rfc_8785_does():
    names = ['a"b', "汉字", "\\", "\u2028", "tab\t", "é"]
    starts = seal.slice_starts(names, names, names, ["x", "y"])
    for (unit, dimension, card_class, choice), (head, tail) in starts.items():
        line = head + b"00" * 16 + tail
        expected = {"class": card_class, "dimension": dimension, "grade": choice, "nonce": "00" * 16, "unit": unit}
        assert line == rfc8785.dumps(expected)


def test_nothing_in_the_bundle_links_a_card_or_holds_a_whole_ballot(world):
    everything = b"".join(world.files.values())
    for card in world.cards:
        assert card.hash.encode() not in everything and card.text.encode() not in everything
    for receipt in world.sealed.receipts.values():
        assert b"nonce" not in receipt.to_bytes()


def test_a_receipt_shows_that_the_ballot_is_in_and_not_what_it_says(world):
    root = base64.b64decode(world.sealed.root)
    assert set(world.sealed.receipts) == {b.token_hash for b in world.opened.valid}
    for receipt in world.sealed.receipts.values():
        path = [bytes.fromhex(h) for h in receipt.path]
        assert merkle.root_from_path(bytes.fromhex(receipt.leaf), receipt.index, receipt.size, path) == root
        assert parse_canonical(receipt.to_bytes()).keys() == {"kind", "meeting", "leaf", "index", "size", "path"}


def test_openings_open_with_the_dispute_key_alone_and_are_bound_into_the_seal(world):
    opened = parse_canonical(openings.decrypt_openings(world.dispute_key, "M-1", world.sealed.openings))
    leaves = {seal.ballot_leaf(b).hex() for b in opened["ballots"]}
    assert leaves == set(world.files["ballots.txt"].decode().split())
    assert parse_canonical(world.files["manifest.json"])["openings"] == digest(world.sealed.openings)
    for key, meeting in ((world.key, "M-1"), (world.dispute_key, "M-2")):
        with pytest.raises(InvalidTag):
            openings.decrypt_openings(key, meeting, world.sealed.openings)


def sealing(world, **changes):
    values = {
        "meeting": "M-1", "rules": world.rules, "units": world.units, "ballots": world.opened.valid,
        "counts": world.counts, "draw_proof": world.proof, "keys": world.keys,
        "sealed_at": datetime(2026, 6, 30, tzinfo=UTC), "entropy": bytes_counter(),
    }  # fmt: skip
    return seal.seal(**(values | changes))


def bytes_counter():
    state = iter(range(1, 10**6))
    return lambda n: (next(state).to_bytes(4, "big") * (n // 4 + 1))[:n]


def test_a_vote_that_does_not_reconcile_or_has_no_quorum_is_not_sealed(world):
    with pytest.raises(Refusal, match="the vote is void") as refused:
        sealing(world, counts=replace(world.counts, returned=31))
    assert "stuffed" in refused.value.value and refused.value.status == 409
    few = replace(world.counts, drawn=60)
    with pytest.raises(Refusal, match="vote again"):
        sealing(world, counts=few)
    with pytest.raises(Refusal, match="30 valid"):
        sealing(world, ballots=world.opened.valid[:-1])


def test_a_seal_needs_keys_of_system_three_tellers_and_scrutineer(world):
    for role in ("system", "scrutineer"):
        with pytest.raises(Refusal, match=role):
            sealing(world, keys=note.KeyRing(tuple(k for k in world.keys.keys if k.role != role)))
    two = [k for k in world.keys.keys if k.role == "teller"][:2]
    with pytest.raises(Refusal, match="teller"):
        sealing(world, keys=note.KeyRing(tuple(k for k in world.keys.keys if k.role != "teller" or k in two)))


@pytest.mark.parametrize(
    ("signers", "missing"),
    [
        (("teller-1", "teller-2", "teller-3", "scrutineer"), "system"),
        (("system", "teller-1", "teller-2", "scrutineer"), "teller: 2 of 3"),
        (("system", "teller-1", "teller-2", "teller-3"), "scrutineer"),
        (("system", "teller-1", "guidance", "witness-1", "scrutineer"), "teller: 1 of 3"),
    ],
)
def test_the_checkpoint_waits_for_every_signature(world, signers, missing):
    lines = [world.signers[n].sign(world.sealed.checkpoint) for n in signers]
    with pytest.raises(Refusal, match=missing):
        seal.assemble_checkpoint(world.sealed, lines, world.keys, world.rules)


def test_a_rehearsal_can_never_pass_for_the_real_thing(world):
    rehearsed = sealing(world, rehearsal=True)
    assert rehearsed.checkpoint.startswith("minping/rehearsal/")
    assert parse_canonical(rehearsed.files["manifest.json"])["rehearsal"] is True


def test_extra_files_are_bound_into_the_seal(world):
    sealed = sealing(world, extras={"spread.json": {"level": "0.95"}})
    assert parse_canonical(sealed.files["manifest.json"])["files"]["spread.json"] == digest(b'{"level":"0.95"}')
    for name in ("result.json", "tally.json", "spread.txt", "manifest.json"):
        with pytest.raises(Malformed):
            sealing(world, extras={name: {}})


def test_the_order_of_ballots_leaves_no_trace_in_the_files(world):
    """Same ballots in another order: what is public has the same shape; only nonces differ."""

    def shape(sealed):
        return sorted(line.split(b'"nonce":"')[0] + line[-9:] for line in sealed.files["slices.jsonl"].splitlines())

    assert shape(sealing(world)) == shape(sealing(world, ballots=world.opened.valid[::-1]))


# -- the container --------------------------------------------------------------------------------------


def test_the_zip_is_the_same_whatever_the_order_of_members_and_any_program_opens_it(world):
    assert bundle.write_bundle(dict(reversed(world.files.items()))) == world.data
    with zipfile.ZipFile(BytesIO(world.data)) as archive:
        assert archive.testzip() is None and archive.comment == bundle.COMMENT
        assert {n: archive.read(n) for n in archive.namelist()} == world.files
        assert all(
            i.compress_type == zipfile.ZIP_STORED and i.date_time == (1980, 1, 1, 0, 0, 0) for i in archive.infolist()
        )


# -- minutes --------------------------------------------------------------------------------------------


def test_minutes_hold_the_checkpoint_and_wait_for_the_guidance_group(world):
    at = datetime(2026, 6, 30, 9, tzinfo=UTC)
    entries = [
        minutes.Entry(at, "voting", "指导组", "开始投票"),
        minutes.Entry(at + timedelta(hours=1), "seal", "计票人", "封存"),
    ]
    checkpoint = world.files["checkpoint.txt"].decode()
    record = minutes.minutes(
        meeting="M-1", title="评议大会记录", entries=entries, counts=world.counts, checkpoint=checkpoint
    )
    assert world.sealed.root in record.qr and world.sealed.root in record.paper()
    assert "收回 30 票 = 有效 30 票 + 作废 0 票" in record.paper()
    assert minutes.signed_minutes(record, world.sign(record.note_text, "guidance"), world.keys) == ("guidance",)
    with pytest.raises(Refusal, match="has not signed"):
        minutes.signed_minutes(record, world.sign(record.note_text, "system"), world.keys)
    with pytest.raises(Refusal, match="other minutes"):
        minutes.signed_minutes(replace(record, title="x"), world.sign(record.note_text, "guidance"), world.keys)
    with pytest.raises(Malformed, match="out of order"):
        minutes.minutes(meeting="M-1", title="x", entries=entries[::-1], counts=world.counts, checkpoint=checkpoint)


def test_ballots_from_paper_get_no_receipt_but_are_sealed(world):
    paper = [Ballot(b.card_class, b.rows) for b in world.opened.valid]
    sealed = sealing(world, ballots=paper)
    assert sealed.receipts == {} and len(sealed.files["ballots.txt"].split()) == 30
