"""S3, crossing quotas: the real extra in its own process, where `make crossing` has installed it."""

import json
from collections import Counter
from pathlib import Path

import pytest

from deploy.local import crossing
from services.scoring.domain.panels import Lottery, Quota, check_panels
from services.scoring.domain.pool import Candidate
from shared.errors import Refusal

RECORDED = json.loads((Path(__file__).parent / "recorded" / "panels.json").read_text(encoding="utf-8"))
QUOTAS = [Quota(**q) for q in RECORDED["quotas"]]
installed = pytest.mark.skipif(
    not crossing.PYTHON.exists(), reason="the extra for crossing quotas is not installed: make crossing"
)


@installed
def test_s3_the_real_extra_proposes_panels_that_hold_and_gives_everybody_a_chance() -> None:
    found = crossing.propose(RECORDED["people"], RECORDED["seats"], QUOTAS, 200)
    assert isinstance(found, Lottery) and len(found.panels) == 200
    people = [
        Candidate(p["id"], p["stratum"], attributes={"gender": p["gender"], "age": p["age"]})
        for p in RECORDED["people"]
    ]
    check_panels(found.panels, people, RECORDED["seats"], QUOTAS)
    counts = Counter(i for panel in found.panels for i in panel)
    print(f"chances {min(counts.values())}/200 to {max(counts.values())}/200, {len(set(found.panels))} panels differ")
    assert min(counts.values()) >= 20


@installed
def test_s3_quotas_that_nobody_can_keep_are_refused_with_what_the_extra_says() -> None:
    impossible = [Quota("gender", "男", 0, 1), Quota("gender", "女", 11, 12), *QUOTAS[2:]]
    with pytest.raises(Refusal, match="no panels were found") as refused:
        crossing.propose(RECORDED["people"], RECORDED["seats"], impossible, 100)
    assert refused.value.field == "quotas"


def test_s3_without_the_extra_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(crossing, "PYTHON", tmp_path / "none")
    with pytest.raises(Refusal, match="make crossing"):
        crossing.propose(RECORDED["people"], RECORDED["seats"], QUOTAS, 100)
