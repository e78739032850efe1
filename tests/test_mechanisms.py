"""Every mechanism has tests that carry its name, and every fault of others the test that would find it here."""

import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MECHANISMS = [f"{of}{n}" for of, last in (("i", 18), ("r", 10), ("s", 16), ("n", 9)) for n in range(1, last + 1)]
FAULTS = (ROOT / "docs" / "faults-of-others.md").read_text(encoding="utf-8")


@lru_cache
def names() -> frozenset[str]:
    """The name of every test."""
    files = (ROOT / "tests").rglob("test_*.py")
    return frozenset(name for file in files for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_mechanism_has_tests_of_its_name(mechanism: str) -> None:
    assert [name for name in names() if name.startswith(f"test_{mechanism}_")]


@pytest.mark.parametrize("test", sorted(set(re.findall(r"`(test_[a-z0-9]+_\w+)`", FAULTS))))
def test_a_fault_of_others_has_the_test_that_the_page_names(test: str) -> None:
    assert test in names()


def test_the_page_names_a_test_for_every_fault() -> None:
    rows = [line for line in FAULTS.splitlines() if line.startswith("| ") and not line.startswith("| fault")]
    assert len(rows) >= 16
    assert all("`test_" in row for row in rows), rows
