"""What the tellers' ceremony rests on: shares that are known by their hash, figures in words, what is signed (S6)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain import destruction, key_file, merkle, shamir
from services.scoring.domain.canon import Malformed, canonical, parse_canonical
from services.scoring.domain.note import assemble
from services.scoring.domain.recount import Hand, before_the_count
from services.scoring.domain.seal import checkpoint_text
from services.scoring.domain.signing import short_code, signing, signing_from_bytes
from services.scoring.verify import ceremony
from services.scoring.verify.bundle import Bundle
from services.scoring.verify.step import At
from shared.errors import Refusal
from tests.unit.scoring.conftest import World, stream

NAMES = [f"teller-{i}" for i in range(1, 6)]


def made(seed: str = "key") -> tuple[key_file.SplitKey, tuple[str, ...]]:
    private = shamir.new_key(stream(seed))
    shares = shamir.split_key(private, needed=3, given=5)
    return key_file.split_public(private.public_key(), 3, NAMES, shares), shares


def test_s6_a_share_is_known_by_its_hash_and_a_wrong_one_names_its_holder() -> None:
    key, shares = made()
    for number, share in enumerate(shares, 1):
        assert key.check(share.lower().replace("-", " ")).number == number
    own = shamir.parse_share(shares[3])
    forged = replace(own, value=bytes(32)).text
    with pytest.raises(Refusal) as refused:
        key.check(forged)
    assert refused.value.value == "4 (teller-4)"
    with pytest.raises(Refusal, match="no such share"):
        key.check(replace(own, number=9).text)
    other, _ = made("another key")
    with pytest.raises(Refusal, match="another key"):
        other.check(shares[0])


def test_s6_the_public_file_holds_no_share_and_reads_back() -> None:
    key, shares = made()
    found = key_file.KeyFile("m1", key, None)
    data = found.to_bytes()
    assert key_file.key_file_from_bytes(data) == found
    for share in shares:
        value = shamir.parse_share(share).value
        assert value not in data
        assert value.hex().encode() not in data
        assert share.encode() not in data


@pytest.mark.parametrize(
    ("field", "value"),
    [("needed", 6), ("needed", 1), ("public_key", "AAAA"), ("holders", []), ("holders", [{"number": 1, "name": "a"}])],
)
def test_s6_a_malformed_key_file_is_refused(field: str, value: Any) -> None:
    key, _ = made()
    whole: Any = parse_canonical(key_file.KeyFile("m1", key, None).to_bytes())
    whole["ballot"][field] = value
    with pytest.raises(Malformed):
        key_file.key_file_from_bytes(canonical(whole))


@given(st.integers(0, 80), st.integers(0, 80), st.integers(0, 80), st.integers(0, 80), st.integers(0, 80))
def test_s6_every_figure_that_does_not_agree_says_what_to_count_again(
    printed: int, roll: int, returned: int, box: int, unused: int
) -> None:
    lines = before_the_count(Hand(printed, roll, returned, box, unused))
    issued = printed - box
    agrees = issued >= 0 and roll == issued == returned + unused
    assert all(line.holds for line in lines) == agrees
    for line in lines:
        assert line.holds == (not line.again)
        assert line.holds or all(line.again[language] for language in ("zh", "en"))
    if returned > issued:
        assert any("作废" in line.again.get("zh", "") for line in lines)


def leaves(world: World) -> list[bytes]:
    return [bytes.fromhex(line) for line in world.files["ballots.txt"].decode().split()]


def test_s6_what_is_signed_is_provably_in_the_root(world: World) -> None:
    found = signing(world.sealed.checkpoint, world.files["manifest.json"], leaves(world))
    again = signing_from_bytes(found.to_bytes())
    assert again == found
    assert again.facts["counts"] == {"issued": 30, "returned": 30, "unused": 0, "valid": 30, "void": 0}
    assert short_code(found.checkpoint) in "\n".join(again.words())


def test_s6_no_figure_of_what_is_signed_can_be_changed(world: World) -> None:
    found = signing(world.sealed.checkpoint, world.files["manifest.json"], leaves(world))
    whole: Any = parse_canonical(found.to_bytes())
    changes = [
        {"manifest": whole["manifest"].replace('"void":0', '"void":1')},
        {"manifest": whole["manifest"].replace('"valid":30', '"valid":31')},
        {"manifest": whole["manifest"].replace('"meeting":"M-1"', '"meeting":"M-2"')},
        {"path": whole["path"][:-1]},
        {"path": [*whole["path"][:-1], "00" * 32]},
        {"checkpoint": whole["checkpoint"].replace("\n31\n", "\n32\n")},
        {"checkpoint": whole["checkpoint"].replace("minping/", "minping/rehearsal/")},
    ]
    for change in changes:
        assert {**whole, **change} != whole
        with pytest.raises(Malformed):
            signing_from_bytes(canonical({**whole, **change}))


def test_s6_a_rehearsal_is_signed_as_one(play: Callable[..., World]) -> None:
    text = "\n".join(signing_from_bytes(_rehearsed(play)).words())
    assert "REHEARSAL" in text


def _rehearsed(play: Callable[..., World]) -> bytes:
    world = play()
    manifest: Any = parse_canonical(world.files["manifest.json"])
    data = canonical({**manifest, "rehearsal": True})
    found = [*sorted(leaves(world))]
    tree = merkle.Tree()
    for leaf in (data, *found):
        tree.add(leaf)
    return signing(
        checkpoint_text("minping/rehearsal/window-units/2026-H1/M-1", 31, tree.root()), data, found
    ).to_bytes()


def test_s6_a_declaration_is_about_the_own_share_of_a_key_of_this_meeting(world: World) -> None:
    one, two = world.signers["teller-1"], world.signers["teller-2"]
    text = destruction.share_text("M-1", "0a0b0c0d", 1)
    assert destruction.share_destroyed(assemble(text, [one.sign(text)]), "M-1", ["0a0b0c0d"], world.keys) == (
        "teller-1", "0a0b0c0d", 1,
    )  # fmt: skip
    for note, meeting, keys in (
        (assemble(text, [one.sign(text), two.sign(text)]), "M-1", ["0a0b0c0d"]),
        (assemble(text, [one.sign(text)]), "M-2", ["0a0b0c0d"]),
        (assemble(text, [one.sign(text)]), "M-1", ["ffffffff"]),
        (assemble(text, [world.signers["scrutineer"].sign(text)]), "M-1", ["0a0b0c0d"]),
        (assemble(text.replace("\n1\n", "\n01\n"), [one.sign(text.replace("\n1\n", "\n01\n"))]), "M-1", ["0a0b0c0d"]),
    ):
        with pytest.raises(Malformed):
            destruction.share_destroyed(note, meeting, keys, world.keys)


def declared(world: World) -> dict[str, Any]:
    """ceremony.json of the world's meeting, as a count writes it."""
    key, _ = made()
    listed = parse_canonical(world.files["manifest.json"])
    assert isinstance(listed, dict)
    gone = destruction.cards_text("M-1", listed["cards"]["size"], listed["cards"]["root"])  # type: ignore[index,call-overload]
    forgotten = destruction.key_text("M-1", key.id, 30)
    return {
        "kind": "minping.ceremony.v1", "meeting": "M-1", "ballot_key": key.to_json(), "dispute_key": None,
        "cards_destroyed": world.sign(gone, "teller-1", "teller-2"), "key_forgotten": world.sign(forgotten, "system"),
    }  # fmt: skip


def test_s6_verify_says_what_was_declared_and_finds_what_does_not_fit(world: World) -> None:
    bundle = Bundle(world.data)
    right = declared(world)

    def check(**changes: Any) -> str | None:
        bundle.files = {**bundle.files, "ceremony.json": canonical({**right, **changes})}
        return ceremony.check(bundle)

    said = check() or ""
    assert "shares held by teller-1, teller-2, teller-3, teller-4, teller-5" in said
    assert "destroyed by teller-1, teller-2" in said
    assert "nobody declared" in (check(cards_destroyed=None) or "")
    gone = parse_canonical(world.files["manifest.json"])["cards"]  # type: ignore[index,call-overload]
    text = destruction.cards_text("M-1", gone["size"], gone["root"])  # type: ignore[index,call-overload]
    for changes in (
        {"meeting": "M-2"},
        {"kind": "minping.ceremony.v2"},
        {"cards_destroyed": world.sign(text, "teller-1")},
        {"cards_destroyed": world.sign(text, "teller-1", "scrutineer")},
        {"cards_destroyed": world.sign(destruction.cards_text("M-1", 39, "00" * 32), "teller-1", "teller-2")},
        {"key_forgotten": world.sign(destruction.key_text("M-1", "0a0b0c0d", 29), "system")},
        {"key_forgotten": world.sign(destruction.key_text("M-1", "0a0b0c0d", 30), "teller-1")},
        {"ballot_key": {**right["ballot_key"], "holders": [{"number": 1, "name": "nobody", "sha256": "00" * 32}]}},
        {"ballot_key": {**right["ballot_key"], "needed": 6}},
    ):
        with pytest.raises((ValueError, At)):
            check(**changes)
