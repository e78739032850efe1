"""R1: the ledger as one page, a row a case, to take away; how hard a matter is. Formulas in it do not run (X7)."""

from io import BytesIO
from typing import Any

import httpx2
import pytest
import python_calamine

from shared.contracts.scoring import UnitRegistered
from shared.spreadsheet import neutral
from tests.service.rectification.house import AUDITOR, HANDLER, House, approved, lines
from tests.service.rectification.promises import NUMBER, entries, filed


def sheet(answer: httpx2.Response) -> list[list[Any]]:
    """The rows of a workbook, read by another library than wrote it."""
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(answer.content))
    return book.get_sheet_by_index(0).to_python()


async def test_r1_the_ledger_is_exported_with_one_row_a_case(house: House) -> None:
    unit = UnitRegistered(unit="unit-a", name="清河税务所", category="enforcement", scope="x")
    await house.take(unit, "2026-01-02 09:00")
    await filed(house)
    await house.closed_case("2026-000002", cooperating_units=("unit-b",))
    rows = lines(await house.get("/ledger/export", AUDITOR))
    assert [(r["case"], r["unit_name"], r["state"], r["outcome"]) for r in rows] == [
        (NUMBER, "清河税务所", "accepted", None),
        ("2026-000002", "清河税务所", "closed", "solved"),
    ]
    first = rows[0]
    assert (first["responsible"], first["promised_by"]) == (["handler-a", "副局长钱伟"], ["局长赵敏"])
    assert (first["measures"], first["plan_version"], first["due"]) == ("增设窗口,延长办理时间", 1, "2026-05-28")
    assert (first["difficulty"], first["complaints"]) == ("ordinary", 1)
    assert [r["history_entries"] for r in rows] == [len(await entries(house, r["case"])) for r in rows]


async def test_r1_the_ledger_is_a_spreadsheet_with_chinese_headings_in_local_time(house: House) -> None:
    await house.closed_case()
    answer = await house.get("/ledger/export?format=xlsx")
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    heading, row = sheet(answer)
    shown = dict(zip(heading, row, strict=True))
    assert (shown["编号"], shown["牵头单位"], shown["办理方式"]) == (NUMBER, "unit-a", "限时解决")
    assert (shown["状态"], shown["结果"], shown["是否逾期"]) == ("已销号", "已解决", "否")
    assert (str(shown["交办时间"]), str(shown["办理期限"])) == ("2026-03-02 10:00:00", "2026-03-23")


async def test_r1_a_formula_in_the_ledger_does_not_run(house: House) -> None:
    await house.take(approved(title='=HYPERLINK("http://x","y")', text="x"), "2026-03-02 10:00")
    await house.solve("2026-03-03 10:00", measures="@SUM(1+1)*cmd|' /C calc'!A0")
    answer = await house.get("/ledger/export?format=xlsx")
    heading, row = sheet(answer)
    shown = dict(zip(heading, row, strict=True))
    assert shown["事项"].startswith("'=")
    assert shown["整改措施"].startswith("'@")
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(answer.content))
    assert book.sheet_names == ["问题台账"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_r1_what_begins_like_a_formula_is_led_by_an_apostrophe(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert neutral("正文=1") == "正文=1"


async def test_r1_no_petitioner_appears_in_the_ledger(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    (row,) = lines(await house.get("/ledger/export"))
    assert not {"complaint_numbers", "petitioners", "text"} & set(row)


async def test_r1_the_office_says_how_hard_a_matter_is_at_any_time_and_why(house: House) -> None:
    await house.closed_case()

    async def say(difficulty: str, at: str, who: dict[str, Any] | None = None, **more: Any) -> httpx2.Response:
        body = {"difficulty": difficulty, "reason": "涉及三个部门"} | more
        return await house.post(f"/{NUMBER}/difficulty", body, at=at, **({"who": who} if who else {}))

    set_ = await say("long_standing", "2026-04-01 10:00")
    assert (set_.status_code, set_.json()["difficulty"]) == (200, "long_standing")
    assert (await say("long_standing", "2026-04-02 10:00")).status_code == 200
    assert (await entries(house)).count("difficulty_set") == 1
    assert (await say("impossible", "2026-04-02 10:00")).json()["field"] == "difficulty"
    assert (await say("difficult", "2026-04-02 10:00", reason=" ")).json()["field"] == "reason"
    assert (await say("difficult", "2026-04-02 10:00", HANDLER)).status_code == 403
    (row,) = lines(await house.get("/ledger/export"))
    assert row["difficulty"] == "long_standing"
