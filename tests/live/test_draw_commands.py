"""`minping draw` against a running service: list, conflicts, commitments, freeze with panels, draw, replacement."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from typer.testing import CliRunner

from deploy.local import crossing
from deploy.local.asking import ask, tell
from deploy.local.commands import draw
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from services.scoring.domain.note import signer
from services.scoring.verify import verify_file
from shared.errors import Refusal
from shared.programme import demo, load
from tests.support.wait import until

pytestmark = pytest.mark.live
PROGRAMME = load("window-units")
DICE = "3719 0485 2266 1049 5738"


@pytest.fixture(scope="module")
def scoring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Scoring alone, on the machine's clock, with the demo's units and a cycle that is on."""
    data = tmp_path_factory.mktemp("draw")
    with Deployment(data, Ports.free(), Plan(services=("scoring",))) as running:
        act(running, "/units", [
            {"unit": u.key, "name": u.name, "category": u.category, "township": u.township} for u in demo.units()
        ])  # fmt: skip
        now = datetime.now(UTC)
        days = {"starts": (now - timedelta(days=9)).isoformat(), "ends": (now + timedelta(days=9)).isoformat()}
        act(running, "/cycles", {"name": "C1", **days})
        yield running


def act(running: Deployment, path: str, body: Any) -> Any:
    return tell(f"{running.urls['scoring']}/api/v1{path}", running.token("office"), body)


def see(running: Deployment, path: str, role: str = "auditor") -> Any:
    return ask(f"{running.urls['scoring']}/api/v1{path}", running.token(role))


def minping(running: Deployment, *arguments: object) -> dict[str, Any]:
    """A command with --json; its result, and its exit code. Raises the Refusal that it ends with."""
    data = () if arguments[0] == "commit" else ("--data", running.layout.data)
    result = CliRunner().invoke(draw.app, [*map(str, (*arguments, *data)), "--json", "-"])
    if isinstance(result.exception, Refusal):
        raise result.exception
    return {**json.loads(result.stdout), "exit": result.exit_code}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's list as an office has it, in a workbook, with names, sexes and one stratum misspelt."""
    path, rng = tmp_path_factory.mktemp("list") / "名册.xlsx", random.Random(2)
    strata = {one.key: one.label.zh for one in PROGRAMME.pool.strata}
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["登记号", "姓名", "身份类别", "性别", "任职单位"])
        for row, one in enumerate(demo.pool(), start=1):
            stratum = "党代会代表" if one.id == "E107" else strata[one.stratum]
            sheet.write_row(row, 0, [one.id, one.name, stratum, rng.choice("男女"), "、".join(one.conflicts)])
    return path


def meeting(running: Deployment, name: str) -> None:
    """A rehearsal of a meeting with its tellers; a witness commits from his own file."""
    scope = see(running, "/units")[0]["scope"]
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    act(running, "/meetings", {
        "name": name, "cycle": "C1", "date": day, "pool": "yunxi", "scopes": [scope], "rehearsal": True,
    })  # fmt: skip
    for role, who in [*(("teller", f"teller-{n}") for n in range(1, 6)), ("scrutineer", "scrutineer-1")]:
        act(running, f"/meetings/{name}/keys", {"role": role, "vkey": signer(who, secrets.token_bytes(32)).vkey})


async def test_s2_s3_from_the_offices_workbook_to_a_proof_by_commands_alone(
    scoring: Deployment, listed: Path, tmp_path: Path
) -> None:
    report = minping(scoring, "pool", "import", listed, "--pool", "yunxi", "--salt", tmp_path / "salt")
    assert (report["read"], report["taken"], report["registered"], report["exit"]) == (110, 109, True, 1)
    assert [(r["row"], r["field"], r["value"]) for r in report["refused"]] == [(108, "stratum", "党代会代表")]
    unit = see(scoring, "/units")[0]["unit"]
    free = next(one for one in demo.pool() if not one.conflicts and one.stratum == "villager")
    said = minping(scoring, "pool", "conflict", "yunxi", free.id, unit, "--kind", "related", "--reason", "亲属")
    assert said["standing"] and see(scoring, "/pools/yunxi/conflicts")["conflicts"][-1]["member"] == free.id

    meeting(scoring, "draw-1")
    committed = minping(scoring, "commit", "--witness", "甲", "--secret", tmp_path / "jia.json")
    (tmp_path / "token").write_text(scoring.token("witness"), "utf-8")  # from the witness's own computer
    there = ("--url", scoring.urls["scoring"], "--token-file", tmp_path / "token")
    minping(scoring, "meeting", "commit", "draw-1", "--witness", f"甲={committed['commitment']}", *there)
    frozen = minping(scoring, "meeting", "freeze", "draw-1", "--public-source", "试抽号码", "--cut-off", soon(3))
    assert frozen["excluded"] >= 1 and frozen["pool_hash"] in frozen["note"]
    given = {"public_value": "3 1 7", "dice": DICE, "witnesses": [{"secret": "jia.json"}]}
    (tmp_path / "evening.json").write_text(json.dumps(given), "utf-8")

    def drawn() -> dict[str, Any] | None:
        try:
            return minping(
                scoring, "meeting", "run", "draw-1", "--entropy", tmp_path / "evening.json", "--out",
                tmp_path / "draw_proof.json",
            )  # fmt: skip
        except Refusal as refusal:
            assert "is not known before" in refusal.reason, refusal
            return None

    found = await until(drawn, "the cut-off has passed", within=30)
    proof = verify_file(tmp_path / "draw_proof.json")
    assert proof.exit_code == 0, proof.text()
    assert sum(map(len, found["seated"].values())) == 60
    assert free.id not in json.dumps(found)
    pool = json.loads((tmp_path / "draw_proof.json").read_text("utf-8"))["pool"]
    assert all(len(one["name_hash"]) == 64 for one in pool["pool"])
    assert not any(one.name in (tmp_path / "draw_proof.json").read_text("utf-8") for one in demo.pool())

    gone, comes = found["seated"]["villager"][0], found["alternates"]["villager"][0]
    panel = minping(scoring, "meeting", "replace", "draw-1", gone, "--reason", "生病")
    assert panel["replacements"] == [{"gone": gone, "reason": "生病", "called": comes}]


@pytest.mark.skipif(not crossing.PYTHON.exists(), reason="no extra for crossing quotas: make crossing")
def test_s3_a_meeting_with_crossing_quotas_has_its_panels_proposed_and_published(
    scoring: Deployment, listed: Path, tmp_path: Path
) -> None:
    minping(scoring, "pool", "import", listed, "--pool", "yunxi")
    meeting(scoring, "draw-2")
    committed = minping(scoring, "commit", "--witness", "甲", "--secret", tmp_path / "jia.json")
    minping(scoring, "meeting", "commit", "draw-2", "--witness", f"甲={committed['commitment']}")
    (tmp_path / "quotas.yaml").write_text("panels: 200\nquotas: {gender: {男: [20, 40], 女: [20, 40]}}\n", "utf-8")
    options = ["--public-source", "下周号码", "--cut-off", soon(3600), "--quotas", tmp_path / "quotas.yaml"]
    frozen = minping(scoring, "meeting", "freeze", "draw-2", *options)
    pool = see(scoring, "/meetings/draw-2/pool")
    assert len(pool["panels"]) == 200 and pool["algorithm"] == "panel-lottery.v1"
    assert frozen["eligible"] == len(pool["pool"])


def soon(seconds: int) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")
