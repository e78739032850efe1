"""Leaders' papers (N9): one-page ledger, monthly table, dossier, archive; read back as a leader's program would."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.notify.usecases.paper_ledger import ON_A_PAGE
from shared.contracts import intake, scoring
from shared.contracts import rectification as r
from shared.contracts import rectification_promises as p
from shared.contracts.inspection import InspectionRecorded
from shared.contracts.scoring import RankedUnit
from shared.identity import ROLES
from tests.service.notify.test_n6_circulars import Q1, closed, quarter
from tests.support.notify_house import House, opened
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio
NASTY = '=HYPERLINK("http://evil.example")\u202e'


@pytest.fixture(autouse=True)
def april(web: Web) -> None:
    """The first quarter is over."""
    web.moves_to("2026-04-09T10:00")


async def paper(web: Web, path: str, role: str = "office") -> dict[str, list[list[Any]]]:
    """A paper's sheets."""
    answer = await web("GET", f"/papers/{path}", role)
    assert answer.status_code == 200, answer.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def column(sheet: Sequence[Sequence[Any]], heading: str) -> list[Any]:
    """A column under its heading."""
    [(top, head)] = [(at, row) for at, row in enumerate(sheet) if heading in row]
    position = list(head).index(heading)
    return [row[position] for row in sheet[top + 1 :]]


async def test_n9_the_ledger_shows_every_open_case_with_unit_person_due_and_late(house: House, web: Web) -> None:
    await quarter(house)
    [sheet] = (await paper(web, "ledger")).values()
    assert column(sheet, "编号") == ["2026-000004"]
    assert column(sheet, "单位") == ["清河税务所"]
    assert column(sheet, "责任人") == ["王芳"]
    assert column(sheet, "办理期限") == [date(2026, 3, 30)]
    late = house.desk.calendar.working_days_between(date(2026, 3, 30), date(2026, 4, 9))
    assert column(sheet, "逾期（工作日）") == [late]
    [english] = (await paper(web, "ledger?language=en")).values()
    assert column(english, "Unit") == ["Qinghe Tax Office"]


async def test_n9_the_ledger_goes_by_what_was_said_last_whatever_the_order(house: House, web: Web) -> None:
    await house.hear("2026-03-20T09:00", closed("2026-000001", times_closed=2))
    await house.hear("2026-03-10T09:00", r.CaseReopened(
        case="2026-000001", unit="tax", reason="same_matter", round=2, due=date(2026, 3, 18),
        expires_at="2026-03-19T00:00:00+08:00",
    ))  # fmt: skip
    await house.hear("2026-02-20T09:00", closed("2026-000001"))
    await house.hear("2026-02-01T09:00", opened())
    await house.hear("2026-03-21T09:00", opened("2026-000002"))
    await house.hear("2026-03-25T09:00", r.CaseReturned(
        case="2026-000002", unit="tax", round=1, reasons=("problem",), rework_due=date(2026, 4, 20),
        expires_at="2026-04-21T00:00:00+08:00",
    ))  # fmt: skip
    [sheet] = (await paper(web, "ledger")).values()
    assert column(sheet, "编号") == ["2026-000002"], "what was closed last is closed"
    assert column(sheet, "办理期限") == [date(2026, 4, 20)]
    assert column(sheet, "逾期（工作日）") == [""]


async def test_n9_the_ledger_prints_on_one_landscape_page(house: House, web: Web) -> None:
    for number in range(1, ON_A_PAGE + 6):
        await house.hear("2026-03-01T09:00", opened(f"2026-{number:06d}"))
    answer = await web("GET", "/papers/ledger", "office")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        page = file.read("xl/worksheets/sheet1.xml").decode()
    assert 'paperSize="9"' in page
    assert 'orientation="landscape"' in page
    assert "<pageSetUpPr fitToPage=" in page
    assert "fitToHeight=" not in page, "one page wide and one page high"
    sheets = await paper(web, "ledger")
    assert len(column(sheets["一页总账"], "编号")) == ON_A_PAGE
    assert len(column(sheets["全部"], "编号")) == ON_A_PAGE + 5
    assert any("另有5件" in str(cell) for row in sheets["一页总账"] for cell in row)


async def test_n9_the_monthly_table_adds_up(house: House, web: Web) -> None:
    await quarter(house)
    [sheet] = (await paper(web, "monthly?month=2026-02")).values()
    rows = dict(zip(column(sheet, "单位"), sheet[-3:], strict=True))
    assert rows["清河税务所"][1:6] == [0, 2, 2, 2, 1]
    assert rows["清河消防站"][1:6] == [0, 1, 1, 0, 0]
    assert rows["合计"][1:6] == [0, 3, 3, 2, 1]
    assert rows["合计"][-1] == 75
    assert (await web("GET", "/papers/monthly?month=2026-13", "office")).status_code == 422


async def test_n9_what_was_open_at_a_months_end_stays_as_it_was(house: House, web: Web) -> None:
    await house.hear("2026-01-10T09:00", opened())
    await house.hear("2026-01-20T09:00", closed("2026-000001"))
    reopened = r.CaseReopened(
        case="2026-000001", unit="tax", reason="same_matter", round=2, due=date(2026, 3, 18),
        expires_at="2026-03-19T00:00:00+08:00",
    )  # fmt: skip
    await house.hear("2026-02-10T09:00", reopened)
    await house.hear("2026-03-10T09:00", closed("2026-000001", times_closed=2))
    for month, running in (("2026-01", 0), ("2026-02", 1), ("2026-03", 0)):
        [sheet] = (await paper(web, f"monthly?month={month}")).values()
        assert column(sheet, "期末在办")[-1] == running, month


async def test_n9_the_dossier_holds_everything_on_record_about_a_unit(house: House, web: Web) -> None:
    await quarter(house)
    await house.hear("2026-02-05T09:00", p.CaseCommitted(
        case="2026-000003", unit="tax", commitment="2026-000003-1", text="开设自助办税区", person="局长",
        due=date(2026, 3, 1),
    ))  # fmt: skip
    await house.hear("2026-03-05T09:00", scoring.PointsDeducted(
        line="line-1", unit="tax", cycle_name="2026-H1", rule="late", points="-1", case="2026-000001", evidence=("e",)
    ))  # fmt: skip
    await house.hear("2026-03-06T09:00", scoring.ConsequenceConfirmed(
        consequence="c-1", cycle_name="2026-H1", unit="tax", kind="admonition_talk", reason="整改不力", answer="同意"
    ))  # fmt: skip
    row = RankedUnit(unit="tax", name="清河税务所", category="enforcement", scope="township:清河镇", daily="96.00",
                     concentrated="88.00", composite="89.60", rank=3)  # fmt: skip
    await house.hear("2026-03-07T09:00", scoring.RankingPublished(cycle_name="2026-H1", rows=(row,)))
    sheets = await paper(web, "dossier?unit=tax&year=2026")
    said = {name: " ".join(str(cell) for row in sheet for cell in row) for name, sheet in sheets.items()}
    for sheet, words in {
        "概况": "主要负责人 李强", "问题办理": "逾期工作日：2", "在办问题": "2026-000004", "日常评议": "分值：-1",
        "评议结果": "名次：3", "结果运用": "整改不力", "承诺践诺": "开设自助办税区", "规定动作": "任务未完成",
        "通知": "王芳",
    }.items():  # fmt: skip
        assert words in said[sheet], sheet
    assert "late-1" in said["问题办理"], "each row names the event that says so"
    assert "2026-000009" not in " ".join(said.values()), "nothing of another unit"
    assert "summary" in await paper(web, "dossier?unit=tax&year=2026&language=en")
    assert (await web("GET", "/papers/dossier?unit=none&year=2026", "office")).status_code == 404


async def test_n9_a_leader_reads_his_own_dossier_without_what_is_not_his_to_see(house: House, web: Web) -> None:
    await house.hear("2026-03-01T09:00", InspectionRecorded(
        inspection="2026-Q1-I0001", unit="tax", quarter="2026-Q1", kind="covert", by="office", findings=("2026-000008",)
    ))  # fmt: skip
    await house.hear("2026-03-02T09:00", intake.TransferRequested(
        number="2026-000008", card="ZB-8", lead_unit="tax", days=15, due="2026-03-04T00:00:00+08:00"
    ))  # fmt: skip
    assert (await web("GET", "/papers/dossier?unit=fire&year=2026", "leader")).status_code == 403
    seen = " ".join(
        str(c) for s in (await paper(web, "dossier?unit=tax&year=2026", "leader")).values() for r in s for c in r
    )
    assert "2026-000008" not in seen, "before its approval no unit sees a matter (I7)"
    seen = " ".join(str(c) for s in (await paper(web, "dossier?unit=tax&year=2026")).values() for r in s for c in r)
    assert "2026-000008" in seen


async def test_n9_the_archive_holds_every_paper_with_checksum_and_period(house: House, web: Web) -> None:
    await quarter(house)
    row = RankedUnit(unit="tax", name="清河税务所", category="enforcement", scope="s", daily=None, concentrated=None,
                     composite="89.60", rank=1)  # fmt: skip
    await house.hear("2026-03-07T09:00", scoring.RankingPublished(cycle_name="2026-H1", rows=(row,)))
    await web("POST", "/circulars", "office", json={"quarter": "2026-Q1"})
    await web("POST", f"/circulars/{Q1}/approval", "approver")
    await web("POST", f"/circulars/{Q1}/issue", "office")
    answer = await web("GET", "/papers/archive?year=2026", "auditor")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        manifest = json.loads(file.read("manifest.json"))
        held = {name: file.read(name) for name in file.namelist()}
    listed = {entry["file"]: entry for entry in manifest["files"]}
    assert set(held) == {*listed, "manifest.json", "SHA256SUMS"}
    for name, entry in listed.items():
        assert entry["sha256"] == sha256(held[name]).hexdigest()
    assert f"{sha256(held['manifest.json']).hexdigest()}  manifest.json" in held["SHA256SUMS"].decode()
    periods = {entry["kind"]: entry["period_zh"] for entry in manifest["files"]}
    assert periods == {
        "ledger": "30年", "monthly": "10年", "dossier": "30年", "circular": "永久", "result": "永久",
        "bulletin": "永久", "notices": "10年",
    }  # fmt: skip
    assert {"dossiers/tax.xlsx", "dossiers/fire.xlsx", "monthly/2026-01.xlsx", "results/2026-H1.xlsx"} <= set(listed)
    assert "monthly/2026-05.xlsx" not in listed, "what has not begun has no table"
    assert manifest["whole"] is False
    again = await web("GET", "/papers/archive?year=2026", "auditor")
    assert again.content == answer.content, "the same record gives the same package"
    assert (await web("GET", "/papers/archive?year=2031", "auditor")).status_code == 422


async def test_n9_a_programme_says_for_how_long_papers_are_kept(house: House, web: Web) -> None:
    archive = house.desk.programme.archive
    assert archive.model_copy(update={"periods": {"ledger": "permanent"}}).period("ledger") == "permanent"
    assert archive.model_copy(update={"periods": {}}).period("monthly") == "years_10"


async def test_n9_nothing_in_a_paper_runs(house: House, web: Web) -> None:
    title = opened().model_copy(update={"title": NASTY})
    await house.hear("2026-03-01T09:00", title)
    await house.hear("2026-03-01T09:00", scoring.UnitRegistered(unit="tax", name=NASTY, category="c", scope="s"))
    for path in ("ledger", "monthly?month=2026-03", "dossier?unit=tax&year=2026"):
        answer = await web("GET", f"/papers/{path}", "office")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            for name in file.namelist():
                assert "<f>" not in file.read(name).decode(errors="replace")
    [sheet] = (await paper(web, "ledger")).values()
    [cell] = column(sheet, "问题")
    assert cell.startswith("'=HYPERLINK")
    assert "\u202e" not in cell


DOORS: dict[str, set[str]] = {
    "/papers/ledger": {"office", "approver", "auditor"},
    "/papers/monthly?month=2026-03": {"office", "approver", "auditor"},
    "/papers/dossier?unit=tax&year=2026": {"office", "approver", "auditor", "leader"},
    "/papers/archive?year=2026": {"office", "auditor"},
}


@pytest.mark.parametrize("path", DOORS)
async def test_n9_only_these_roles_get_papers(web: Web, path: str) -> None:
    may = {role for role in ROLES if (await web("GET", path, role)).status_code != 403}
    assert may == DOORS[path]
    assert (await web("GET", path, "")).status_code == 401
