"""S3: the page that a witness follows with a calculator: every number and every command in it is right."""

import json
import re
import shutil
import subprocess
import sys
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from typer.testing import CliRunner

from deploy.local.commands import draw
from services.scoring.domain import draw as lots
from services.scoring.domain import note, panels
from services.scoring.domain.pool import largest_remainder
from services.scoring.verify import draw_proof
from tests.unit.scoring.test_s3_commands import Clock

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLE = DOCS / "draw-example"
PAGE = (DOCS / "draw.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.+?)\n# → (.+?)\n```", PAGE, re.DOTALL)
PROOF: dict[str, Any] = json.loads((EXAMPLE / "draw_proof.json").read_bytes())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example with the verifier in it."""
    for path in EXAMPLE.iterdir():
        shutil.copy(path, tmp_path)
    shutil.copy(draw_proof.__file__, tmp_path)
    return tmp_path


def test_s3_the_page_has_a_command_for_every_step() -> None:
    assert len(BLOCKS) == 6


@pytest.mark.skipif(not shutil.which("bash") or not shutil.which("openssl"), reason="no bash or openssl here")
@pytest.mark.parametrize(("command", "says"), BLOCKS)
def test_s3_each_command_of_the_page_prints_what_the_page_says(folder: Path, command: str, says: str) -> None:
    env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False, env=env
    )
    assert done.returncode == 0, done.stderr
    assert says in done.stdout


def test_s3_the_example_is_what_the_command_makes_of_its_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`draw run` on the frozen pool of the page writes the very bytes of the page's proof."""
    monkeypatch.setattr(draw, "SystemClock", Clock)
    monkeypatch.setattr(Clock, "now_is", Clock.now_is.fromisoformat("2026-06-29T21:40+08:00"))
    key = note.signer("minping-example", bytes(range(32))).private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "draw.key").write_bytes(key)
    (folder / "draw_proof.json").unlink()
    names = {"--pool": "pool.csv", "--seats": "seats.yaml", "--entropy": "entropy.json", "--out": "draw_proof.json"}
    arguments = [part for option, name in names.items() for part in (option, str(folder / name))]
    result = CliRunner().invoke(draw.app, ["run", *arguments, "--key-name", "minping-example"])
    assert result.exit_code == 0, result.exception
    assert (folder / "draw_proof.json").read_bytes() == (EXAMPLE / "draw_proof.json").read_bytes()


def test_s3_the_example_verifies_alone_in_an_empty_folder(folder: Path) -> None:
    command = [sys.executable, "-I", "-S", "draw_proof.py", "draw_proof.json"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False, env={"PYTHONUTF8": "1"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 9 and PROOF["seed"] in done.stdout


def test_s3_the_verifier_runs_on_a_console_that_knows_no_ticks_and_names_a_file_it_cannot_read(folder: Path) -> None:
    def run(name: str) -> tuple[int, bytes]:
        done = subprocess.run(
            [sys.executable, "-S", "draw_proof.py", name], cwd=folder, capture_output=True, check=False,
            env={"PYTHONIOENCODING": "gbk"},
        )  # fmt: skip
        assert not done.stderr, done.stderr
        return done.returncode, done.stdout

    code, said = run("draw_proof.json")
    assert code == 0 and "抽签结果已签名".encode("gbk") in said
    code, said = run("nowhere.json")
    assert code == 2 and b"nowhere.json" in said


def test_s3_the_pages_seats_are_the_largest_remainders() -> None:
    rows = re.findall(
        r"^\| (\w+) \| (\d+) \| ([\d.]+) \| (\d+) \| ([\d.]+)[ ↑]* \| \*\*(\d+)\*\* \|$", PAGE, re.MULTILINE
    )
    counts = {stratum: int(people) for stratum, people, *_ in rows}
    assert largest_remainder(counts, 6) == {stratum: int(row[-1]) for stratum, *row in rows}
    assert {s: PROOF["pool"]["seats"][s] for s in counts} == {stratum: int(row[-1]) for stratum, *row in rows}
    for stratum, people, share, whole, rest, _ in rows:
        exact = Fraction(6 * int(people), sum(counts.values()))
        assert Decimal(share) == rounded(exact), stratum
        assert (int(whole), Decimal(rest)) == (int(exact), rounded(exact - int(exact))), stratum


def rounded(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.001"), ROUND_HALF_UP)


def test_s3_the_pages_table_of_the_order_is_the_proofs() -> None:
    seed = bytes.fromhex(PROOF["seed"])
    found = re.findall(
        r"^\| (\w+) \| (\d) \| ((?:\w\d\d `\w{8}`(?:, )?)+) \| ((?:\w\d\d `\w{8}`(?:, )?)+) \|$", PAGE, re.MULTILINE
    )
    assert [row[0] for row in found] == [stratum["stratum"] for stratum in PROOF["strata"]]
    for (name, seats, drawn, alternates), stratum in zip(found, PROOF["strata"], strict=True):
        for said, ids in ((drawn, stratum["seated"]), (alternates, stratum["alternates"])):
            numbers = [(i, lots.order_key(seed, name, i).hex()[:8]) for i in ids]
            assert re.findall(r"(\w\d\d) `(\w{8})`", said) == numbers
        assert int(seats) == len(stratum["seated"])


def test_s3_the_pages_pick_of_a_panel_is_right() -> None:
    assert f"panel **{panels.pick(bytes.fromhex(PROOF['seed']), 1000)}**" in PAGE
    assert str(0xD4C13975AF96937C) in PAGE and 0xD4C13975AF96937C % 1000 == 860
