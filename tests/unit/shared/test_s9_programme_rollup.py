"""Who files upward, by when and for which part: what a programme may say of it."""

import pytest

from shared.programme import fingerprint, load
from shared.programme.check import parse
from shared.programme.sources import source

RULE = "rollup: {takes: [{categories: [enforcement], by: 01-31}]}\n"
WITH = source("window-units") + RULE


@pytest.mark.parametrize(
    ("old", "new", "field", "reason"),
    [
        ("[enforcement]", "[enforcment]", "rollup.takes[1].categories[1]", "no such category"),
        ("[enforcement]", "[]", "rollup.takes[1].categories", ""),
        ("[enforcement]", "[enforcement, enforcement]", "rollup.takes[1].categories[2]", "stands in an earlier rule"),
        ("by: 01-31", "by: 02-30", "rollup.takes[1].by", ""),
        (", by: 01-31", "", "rollup.takes[1].by", ""),
        ("by:", "part: year-end, by:", "rollup.takes[1].part", "no such part"),
        ("by:", "part: daily, by:", "rollup.takes[1].part", "is computed"),
        ("by:", "mark: daily, by:", "rollup.takes[1].mark", "no such field"),
    ],
)
def test_s9_a_contradiction_is_told_with_its_place(old: str, new: str, field: str, reason: str) -> None:
    problems = parse(WITH.replace(RULE, RULE.replace(old, new)))[1]
    assert [p.field for p in problems] == [field]
    assert reason in problems[0].reason.en and problems[0].reason.zh and problems[0].remedy.zh


def test_s9_a_part_of_other_categories_takes_no_mark_of_these() -> None:
    text = source("provincial-bureau")
    part = "{key: year-end, kind: panel,"
    assert part in text
    problems = parse(text.replace(part, part + " categories: [bureau_unit],"))[1]
    assert "rollup.takes[1].part" in [p.field for p in problems]


def test_s9_the_province_reviews_its_cities_and_the_city_its_counties() -> None:
    province, city = load("provincial-bureau").rollup, load("integrity-drive").rollup
    rule = province.of("city_bureau")
    assert rule is not None and (rule.part, str(rule.by)) == ("year-end", "+1 02-28")
    assert province.of("bureau_unit") is None
    rule = city.of("county_office")
    assert rule is not None and (rule.part, str(rule.by)) == ("county-results", "+1 01-20")


def test_s9_a_programme_that_says_nothing_of_it_keeps_its_fingerprint() -> None:
    silent, empty = load("window-units"), parse(source("window-units") + "rollup: {takes: []}\n")[0]
    assert empty is not None and fingerprint(empty) == fingerprint(silent)
    assert "rollup" not in silent.model_dump() and not silent.rollup
    filled = parse(WITH)[0]
    assert filled is not None and fingerprint(filled) != fingerprint(silent)
