"""The tutorial's programme is what the tutorial says: whole, right, another one than ours, and its slips are told."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.local.commands import programme as commands
from shared.programme import bundled, load
from shared.programme.check import parse
from tests.support.tutorial import PAGE, tutorial_yaml


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "schools.yaml"
    path.write_text(tutorial_yaml(), encoding="utf-8")
    return str(path)


def test_the_tutorials_programme_has_no_error_and_differs_from_the_one_it_extends(file: str) -> None:
    run = CliRunner()
    checked = run.invoke(commands.app, ["check", file])
    assert checked.exit_code == 0, checked.output
    compared = run.invoke(commands.app, ["diff", "window-units", file, "--json", "-"])
    assert compared.exit_code == 1, "something differs"
    parts = {change["path"].split("[")[0].split(".")[0] for change in json.loads(compared.stdout)["changes"]}
    written = "cycles phases categories scopes dimensions grades topics channels deadlines escalation obligations"
    assert parts >= {*written.split(), "questionnaires", "points", "composite", "consequences"}
    assert "notices" not in parts and "callback" not in parts, "what it does not write is that of the other"


def test_the_tutorials_programme_is_really_another_than_the_five(file: str) -> None:
    mine = load(file)
    assert mine.key not in bundled()
    assert [part.key for part in mine.composite] == ["daily", "parents"] and len(mine.cycles) == 1
    assert mine.cycles[0].meeting is None and len(mine.grades) == 5
    for key in bundled():
        other = load(key)
        assert not {c.key for c in mine.categories} & {c.key for c in other.categories}
        assert [d.key for d in mine.dimensions] != [d.key for d in other.dimensions]


@pytest.mark.parametrize(
    ("good", "slip", "said"),
    [
        ("    weight: 60", "    weight: 50", "合计是 90，应为 100"),
        ("closes: 11-20}", "closes: 12-20}", "不在周期 year 的 01-01 至 11-30 之内"),
        ("when: {opens: 02-01, by: 03-10}", "when: {by: 12-15}", "未完成也扣不了分"),
        ("publish_by: 12-31", "publish_by: 12-10", "申诉和裁定要 10 个工作日"),
        (
            "  - {key: self_inspection, label: {zh: 学校自查",
            "  - {key: own, label: {zh: 学校自查",
            "self_inspection 登记",
        ),
        ("  - {key: appraisal, label", "  - {key: other, label", "appraisal 渠道"),
    ],
)
def test_the_slips_that_the_tutorial_names_are_told(good: str, slip: str, said: str) -> None:
    whole = tutorial_yaml()
    assert good in whole
    _, problems = parse(whole.replace(good, slip, 1))
    assert any(said in problem.reason.zh for problem in problems), [str(p) for p in problems]


def test_the_tutorial_is_chinese_first_and_its_links_stand() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.index("**中文概要。**") < page.index("This page writes")
    for step in page.split("\n## ")[1:]:
        prose = step.split("```")[0]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in prose)
