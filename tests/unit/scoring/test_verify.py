"""`minping verify`: all that holds is said, and nothing changed goes unseen."""

import random
import struct
import zipfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.scoring.domain import bundle, note, openings, rules, seal, tally
from services.scoring.domain.canon import canonical, digest, parse, parse_canonical
from services.scoring.domain.composite import PartScore, composite
from services.scoring.domain.ranking import Candidate, rank
from services.scoring.verify import __main__ as command
from services.scoring.verify import container, verify_bytes, verify_file
from services.scoring.verify.report import TITLES

SIGNING = ("system", "teller-1", "teller-3", "teller-5", "scrutineer")
SEEDS = (20260630, 1, 97)
CHANGES_A_SEED = 700


def wrong(report):
    """name → check, of what does not hold."""
    assert report.exit_code == 1, report.text()
    return {check.name: check for check in report.failures}


def mutated(data, at, flip=1):
    """One byte changed."""
    return data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]


def test_an_untouched_bundle_holds_in_every_point(world):
    report = verify_bytes(world.data)
    assert report.exit_code == 0 and report.kind == "bundle" and report.failures == ()
    proven = {check.name for check in report.checks}
    assert proven >= {
        "container", "members", "manifest", "file", "keys", "reconciliation", "ballots", "slices", "checkpoint",
        "signatures", "draw.order", "draw.same", "tally",
    }  # fmt: skip


def test_the_report_speaks_chinese_and_english_and_json(world, tmp_path, capsys):
    path = tmp_path / "bundle.zip"
    path.write_bytes(world.data)
    assert command.main([str(path), "--json", str(tmp_path / "r.json")]) == 0
    said = capsys.readouterr().out
    assert "全部成立" in said and "all holds" in said and world.sealed.root in said
    machine = parse((tmp_path / "r.json").read_bytes())
    assert machine["exit_code"] == 0 and all(c["holds"] and c["title"]["zh"] for c in machine["checks"])
    path.write_bytes(mutated(world.data, 900))
    assert command.main([str(path), "--json", "-"]) == 1
    assert parse(capsys.readouterr().out.encode())["exit_code"] == 1
    path.write_bytes(b"hello")
    assert command.main([str(path)]) == 2
    assert "not a file of ours" in capsys.readouterr().out


@pytest.mark.parametrize("seed", SEEDS)
def test_any_changed_byte_of_the_file_is_found(world, seed):
    """Seeds are in the test's name; run with another to search further."""
    rng, data = random.Random(seed), world.data
    for _ in range(CHANGES_A_SEED):
        at, flip = rng.randrange(len(data)), rng.randrange(1, 256)
        report = verify_bytes(mutated(data, at, flip))
        assert report.exit_code == 1 and report.failures, f"seed {seed}: byte {at} ^ {flip}"
        assert all(f.name != "unforeseen" for f in report.failures), f"seed {seed}: byte {at} ^ {flip}"


@pytest.mark.parametrize("name", sorted((*seal.SEALED_FILES, "manifest.json", "checkpoint.txt")))
def test_any_changed_byte_of_a_member_is_found_and_the_file_named(world, name):
    """The container is written anew, so that only what is inside can tell."""
    rng, data = random.Random(name), world.files[name]
    for at in {0, len(data) - 1, *(rng.randrange(len(data)) for _ in range(60))}:
        files = {**world.files, name: mutated(data, at, rng.randrange(1, 256))}
        report = verify_bytes(bundle.write_bundle(files))
        found = wrong(report)
        assert "container" not in found
        # the manifest is leaf 0 of the tree: when it changes, the signed checkpoint does not follow from it any more
        named = {check.file for check in report.failures}
        assert name in named or (name == "manifest.json" and "checkpoint.txt" in named), f"{name} byte {at}"


def test_bytes_put_in_taken_out_or_swapped_are_found(world):
    rng, data = random.Random(7), world.data
    for _ in range(150):
        at = rng.randrange(len(data))
        other = rng.randrange(len(data))
        for damaged in (
            data[:at] + bytes([rng.randrange(256)]) + data[at:],
            data[:at] + data[at + 1 :],
            data[:at],
            data + b"x",
            b"x" + data,
        ):
            assert verify_bytes(damaged).exit_code in ((1,) if len(damaged) > 2200 else (1, 2))
        if data[at] != data[other]:
            swapped = bytearray(data)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            assert verify_bytes(bytes(swapped)).exit_code == 1


@pytest.mark.parametrize(
    ("name", "record"),
    [
        (lambda lines: lines[3].replace(b'"grade":"', b'"grade":"x'), "line 4"),
        (lambda lines: lines[3].replace(b'"dimension":"d', b'"dimension":"e'), "line 4"),
        (lambda lines: lines[3].replace(b'"unit":"U', b'"unit":"V'), "line 4"),
        (lambda lines: lines[3].replace(b'"nonce":"', b'"nonce":"g'), "line 4"),
        (lambda lines: lines[2], "line 4"),
        (lambda lines: lines[0], "line 4"),
    ],
)
def test_a_changed_public_record_is_named_by_its_line(world, name, record):
    lines = world.files["slices.jsonl"].splitlines()
    lines[3] = name(lines)
    found = wrong(verify_bytes(bundle.write_bundle({**world.files, "slices.jsonl": b"\n".join(lines) + b"\n"})))
    assert (found["slices"].file, found["slices"].record) == ("slices.jsonl", record)


def test_a_changed_figure_of_the_tally_is_named_by_unit_and_dimension(world):
    content = parse_canonical(world.files["tally.json"])
    content["units"][1]["dimensions"][0]["counts"]["satisfied"] += 1
    found = wrong(verify_bytes(bundle.write_bundle({**world.files, "tally.json": canonical(content)})))
    assert found["tally"].record == "units[U002].dimensions[d1].counts.satisfied"


# -- an insider who can write files and sign for some ---------------------------------------------------


def resealed(world, files, signers):
    """What somebody with these keys can make: manifest and checkpoint anew over changed files."""
    manifest = dict(parse_canonical(files["manifest.json"]))
    if parse(files["manifest.json"])["files"] == parse(world.files["manifest.json"])["files"]:
        manifest["files"] = {name: digest(files[name]) for name in manifest["files"]}
    files = {**files, "manifest.json": canonical(manifest)}
    leaves = [bytes.fromhex(line) for line in files["ballots.txt"].decode().split()]
    tree = seal.merkle.Tree()
    for leaf in (files["manifest.json"], *leaves):
        tree.add(leaf)
    text = seal.checkpoint_text("minping/window-units/2026-H1/M-1", tree.size, tree.root())
    note_text = world.sign(text, *signers)
    return bundle.write_bundle({**files, "checkpoint.txt": note_text.encode()})


def test_an_operator_with_the_systems_key_alone_cannot_seal_anew(world):
    assert verify_bytes(resealed(world, world.files, SIGNING)).exit_code == 0
    found = wrong(verify_bytes(resealed(world, world.files, ("system",))))
    assert set(found) == {"signatures"} and "teller: 0 of 3" in found["signatures"].says


def test_an_operator_who_swaps_in_own_tellers_is_seen_by_the_published_keys(world, entropy_of):
    forged = {n: note.signer(n, entropy_of(n)(32)) if n != "system" else s for n, s in world.signers.items()}
    roles = world.keys.roles()
    ring = note.KeyRing(tuple(note.Key(roles[n], s.vkey) for n, s in forged.items()))
    other = replace(world, signers=forged)
    data = resealed(other, {**world.files, "keys.json": ring.to_bytes()}, SIGNING)
    published = {key.vkey for key in world.keys.keys}
    assert "trusted" in wrong(verify_bytes(data, trusted=published))
    assert verify_bytes(world.data, trusted=published).exit_code == 0


def test_a_tally_that_all_signed_but_the_records_do_not_give_is_found(world):
    content = parse_canonical(world.files["tally.json"])
    content["units"][0]["score"] = "99.99"
    found = wrong(verify_bytes(resealed(world, {**world.files, "tally.json": canonical(content)}, SIGNING)))
    assert set(found) == {"tally"} and found["tally"].record == "units[U001].score"


def test_a_whole_ballot_left_out_of_the_public_records_is_found_though_all_signed(world):
    fewer = world.opened.valid[1:]
    lines = seal.slice_lines(world.form, fewer, ["all"], random.Random(5).randbytes)
    manifest = dict(parse_canonical(world.files["manifest.json"]))
    manifest["slices"] = {"size": len(lines), "root": seal.merkle.root(lines).hex()}
    files = {
        **world.files,
        "manifest.json": canonical(manifest),
        "slices.jsonl": b"\n".join(lines) + b"\n",
        "tally.json": tally.count(fewer, world.rules, world.units).to_bytes(),
    }
    found = wrong(verify_bytes(resealed(world, files, SIGNING)))
    assert set(found) == {"tally"} and "29 in the records, 30 are valid" in found["tally"].says


@pytest.mark.parametrize(
    ("figure", "value", "record"),
    [
        ("issued", 29, "issued"),
        ("drawn", 31, "pool.seats"),
        ("valid", 29, "valid"),
        ("ordinary_present", 20, "ordinary"),
    ],
)
def test_figures_that_do_not_reconcile_are_found_though_all_signed(world, figure, value, record):
    content = {**parse_canonical(world.files["reconciliation.json"]), figure: value}
    report = verify_bytes(resealed(world, {**world.files, "reconciliation.json": canonical(content)}, SIGNING))
    assert record in {check.record for check in wrong(report).values()}


def test_the_draw_of_another_meeting_does_not_fit(world, play):
    other = play(40, seed="another meeting")
    found = wrong(verify_bytes(resealed(world, {**world.files, "draw_proof.json": other.proof}, SIGNING)))
    assert "draw.same" in found


def test_strata_that_the_rules_do_not_call_ordinary_cannot_be_drawn_as_ordinary(world):
    content = parse_canonical(world.files["rules.json"])
    content["ordinary"]["strata"] = ["resident", "villager"]
    found = wrong(verify_bytes(resealed(world, {**world.files, "rules.json": canonical(content)}, SIGNING)))
    assert found["draw.same"].record == "pool.ordinary"


def test_fewer_tellers_cannot_be_allowed_by_the_rules_in_the_bundle(world):
    content = {**parse_canonical(world.files["rules.json"]), "tellers_needed": 1}
    data = resealed(world, {**world.files, "rules.json": canonical(content)}, ("system", "teller-1", "scrutineer"))
    assert "teller: 1 of 3" in wrong(verify_bytes(data))["signatures"].says


@pytest.mark.parametrize("name", sorted((*seal.SEALED_FILES, "manifest.json", "checkpoint.txt")))
def test_a_missing_member_and_one_too_many_are_named(world, name):
    files = {k: v for k, v in world.files.items() if k != name}
    assert wrong(verify_bytes(bundle.write_bundle(files)))["members"].record == name
    report = verify_bytes(bundle.write_bundle({**world.files, "notes.txt": b""}))
    assert wrong(report)["members"].record == "notes.txt"


# -- the result -----------------------------------------------------------------------------------------


def make_result(world):
    """result.json as the scoring service publishes it."""
    rows = []
    for number, unit in enumerate(world.sealed.tally.units):
        parts = [
            PartScore("daily", Decimal(20), Fraction(98 - number)),
            PartScore("concentrated", Decimal(80), unit.exact),
        ]
        rows.append((unit, parts, composite(unit.unit, parts).score))
    candidates = [
        Candidate(u.unit, "centre", "service_window", score, u.ratings, canvassing=u.unit == "U002")
        for u, _, score in rows
    ]
    standings = {s.unit: s for s in rank(candidates, least_ratings=5, least_units_for_last=3)}
    units = []
    for unit, parts, score in rows:
        standing = standings[unit.unit]
        units.append(
            {
                "unit": unit.unit, "category": "service_window", "scope": "centre", "daily": str(parts[0].value),
                "concentrated": str(unit.exact), "ratings": unit.ratings, "missing": None,
                "canvassing": standing.canvassing, "composite": str(score), "rank_low": 1, "rank_high": 3,
                **{n: getattr(standing, n) for n in
                   ("rank", "merit_rank", "category_rank", "of", "last", "tied_last", "merit_last", "not_ranked")},
            }
        )  # fmt: skip
    return {
        "kind": "minping.result.v1", "meeting": "M-1", "cycle": "2026-H1", "least_ratings": 5,
        "least_units_for_last": 3, "weights": {"daily": "20", "concentrated": "80"}, "units": units,
    }  # fmt: skip


def published(world, result, signer="system"):
    data = canonical(result)
    text = bundle.result_note_text(world.sealed.checkpoint, data)
    return bundle.write_bundle(bundle.with_result(world.files, data, world.sign(text, signer)))


def test_a_published_result_is_computed_again(world):
    report = verify_bytes(published(world, make_result(world)))
    assert report.exit_code == 0, report.text()
    assert {c.name for c in report.checks} >= {
        "result.signature",
        "result.concentrated",
        "result.composite",
        "result.ranking",
    }


@pytest.mark.parametrize(
    ("change", "name", "record"),
    [
        (lambda r: r["units"][0].update(composite="99.00"), "result.composite", "units[U001].composite"),
        (lambda r: r["units"][0].update(daily="100"), "result.composite", "units[U001].composite"),
        (lambda r: r["units"][1].update(concentrated="90"), "result.concentrated", "units[U002].concentrated"),
        (lambda r: r["units"][1].update(ratings=99), "result.concentrated", "units[U002].ratings"),
        (lambda r: r["units"][2].update(rank=None), "result.ranking", "units[U003].rank"),
        (lambda r: r["units"][1].update(canvassing=False), "result.ranking", None),
        (lambda r: r["units"][1].update(last=1), "result.ranking", "units[U002].last"),
        (lambda r: r["units"].pop(), "result.form", "units[U003]"),
        (lambda r: r["units"].append(r["units"][0]), "result.form", "units[U001]"),
        (lambda r: r["units"][0].update(scope="elsewhere"), "result.form", "units[U001].scope"),
        (lambda r: r.update(meeting="M-2"), "result.form", "meeting"),
        (lambda r: r.update(weights={"daily": "50", "concentrated": "60"}), "result.composite", "composite.weight"),
        (lambda r: r.update(units={}), "result.form", None),
        (lambda r: r.update(least_ratings="x"), "result.ranking", None),
    ],
)
def test_a_result_that_does_not_follow_is_named_though_the_system_signed(world, change, name, record):
    result = make_result(world)
    change(result)
    found = wrong(verify_bytes(published(world, result)))
    assert found[name].file == "result.json" and (record is None or found[name].record == record)
    assert "result.signature" not in found


def test_a_result_needs_the_systems_signature_over_this_seal(world, play):
    assert "result.signature" in wrong(verify_bytes(published(world, make_result(world), "teller-1")))
    unsigned = bundle.write_bundle({**world.files, "result.json": canonical(make_result(world))})
    assert "members" in wrong(verify_bytes(unsigned))
    data = canonical(make_result(world))
    elsewhere = bundle.result_note_text(play(40, seed="another meeting").sealed.checkpoint, data)
    files = bundle.with_result(world.files, data, world.sign(elsewhere, "system"))
    assert "result.signature" in wrong(verify_bytes(bundle.write_bundle(files)))


# -- receipt and openings -------------------------------------------------------------------------------


def test_a_receipt_is_checked_against_the_seal(world, play):
    receipt = next(iter(world.sealed.receipts.values())).to_bytes()
    assert verify_bytes(world.data, receipt=receipt).exit_code == 0
    other = next(iter(play(40, seed="another meeting").sealed.receipts.values())).to_bytes()
    rng = random.Random(3)
    damaged = [mutated(receipt, at, rng.randrange(1, 256)) for at in range(len(receipt))]
    for bad in (other, b"", b"{}", b"\xff", *damaged):
        assert "receipt" in wrong(verify_bytes(world.data, receipt=bad))


def test_opened_ballots_are_checked_against_seal_and_records(world):
    opened = openings.decrypt_openings(world.dispute_key, "M-1", world.sealed.openings)
    ballots = list(parse_canonical(opened)["ballots"])
    for paper, says in (
        (world.sealed.openings, "that were sealed"),
        (opened, "all 30 ballots"),
        (openings.openings_file("M-1", ballots[:2]), "2 of 30"),
    ):
        report = verify_bytes(world.data, openings=paper)
        assert report.exit_code == 0 and says in report.checks[-1].says
    lie = dict(ballots[0])
    lie["marks"] = {**lie["marks"], "U001": {"d1": "satisfied", "d2": "satisfied"}}
    assert lie != ballots[0]
    for bad in (
        openings.openings_file("M-1", [lie]),
        openings.openings_file("M-1", ballots[:1] * 2),
        openings.openings_file("M-2", ballots),
        openings.openings_file("M-1", []),
        openings.openings_file("M-1", [{"marks": 1}]),
        mutated(world.sealed.openings, 99),
        b"",
    ):
        assert "openings" in wrong(verify_bytes(world.data, openings=bad))


def test_papers_that_cannot_be_read_are_said_so(world, tmp_path):
    path = tmp_path / "b.zip"
    path.write_bytes(world.data)
    report = verify_file(path, receipt=tmp_path / "none", openings=tmp_path)
    assert set(wrong(report)) == {"receipt", "openings"}


# -- what is not ours -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"{}", b"[]", b"null", b"hello", b"\x00" * 5000, b"minping.bundle.v1", b"%PDF-1.7"]
)
def test_other_files_are_not_ours(data):
    assert verify_bytes(data).exit_code == 2


def test_somebody_elses_zip_a_folder_and_a_missing_file_are_not_ours(tmp_path):
    other = BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("manifest.json", "{}")
    assert verify_bytes(other.getvalue()).exit_code == 2
    assert verify_file(tmp_path).exit_code == 2
    assert verify_file(tmp_path / "none").exit_code == 2
    assert verify_file("a\0b").exit_code == 2


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 30_000), st.integers(0, 30_000))
def test_garbage_cuts_and_pieces_never_raise(world, junk, start, end):
    for data in (
        junk,
        world.data[start:end],
        junk + world.data[start:end],
        b"PK\x03\x04" + junk,
        world.data[:start] + junk,
    ):
        assert verify_bytes(data).exit_code in (1, 2)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 50) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32), JSONS)
def test_any_other_type_in_any_place_of_any_file_is_a_finding_and_never_an_error(world, seed, value):
    rng = random.Random(seed)
    name = rng.choice([*(n for n in sorted(world.files) if n.endswith(".json")), "result.json"])
    content = make_result(world) if name == "result.json" else parse(world.files[name])
    place = content
    while True:
        key = rng.choice(sorted(place) if isinstance(place, dict) else range(len(place)))
        if not (isinstance(place[key], dict | list) and place[key]) or rng.random() < 0.3:
            break
        place = place[key]
    assume(canonical(place[key]) != canonical(value))
    place[key] = value
    if name == "result.json":
        report = verify_bytes(published(world, content))
        assert report.exit_code in (0, 1)  # a member that is only shown may be anything the system signs
    else:
        report = verify_bytes(resealed(world, {**world.files, name: canonical(content)}, ("system",)))
        assert report.exit_code == 1
    assert all(check.name != "unforeseen" for check in report.checks)


def repacked(files, **how):
    """The members packed by another program."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", **how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_bundle_packed_again_is_recognised_and_its_container_named(world):
    for how in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        assert set(wrong(verify_bytes(repacked(world.files, compression=how)))) == {"container"}
    tally = mutated(world.files["tally.json"], 50)
    found = wrong(verify_bytes(repacked({**world.files, "tally.json": tally}, compression=zipfile.ZIP_DEFLATED)))
    assert {"container", "file", "tally"} <= set(found) and found["file"].file == "tally.json"


def test_a_zip_bomb_is_bounded(world, monkeypatch):
    monkeypatch.setattr(container, "_LEAST_ROOM", 2**20)
    bomb = repacked({**world.files, "slices.jsonl": b"0" * 200 * 2**20}, compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 2**20
    read = container.read_container(bomb)
    assert sum(map(len, read.files.values())) <= max(2**20, 20 * len(bomb))
    assert verify_bytes(bomb).exit_code == 1


def test_a_directory_that_points_at_the_same_bytes_again_and_again_is_bounded():
    body = b"x" * 100_000
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, zlib.crc32(body), len(body), len(body), 1, 0, 0, 0, 0, 0, 0
    )
    local = (
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, zlib.crc32(body), len(body), len(body), 1, 0)
        + b"a"
        + body
    )
    directory = b"".join(entry + bytes([33 + i % 90]) for i in range(60_000))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60_000, 60_000, len(directory), len(local), len(bundle.COMMENT))
    data = local + directory + end + bundle.COMMENT
    read = container.read_container(data)
    assert sum(map(len, read.files.values())) <= 90 * len(body)
    assert verify_bytes(data).exit_code == 1


def test_every_check_has_a_title_in_both_languages(world):
    assert all(zh and en and zh != en for zh, en in TITLES.values())


def test_a_meeting_with_two_classes_of_card_is_verified_too(world):
    classes = (rules.CardClass("ordinary", Decimal(70)), rules.CardClass("other", Decimal(30)))
    vote = replace(world.rules, classes=classes)
    ballots = [replace(b, card_class="other" if i < 10 else "ordinary") for i, b in enumerate(world.opened.valid)]
    sealed = seal.seal(
        meeting="M-1", rules=vote, units=world.units, ballots=ballots, counts=world.counts, draw_proof=world.proof,
        keys=world.keys, sealed_at=datetime(2026, 6, 30, tzinfo=UTC), entropy=random.Random(5).randbytes,
    )  # fmt: skip
    files = {**sealed.files, "checkpoint.txt": world.sign(sealed.checkpoint, *SIGNING).encode()}
    assert verify_bytes(bundle.write_bundle(files)).exit_code == 0
    assert tally.count(ballots, vote, world.units) == sealed.tally
    assert parse_canonical(files["tally.json"])["ballots"] == {"ordinary": 20, "other": 10}
