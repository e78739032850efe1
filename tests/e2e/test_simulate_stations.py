"""`window-units` lives through two years in a row on the real services: who is last and below 80 in both pays more."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.simulated import Simulated, simulate

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def two_years(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return simulate(tmp_path_factory.mktemp("stations"), "window-units", years=2)


@pytest.mark.years
def test_every_mechanism_of_the_programme_was_exercised(two_years: Simulated) -> None:
    assert two_years.zeros() == []
    counts = two_years.counts()
    every = [f"I{n}" for n in range(1, 19)] + [f"R{n}" for n in range(1, 11)] + [f"N{n}" for n in range(1, 10)]
    every += [f"S{n}" for n in range(1, 17)]
    assert [key for key in every if not counts.get(key)] == []


@pytest.mark.years
def test_the_last_and_below_80_two_years_running_face_the_harsher_consequence(two_years: Simulated) -> None:
    def proposed(kind: str) -> list[dict[str, Any]]:
        events = two_years.report["events"]
        found = [one for one in events if one["kind"] == "scoring.consequence.proposed"]
        return [one["data"] for one in found if one["data"]["kind"] == kind]

    harsher = proposed("admonition_talk")
    both = {one["unit"] for one in proposed("circulated_criticism")}
    running = [one for one in harsher if ".two-years-running." in one["consequence"]]
    assert running
    assert {one["unit"] for one in running} <= both


@pytest.mark.years
def test_every_number_leads_to_events_that_are_listed(two_years: Simulated) -> None:
    listed = {one["number"] for one in two_years.report["events"]}
    text = two_years.page.decode()
    for one in two_years.report["mechanisms"]:
        for proof in one["proofs"]:
            assert set(proof["events"]) <= listed
    assert all(f'id="{number}"' in text for number in sorted(listed)[:50])


def test_a_whole_year_exercises_every_mechanism_that_the_programme_has(tmp_path: Path) -> None:
    assert simulate(tmp_path, "window-units").zeros() == []
