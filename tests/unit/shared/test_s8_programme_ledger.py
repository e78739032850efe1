"""Bonus rules and service volume in a programme (S8): every error with its line and field."""

from pathlib import Path

import pytest

import shared.programme
from shared.programme.check import parse

GOOD = (Path(shared.programme.__file__).parent / "window-units.yaml").read_text(encoding="utf-8")
BEFORE = "  most_per_case: 5\n  rules:\n"
LEDGER = """  most_per_case: 5
  bonus:
    ceiling: 100
    rules:
      - {key: good_practice, label: {zh: 好做法, en: Good practice}, points: 1, most_per_cycle: 3}
      - {key: commendation, label: {zh: 受到表彰, en: Commendation}, points: 2, most_per_case: 2}
  volume: {per: 10000, least: 2000, decimals: 2, rounding: half_up, keeps: [obligation_missed]}
  rules:
"""


def test_s8_a_programme_may_have_bonus_rules_and_count_service_volume() -> None:
    assert BEFORE in GOOD
    programme, wrong = parse(GOOD.replace(BEFORE, LEDGER))
    assert wrong == [] and programme is not None
    points = programme.points
    assert points.bonus is not None and points.volume is not None
    assert [(r.key, r.most, r.most_per_cycle) for r in points.bonus.rules] == [
        ("good_practice", 1, 3), ("commendation", 2, None),
    ]  # fmt: skip
    assert points.of("commendation") == 2 and points.has("good_practice") and not points.has("self_correction")


@pytest.mark.parametrize(
    ("good", "slip", "field", "reason"),
    [
        ("key: commendation", "key: good_practice", "points.bonus.rules[2].key", "twice"),
        ("key: commendation", "key: praise", "points.bonus.rules[2].key", "not one of"),
        ("points: 1,", "points: -1,", "points.bonus.rules[1].points", "more than 0"),
        ("most_per_case: 2}", "most_per_case: 1}", "points.bonus.rules[2].most_per_case", "less than"),
        ("most_per_cycle: 3", "most_per_cycle: 0.5", "points.bonus.rules[1].most_per_cycle", "less than"),
        ("ceiling: 100", "ceiling: 90", "points.bonus.ceiling", "below the start"),
        ("ceiling: 100", "ceiling: 120", "points.bonus.ceiling", "at most 100"),
        ("half_up", "half-up", "points.volume.rounding", "not one of"),
        ("least: 2000", "least: 0", "points.volume.least", "at least 1"),
        ("[obligation_missed]", "[obligation_mised]", "points.volume.keeps[1]", "not one of"),
        ("decimals: 2", "decimls: 2", "points.volume.decimls", "no such field"),
    ],
)
def test_s8_a_slip_in_bonus_and_volume_is_told_with_line_and_field(
    good: str, slip: str, field: str, reason: str
) -> None:
    text = GOOD.replace(BEFORE, LEDGER.replace(good, slip, 1))
    problems = parse(text)[1]
    found = [p for p in problems if p.field == field and reason in p.reason.en]
    assert found, [str(p) for p in problems]
    lines = [i for i, row in enumerate(text.splitlines(), 1) if slip in row]
    assert found[0].line in lines
