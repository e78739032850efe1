"""`extends`: a programme writes what is its own, and the rest is the one's that it extends, part by part."""

from shared.programme import load
from shared.programme.check import parse
from shared.programme.difference import differences
from shared.programme.sources import source

HEAD = "extends: window-units\nkey: mine\nname: {zh: 我的, en: Mine}\noffice: {zh: 评议办, en: Office}\n"


def test_what_is_not_written_is_the_other_programmes() -> None:
    mine, problems = parse(HEAD + "warnings: [5, 2]\n")
    assert mine is not None, problems
    found = differences(load("window-units"), mine)
    assert {one.path.split(".")[0] for one in found} == {"key", "name", "office", "warnings"}
    assert mine.warnings == (5, 2)


def test_a_part_is_taken_whole_and_never_mixed() -> None:
    mine, problems = parse(HEAD + "deadlines: {immediate: 10}\n")
    assert mine is not None, problems
    assert (mine.deadlines.immediate, len(mine.notices)) == (10, len(load("window-units").notices))


def test_what_does_not_fit_what_is_taken_over_is_told_where_it_was_taken() -> None:
    _, problems = parse(HEAD + "categories: [{key: school, label: {zh: 学校, en: School}}]\n")
    told = {(p.line, p.field) for p in problems}
    assert (5, "categories[1].key") in told
    assert (1, "scopes[1].categories[1]") in told


def test_only_a_bundled_programme_that_stands_by_itself_can_be_extended() -> None:
    for named in ("window-unit", "county", "../window-units", "[window-units]"):
        _, problems = parse(HEAD.replace("window-units", named))
        assert [p.field for p in problems] == ["extends"], named
    assert "window-units" in parse(HEAD.replace("window-units", "window-unit"))[1][0].remedy.en


def test_our_own_programmes_differ_from_the_one_they_extend_in_what_the_domain_says() -> None:
    for key in ("county", "culture-bureau", "integrity-drive", "provincial-bureau"):
        assert source(key).count("extends: window-units") == 1
        paths = {one.path.partition("[")[0].partition(".")[0] for one in differences(load("window-units"), load(key))}
        assert {"cycles", "categories", "scopes", "dimensions", "composite", "consequences"} <= paths
        assert not paths & {"deadlines", "callback", "notices", "pool", "meeting", "working_hours"}
