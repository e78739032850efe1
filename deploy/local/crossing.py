"""Panels for crossing quotas, proposed by a process of its own: `sortition-algorithms` is GPL-3 and heavy (420 MB)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from services.scoring.domain.panels import Lottery, Quota
from shared.errors import Refusal

ROOT = Path(__file__).parent.parent.parent
PYTHON = ROOT / ".crossing" / "bin" / "python"
PROGRAM = ROOT / "deploy" / "crossing" / "propose.py"
PANELS = 1000
PATIENCE_S = 600
SAID = 1000


def propose(
    people: Sequence[Mapping[str, str]], seats: Mapping[str, int], quotas: Sequence[Quota], panels: int = PANELS
) -> Lottery:
    """Panels that all keep the quotas, for the public seed to pick from. They are checked when they are frozen.

    people: id, stratum and attributes of everybody who may be drawn. Raises Refusal where the extra is not installed
    (`make crossing`), or finds no panel.
    """
    if not PYTHON.exists():
        raise Refusal("crossing", str(PYTHON), "the extra for crossing quotas is not installed", "make crossing")
    wanted = {
        "people": [dict(person) for person in people],
        "seats": {stratum: number for stratum, number in seats.items() if number},
        "quotas": [asdict(quota) for quota in quotas],
        "panels": panels,
    }
    with TemporaryDirectory(prefix="minping-crossing-") as folder:
        target = Path(folder) / "proposed.json"
        try:
            done = subprocess.run(
                [PYTHON, "-I", PROGRAM, target], input=json.dumps(wanted), capture_output=True, text=True,
                encoding="utf-8", timeout=PATIENCE_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            reason = f"no panels were found within {PATIENCE_S} s"
            raise Refusal("quotas", len(quotas), reason, "loosen the quotas") from error
        if done.returncode:
            said = " ".join(done.stderr.split())[-SAID:]
            raise Refusal("quotas", len(quotas), f"no panels were found: {said}", "loosen the quotas, or mend the pool")
        found = json.loads(target.read_text(encoding="utf-8"))
    return Lottery(tuple(quotas), tuple(tuple(panel) for panel in found["panels"]))
