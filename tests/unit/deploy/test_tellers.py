"""The tellers' own laptop: keys, shares, cards; what is written where, with which rights, and what is never written."""

import json
import os
import re
import secrets
import shutil
import socket
import stat
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from typer.testing import CliRunner

from deploy.local.ceremony.key_file import read_key, write_key
from deploy.local.ceremony.shredding import shred
from deploy.local.commands import cards, teller
from deploy.local.keys import write_private
from services.scoring.domain.ballot import public_text
from services.scoring.domain.cards import card_hash, card_list_from_bytes, parse_card
from services.scoring.domain.key_file import key_file_from_bytes
from services.scoring.domain.note import open_note, verifier
from services.scoring.domain.shamir import combine_key
from shared.errors import Refusal

SECRET = "一句只有本人知道的话"
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command on a laptop without a network: any connection fails the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a teller's command went to the network"))
    write_private(tmp_path / "pass", f"{SECRET}\n".encode())

    def command(app: Any, *arguments: str, typed: str = "") -> Any:
        done = CliRunner().invoke(app, list(arguments), input=typed)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    return command


def two(run: Run) -> list[str]:
    for name in ("teller-1", "teller-2"):
        run(teller.app, "key", "--name", name, "--out", f"{name}.key", "--passphrase-file", "pass")
    keys = ["--key", "teller-1.key", "--key", "teller-2.key"]
    return [*keys, "--passphrase-file", "pass", "--passphrase-file", "pass"]


def print_cards(run: Run, *more: str, number: str = "20") -> list[str]:
    signers = two(run)
    run(
        cards.app, "print", "--meeting", "m1", "--number", number, "--date", "2026-07-10", "--out", "c", *signers, *more
    )
    return signers


def on_paper() -> list[str]:
    """The cards as they lie on the sheets, from left to right, page by page."""
    sheet = Path("c/cards.html").read_text(encoding="utf-8")
    found = re.findall(r'<p class="text">(.*?)</p>', sheet)
    return ["-".join(re.findall(r"<span>(.{4})</span>", card)) for card in found]


def test_s6_a_key_is_kept_under_its_passphrase_for_its_owner_only_and_others_programs_open_it(run: Run) -> None:
    done = run(teller.app, "key", "--name", "teller-1", "--out", "k", "--passphrase-file", "pass")
    found = read_key(Path("k"))
    assert found.vkey in done.output
    assert stat.S_IMODE(Path("k").stat().st_mode) == 0o600
    signer = found.open(SECRET.encode())
    assert verifier(found.vkey).verify(b"x\n", signer.private.sign(b"x\n"))
    raw = signer.private.private_bytes_raw()
    content = Path("k").read_bytes()
    assert raw not in content
    assert raw.hex().encode() not in content
    assert load_pem_private_key(content, SECRET.encode()) is not None
    opened = subprocess.run(
        ["openssl", "pkey", "-in", "k", "-passin", "file:pass", "-noout"], capture_output=True, check=False
    )
    assert opened.returncode == 0, opened.stderr
    with pytest.raises(Refusal, match="does not open"):
        found.open(b"something else")


def test_s6_a_key_is_never_overwritten_and_a_passphrase_never_an_argument_or_a_file_of_others(run: Run) -> None:
    run(teller.app, "key", "--name", "teller-1", "--out", "k", "--passphrase-file", "pass")
    with pytest.raises(Refusal, match="stands already"):
        run(teller.app, "key", "--name", "teller-1", "--out", "k", "--passphrase-file", "pass")
    for app in (teller.app, cards.app):
        for info in app.registered_commands:
            assert "passphrase" not in (info.callback.__annotations__ if info.callback else {})
    Path("pass").chmod(0o640)
    with pytest.raises(Refusal, match="read by others"):
        run(teller.app, "key", "--name", "teller-1", "--out", "k2", "--passphrase-file", "pass")
    write_private(Path("short"), b"1234567\n")
    with pytest.raises(Refusal, match="fewer than 8"):
        run(teller.app, "key", "--name", "teller-1", "--out", "k2", "--passphrase-file", "short")
    Path("pass").chmod(0o600)
    with pytest.raises(Refusal, match="space"):
        run(teller.app, "key", "--name", "teller 1", "--out", "k2", "--passphrase-file", "pass")
    assert not Path("k2").exists()


@pytest.mark.parametrize("change", [("name: a", "name: b"), ("vkey: a+", "vkey: b+"), ("PRIVATE KEY", "PUBLIC KEY")])
def test_s6_a_key_file_that_was_changed_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    write_key(tmp_path / "k", "a", secrets.token_bytes(32), SECRET.encode())
    text = (tmp_path / "k").read_text(encoding="utf-8")
    (tmp_path / "k").write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(Refusal):
        read_key(tmp_path / "k").open(SECRET.encode())


def test_s6_what_is_signed_is_said_in_words_first_and_nothing_else_is_signed(run: Run) -> None:
    two(run)
    Path("cp").write_text("minping/rehearsal/window-units/2026-H1/m1\n61\n" + "A" * 43 + "=\n", encoding="utf-8")
    options = ["--key", "teller-1.key", "--passphrase-file", "pass"]
    refused = run(teller.app, "sign", "cp", *options, typed="n\n")
    assert refused.exit_code == 1
    assert "演练，不是真实评议" in refused.output
    assert "有效票 valid     60" in refused.output
    assert "— teller-1 " not in refused.output
    signed = run(teller.app, "sign", "cp", *options, "--out", "line", typed="y\n")
    assert "— teller-1 " in signed.output
    _, names = open_note(
        Path("cp").read_text() + "\n" + Path("line").read_text(encoding="utf-8"),
        [verifier(read_key(Path("teller-1.key")).vkey)],
    )
    assert names == ("teller-1",)
    for other in ("I owe you 100 yuan\n", "minping/x\n1\n2\n3\n4\n", '{"kind": "x"}', ""):
        Path("other").write_text(other, encoding="utf-8")
        with pytest.raises(Refusal):
            run(teller.app, "sign", "other", *options, "--yes")


def test_s5_the_ballot_key_is_split_and_its_private_half_is_written_nowhere(run: Run) -> None:
    run(teller.app, "ballot-key", "--meeting", "m1", "--out", "bk")
    public = key_file_from_bytes(Path("bk/ballot-key.json").read_bytes())
    shares = [Path(f"bk/teller-{i}.ballot.share").read_text(encoding="utf-8") for i in range(1, 6)]
    private = combine_key(shares[1:4], public.ballot.key, needed=3)
    assert public_text(private.public_key()) == public.ballot.public
    with pytest.raises(Refusal):
        combine_key(shares[:2], public.ballot.key, needed=3)
    assert public.dispute is not None
    assert (public.dispute.needed, len(public.dispute.holders)) == (4, 5)
    secret = private.private_numbers().private_value.to_bytes(32, "big")
    for path in Path("bk").iterdir():
        content = path.read_bytes()
        assert secret not in content
        assert secret.hex().encode() not in content.lower()
        for number, share in enumerate(shares, 1):
            groups = share.strip().split("-")
            held = groups[5].encode() in content and groups[7].encode() in content
            assert held == (path.name in (f"teller-{number}.html", f"teller-{number}.ballot.share"))
        if path.name != "ballot-key.json":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path("bk").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "arguments",
    [["--tellers", "5", "--needed", "6"], ["--needed", "1"], ["--names", "a,b"], ["--names", "a,a,b,c,d"],
     ["--names", "../x,b,c,d,e"]],
)  # fmt: skip
def test_s5_a_key_that_cannot_be_opened_as_said_is_not_made(run: Run, arguments: list[str]) -> None:
    with pytest.raises(Refusal):
        run(teller.app, "ballot-key", "--meeting", "m1", "--out", "bk", *arguments)
    assert not Path("bk").exists()


def test_s5_cards_and_their_list_agree_and_the_paper_is_in_another_order(run: Run) -> None:
    print_cards(run)
    listed = card_list_from_bytes(Path("c/cards.json").read_bytes())
    hashes = [card_hash(parse_card(text)) for text in on_paper()]
    assert sorted(hashes) == sorted(listed.classes)
    assert hashes != sorted(hashes)
    keys = [verifier(read_key(Path(f"teller-{i}.key")).vkey) for i in (1, 2)]
    text, names = open_note(Path("c/cards.txt").read_text(encoding="utf-8"), keys)
    assert (text, names) == (listed.note_text, ("teller-1", "teller-2"))
    upload = Path("c/upload.json").read_text(encoding="utf-8")
    for card in on_paper():
        assert card not in upload
        assert card.replace("-", "") not in upload
    assert stat.S_IMODE(Path("c/cards.html").stat().st_mode) == 0o600


def test_s5_nothing_on_a_card_numbers_it(run: Run) -> None:
    print_cards(run, "--title", "清河镇评议大会")
    sheet = Path("c/cards.html").read_text(encoding="utf-8")
    pieces = re.findall(r'<article class="card">(.*?)</article>', sheet, re.S)
    bare = {re.sub(r'<svg.*?</svg>|<p class="text">.*?</p>', "", piece, flags=re.S) for piece in pieces}
    assert len(pieces) == 20
    assert len(bare) == 1
    for text in ("一张卡一张票", "清河镇评议大会", "2026年7月10日", "不用的卡不要带走"):
        assert text in pieces[0]


def test_s7_two_boxes_are_printed_apart_and_their_list_says_which_card_is_of_which(run: Run) -> None:
    signers = two(run)
    boxes = ["--class", "ordinary=9=普通群众", "--class", "other=4=其他代表"]
    run(cards.app, "print", "--meeting", "m1", "--date", "2026-07-10", "--out", "c", *boxes, *signers)
    upload = json.loads(Path("c/upload.json").read_text(encoding="utf-8"))
    assert upload["cards"] == []
    assert Counter(upload["classes"].values()) == {"ordinary": 9, "other": 4}
    assert upload["classes"] == card_list_from_bytes(Path("c/cards.json").read_bytes()).classes
    with pytest.raises(Refusal, match="key=number=label"):
        run(cards.app, "print", "--meeting", "m1", "--date", "2026-07-10", "--out", "d", "--class", "x=y", *signers)


def test_s5_where_a_card_lies_says_nothing_about_the_list(run: Run) -> None:
    signers, places = two(run), set()
    for _ in range(4):
        run(cards.app, "print", "--meeting", "m1", "--number", "16", "--date", "2026-07-10", "--out", "c", *signers)
        hashes = [card_hash(parse_card(text)) for text in on_paper()]
        places.add(tuple(sorted(hashes).index(h) for h in hashes))
        shutil.rmtree("c")
    assert len(places) == 4


def test_s5_the_cards_file_is_overwritten_removed_and_two_tellers_sign_that(run: Run) -> None:
    signers = print_cards(run)
    held = Path("c/cards.html")
    second = os.open(held, os.O_RDONLY)  # what a file system keeps of it
    texts = on_paper()
    said = run(cards.app, "destroy", "c", *signers, typed="n\n")
    assert said.exit_code == 1
    assert held.exists()
    run(cards.app, "destroy", "c", *signers, "--yes")
    assert not held.exists()
    with os.fdopen(second, "rb") as file:
        left = file.read()
    assert not [text for text in texts if text.split("-")[0].encode() in left]
    listed = card_list_from_bytes(Path("c/cards.json").read_bytes())
    keys = [verifier(read_key(Path(f"teller-{i}.key")).vkey) for i in (1, 2)]
    text, names = open_note(Path("c/destroyed.txt").read_text(encoding="utf-8"), keys)
    assert text == f"minping/cards-destroyed\nm1\n20\n{listed.root}\n"
    assert names == ("teller-1", "teller-2")
    with pytest.raises(Refusal, match=r"cards\.html is not there"):
        run(cards.app, "destroy", "c", *signers, "--yes")


def test_s5_a_file_is_overwritten_whole_on_the_disk_before_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, content, seen = tmp_path / "secret", b"0123456789" * 150_000, []
    path.write_bytes(content)
    linked = tmp_path / "other name"
    os.link(path, linked)
    really = os.fsync

    def fsync(descriptor: int) -> None:
        really(descriptor)
        seen.append(linked.read_bytes())  # what would be on the disk if the power failed now

    monkeypatch.setattr(os, "fsync", fsync)
    assert shred(path) == len(content)
    noise, zeros, nothing, *_ = seen
    assert len(noise) == len(content)
    assert not [at for at in range(0, len(content), 50_000) if noise[at : at + 10] == content[at : at + 10]]
    assert zeros == bytes(len(content))
    assert nothing == b""
    assert not path.exists()


def test_s5_a_share_is_destroyed_and_its_holder_signs_that(run: Run) -> None:
    two(run)
    run(teller.app, "ballot-key", "--meeting", "m1", "--out", "bk")
    key = key_file_from_bytes(Path("bk/ballot-key.json").read_bytes()).ballot.id
    run(teller.app, "destroyed", "bk/teller-1.ballot.share", "bk/teller-1.html", "--meeting", "m1", "--yes",
        "--key", "teller-1.key", "--passphrase-file", "pass", "--out", "gone")  # fmt: skip
    assert not Path("bk/teller-1.ballot.share").exists()
    assert not Path("bk/teller-1.html").exists()
    text, names = open_note(Path("gone").read_text(encoding="utf-8"), [verifier(read_key(Path("teller-1.key")).vkey)])
    assert (text, names) == (f"minping/share-destroyed\nm1\n{key}\n1\n", ("teller-1",))
