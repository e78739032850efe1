"""Simulated years through the command line, in a process of their own, and what their reports say."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("minping")
WITHIN_S = 1200


@dataclass(frozen=True)
class Simulated:
    """A run of `minping simulate`: its JSON and its page, as written."""

    json: bytes
    page: bytes
    said: str

    @property
    def report(self) -> dict[str, Any]:
        """The report as data."""
        found: dict[str, Any] = json.loads(self.json)
        return found

    def zeros(self) -> list[str]:
        """What should have happened and did not: mechanism and what would have shown it."""
        return [
            f"{one['key']}: {proof['zh']}"
            for one in self.report["mechanisms"]
            for proof in one["proofs"]
            if proof["count"] < proof["least"]
        ]

    def counts(self) -> dict[str, int]:
        """Mechanism → how often it was seen."""
        return {one["key"]: one["count"] for one in self.report["mechanisms"]}


def simulate(folder: Path, programme: str, *, year: int = 2026, years: int = 1, seed: int = 1) -> Simulated:
    """Play it; the command's own judgement (exit 1: a mechanism was not exercised) is left to the caller's look."""
    folder.mkdir(parents=True, exist_ok=True)
    made, page = folder / "report.json", folder / "report.html"
    command = [
        str(PROGRAM), "simulate", "--programme", programme, "--year", str(year), "--years", str(years),
        "--seed", str(seed), "--data", str(folder / "data"), "--json", str(made), "--report", str(page),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    said = done.stdout + done.stderr
    assert made.exists(), said[-6000:]
    return Simulated(made.read_bytes(), page.read_bytes(), said)
