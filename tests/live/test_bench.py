"""`minping bench` measures what it says: both sides really run, in sizes that a test can afford; no time asserted."""

import sqlite3
from pathlib import Path
from types import ModuleType

import pytest

from deploy.local.bench import importing, ledger, sealing, verifying
from deploy.local.bench.figure import Figure

pytestmark = pytest.mark.live


def test_the_ledger_bench_fires_the_same_deadlines_in_both_ledgers() -> None:
    found = ledger.measure(print, runs=2, small=40, large=400, due=5)
    assert len(found.ours) == len(found.limit) == 2
    assert found.ratio > 0


def test_the_import_bench_accounts_for_every_row(tmp_path: Path) -> None:
    export = importing.written(tmp_path / "small.xlsx", 60)
    found = importing.measure(print, runs=1, file=export)
    assert found.notes["rows"] == 60
    assert len(found.ours) == len(found.limit) == 1
    assert found.beside is not None and len(found.beside.runs) == 1
    second = found.as_json()["second_limit"]
    assert second["ratio"] == pytest.approx(found.ours[0] / found.beside.runs[0], abs=1e-4)


def test_the_second_limit_of_the_import_writes_every_row_so_that_it_is_on_the_disk(tmp_path: Path) -> None:
    export = importing.written(tmp_path / "small.xlsx", 60)
    assert importing.durable(export, tmp_path / "plain.db") > 0
    with sqlite3.connect(tmp_path / "plain.db") as plain:
        assert plain.execute("SELECT count(*), count(DISTINCT text) > 40 FROM report").fetchone() == (60, 1)


@pytest.mark.parametrize("bench", [sealing, verifying])
def test_the_bench_of_the_seal_seals_and_verifies_real_bundles_of_every_size(bench: ModuleType) -> None:
    first, growth = bench.measure(print, runs=2, sizes=(80, 160))
    assert len(first.ours) == 2 and first.limit in ((1.0,), (0.5,))
    assert len(growth.limit) == 2 and growth.ratio > 0
    assert set(first.notes) == {"80 ballots", "160 ballots"}


@pytest.mark.parametrize(("sense", "holds"), [("at least", True), ("at most", False)])
def test_a_figure_is_the_ratio_of_medians_against_its_goal(sense: str, holds: bool) -> None:
    found = Figure("x", "ours", "limit", "rows/s", (3.0, 100.0, 4.0), (2.0, 2.0, 9.0), sense, 1.5)  # type: ignore[arg-type]  # a literal
    assert (found.ratio, found.holds) == (2.0, holds)
