"""`minping programme diff`: what an amendment changes, entry by entry."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.local.commands.programme import app
from shared.programme import Programme, load
from shared.programme.check import parse
from shared.programme.difference import Change, differences
from shared.programme.sources import source

TEXT = source("window-units")


def read(text: str) -> Programme:
    """A programme that has no error."""
    programme, problems = parse(text)
    assert programme is not None, problems
    return programme


def changed(*swaps: tuple[str, str]) -> Programme:
    """The bundled programme with passages replaced."""
    text = TEXT
    for old, new in swaps:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return read(text)


def test_a_programme_differs_in_nothing_from_itself() -> None:
    assert differences(load("window-units"), read(TEXT.replace("# ──", "# =="))) == []


def test_a_changed_number_is_told_with_both_values() -> None:
    found = differences(load("window-units"), changed(("immediate: 15 ", "immediate: 12 ")))
    assert found == [Change("deadlines.immediate", "changed", 15, 12, wording=False)]


def test_entries_are_compared_by_their_key_and_not_by_their_place() -> None:
    old = "  - {key: inaction, label: {zh: 不作为, en: Failure to act}"
    new = "  - {key: feasting, label: {zh: 大吃大喝, en: Feasting}, dimension: integrity, keywords: [吃喝]}\n" + old
    (found,) = differences(load("window-units"), changed((old, new)))
    assert (found.path, found.kind, found.before) == ("topics[feasting]", "added", None)


def test_an_entry_that_is_gone_and_one_that_moved_are_told_apart() -> None:
    lines = TEXT.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if "intake.complaint.hot," in line)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    (moved,) = differences(load("window-units"), read("".join(lines)))
    assert (moved.path, moved.kind) == ("notices", "moved")
    del lines[at + 1]
    (removed,) = differences(load("window-units"), read("".join(lines)))
    assert (removed.kind, removed.before["event"]) == ("removed", "intake.complaint.hot")


def test_a_change_of_words_alone_is_marked_as_such() -> None:
    (found,) = differences(load("window-units"), changed(("zh: 服务态度, en: Service}", "zh: 服务质量, en: Service}")))
    assert found == Change("dimensions[service].label.zh", "changed", "服务态度", "服务质量", wording=True)


def test_the_command_prints_each_difference_and_ends_like_diff(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(TEXT.replace("immediate: 15 ", "immediate: 12 "), encoding="utf-8")
    ran = CliRunner().invoke(app, ["diff", "window-units", str(mine), "--json", str(tmp_path / "d.json")])
    assert ran.exit_code == 1
    assert "deadlines.immediate: 15 → 12" in ran.stdout
    said = json.loads((tmp_path / "d.json").read_text("utf-8"))
    assert [c["path"] for c in said["changes"]] == ["deadlines.immediate"]
    assert said["fingerprints"][0] != said["fingerprints"][1]
    assert CliRunner().invoke(app, ["diff", "window-units", "window-units"]).exit_code == 0


@pytest.mark.parametrize("name", ["no-such", "README.md"])
def test_a_file_that_is_no_programme_is_told_and_ends_with_two(name: str) -> None:
    ran = CliRunner().invoke(app, ["diff", "window-units", name])
    assert ran.exit_code == 2
