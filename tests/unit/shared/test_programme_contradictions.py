"""`programme check` refuses what cannot be held, each with line, field, value, reason and remedy (S2–S14, R9)."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from shared.programme.check import Problem, parse
from shared.programme.sources import source

WINDOWS, COUNTY = source("window-units"), source("county")
CANNOT_BE = YAML(typ="safe").load(Path(__file__).with_name("programme_contradictions.yaml"))


@pytest.mark.parametrize("case", CANNOT_BE, ids=lambda case: f"{case['field']}-{case['slip'][:24]}")
def test_what_cannot_be_held_is_told_with_line_field_value_reason_and_remedy(case: dict[str, str]) -> None:
    text = source(case["of"])
    assert case["good"] in text, "the test speaks of the programme as it is"
    changed = text.replace(case["good"], case["slip"], 1)
    programme, problems = parse(changed)
    assert programme is None
    found = [p for p in problems if p.field == case["field"] and case["reason"] in p.reason.en]
    assert found, [str(p) for p in problems]
    problem = found[0]
    assert problem.value == case["value"] and case["remedy"] in problem.remedy.en, str(problem)
    assert problem.reason.zh and problem.remedy.zh
    line = changed.splitlines()[problem.line - 1]
    name = case["field"].rsplit(".", 1)[-1].split("[")[0]
    assert name in line or (not case["value"] and "key: year" in line), "where the field stands, or its parent"


@pytest.mark.parametrize(
    ("good", "slip"),
    [
        ("publish_by: 07-31", "publish_by: 07-20"),  # ten working days after 30 June is 14 July
        ("by: [unit], kinds: [covert]", "by: [office], kinds: [spot]"),  # what a spot check finds is an open one's
        ("    most: 80\n", "    most: 92\n"),  # 69 of 70 ordinary people
        ("plan: 10 ", "plan: 60 "),
    ],
)
def test_what_only_just_can_be_held_passes(good: str, slip: str) -> None:
    assert good in WINDOWS
    assert parse(WINDOWS.replace(good, slip, 1))[1] == []


def test_a_programme_without_a_vote_tells_no_evaluators_in_notices_of_its_own() -> None:
    inherited: list[Problem] = parse(COUNTY)[1]
    assert inherited == [], "what is taken from another programme may speak of what this one does not have"
    notice = "  - {event: scoring.ranking.published, tells: [evaluator], template: evaluators_feedback}\n"
    _, problems = parse(f"{COUNTY}notices:\n{notice}")
    assert [(p.field, p.value) for p in problems] == [("notices[1].tells[1]", "evaluator")]


def test_a_window_that_lies_in_one_cycle_only_is_refused_where_a_year_has_two() -> None:
    two = WINDOWS.replace(
        "  - {key: concentrated, label: {zh: 集中评议, en: Concentrated}, weight: 80}",
        "  - {key: concentrated, label: {zh: 集中评议, en: Concentrated}, weight: 70}\n"
        "  - {key: june, kind: inspection, label: {zh: 六月, en: June}, weight: 10, "
        "window: {opens: 06-01, closes: 06-30}}",
    )
    _, problems = parse(two)
    assert {p.field for p in problems} == {"composite[3].window.opens", "composite[3].window.closes"}
    assert "the cycle h2" in problems[0].reason.en and "one cycle a year" in problems[0].remedy.en
