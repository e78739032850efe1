"""`minping units import`: an office's table, with its real mess, into a running house (S1)."""

import json
from pathlib import Path

import pytest
import xlsxwriter
from typer.testing import CliRunner

from deploy.local.asking import ask
from deploy.local.commands import units
from deploy.local.deployment import Deployment

pytestmark = pytest.mark.live
HEADER = ["单位编码", "单位名称", "类别", "乡镇", "联系人"]
ROWS = [
    ["\tu101", "清河 派出所", "行政执法", "清河镇", "张三"],
    [102, "税务窗口", "service_window", "", ""],
    ["u103", "国土所", "没有的类别", "清河镇", ""],
]


def spreadsheet(folder: Path) -> Path:
    path = folder / "单位名册.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(number, 0, row)
    return path


def table(folder: Path) -> Path:
    path = folder / "单位名册.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in [HEADER, *ROWS]), encoding="gb18030")
    return path


def test_s1_a_register_in_a_spreadsheet_or_as_csv_is_imported_with_every_row_accounted_for(
    deployment: Deployment, tmp_path: Path
) -> None:
    runner, report = CliRunner(), tmp_path / "report.json"
    for file, registered in ((spreadsheet(tmp_path), 2), (table(tmp_path), 0)):
        said = runner.invoke(
            units.app, ["import", str(file), "--data", str(deployment.layout.data), "--json", str(report)]
        )
        assert said.exit_code == 1, said.output  # a row was refused
        found = json.loads(report.read_text())
        assert (found["read"], found["registered"], found["unchanged"]) == (3, registered, 2 - registered)
        assert [(one["row"], one["field"]) for one in found["refused"]] == [(4, "category")]
        assert found["passed_over"] == ["联系人"]
    listed = ask(f"{deployment.urls['scoring']}/api/v1/units", "")
    assert {"u101", "102"} <= {one["unit"] for one in listed}  # type: ignore[call-overload]  # a list
