"""Codes in bulk from a unit's table of receipts (S13): every row is accounted for, and a table has its codes once."""

import json
from typing import Any

import pytest

from services.scoring.domain.receipt_rows import Defaults, day_of, take_rows
from shared.errors import Refusal
from tests.service.scoring.house import CLERK, LEADER, OFFICE, House, refused
from tests.service.scoring.people import People
from tests.service.scoring.test_s13_evaluations import GOOD, HANDLER, SERVED, evaluate

HEADER = ["回执号", "单位编码", "窗口", "办理日期", "姓名"]
WHEN = f"{SERVED} 18:00"


def table(*rows: tuple[str, ...], header: list[str] = HEADER, **more: Any) -> dict[str, Any]:
    """A table as the command sends it."""
    numbered = [{"row": n, "cells": dict(zip(header, row, strict=False))} for n, row in enumerate(rows, 2)]
    return {"header": header, "rows": numbered, **more}


RECEIPTS = (
    ("H-1", "u01", "户籍", "2026-03-02", "张三"),
    ("H-2", "u01", "户籍", "2026/3/2 10:15", "李四"),
    ("H-3", "u01", "", "2026年3月1日", "王五"),
    ("H-1", "u02", "", "20260301", "赵六"),
)


async def imported(house: House, given: dict[str, Any], **more: Any) -> Any:
    """The report of a table."""
    return await house.done("/evaluation-codes/import", given, **{"at": WHEN, **more})


async def test_s13_each_receipt_of_a_table_has_a_code_by_unit_section_and_day(people: People) -> None:
    house = people.house
    report = await imported(house, table(*RECEIPTS))
    assert (report["read"], report["issued"], report["refused"], report["passed_over"]) == (4, 4, [], ["姓名"])
    shown = {(b["unit"], b["section"], b["served_on"]): len(b["texts"]) for b in report["batches"]}
    assert shown == {("u01", "户籍", "2026-03-02"): 2, ("u01", "", "2026-03-01"): 1, ("u02", "", "2026-03-01"): 1}
    first = report["batches"][0]
    assert (first["name"], first["last_day"], first["link"]) == ("所u01", "2026-04-01", "http://house/evaluate/")
    opened = await house.http.get(first["link"] + first["texts"][0])
    assert "所u01" in opened.text and "户籍" in opened.text
    dimension = house.desk.programme.dimensions[0].key
    assert (await evaluate(house, first["texts"][0], {dimension: GOOD})).status_code == 201
    everything = str(await house.rows("SELECT * FROM evaluation_batch")) + str(await house.rows("SELECT * FROM outbox"))
    assert not any(said in everything for said in ("H-1", "张三", *first["texts"]))


async def test_s13_a_table_with_a_fault_issues_nothing_and_names_every_fault(people: People) -> None:
    house = people.house
    await house.done("/units", [{"unit": "u99", "name": "所u01", "category": "enforcement", "township": "清河镇"}],
                     at="2026-01-02 09:00")  # fmt: skip
    header = [*HEADER, "份数", "单位名称"]
    given = table(
        ("H-1", "u01", "", SERVED, "", "", ""),
        ("H-1", "u01", "", SERVED, "", "", ""),
        ("H-2", "nobody", "", SERVED, "", "", ""),
        ("H-3", "u01", "", "三月二日", "", "", ""),
        ("H-4", "u01", "", "2026-02-30", "", "", ""),
        ("H-5", "u01", "", "2026-03-03", "", "", ""),
        ("H-6", "u01", "", "2026-01-10", "", "", ""),
        ("H-7", "u01", "", "", "", "", ""),
        ("", "u01", "", SERVED, "", "零", ""),
        ("H-8", "u01", "", SERVED, "", "2", ""),
        ("", "u03", "", SERVED, "", "1001", ""),
        ("H-9", "", "", SERVED, "", "", "所u01"),
        ("H-9", "", "", SERVED, "", "", "没有这个单位"),
        ("H-9", "", "", SERVED, "", "", ""),
        ("H-9", "u01", "长" * 65, SERVED, "", "", ""),
        ("", "", "", "", "", "", ""),
        header=header,
    )
    report = await imported(house, given)
    assert (report["read"], report["issued"], report["batches"]) == (16, 0, [])
    found = [(one["row"], one["field"]) for one in report["refused"]]
    assert found == [
        (3, "receipt"), (4, "unit"), (5, "served_on"), (6, "served_on"), (7, "served_on"), (8, "served_on"),
        (9, "served_on"), (10, "count"), (11, "count"), (12, "count"), (13, "name"), (14, "name"), (15, "unit"),
        (16, "section"),
    ]  # fmt: skip
    assert all(one["reason"] and one["remedy"] for one in report["refused"])
    assert await house.rows("SELECT count(*) FROM evaluation_code") == [(0,)]


async def test_s13_the_same_table_has_its_codes_once_unless_others_are_asked_for(people: People) -> None:
    house = people.house
    await imported(house, table(*RECEIPTS))
    shuffled = table(*reversed(RECEIPTS))
    refused(await house.post("/evaluation-codes/import", shuffled, at=WHEN), 409, "rows")
    assert (await imported(house, {**shuffled, "again": True}))["issued"] == 4
    assert (await imported(house, table(*RECEIPTS[:3])))["issued"] == 3, "another table"


async def test_s13_a_units_people_issue_for_their_own_receipts_only(people: People) -> None:
    house = people.house
    auditor, supervisor = {"role": "auditor", "sub": "a"}, {"role": "supervisor", "sub": "s"}
    for who, status in (*((one, 200) for one in (HANDLER, LEADER, CLERK, OFFICE)), (auditor, 403), (supervisor, 403)):
        given = table(RECEIPTS[0], again=True)
        assert (await house.post("/evaluation-codes/import", given, who=who, at=WHEN)).status_code == status
    report = await imported(house, table(*RECEIPTS[2:]), who=HANDLER)
    assert report["issued"] == 0 and [(one["row"], one["field"]) for one in report["refused"]] == [(3, "unit")]
    own = await imported(house, table(("5", SERVED), header=["份数", "日期"]), who=HANDLER)
    assert (own["issued"], own["batches"][0]["unit"]) == (5, "u01"), "a table that names no unit is of his own"


async def test_s13_too_many_codes_or_two_columns_of_one_kind_are_told(people: People) -> None:
    house = people.house
    many = table(
        *((f"w0{1 + n % 4}", f"2026-02-{n + 1:02}", "1000") for n in range(11)), header=["编码", "日期", "份数"]
    )
    refused(await house.post("/evaluation-codes/import", many, at=WHEN), 413, "rows")
    twice = table(("u01", "u02"), header=["编码", "单位编码"])
    refused(await house.post("/evaluation-codes/import", twice, at=WHEN), 422, "header")
    empty = table(("", ""), header=["编码", "日期"])
    refused(await house.post("/evaluation-codes/import", empty, at=WHEN), 422, "rows")
    assert json.dumps(await house.rows("SELECT count(*) FROM evaluation_batch")) == "[[0]]"


@pytest.mark.parametrize(
    "said", ["2026-03-02", "2026/3/2", "2026年3月2日", "２０２６．３．２", "20260302", "2026-03-02 09:30:00"]
)
def test_s13_days_are_read_as_tables_have_them(said: str) -> None:
    assert day_of(said).isoformat() == SERVED


@pytest.mark.parametrize("said", ["", "3/2", "2026-13-01", "02.03.2026", "2026-03-02x", "1" * 300])
def test_s13_what_is_no_day_is_refused(said: str) -> None:
    with pytest.raises(Refusal) as why:
        day_of(said)
    assert why.value.field == "served_on"


def test_s13_a_table_may_leave_to_the_command_what_is_the_same_for_all() -> None:
    def named(name: str) -> str:
        raise AssertionError(name)

    defaults = Defaults("u01", day_of(SERVED))
    [one], wrong = take_rows(["回执号"], [(2, {"回执号": "7"}), (3, {"回执号": ""})], named, defaults)
    assert (one.unit, one.served_on.isoformat(), one.count, wrong) == ("u01", SERVED, 1, [])
