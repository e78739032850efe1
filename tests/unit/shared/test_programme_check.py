"""`programme check` tells every error at once, each with its line and field."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from deploy.local.commands import deadline, programme
from shared.programme.check import Problem, parse
from shared.programme.sources import source

GOOD = source("window-units")

# what is typed wrong: text, its replacement, field told, a word of the reason, a word of the remedy
SLIPS = [
    ("key: window-units", "key: Window Units", "key", "lower case", "lower case"),
    ("Asia/Shanghai", "Asia/Shangai", "time_zone", "no such time zone", "Asia/Shanghai"),
    ("Asia/Shanghai", "Asia", "time_zone", "no such time zone", "Asia/Shanghai"),
    ('name: "{year}-H1"', 'name: "H1"', "cycles[1].name", "{year}", "{year}-H1"),
    ("closes: 06-30", "closes: 06-31", "cycles[1].daily.closes", "exists", "06-30"),
    ("closes: 06-30", "closes: 02-29", "cycles[1].daily.closes", "exists", "06-30"),
    (
        "opens: 01-01, closes: 06-30",
        "opens: 07-01, closes: 06-30",
        "cycles[1].daily.closes",
        "before",
        "following year",
    ),
    ("opens: 07-01, closes: 12-31", "opens: 06-30, closes: 12-31", "cycles[2].daily.opens", "overlaps", "follow"),
    ("publish_by: 07-31", "publish_by: 07-19", "cycles[1].publish_by", "before the cycle's end", "correct"),
    ("  - {key: administration,", "  - {key: enforcement,", "categories[2].key", "twice", "once"),
    (
        "public_service, service_window]\n",
        "public_servce, service_window]\n",
        "scopes[1].categories[3]",
        "no such category",
        "public_service",
    ),
    ("categories: [enforcement, ", "categories: [", "categories[1].key", "no scope ranks", "add it"),
    ("en: Lawfulness}, weight: 20", "en: Lawfulness}, weight: 21", "dimensions", "sum to 101", "100"),
    ("en: Lawfulness}, weight: 20", "en: Lawfulness}, weight: 二十", "dimensions[1].weight", "number", "20"),
    ("mark: 80}", "mark: 180}", "grades[2].mark", "at most 100", "range"),
    ("mark: 80}", "mark: 30}", "grades[3].mark", "not below", "falling"),
    ("abstain: {key: unknown,", "abstain: {key: satisfied,", "grades[1].key", "twice", "once"),
    (
        "dimension: integrity, keywords: [红包",
        "dimension: integrty, keywords: [红包",
        "topics[1].dimension",
        "no such dimension",
        "integrity",
    ),
    ("identity: none", "identity: nobody", "channels[6].identity", "not one of", "vault, none"),
    ("requires: [outlet, date]", "requires: [outlet, day]", "channels[6].requires[2]", "not one of", "date"),
    ("categories: [], r", "categories: [shops], r", "inspections.coverage.categories[1]", "no such", "enforcement"),
    ("share: 30%", "share: 31%", "pool.strata", "101%", "100%"),
    ("share: 30%", "share: 三成", "pool.strata[3].share", "number", "20"),
    ("share: 30%", "share: 130%", "pool.strata[3].share", "at most 1", "range"),
    ("default: 60 ", "default: 90 ", "meeting.seats.default", "more than meeting.seats.most", "exceed"),
    ("most: 80\n", "most: 101\n", "meeting.seats.most", "more than pool.least", "exceed"),
    (
        "ordinary_present_min: 70%",
        "ordinary_present_min: 80%",
        "meeting.seats.ordinary_present_min",
        "more than",
        "exceed",
    ),
    ("of_drawn: 2/3", "of_drawn: 3/2", "meeting.quorum.of_drawn", "fraction", "2/3"),
    ("of_drawn: 2/3", "of_drawn: 2/0", "meeting.quorum.of_drawn", "fraction", "2/3"),
    ("  quorum:", "  quorom:", "meeting.quorom", "no such field", "quorum"),
    ("needed: 3}", "needed: 6}", "meeting.ballot_key.needed", "more than", "exceed"),
    ("immediate: 15 ", "immediate: 十五 ", "deadlines.immediate", "whole number", "15"),
    ("immediate: 15 ", "immediate: 1.5 ", "deadlines.immediate", "whole number", "15"),
    ("immediate: 15 ", "immediate: true ", "deadlines.immediate", "whole number", "15"),
    ("immediate: 15 ", "immediate: 0 ", "deadlines.immediate", "at least 1", "range"),
    ("immediate: 15 ", "immediate: -15 ", "deadlines.immediate", "at least 1", "range"),
    ("warnings: [3, 1]", "warnings: [1, 3]", "warnings", "most days to the least", "[3, 1]"),
    ("warnings: [3, 1]", "warnings: 3", "warnings", "list", "[a, b]"),
    ("{days: 3, tells", "{days: 7, tells", "escalation[3].days", "least days", "order"),
    ("tells: [superior]", "tells: [superiors]", "escalation[2].tells[1]", "not one of", "superior"),
    ("reopen_within_days: 90", "reopen_within_day: 90", "reopen_within_day", "no such field", "reopen_within_days"),
    ("mark: 0, bad: true", "mark: 0", "callback.grades[5].key", "below a bad grade", "bad: true"),
    ("{key: very_satisfied,", "{key: delighted,", "callback.grades[1].key", "no such callback grade", "very_satisfied"),
    ("Solved late}, points: -1", "Solved late}, points: 1", "points.rules[2].points", "deduct", "-1"),
    ("    - {key: late,", "    - {key: lateness,", "points.rules", "late is missing", "points: 0"),
    ("en: Daily}, weight: 20", "en: Daily}, weight: 30", "composite", "sum to 110", "100"),
    ("when: {last_in_scope: true, below: 80}", "when: {}", "consequences[1].when", "everybody", "give"),
    (
        "when: {canvassing: true}",
        "when: {canvassing: true, top: 3}",
        "consequences[3].when.top",
        "cannot go",
        "two rules",
    ),
    (
        "scopes: [approval-centre]",
        "scopes: [approval-center]",
        "consequences[5].when.scopes[1]",
        "no such scope",
        "approval-centre",
    ),
    ("digest: 09:00", "digest: 08:00", "working_hours.digest", "outside", "09:00"),
    ("opens: 09:00, closes: 17:30", "opens: 09:00, closes: 25:30", "working_hours.closes", "time of day", "09:00"),
    (
        "event: rectification.case.opened",
        "event: rectification.case.open",
        "notices[2].event",
        "no such event",
        "rectification.case.opened",
    ),
    ("event: rectification.case.opened", "event: opened", "notices[2].event", "no event", "rectification.case.opened"),
    ("tells: [approver]", "tells: [as_escalated]", "notices[1].tells[1]", "no roles", "name who"),
    (
        "calendar: []",
        "calendar:\n  - {year: 2027, days_off: [2027-02-30]}",
        "calendar[1].days_off[1]",
        "cannot be read",
        "exists",
    ),
    (
        "calendar: []",
        "calendar:\n  - {year: 2027, days_off: [2026-01-01]}",
        "calendar[1].days_off[1]",
        "no day of 2027",
        "own year",
    ),
    (
        "calendar: []",
        "calendar:\n  - {year: 2027, days_off: [], make_up: [2027-01-04]}",
        "calendar[1].make_up[1]",
        "weekend",
        "notice",
    ),
    ("warnings: [3, 1]", "warnings: [3, 1]\nwarnings: [2]", "warnings", "stands twice", "one"),
]


def problems_of(text: str) -> list[Problem]:
    return parse(text)[1]


def test_the_bundled_programme_has_no_error() -> None:
    assert problems_of(GOOD) == []


@pytest.mark.parametrize(("good", "slip", "field", "reason", "remedy"), SLIPS)
def test_a_slip_is_told_with_its_line_field_reason_and_remedy(
    good: str, slip: str, field: str, reason: str, remedy: str
) -> None:
    assert good in GOOD
    text = GOOD.replace(good, slip, 1)
    found = [p for p in problems_of(text) if p.field == field and reason in p.reason.en]
    assert found, problems_of(text)
    assert remedy in found[0].remedy.en
    assert found[0].reason.zh
    assert found[0].remedy.zh
    named = next(step for step in reversed(field.replace("]", "").replace("[", ".").split(".")) if not step.isdigit())
    line = text.splitlines()[found[0].line - 1]
    # an entry of a list is told at the entry's line: the list's name may stand above it
    assert named in line or "[" in field


@pytest.mark.parametrize(
    ("graded", "field", "reason"),
    [
        ("{key: lawfulness, weight: 90}", "groups[1].dimensions", "sum to 90"),
        ("{key: lawfulnes, weight: 100}", "groups[1].dimensions[1].key", "no such dimension"),
    ],
)
def test_s1_a_slip_in_a_groups_own_method_is_told_with_its_field(graded: str, field: str, reason: str) -> None:
    groups = f"groups: [{{key: g, label: {{zh: 组, en: G}}, dimensions: [{graded}]}}]\n"
    found = problems_of(
        GOOD.replace("dimensions:\n  - {key: lawfulness,", f"{groups}dimensions:\n  - {{key: lawfulness,")
    )
    assert [(one.field, reason in one.reason.en) for one in found] == [(field, True)]


@pytest.mark.parametrize(
    ("classes", "reason"),
    [
        ("weight: 70, ordinary: true}, {key: b, label: {zh: 乙, en: B}, weight: 30}", ""),
        ("weight: 70, ordinary: true}, {key: b, label: {zh: 乙, en: B}, weight: 20}", "sum to 90"),
        ("weight: 70}, {key: b, label: {zh: 乙, en: B}, weight: 30}", "one class of ordinary people"),
    ],
)
def test_s7_two_classes_of_cards_are_ordinary_people_and_the_others(classes: str, reason: str) -> None:
    listed = f"  card_classes: [{{key: a, label: {{zh: 甲, en: A}}, {classes}]\n"
    found = problems_of(GOOD.replace("meeting:\n", f"meeting:\n{listed}", 1))
    assert [(one.field, reason in one.reason.en) for one in found] == (
        [("meeting.card_classes", True)] if reason else []
    )


def test_many_slips_are_told_together_in_the_order_of_their_lines() -> None:
    text = GOOD
    told = []
    for good, slip, field, _, _ in SLIPS:
        if text.count(good) == GOOD.count(good) and good in text and field not in told:
            text = text.replace(good, slip, 1)
            told.append(field)
    problems = problems_of(text)
    assert len(told) > 35
    # a slip may hide another one that needs its value; most must be told, and none may hide the schema's
    assert len({p.field for p in problems} & set(told)) >= len(told) - 6
    assert [p.line for p in problems] == sorted(p.line for p in problems)


def test_an_error_stands_at_its_line() -> None:
    text = GOOD.replace("immediate: 15 ", "immediate: 0 ")
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "immediate: 0" in row)
    (problem,) = problems_of(text)
    assert (problem.line, problem.column, problem.value) == (line, 3, "0")


def test_a_duplicate_key_is_told_with_the_line_of_the_first() -> None:
    text = GOOD.replace("rework: 5 ", "immediate: 9\n  rework: 5 ")
    first = next(i for i, row in enumerate(text.splitlines(), 1) if "immediate: 15" in row)
    (problem,) = problems_of(text)
    assert problem.field == "deadlines.immediate"
    assert f"first in line {first}" in problem.reason.en
    assert problem.line > first


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("# nothing\n", 1),
        ("- 1\n", 1),
        ("just words\n", 1),
        ("name: 1\nkey: [1,\nname: 2\n", 2),
        ("key: a\n\tname: b\n", 2),
        ("key: a\nname: \x07\n", 2),
        ("key: a\n---\nkey: b\n", 2),
        ("key: &a [*a]\n", 1),
        ("key: " + "[" * 3000, 1),
        ("key: !!python/object/apply:os.system [ls]\n", 1),
        ("? [a]\n: b\n", 1),
    ],
)
def test_what_is_no_programme_at_all_is_told_and_never_crashes(text: str, line: int) -> None:
    programme, problems = parse(text)
    assert programme is None
    assert problems
    assert problems[0].line == line


@given(
    st.integers(0, len(GOOD) - 1),
    st.sampled_from(["", ":", "[", "{", "\n", "- ", "#", "'", "0", "x", "\t", "&", "*", "!"]),
)
def test_any_single_typing_slip_gives_a_programme_or_problems_never_an_exception(at: int, typed: str) -> None:
    programme, problems = parse(GOOD[:at] + typed + GOOD[at + 1 :])
    assert (programme is None) == bool(problems)


def test_the_command_line_ends_with_1_and_lists_the_errors(tmp_path: Path) -> None:
    file, report = tmp_path / "p.yaml", tmp_path / "report.json"
    file.write_text(GOOD.replace("immediate: 15 ", "immediate: 0 "), encoding="utf-8")
    runner = CliRunner()
    result = runner.invoke(programme.app, ["check", str(file), "--json", str(report)])
    assert result.exit_code == 1
    assert "deadlines.immediate = 0" in result.stderr
    told = json.loads(report.read_text(encoding="utf-8"))
    assert told["ok"] is False
    assert told["problems"][0]["field"] == "deadlines.immediate"
    assert runner.invoke(programme.app, ["check", "window-units"]).exit_code == 0
    assert runner.invoke(programme.app, ["check", str(tmp_path / "none.yaml")]).exit_code == 1
    assert runner.invoke(programme.app, ["check", "window-units", "--json", "/no/such/folder/x"]).exit_code == 1
    assert "window-units" in runner.invoke(programme.app, ["list"]).stdout


def test_deadline_explain_on_the_command_line() -> None:
    runner = CliRunner()
    result = runner.invoke(deadline.app, ["explain", "--from", "2026-12-28", "--days", "15", "--json", "-"])
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert (told["due"], told["provisional"]) == ("2027-01-19", True)
    assert [day["kind"] for day in told["calendar"][:4]] == ["counted", "counted", "counted", "holiday"]
    assert runner.invoke(deadline.app, ["explain", "--from", "2026-09-28", "--days", "15"]).stdout.count("\n") == 27
    for wrong in (["--from", "2026-02-30", "--days", "3"], ["--from", "2026-02-20", "--days", "0"]):
        result = runner.invoke(deadline.app, ["explain", *wrong])
        assert result.exit_code == 1
        assert result.stderr


@pytest.mark.parametrize(
    ("passage", "field"),
    [
        ("online: {code_days: 30", "online.code_days"),
        ("consent_days: 3", "disclosure.consent_days"),
        ("minutes: 60", "roster.minutes"),
    ],
)
def test_a_number_above_its_own_bound_is_told_though_other_numbers_may_be_so_large(passage: str, field: str) -> None:
    assert GOOD.count(passage) == 1
    problems = parse(GOOD.replace(passage, passage.rpartition(":")[0] + ": 5000"))[1]
    assert [p.field for p in problems] == [field]
