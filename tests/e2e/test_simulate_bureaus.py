"""A provincial bureau and a city bureau live through a whole year on the real services, by their YAML alone."""

from pathlib import Path

import pytest

from tests.support.simulated import simulate

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("programme", ["provincial-bureau", "culture-bureau"])
def test_a_whole_year_exercises_every_mechanism_that_the_programme_has(programme: str, tmp_path: Path) -> None:
    assert simulate(tmp_path, programme).zeros() == []
