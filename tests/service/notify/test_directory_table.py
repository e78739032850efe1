"""The directory as a table (N1): all or none, every error named, and out again so that it is read back unchanged."""

import csv
import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from deploy.local.commands.notice_directory import told
from services.notify.domain.directory_table import COLUMNS, ROLE_LABELS
from services.notify.domain.recipient import OFFICE_ROLES, UNIT_ROLES
from services.notify.terms import TERMS
from tests.support.notify_house import House, opened, seat
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio
HEADER = [column.heading for column in COLUMNS.values()]


def row(number: int, *cells: str) -> dict[str, Any]:
    return {"row": number, "cells": dict(zip(HEADER, cells, strict=False))}


SUN = row(2, "tax", "", "经办人", "sun", "孙丽", "sun@tax.example", "2026年3月10日", "", "", "", "", "sms=13800000000")
FEI = row(3, "", "清河税务所", "分管领导", "fei", "费明", "fei@tax.example", "2026/3/1", "", "", "乱收费", "英文", "")


async def take(web: Web, *rows: dict[str, Any], check: bool = False) -> dict[str, Any]:
    answer = await web(
        "POST", f"/directory/table{'/check' if check else ''}", json={"header": HEADER, "rows": list(rows)},
        headers={"Minping-At": "2026-03-09T10:00:00+08:00"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def holders(web: Web) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await web("GET", "/directory")).json()["holders"]
    return found


async def test_n1_a_table_is_entered_whole_and_moves_what_is_open(web: Web, house: House) -> None:
    topic = house.desk.programme.topics[0]
    fei = {**FEI, "cells": FEI["cells"] | {"分管": topic.label.zh}}
    await house.hear("2026-03-09T10:00", opened())
    said = await take(web, SUN, fei)
    assert (said["taken"], said["errors"], said["notices_moved"]) == (True, [], 1)
    assert [c["kind"] for c in said["changes"]] == ["entered", "ended", "entered"]  # the older first
    deputy = next(h for h in await holders(web) if h["person"] == "fei")
    assert (deputy["unit"], deputy["fields"], deputy["language"]) == ("tax", [topic.key], "en")
    assert next(h for h in await holders(web) if h["person"] == "sun")["contacts"] == {"sms": "13800000000"}
    again = await take(web, SUN, fei)
    assert (again["taken"], again["unchanged"], again["changes"]) == (False, 2, [])


async def test_n1_every_error_of_a_table_is_named_and_nothing_is_entered(web: Web) -> None:
    before = await holders(web)
    said = await take(
        web, SUN,
        row(3, "nowhere", "", "厨师", "x", "某", "no address", "2026-02-30", "", "也许", "烹饪", "法文", "qq:1"),
        row(4, "tax", "", "经办人", "", "", "", "", "", "", "", "", ""),
        row(5, "tax", "", "经办人", "ma", "马明", "no address", "2026-04-01", "2026-03-01", "", "", "", ""),
        {**SUN, "row": 6},
    )  # fmt: skip
    assert said["taken"] is False
    assert [(e["row"], e["field"]) for e in said["errors"]] == [
        (3, "unit"), (3, "role"), (3, "since"), (3, "substitute"), (3, "language"), (3, "fields"), (3, "contacts"),
        (4, "person"), (4, "name"), (4, "email"), (4, "since"), (5, "until"), (6, "person"),
    ]  # fmt: skip
    assert all(e["reason"] and e["remedy"] for e in said["errors"])
    assert await holders(web) == before
    text = "\n".join(told(said, "通讯录.xlsx", dry_run=False))
    assert "13 处错误" in text
    assert "qq:1" in text


async def test_n1_a_table_is_checked_without_entering_anything(web: Web, house: House) -> None:
    before = await holders(web)
    changes = (await web("GET", "/directory/changes")).json()
    said = await take(web, SUN, check=True)
    assert [c["kind"] for c in said["changes"]] == ["ended", "entered"]
    assert (said["taken"], said["entry"]) == (False, None)
    assert (await holders(web), (await web("GET", "/directory/changes")).json()) == (before, changes)
    assert house.published == []


async def test_n1_a_table_without_a_column_that_is_needed_is_refused(web: Web) -> None:
    body = {"header": ["单位编号", "姓名"], "rows": [row(2, "tax")]}
    answer = await web("POST", "/directory/table", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "header")
    assert "电子邮件" in answer.json()["reason"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_n1_the_directory_goes_out_as_a_table_and_is_read_back_unchanged(
    web: Web, house: House, kind: str
) -> None:
    topic = house.desk.programme.topics[0].key
    await house.hold(
        "2026-03-09T15:00",
        seat("tax", "handler", "sun", "2026-03-10", name="=HYPERLINK(1)", contacts={"sms": "+8613800000000"}),
        seat("tax", "handler", "b", substitute=True),
        seat("tax", "handler", "c", until=None, substitute=True, language="en"),
        seat("tax", "deputy_in_charge", "fei", fields=(topic,)),
        seat("office", "supervisor", "jian"),
    )
    answer = await web("GET", f"/directory/export?format={kind}", "auditor")
    table = _xlsx(answer.content) if kind == "xlsx" else list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    header, *lines = table
    assert header == HEADER
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line)
    count = len(await holders(web))
    assert len(lines) == count
    rows = [{"row": n, "cells": dict(zip(header, line, strict=True))} for n, line in enumerate(lines, 2)]
    said = await take(web, *rows, check=True)
    assert (said["errors"], said["unchanged"], said["changes"]) == ([], count, [])


def _xlsx(content: bytes) -> list[list[str]]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [[str(cell) for cell in row] for row in rows]


async def test_n1_every_office_has_the_name_that_letters_give_it() -> None:
    assert {role: TERMS["zh"][f"role:{role}"] for role in OFFICE_ROLES | UNIT_ROLES} == ROLE_LABELS
