"""Nothing in a bundle can change unseen (S6): every single byte, and what people do to files on purpose.

All of it from memory, in one process. A change is found when `minping verify` ends with 1, or with 2 where nothing of
ours is left, and never with an error of its own. Seeds stand in the tests' names and in every message.
"""

import random
import struct
import zipfile
from io import BytesIO

import pytest

from services.scoring.domain import bundle, note, seal
from services.scoring.verify import verify_bytes

SEED = 20261122
PIECES = 8
SIGNING = ("system", "teller-1", "teller-3", "teller-5", "scrutineer")


@pytest.fixture(scope="module")
def small(play):
    """A whole bundle of 11 kB: four ballots, two units, one dimension."""
    return play(4, 2, 1, seed="mutations", quorum_valid=1)


def check_found(data, what, codes=(1,)):
    report = verify_bytes(data)
    assert report.exit_code in codes, f"{what}: not found"
    assert report.exit_code == 2 or report.failures, what
    assert all(check.name != "unforeseen" for check in report.checks), f"{what}: {report.conclusion}"
    return report


def rebuilt(files, **changed):
    """The container written anew, so that only what is inside can tell."""
    return bundle.write_bundle({**files, **{n.replace("__", "."): d for n, d in changed.items()}})


@pytest.mark.parametrize("piece", range(PIECES))
def test_s6_every_single_byte_of_a_whole_bundle_is_bound(small, piece):
    """Each byte of the file once, changed to another value: container, directory, every member."""
    data, rng = small.data, random.Random(SEED + piece)
    assert 9_000 < len(data) < 16_000
    for at in range(piece, len(data), PIECES):
        flip = rng.randrange(1, 256)
        check_found(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :], f"seed {SEED + piece}: byte {at} ^ {flip}")


@pytest.mark.parametrize("name", sorted((*seal.SEALED_FILES, seal.MANIFEST, seal.CHECKPOINT)))
def test_s6_every_byte_of_every_member_is_bound_without_the_container(small, name):
    data, rng = small.files[name], random.Random(f"{SEED} {name}")
    for at in range(0, len(data), 1 if len(data) < 900 else 7):
        flip = rng.randrange(1, 256)
        changed = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
        report = check_found(rebuilt({**small.files, name: changed}), f"{name} byte {at} ^ {flip}")
        assert "container" not in {check.name for check in report.failures}


@pytest.mark.parametrize("name", ["slices.jsonl", "ballots.txt"])
def test_s6_a_record_reordered_doubled_left_out_or_exchanged_is_found(small, play, name):
    rng = random.Random(f"{SEED} {name}")
    lines = small.files[name].splitlines(keepends=True)
    other = play(4, 2, 1, seed="another meeting", quorum_valid=1).files[name].splitlines(keepends=True)
    for _ in range(30):
        i, j = rng.sample(range(len(lines)), 2)
        swapped = list(lines)
        swapped[i], swapped[j] = swapped[j], swapped[i]
        exchanged = sorted([*lines[:i], rng.choice(other), *lines[i + 1 :]])
        for what, changed in (
            ("reordered", swapped),
            ("doubled", sorted([*lines, lines[i]])),
            ("doubled in place of another", sorted([*lines[:j], lines[i], *lines[j + 1 :]])),
            ("left out", lines[:i] + lines[i + 1 :]),
            ("exchanged", exchanged),
            ("empty line", [*lines[:i], b"\n", *lines[i:]]),
            ("no newline at the end", [*lines[:-1], lines[-1].rstrip()]),
            ("windows newlines", [line.replace(b"\n", b"\r\n") for line in lines]),
        ):
            data = rebuilt({**small.files, name: b"".join(changed)})
            report = check_found(data, f"seed {SEED}: {name} {what} at {i}, {j}")
            assert name in {check.file for check in report.failures}


def test_s6_signatures_swapped_dropped_doubled_or_of_another_checkpoint_are_found(small, play):
    note_text = small.files[seal.CHECKPOINT].decode()
    text, lines = note_text.split("\n\n")[0] + "\n", note_text.split("\n\n")[1].splitlines(keepends=True)
    other = play(4, 2, 1, seed="another meeting", quorum_valid=1).files[seal.CHECKPOINT].decode()
    foreign = other.split("\n\n")[1].splitlines(keepends=True)
    named = [line.split(" ") for line in lines]
    tried = 0
    for i in range(len(lines)):
        forged = [text + "\n" + "".join([*lines[:i], *lines[i + 1 :]])] if i in (0, 4) else []
        forged.append(text + "\n" + "".join([*lines, lines[i]]))
        forged.append(text + "\n" + "".join([*lines[:i], foreign[i], *lines[i + 1 :]]))
        for j in range(len(lines)):
            if i != j:
                body = [list(parts) for parts in named]
                body[i][2], body[j][2] = body[j][2], body[i][2]
                forged.append(text + "\n" + "".join(" ".join(parts) for parts in body))
                body[j][2] = body[i][2]
                forged.append(text + "\n" + "".join(" ".join(parts) for parts in body))
        for one in forged:
            tried += 1
            report = check_found(rebuilt({**small.files, seal.CHECKPOINT: one.encode()}), f"signature {i}")
            assert "signatures" in {check.name for check in report.failures}
    assert tried > 40
    # a teller fewer still leaves three: dropping one of four changes nothing that has to be there
    spare = small.sign(text, "system", "teller-1", "teller-2", "teller-3", "teller-4", "scrutineer")
    assert verify_bytes(rebuilt({**small.files, seal.CHECKPOINT: spare.encode()})).exit_code == 0


def test_s6_an_old_checkpoint_cannot_be_played_again(small, play):
    """Of another meeting, of an earlier seal of this one, with its own manifest or not."""
    others = [play(4, 2, 1, seed=f"earlier {i}", quorum_valid=1) for i in range(6)]
    for earlier in others:
        for taken in (
            (seal.CHECKPOINT,),
            (seal.CHECKPOINT, "manifest.json"),
            (seal.CHECKPOINT, "manifest.json", "ballots.txt"),
            (seal.CHECKPOINT, "manifest.json", "ballots.txt", "slices.jsonl", "tally.json"),
        ):
            files = {**small.files, **{name: earlier.files[name] for name in taken}}
            report = check_found(bundle.write_bundle(files), f"replayed {taken}")
            assert seal.CHECKPOINT in {check.file for check in report.failures} or "file" in {
                check.name for check in report.failures
            }
        whole = verify_bytes(earlier.data, trusted={key.vkey for key in small.keys.keys})
        assert "trusted" in {check.name for check in whole.failures}


def test_s6_an_old_result_cannot_be_played_again_beside_a_seal(small):
    result = b'{"kind":"minping.result.v1"}'
    older = bundle.result_note_text("minping/x/y/M-0\n5\nAAAA\n", result)
    data = bundle.write_bundle(bundle.with_result(small.files, result, small.sign(older, "system")))
    assert "result.signature" in {check.name for check in check_found(data, "old result").failures}


def test_s6_a_file_dropped_added_renamed_or_put_in_place_of_another_is_found(small):
    names = sorted(small.files)
    for name in names:
        rest = {n: d for n, d in small.files.items() if n != name}
        check_found(bundle.write_bundle(rest), f"without {name}", codes=(1,))
        check_found(bundle.write_bundle({**rest, name + "x": small.files[name]}), f"{name} renamed")
        check_found(bundle.write_bundle({**small.files, f"../{name}": small.files[name]}), f"../{name} added")
        check_found(rebuilt({**small.files, name: b""}), f"{name} empty")
        for other in names:
            if small.files[other] != small.files[name]:
                check_found(rebuilt({**small.files, name: small.files[other]}), f"{other} in place of {name}")


def test_s6_changed_metadata_of_the_zip_is_found(small):
    """Dates, versions, flags, attributes, extra fields, order, comments: none is free."""
    data, rng = small.data, random.Random(SEED)
    directory = data.index(b"PK\x01\x02")
    heads = [i for i in range(len(data) - 4) if data[i : i + 4] in (b"PK\x03\x04", b"PK\x01\x02")]
    assert len(heads) == 2 * len(small.files)
    for head in heads:
        for at in rng.sample(range(4, 30 if head < directory else 46), 5):
            changed = bytearray(data)
            changed[head + at] ^= 1
            check_found(bytes(changed), f"header at {head}, byte {at}")
    for turn in range(40):
        out = BytesIO()
        order = rng.sample(sorted(small.files), len(small.files))
        with zipfile.ZipFile(out, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
            for name in order:
                info = zipfile.ZipInfo(name, (1980 + turn, 1, 1, 0, 0, 0))
                info.comment, info.external_attr = rng.randbytes(turn % 3), rng.randrange(2**16) << 16
                archive.writestr(info, small.files[name], archive.compression)
            archive.comment = bundle.COMMENT
        report = check_found(out.getvalue(), f"seed {SEED}: packed again {turn}")
        assert {check.name for check in report.failures} == {"container"}
    doubled = BytesIO()
    with zipfile.ZipFile(doubled, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        for name in (*sorted(small.files), "tally.json"):
            archive.writestr(name, small.files[name])
        archive.comment = bundle.COMMENT
    check_found(doubled.getvalue(), "a member twice")


def test_s6_cuts_growth_and_pieces_are_found_and_never_an_error(small):
    data, rng = small.data, random.Random(SEED)
    for turn in range(120):
        start, end = sorted(rng.sample(range(len(data)), 2))
        junk = rng.randbytes(rng.randrange(1, 40))
        for piece in (
            data[:end],
            data[start:],
            data[:start] + data[end:],
            data[:start] + junk + data[start:],
            data + junk,
        ):
            check_found(piece, f"seed {SEED}, turn {turn}: {start}, {end}", codes=(1, 2))


def test_s6_whoever_has_some_keys_cannot_seal_anew(small, entropy_of):
    """Every set of signers that lacks the system, the scrutineer or a third teller is refused."""
    text = small.sealed.checkpoint
    tellers = [f"teller-{i}" for i in range(1, 6)]
    for number in range(6):
        for system in (True, False):
            for scrutineer in (True, False):
                signers = (["system"] * system) + tellers[:number] + (["scrutineer"] * scrutineer) or ["witness-1"]
                signed = rebuilt({**small.files, seal.CHECKPOINT: small.sign(text, *signers).encode()})
                enough = system and scrutineer and number >= 3
                assert (verify_bytes(signed).exit_code == 0) is enough, signers
    stranger = note.signer("teller-5", entropy_of("stranger")(32))
    lines = [small.signers[n].sign(text) for n in SIGNING if n != "teller-5"] + [stranger.sign(text)]
    check_found(rebuilt({**small.files, seal.CHECKPOINT: note.assemble(text, lines).encode()}), "a false teller")


def test_s6_offsets_and_sizes_that_lie_are_found(small):
    data = small.data
    end = data.rindex(b"PK\x05\x06")
    for field, size in ((8, 2), (10, 2), (12, 4), (16, 4), (20, 2)):
        (right,) = struct.unpack_from("<H" if size == 2 else "<L", data, end + field)
        for value in (0, 1, right + 1, right - 1, 2 ** (8 * size) - 1):
            if value != right and value >= 0:
                lie = bytearray(data)
                struct.pack_into("<H" if size == 2 else "<L", lie, end + field, value)
                check_found(bytes(lie), f"end record {field} = {value}", codes=(1, 2))
