"""`minping programme publish` and `amend` in a running house."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.deployment import Deployment
from shared.programme import fingerprint, load
from shared.programme.sources import source

pytestmark = pytest.mark.live


def minping(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.local.cli", "programme", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_s14_a_year_is_published_by_the_file_that_the_house_runs_by_and_changed_only_by_an_amendment(
    deployment: Deployment, tmp_path: Path
) -> None:
    data = ["--data", str(deployment.layout.data)]
    done = minping("publish", "window-units", "--year", "2044", *data, "--json", "-")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["sha256"] == fingerprint(load("window-units"))
    assert [(one["name"], one["opened"]) for one in said["cycles"]] == [("2044-H1", True), ("2044-H2", True)]
    again = json.loads(minping("publish", "window-units", "--year", "2044", *data, "--json", "-").stdout)
    assert [one["opened"] for one in again["cycles"]] == [False, False]

    mine = tmp_path / "mine.yaml"
    mine.write_text(source("window-units").replace("immediate: 15 ", "immediate: 12 "), encoding="utf-8")
    refused = minping("publish", str(mine), "--year", "2044", *data)
    assert refused.returncode == 2
    assert "minping up --programme" in refused.stderr

    why = ["--reason", "期限过长", "--document", "评议办〔2044〕1号"]
    amended = minping("amend", str(mine), "--cycle", "2044-H1", *why, *data)
    assert amended.returncode == 0, amended.stderr
    assert "deadlines.immediate: 15 → 12" in amended.stdout
    gone = tmp_path / "gone.yaml"
    gone.write_text(
        "\n".join(line for line in source("window-units").splitlines() if "{key: lax," not in line), encoding="utf-8"
    )
    refused = minping("amend", str(gone), "--cycle", "2044-H2", *why, *data)
    assert refused.returncode == 2
    assert "topics[lax]" in refused.stderr
