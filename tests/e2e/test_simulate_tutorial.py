"""The sixth programme, written in the tutorial in YAML only, runs a year; and the same seed gives the same bytes."""

from pathlib import Path

import pytest

from tests.support.simulated import simulate
from tests.support.tutorial import tutorial_yaml

pytestmark = [pytest.mark.e2e, pytest.mark.years]


def test_the_tutorials_programme_runs_a_year_and_again_to_the_byte(tmp_path: Path) -> None:
    programme = tmp_path / "mine.yaml"
    programme.write_text(tutorial_yaml(), encoding="utf-8")
    first = simulate(tmp_path / "first", str(programme), seed=7)
    assert first.zeros() == []
    again = simulate(tmp_path / "again", str(programme), seed=7)
    assert again.json == first.json
    assert again.page == first.page
