"""The composite's parts in a programme (S9): every error with its line and field, and what the defaults are."""

from pathlib import Path

import pytest

import shared.programme
from shared.programme.check import Problem, parse

GOOD = (Path(shared.programme.__file__).parent / "window-units.yaml").read_text(encoding="utf-8")
CONCENTRATED = "  - {key: concentrated, label: {zh: 集中评议, en: Concentrated}, weight: 80}\n"
MARKED = """  - {key: concentrated, label: {zh: 集中评议, en: Concentrated}, weight: 30}
  - {key: questionnaire, label: {zh: 问卷, en: Questionnaire}, weight: 10}
  - {key: resolution, label: {zh: 问题解决, en: Resolution}, weight: 20, least: 5}
  - {key: drive, kind: panel, label: {zh: 专项行动, en: Drive}, weight: 10}
  - key: online_hall
    label: {zh: 网上办事, en: Online hall}
    weight: 10
    items:
      - {key: covered, label: {zh: 事项覆盖, en: Covered}, weight: 60}
      - {key: speed, label: {zh: 时效, en: Speed}, weight: 40}
"""


def with_parts(parts: str) -> str:
    assert CONCENTRATED in GOOD
    return GOOD.replace(CONCENTRATED, parts)


def problems(parts: str) -> list[Problem]:
    return parse(with_parts(parts))[1]


def test_s9_a_programme_has_any_parts_each_with_its_kind_source_and_least_sample() -> None:
    programme, wrong = parse(with_parts(MARKED))
    assert wrong == [] and programme is not None
    seen = {p.key: (p.is_of, p.is_computed, p.least_sample, p.weight) for p in programme.composite}
    assert seen == {
        "daily": ("daily", True, 0, 20), "concentrated": ("concentrated", True, 0, 30),
        "questionnaire": ("questionnaire", False, 30, 10), "resolution": ("resolution", True, 5, 20),
        "drive": ("panel", False, 0, 10), "online_hall": ("online_hall", False, 0, 10),
    }  # fmt: skip


def test_s9_a_programme_may_do_without_a_meeting_and_without_a_daily_score() -> None:
    """A bureau's year-end appraisal of four parts, for one."""
    daily = "  - {key: daily, label: {zh: 日常评议, en: Daily}, weight: 20}\n"
    four = "".join(
        f"  - {{key: {key}, kind: panel, label: {{zh: 部分, en: Part}}, weight: 25}}\n"
        for key in ("responsibility", "action_plan", "drive", "rectification")
    )
    assert daily in GOOD
    alone = with_parts(four).replace(daily, "").replace("tells: [supervisor, evaluator]", "tells: [supervisor]")
    programme, wrong = parse(alone)  # nobody votes, and so there are no evaluators to tell
    assert wrong == [] and programme is not None
    assert [p.weight for p in programme.composite] == [25] * 4


@pytest.mark.parametrize(
    ("good", "slip", "field", "reason", "remedy"),
    [
        ("Drive}, weight: 10", "Drive}, weight: 20", "composite", "sum to 110", "100"),
        ("Speed}, weight: 40", "Speed}, weight: 30", "composite[6].items", "sum to 90", "100"),
        ("{key: speed,", "{key: covered,", "composite[6].items[2].key", "twice", "once"),
        ("key: drive, kind: panel,", "key: drive,", "composite[5].key", "no known part", "kind"),
        ("kind: panel", "kind: pannel", "composite[5].kind", "", "panel"),
        ("key: drive, kind: panel", "key: drive, kind: daily", "composite[5].key", "cannot have this key", "daily"),
        ("kind: panel", "kind: panel, source: computed", "composite[5].source", "computed", "entered"),
        ("weight: 30", "weight: 30, source: entered", "composite[2].source", "nobody", "out"),
        ("weight: 30", "weight: 30, least: 9", "composite[2].least", "least_ratings", "out"),
        (
            "least: 5}",
            "items: [{key: a, label: {zh: 甲, en: A}, weight: 100}]}",
            "composite[4].items",
            "computed part has no items",
            "out",
        ),
        ("least: 5}", "least: -1}", "composite[4].least", "", ""),
    ],
)  # fmt: skip
def test_s9_a_slip_in_the_parts_is_told_with_line_and_field(
    good: str, slip: str, field: str, reason: str, remedy: str
) -> None:
    assert good in MARKED
    text = with_parts(MARKED.replace(good, slip, 1))
    found = [p for p in parse(text)[1] if p.field == field and reason in p.reason.en and remedy in p.remedy.en]
    assert found, [str(p) for p in parse(text)[1]]
    line = next(i for i, row in enumerate(text.splitlines(), 1) if row.startswith("composite:"))
    assert found[0].line >= line
