"""Dated duties in a programme: every slip is told with its line, field, reason and remedy (R9)."""

import pytest

from shared.errors import Refusal
from shared.programme import load
from shared.programme.check import parse
from shared.programme.sources import source

GOOD = source("window-units")
SLIPS = [
    ("key: own_plan", "key: task", "obligations[1].key", "stands for tasks", "another key"),
    ("key: own_plan", "key: self_inspection", "obligations[2].key", "twice", "once"),
    ("who: {every_unit: true}", "who: {}", "obligations[1].who", "exactly one way", "every_unit"),
    (
        "who: {every_unit: true}",
        "who: {every_unit: true, office: true}",
        "obligations[1].who",
        "exactly one way",
        "give one",
    ),
    (
        "who: {every_unit: true}",
        "who: {categories: [enforcment]}",
        "obligations[1].who.categories[1]",
        "no such category",
        "enforcement",
    ),
    ("when: {by: 01-30}", "when: {}", "obligations[1].when", "exactly one way", "give one"),
    ("when: {by: 01-30}", "when: {by: 01-30, monthly: 5}", "obligations[1].when", "exactly one way", "give one"),
    ("when: {by: 01-30}", "when: {by: 02-29}", "obligations[1].when.by", "exists", "06-30"),
    ("when: {by: 01-30}", "when: {opens: 10-01, by: 01-30}", "obligations[1].when.by", "before its opening", "+1"),
    ("when: {by: 01-30}", "when: {monthly: 31}", "obligations[1].when.monthly", "at most 28", "range"),
    ("when: {by: 01-30}", "when: {monthly: 5, opens: 10-01}", "obligations[1].when.opens", "only with `by`", "remove"),
    ("when: {quarterly: 0,", "when: {quartely: 0,", "obligations[2].when.quartely", "no such field", "quarterly"),
    ("when: {quarterly: 0,", "when: {quarterly: 末,", "obligations[2].when.quarterly", "number", "such as 15"),
    ("    inspection: true", "    points: free", "obligations[2].points", "not one of", "none"),
]


@pytest.mark.parametrize(("good", "slip", "field", "reason", "remedy"), SLIPS)
def test_r9_a_slip_in_a_duty_is_told_with_its_line_field_reason_and_remedy(
    good: str, slip: str, field: str, reason: str, remedy: str
) -> None:
    assert good in GOOD
    text = GOOD.replace(good, slip, 1)
    programme, problems = parse(text)
    found = [p for p in problems if p.field == field and reason in p.reason.en]
    assert found, problems
    assert programme is None
    assert remedy in found[0].remedy.en
    assert found[0].reason.zh
    assert found[0].remedy.zh
    first = text.splitlines().index("obligations:") + 1
    assert first < found[0].line < first + 20


def test_r9_the_bundled_programme_names_its_duties() -> None:
    programme = load("window-units")
    assert [o.key for o in programme.obligations] == [
        "own_plan",
        "self_inspection",
        "half_year_summary",
        "annual_report",
    ]
    assert programme.obligation("self_inspection").inspection
    with pytest.raises(Refusal, match="no such key"):
        programme.obligation("nothing")


def test_a_programme_without_duties_has_none() -> None:
    head, _, tail = GOOD.partition("\nobligations:\n")
    rest = tail[tail.index("\n# ── 日常评议：扣分") :]
    programme, problems = parse(head + rest)
    assert problems == []
    assert programme
    assert programme.obligations == ()
