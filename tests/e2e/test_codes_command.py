"""`minping evaluations codes`: a unit's table goes in, sheets come out whose printed codes open the page (S13)."""

import csv
import io
import json
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import xlsxwriter
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from deploy.local.commands import evaluations
from deploy.local.receipts.sheets import A_PAGE
from shared.errors import Refusal
from shared.identity import issue_token
from tests.e2e.test_paper_sheets import scanned
from tests.service.scoring.house import KEY, House, local
from tests.service.scoring.people import People
from tests.support import browser
from tests.support.scoring_server import served

pytestmark = pytest.mark.e2e
ROWS = [
    ["回执号", "单位名称", "窗口", "办理日期", "办事人", "电话"],
    ["H-1", "所u01", "户籍", datetime(2026, 3, 2), "张三", "13800001111"],  # noqa: DTZ001 - a spreadsheet's day
    ["H-2", "所u01", "=1+1", "2026/3/1", "李四", "13800002222"],
    ["H-3", "窗口w01", "", "20260301", "王五", "13800003333"],
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    async def prepare(house: House) -> None:
        await People(house).prepare()
        house.clock.current = local("2026-03-02 18:00")

    with served(tmp_path_factory.mktemp("codes"), prepare) as one:
        yield one


class Clerk:
    """Somebody at the command line, with a token of his own."""

    def __init__(self, url: str, folder: Path, **who: Any) -> None:
        self.folder = folder
        self._token = folder / "token"
        self._token.write_text(issue_token(KEY, now=datetime.now(UTC), days=1, **{"role": "clerk", "sub": "c", **who}))
        self._url = url

    def codes(self, *options: str, out: str = "out", code: int = 0) -> dict[str, Any]:
        """Run the command; what it says in JSON."""
        said = CliRunner().invoke(
            evaluations.app,
            ["codes", "--url", self._url, "--token-file", str(self._token), "--out", str(self.folder / out),
             "--json", str(self.folder / "said.json"), *options],
        )  # fmt: skip
        if isinstance(said.exception, Refusal):
            raise said.exception
        assert said.exit_code == code, said.output
        found: dict[str, Any] = json.loads((self.folder / "said.json").read_text())
        return found


def spreadsheet(path: Path, rows: list[list[Any]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_datetime(number, column, cell) if isinstance(cell, datetime) else sheet.write_string(
                    number, column, cell
                )
    return path


def test_s13_a_table_of_receipts_becomes_sheets_for_each_unit(url: str, tmp_path: Path) -> None:
    clerk = Clerk(url, tmp_path)
    said = clerk.codes("--receipts", str(spreadsheet(tmp_path / "回执.xlsx", ROWS)))
    assert (said["read"], said["issued"], said["refused"], said["passed_over"]) == (3, 3, [], ["办事人", "电话"])
    out = tmp_path / "out"
    assert {path.name for path in out.iterdir()} == {
        f"{u}.{kind}" for u in ("u01", "w01") for kind in ("csv", "xlsx", "html")
    }
    rows = list(csv.DictReader(io.StringIO((out / "u01.csv").read_text(encoding="utf-8-sig"))))
    assert [(row["科室或岗位"], row["办事日期"], row["有效至"]) for row in rows] == [
        ("户籍", "2026-03-02", "2026-04-01"), ("'=1+1", "2026-03-01", "2026-03-31"),
    ]  # fmt: skip
    sheet = CalamineWorkbook.from_path(out / "u01.xlsx").get_sheet_by_index(0).to_python()
    assert [row[6] for row in sheet[1:]] == [row["链接"] for row in rows]
    assert all(row["链接"] == f"{url}/evaluate/{row['评价码']}" for row in rows)
    everything = "".join(path.read_bytes().decode("utf-8", "replace") for path in out.iterdir())
    assert not any(said in everything for said in ("张三", "13800001111", "H-1"))
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in out.iterdir())
    assert rows[0]["评价码"] not in (tmp_path / "said.json").read_text()
    with pytest.raises(Refusal) as full:
        clerk.codes("--unit", "u01", "--count", "1")
    assert full.value.field == "out", "sheets are never written over"
    with pytest.raises(Refusal) as before:
        clerk.codes("--receipts", str(tmp_path / "回执.xlsx"), out="other")
    assert (before.value.status, before.value.field) == (409, "rows")
    assert clerk.codes("--receipts", str(tmp_path / "回执.xlsx"), "--again", out="third")["issued"] == 3


def test_s13_a_fault_in_the_table_is_named_by_its_row_and_nothing_is_issued(url: str, tmp_path: Path) -> None:
    rows = [["单位编码", "办事日期"], ["u01", "2026-03-02"], ["u01", "昨天"], ["nobody", "2026-03-02"]]
    table = tmp_path / "回执.csv"
    table.write_text("\n".join(",".join(row) for row in rows), encoding="gb18030")
    said = Clerk(url, tmp_path).codes("--receipts", str(table), code=1)
    assert [(one["row"], one["field"]) for one in said["refused"]] == [(3, "served_on"), (4, "unit")]
    assert (said["issued"], said["files"], list((tmp_path / "out").iterdir())) == (0, [], [])


def test_s13_what_is_printed_opens_the_page_and_a_page_of_paper_holds_all_its_slips(url: str, tmp_path: Path) -> None:
    browser.required()
    handler = Clerk(url, tmp_path, role="handler", sub="h", unit="u01")
    said = handler.codes(
        "--unit", "u01", "--count", str(A_PAGE + 1), "--section", "户籍窗口", "--served-on", "2026-03-02"
    )
    assert said["issued"] == A_PAGE + 1
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "u01.csv").read_text(encoding="utf-8-sig"))))
    with browser.started() as chrome, browser.reader(chrome) as one:
        page = one.page
        page.goto((tmp_path / "out" / "u01.html").as_uri())
        assert scanned(page) == [row["链接"] for row in rows]
        cut = "e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1"
        assert not any(slip.evaluate(cut) for slip in page.locator(".slip, .slip > *:not(svg)").all())
        page.pdf(path=tmp_path / "slips.pdf", prefer_css_page_size=True)
        with pikepdf.open(tmp_path / "slips.pdf") as printed:
            assert len(printed.pages) == 2
        page.goto(rows[-1]["链接"])
        expect(page.locator("h1")).to_have_text("所u01")
        expect(page.locator("#section")).to_have_text("户籍窗口")
