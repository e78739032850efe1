"""`minping demo --complaints FILE` on real exports: every row accounted for, late cases as a second count has them."""

import json
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.support.late_count import late_cases, moment

pytestmark = pytest.mark.e2e
PROGRAM = Path(sys.executable).with_name("minping")
DATA = Path(__file__).parents[3] / "shared" / "data" / "teddy2020_c"


def some_rows(name: str, first: int, number: int) -> tuple[list[Any], list[list[Any]]]:
    """Header and some rows of an export, by time. Skips, saying so, where the data is not on this machine."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real export {name} is not on this machine")
    header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    rows.sort(key=lambda row: moment(row[3]) or datetime.min)  # noqa: DTZ901 - local times throughout
    return header, rows[first : first + number]


def written(path: Path, header: list[Any], rows: list[list[Any]]) -> Path:
    """The rows as a file of their own, real dates as real dates."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy/m/d h:mm:ss"}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([header, *rows]):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(at, column, cell)
                else:
                    sheet.write(at, column, cell)
    return path


@pytest.mark.parametrize(("name", "first"), [("附件4_至2018.xlsx", 1750), ("附件3_4326.xlsx", 300)])
def test_a_real_export_is_accounted_for_and_its_late_cases_are_those_of_a_second_count(
    name: str, first: int, tmp_path: Path
) -> None:
    header, rows = some_rows(name, first, 120)
    file = written(tmp_path / "export.xlsx", header, rows)
    done = subprocess.run(
        [str(PROGRAM), "demo", "--complaints", str(file), "--data", str(tmp_path / "data"), "--json", "-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    read = report["complaints"]
    assert read["read"] == 120 == read["registered"] + read["repeated"] + read["kept_for_repair"]
    plain = [row if "答复时间" in header else row[:5] for row in rows]
    times = [moment(cell) for row in plain for cell in (row[3], *row[6:7])]
    last = max(at for at in times if at is not None)
    ends = datetime(last.year, last.month, last.day) + timedelta(days=1)  # noqa: DTZ001 - local times throughout
    assert (report["cases"]["opened"], report["cases"]["late"]) == late_cases(plain, ends)
    assert report["meeting"]["verified"]
    assert report["letters"]["sent"] == len(list(Path(report["letters"]["folder"]).glob("*.eml")))


@pytest.mark.parametrize(
    ("content", "said"), [(b"PK\x03\x04 no spreadsheet", "broken.xlsx"), (b"", "broken.xlsx")], ids=["broken", "empty"]
)
def test_a_broken_file_is_refused_before_anything_is_started(content: bytes, said: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.xlsx"
    file.write_bytes(content)
    data = tmp_path / "data"
    done = subprocess.run(
        [str(PROGRAM), "demo", "--complaints", str(file), "--data", str(data)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not data.exists()
