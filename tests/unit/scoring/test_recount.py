"""S15: a recount needs the sealed bundle and nothing else; a stamp of an outside authority is checked offline."""

import json
import random
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from deploy.local.commands.meeting import app as meeting_app
from deploy.local.commands.verify import app as verify_app
from services.scoring.domain import bundle, openings, seal, shamir
from services.scoring.domain.canon import canonical, parse_canonical
from services.scoring.domain.key_file import split_public
from services.scoring.domain.rules import CardClass
from services.scoring.verify import Beside, verify_bytes
from services.scoring.verify.recount import recount
from services.scoring.verify.timestamp import request

run = CliRunner().invoke
WHEN = datetime(2026, 6, 30, tzinfo=UTC)


def test_s15_a_recount_from_the_bundle_alone_shows_the_arithmetic_of_every_unit(world):
    found = recount(world.data)
    assert found.holds and found.ballots == 30 and len(found.units) == 3
    for unit, sealed in zip(found.units, world.sealed.tally.units, strict=True):
        assert unit.score == sealed.score and unit.sealed == str(sealed.score)
        assert len(unit.lines) == 3 and str(sealed.score) in unit.lines[-1]
        for line, dimension in zip(unit.lines, sealed.dimensions, strict=False):
            grades = [f"{g.label} {dimension.counts[g.key]}×{g.mark}" for g in world.rules.grades]
            total = sum(dimension.counts[g.key] * g.mark for g in world.rules.grades)
            assert " + ".join(grades) + f" = {total}；÷ {dimension.ratings} = {dimension.mean}" in line


def test_s15_a_recount_names_the_figure_that_is_not_the_records(world):
    content = parse_canonical(world.files["tally.json"])
    content["units"][1]["score"] = "99.99"
    found = recount(bundle.write_bundle({**world.files, "tally.json": canonical(content)}))
    assert not found.holds
    assert [(u.unit, u.sealed, u.same) for u in found.units if not u.same] == [("U002", "99.99", False)]
    assert {c.file for c in found.failures} >= {"tally.json"}
    for junk in (b"", b"PK", world.data[:500]):
        assert not recount(junk).holds


def test_s15_the_command_prints_the_recount_and_says_by_its_exit_whether_it_agrees(world, tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(world.data)
    told = run(meeting_app, ["recount", str(path), "--json", str(tmp_path / "r.json")])
    assert told.exit_code == 0 and "重新计票一致" in told.output and "U001 第1窗口" in told.output
    assert json.loads((tmp_path / "r.json").read_text())["holds"] is True
    one = run(meeting_app, ["recount", str(path), "--unit", "U002"])
    assert "U002" in one.output and "U001" not in one.output
    path.write_bytes(world.data.replace(b'"ballots":{"all":30}', b'"ballots":{"all":31}'))
    assert run(meeting_app, ["recount", str(path)]).exit_code == 1


def test_s6_four_of_five_open_a_dispute_and_the_opened_ballots_are_those_sealed(world, tmp_path):
    """The dispute key stands in the seal, so that the bundle and the shares are enough."""
    shares = shamir.split_key(world.dispute_key, needed=4, given=5)
    split = split_public(world.dispute_key.public_key(), 4, [f"teller-{i}" for i in range(1, 6)], shares)
    ceremony = {"kind": "minping.ceremony.v1", "meeting": "M-1", "dispute_key": split.to_json()}
    files = {**world.files, "ceremony.json": canonical(ceremony)}
    (tmp_path / "bundle.zip").write_bytes(bundle.write_bundle(files))
    (tmp_path / "openings.bin").write_bytes(world.sealed.openings)
    given = []
    for number, share in enumerate(shares):
        (tmp_path / f"{number}.share").write_text(share + "\n")
        given += ["--share", str(tmp_path / f"{number}.share")]
    command = ["open-dispute", str(tmp_path / "bundle.zip"), str(tmp_path / "openings.bin")]
    few = run(meeting_app, [*command, *given[:6], "--out", str(tmp_path / "few.json")])
    assert few.exit_code != 0 and not (tmp_path / "few.json").exists()
    done = run(meeting_app, [*command, *given[:8], "--out", str(tmp_path / "opened.json")])
    assert done.exit_code == 0, done.output
    opened = (tmp_path / "opened.json").read_bytes()
    assert verify_bytes(world.data, openings=opened).exit_code == 0
    assert len(parse_canonical(opened)["ballots"]) == 30
    assert openings.OPENINGS_KIND.encode() in opened


@pytest.fixture
def authority(tmp_path):
    """A time-stamping authority of our own: openssl with a root and a certificate for stamps."""
    openssl = shutil.which("openssl")
    assert openssl is not None, "openssl is needed to play the time-stamping authority"
    (tmp_path / "tsa.cnf").write_text(
        "[req]\ndistinguished_name=dn\n[dn]\n[tsa_ext]\nextendedKeyUsage=critical,timeStamping\n"
        "keyUsage=critical,digitalSignature\n[tsa]\ndefault_tsa=one\n[one]\nserial=tsa.serial\n"
        "signer_cert=tsa.pem\ncerts=tsa.pem\nsigner_key=tsa.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\n"
        "digests=sha256\naccuracy=secs:1\nordering=no\ntsa_name=no\ness_cert_id_chain=no\n"
    )
    (tmp_path / "tsa.serial").write_text("01\n")

    def call(*arguments):
        subprocess.run([openssl, *arguments], cwd=tmp_path, check=True, capture_output=True)

    for name in ("root", "tsa"):
        call("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", f"{name}.key")
    call(
        "req", "-x509", "-key", "root.key", "-subj", "/CN=root", "-days", "30", "-out", "root.pem", "-config", "tsa.cnf"
    )
    call("req", "-new", "-key", "tsa.key", "-subj", "/CN=stamps", "-out", "tsa.csr", "-config", "tsa.cnf")
    call("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30",
         "-extfile", "tsa.cnf", "-extensions", "tsa_ext", "-out", "tsa.pem")  # fmt: skip

    def stamp(query: bytes) -> bytes:
        (tmp_path / "request.tsq").write_bytes(query)
        call("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq", "-out", "stamp.tsr")
        return (tmp_path / "stamp.tsr").read_bytes()

    return stamp, (tmp_path / "root.pem").read_bytes(), tmp_path


def test_s6_an_outside_stamp_over_the_checkpoint_is_checked_offline(world, authority):
    stamp, root, folder = authority
    response = stamp(request(world.files[seal.CHECKPOINT]))
    held = verify_bytes(world.data, beside=Beside(timestamp=response, tsa=root))
    assert held.exit_code == 0 and "stamped at" in held.checks[-1].says
    other = stamp(request(b"another checkpoint"))
    for bad in (other, response[:-1], b"", response.replace(b"stamps", b"stumps")):
        assert verify_bytes(world.data, beside=Beside(timestamp=bad, tsa=root)).failures[-1].name == "timestamp"
    for roots in (None, b"", (folder / "tsa.pem").read_bytes().replace(b"M", b"N", 1)):
        assert verify_bytes(world.data, beside=Beside(timestamp=response, tsa=roots)).exit_code == 1
    (folder / "bundle.zip").write_bytes(world.data)
    told = run(
        verify_app,
        [str(folder / "bundle.zip"), "--timestamp", str(folder / "stamp.tsr"), "--tsa", str(folder / "root.pem")],
    )
    assert told.exit_code == 1, "the stamp on disk is over another checkpoint"


def test_s15_a_recount_of_two_classes_of_card_shows_both(world):
    rules = replace(
        world.rules,
        classes=(CardClass("ordinary", Decimal(70)), CardClass("other", Decimal(30))),
        least_class_ballots=1,
    )
    ballots = [replace(b, card_class="other" if i < 10 else "ordinary") for i, b in enumerate(world.opened.valid)]
    made = seal.seal(
        meeting="M-1", rules=rules, units=world.units, ballots=ballots, counts=world.counts, draw_proof=world.proof,
        keys=world.keys, sealed_at=WHEN, entropy=random.Random(5).randbytes,
    )  # fmt: skip
    signing = ("system", "teller-1", "teller-3", "teller-5", "scrutineer")
    found = recount(
        bundle.write_bundle({**made.files, "checkpoint.txt": world.sign(made.checkpoint, *signing).encode()})
    )
    assert found.holds and len(found.units[0].lines) == 5
    assert any("ordinary 70%" in line for line in found.units[0].lines)
