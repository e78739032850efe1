"""What the simulated people of intake's side bring with them: a messy export, a house's secret, channels to use."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from deploy.local.layout import Layout
from deploy.local.simulate.actors.channels import played
from deploy.local.simulate.secret import VAULT, seeded_vault
from deploy.local.simulate.tables import messy
from services.intake.domain.import_rows import RowProblem
from services.intake.importing import read_export
from shared.programme import load

PROGRAMMES = ("provincial-bureau", "county", "culture-bureau", "window-units", "integrity-drive")


def test_i13_the_export_holds_every_kind_of_mess(tmp_path: Path) -> None:
    """Rows that are whole in mixed dates, one row twice, a missing text, an unreadable time."""
    file, zone = tmp_path / "export.csv", load("window-units").zone
    file.write_bytes(messy(date(2026, 4, 15), "市场监管局", 2026))
    export = read_export(file, zone)
    problems = {row.field for row in export.rows if isinstance(row, RowProblem)}
    whole = [row for row in export.rows if not isinstance(row, RowProblem)]
    assert (export.in_file, export.passed_over, len(whole)) == (9, 1, 6)
    assert problems == {"text", "reported_at"}
    assert Counter(row.ticket for row in whole)["X2026-1"] == 2
    assert len({row.text for row in whole}) == len({row.ticket for row in whole}) == 5
    assert all(date(2026, 4, 1) < row.reported_at.date() < date(2026, 4, 15) for row in whole)
    assert not any("\t" in row.text or "\u00a0" in row.text for row in whole)


def test_the_same_seed_gives_a_house_the_same_secret_once(tmp_path: Path) -> None:
    """Hidden plans hang on it. A house that has one keeps it; nobody but its owner can read it."""
    keys = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        seeded_vault(tmp_path / name, seed)
        keys.append((Layout(tmp_path / name).secrets / VAULT).read_bytes())
    assert keys[0] == keys[1] != keys[2]
    seeded_vault(tmp_path / "a", 2)
    path = Layout(tmp_path / "a").secrets / VAULT
    assert path.read_bytes() == keys[0]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("key", PROGRAMMES)
def test_i1_every_channel_of_a_programme_is_somebodys(key: str) -> None:
    """Played here, or brought in by inspections, cards, points and exposures, or entered by the house itself."""
    programme = load(key)
    others = {"card", "point", "inspection"}
    left = {one.key for one in programme.channels} - {one.key for one in played(programme)}
    by_others = {one.key for one in programme.channels if one.verification or others & set(one.requires)}
    assert left == by_others | {"self_inspection", "appraisal"}
