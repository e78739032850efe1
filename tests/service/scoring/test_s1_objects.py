"""S1: units, key units and groups, sections, posts; the register's import; reorganised units keep their history."""

from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.rectification import CaseClosed
from shared.contracts.scoring import UnitSucceeded
from shared.programme.parts import Group, Scope
from shared.programme.values import Label
from tests.service.scoring.house import CLERK, LEADER, House, refused
from tests.service.scoring.people import People

STATION = {"unit": "u1", "name": "派出所", "category": "enforcement", "township": "清河镇"}
OFFICE = {"role": "office", "sub": "officer-1"}


def county(house: House) -> None:
    """A programme that ranks key departments in a group of their own, and stationed units by their group."""
    label = Label(zh="重点部门", en="Key departments")
    ranks = [
        Scope(key="key-departments", label=label, categories=("administration",), key_units=True),
        Scope(key="group", label=Label(zh="分组", en="Groups"), categories=("administration",), each="group"),
    ]
    given = house.desk.programme
    changed = given.model_copy(
        update={
            "scopes": (*given.scopes, *ranks),
            "groups": (Group(key="stationed", label=Label(zh="驻县单位", en="Stationed units")),),
        }
    )
    house.desk = replace(house.desk, programme=changed)


async def closed_late(house: House, unit: str, case: str, at: str = "2026-03-20 10:00") -> None:
    said = CaseClosed(case=case, unit=unit, paying_unit=unit, outcome="solved", late=True, late_days=2, grades=())
    await house.take(said, at)


async def daily(house: House, unit: str) -> tuple[str, list[str]]:
    found = (await house.get(f"/units/{unit}/score", OFFICE, cycle="2026-H1")).json()["daily"]
    return found["score"], [line["case"] for line in found["lines"]]


async def merge(house: House, **changes: Any) -> Any:
    body = {
        "kind": "merged", "on": "2026-04-01", "document": "清编〔2026〕4号", "predecessors": ["u01", "u02"],
        "successors": ["u02"],
    }  # fmt: skip
    return await house.post("/successions", body | changes, at="2026-04-02 10:00")


@pytest.fixture
async def county_house(house: House) -> House:
    await house.close()
    county(house)
    house.open()
    house.unit.start()
    return house


async def test_s1_a_key_unit_is_ranked_once_among_the_key_units(county_house: House) -> None:
    house = county_house
    bureau = {"unit": "b1", "name": "住建局", "category": "administration"}
    await house.done("/units", [bureau | {"key_unit": True}, {**bureau, "unit": "b2", "group": "stationed"}])
    found = {u["unit"]: (u["scope"], u["key_unit"], u["group"]) for u in (await house.get("/units")).json()}
    assert found == {"b1": ("key-departments", True, None), "b2": ("group:stationed", False, "stationed")}
    # It is ranked in no second scope, and nobody else among the key units.
    refused(await house.post("/units", [{**bureau, "unit": "b3", "key_unit": True, "scope": "group",
                                         "group": "stationed"}]), 422, "key_unit")  # fmt: skip
    refused(await house.post("/units", [{**bureau, "unit": "b4", "scope": "key-departments"}]), 422, "key_unit")
    refused(await house.post("/units", [{**bureau, "unit": "b5", "group": "nobody"}]), 422, "group")


async def test_s1_where_the_programme_ranks_no_key_units_there_are_none(house: House) -> None:
    refused(await house.post("/units", [STATION | {"key_unit": True}]), 422, "scope")


async def test_s1_a_section_belongs_to_its_unit_and_a_post_to_a_unit_or_its_section(house: House) -> None:
    await house.done("/units", [STATION, {**STATION, "unit": "u2"}])
    section = {"section": "u1-household", "unit": "u1", "name": "户籍科"}
    assert await house.done("/sections", [section]) == {"changed": 1}
    assert await house.done("/sections", [section]) == {"changed": 0}
    await house.done("/sections", [{**section, "name": "户政科"}])
    (shown,) = (await house.get("/sections", unit="u1")).json()["items"]
    assert (shown["section"], shown["unit"], shown["name"]) == ("u1-household", "u1", "户政科")
    refused(await house.post("/sections", [{**section, "unit": "u2"}]), 409, "section")
    refused(await house.post("/sections", [{**section, "section": "x", "unit": "nobody"}]), 404, "unit")
    post = {"post": "u1-window-1", "unit": "u1", "section": "u1-household", "title": "一号窗口负责人"}
    assert await house.done("/posts", [post]) == {"changed": 1}
    refused(await house.post("/posts", [{**post, "post": "p2", "unit": "u2"}]), 422, "section")
    (shown,) = (await house.get("/posts", unit="u1")).json()["items"]
    assert shown == post, "a post is an office: no person stands beside it"
    page = (await house.get("/posts", limit="1")).json()
    assert page["cursor"] == "u1-window-1"
    assert (await house.get("/posts", cursor=page["cursor"])).json() == {"items": [], "cursor": None}
    for path, body in (("/sections", [section]), ("/posts", [post])):
        refused(await house.post(path, body, who=CLERK), 403, "role")


HEADER = ["单位编码", "单位名称", "类别", "乡镇", "主管部门", "重点", "联系人"]


def rows(*given: tuple[str, ...]) -> dict[str, Any]:
    table = [{"row": n, "cells": dict(zip(HEADER, row, strict=False))} for n, row in enumerate(given, 2)]
    return {"header": HEADER, "rows": table}


async def test_s1_the_register_is_imported_with_every_row_accounted_for(house: House) -> None:
    table = rows(
        ("u1", "派出所", "行政执法", "清河镇", "公安局", "", "张三"),
        ("u2", "税务所", "enforcement", "清河镇", "", "否", ""),
        ("u3", "", "行政执法", "清河镇", "", "", ""),
        ("u4", "国土所", "没有的类别", "清河镇", "", "", ""),
        ("u1", "派出所", "行政执法", "清河镇", "", "", ""),
        ("u5", "城管所", "行政执法", "清河镇", "", "也许", ""),
    )
    found = await house.done("/units/import", table)
    assert (found["read"], found["registered"], found["unchanged"]) == (6, 2, 0)
    assert [(r["row"], r["field"]) for r in found["refused"]] == [
        (4, "name"), (5, "category"), (6, "unit"), (7, "key_unit"),
    ]  # fmt: skip
    assert all(r["reason"] and r["remedy"] for r in found["refused"])
    assert found["passed_over"] == ["联系人"], "no person's name comes here"
    assert {u["unit"]: u["parent"] for u in (await house.get("/units")).json()} == {"u1": "公安局", "u2": None}
    again = await house.done("/units/import", table)
    assert (again["registered"], again["unchanged"], len(again["refused"])) == (0, 2, 4)
    moved = await house.done("/units/import", rows(("u1", "派出所", "行政执法", "石桥镇", "", "", "")))
    assert [(r["row"], r["field"]) for r in moved["refused"]] == [(2, "unit")]
    refused(await house.post("/units/import", {"header": ["名称"], "rows": [{"row": 2, "cells": {}}]}), 422, "header")
    refused(await house.post("/units/import", table, who=CLERK), 403, "role")


async def test_s1_merged_units_stand_in_no_list_and_in_every_history(people: People) -> None:
    house = people.house
    told = (await merge(house)).json()
    assert (told["kind"], told["heir"], told["document"], told["recorded_by"]) == (
        "merged", "u02", "清编〔2026〕4号", "officer-1",
    )  # fmt: skip
    (event,) = house.published(UnitSucceeded)
    assert (event.retired, event.heir, event.on.isoformat()) == (("u01",), "u02", "2026-04-01")
    standing = [u["unit"] for u in (await house.get("/units")).json()]
    assert "u01" not in standing and "u02" in standing
    every = {u["unit"]: u["retired_on"] for u in (await house.get("/units", retired="true")).json()}
    assert (every["u01"], every["u02"]) == ("2026-04-01", None)
    (shown,) = (await house.get("/units/u02/history")).json()["successions"]
    assert shown["predecessors"] == ["u01", "u02"]
    assert (await house.get("/successions")).json() == [told]
    # It is registered no more, and follows nobody.
    refused(await house.post("/units", [{**STATION, "unit": "u01"}]), 409, "unit")
    refused(await merge(house, predecessors=["u01", "u03"], successors=["u03"]), 409, "predecessors")


async def test_s1_points_of_the_running_cycle_count_for_the_heir_and_nothing_is_rewritten(people: People) -> None:
    house = people.house
    await closed_late(house, "u01", "2026-000001")
    await closed_late(house, "u02", "2026-000002")
    await merge(house)
    await closed_late(house, "u01", "2026-000003", at="2026-05-04 10:00")  # told after the merger, of the old unit
    assert await daily(house, "u02") == ("97", ["2026-000001", "2026-000002", "2026-000003"])
    # What stood with the old unit stands there still.
    assert await daily(house, "u01") == ("98", ["2026-000001", "2026-000003"])


async def test_s1_the_heir_appeals_a_line_that_counts_for_it_and_nobody_else_does(people: People) -> None:
    house, path = people.house, "/points/2026-H1.2026-000001.late.u01/appeal"
    heir, other = ({"role": "leader", "sub": f"leader-{unit}", "unit": unit} for unit in ("u02", "u03"))
    await closed_late(house, "u01", "2026-000001", at="2026-04-01 10:00")
    refused(await house.post(path, {"grounds": "已办结"}, who=heir, at="2026-04-01 12:00"), 403, "line")
    await merge(house)
    refused(await house.post(path, {"grounds": "已办结"}, who=other, at="2026-04-02 12:00"), 403, "line")
    found = await house.post(path, {"grounds": "已办结"}, who=heir, at="2026-04-02 12:00")
    assert (found.status_code, found.json()["unit"]) == (201, "u01")


async def test_s1_who_was_voted_on_has_a_result_of_his_own_and_hands_on_nothing(people: People) -> None:
    house = people.house
    await closed_late(house, "u01", "2026-000001")
    ranked = {row["unit"]: row for row in (await people.to_ranking())["rows"]}
    answer = await house.post(
        "/successions",
        {"kind": "renamed", "on": "2026-07-13", "document": "清编〔2026〕9号", "predecessors": ["u01"],
         "successors": ["u07"]}, at="2026-07-13 10:00",
    )  # fmt: skip
    refused(answer, 422, "successors")
    await house.done("/units", [{**STATION, "unit": "u07", "name": "清河派出所"}], at="2026-07-13 10:00")
    await house.done(
        "/successions",
        {"kind": "renamed", "on": "2026-07-13", "document": "清编〔2026〕9号", "predecessors": ["u01"],
         "successors": ["u07"]}, at="2026-07-13 11:00",
    )  # fmt: skip
    assert (await house.get("/units/u07/history")).json()["results"] == [], "nothing before the publication"
    await house.done("/meetings/m1/publication", at="2026-07-13 12:00")
    (past,) = (await house.get("/units/u07/history")).json()["results"]
    assert (past["cycle"], past["result"]["unit"], past["result"]["rank"]) == ("2026-H1", "u01", ranked["u01"]["rank"])
    # The reissue ranks the old unit as it was ranked; the heir was not there.
    again = await house.done("/cycles/2026-H1/ranking", {"reason": "复核"}, at="2026-07-14 09:00")
    assert {row["unit"]: row["composite"] for row in again["rows"]}["u01"] == ranked["u01"]["composite"]


async def test_s1_a_result_also_counts_in_the_competent_departments_appraisal(people: People) -> None:
    house = people.house
    stations = [
        {"unit": u, "name": f"所{u}", "category": "enforcement", "township": "清河镇", "parent": "公安局"}
        for u in ("u01", "u02")
    ]
    await house.done("/units", stations, at="2026-01-02 09:00")
    refused(await house.get("/departments/公安局/results", cycle="2026-H1"), 404, "cycle")
    rows_ = {row["unit"]: row for row in (await people.to_ranking())["rows"]}
    refused(await house.get("/departments/公安局/results", cycle="2026-H1"), 404, "cycle")
    await house.done("/meetings/m1/publication", at="2026-07-13 12:00")
    found = (await house.get("/departments/公安局/results", cycle="2026-H1")).json()
    assert [u["unit"] for u in found["units"]] == [u for u in rows_ if u in ("u01", "u02")]
    expected = sum(float(rows_[u]["composite"]) for u in ("u01", "u02")) / 2
    assert float(found["mean"]) == pytest.approx(expected, abs=0.0051)
    refused(await house.get("/departments/nobody/results", cycle="2026-H1"), 404, "department")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"successors": ["u03", "u04"]}, 422, "kind"),
        ({"kind": "split", "predecessors": ["u01"], "successors": ["u03", "u04"]}, 422, "heir"),
        ({"kind": "split", "predecessors": ["u01"], "successors": ["u03", "u04"], "heir": "u05"}, 422, "heir"),
        ({"kind": "renamed", "predecessors": ["u01"], "successors": ["u01"]}, 422, "kind"),
        ({"document": " "}, 422, "document"),
        ({"on": "2026-04-03"}, 409, "on"),
        ({"predecessors": ["u01", "nobody"]}, 422, "predecessors"),
    ],
)
async def test_s1_a_reorganisation_says_who_follows_whom_by_which_document(
    people: People, changes: dict[str, Any], status: int, field: str
) -> None:
    refused(await merge(people.house, **changes), status, field)
    assert (await people.house.get("/successions")).json() == []


async def test_s1_of_a_split_unit_the_heir_takes_over_what_is_open(people: People) -> None:
    house = people.house
    await closed_late(house, "u01", "2026-000001")
    split = {"kind": "split", "predecessors": ["u01"], "successors": ["u03", "u04"], "heir": "u04"}
    assert (await merge(house, **split)).status_code == 201
    assert (await daily(house, "u04"))[1] == ["2026-000001"]
    assert (await daily(house, "u03"))[1] == []
    # And what followed is followed: the heir of the heir.
    assert (await merge(house, predecessors=["u04", "u05"], successors=["u05"])).status_code == 201
    assert (await daily(house, "u05"))[1] == ["2026-000001"]
    assert [s["kind"] for s in (await house.get("/units/u05/history")).json()["successions"]] == ["split", "merged"]


async def test_s1_reorganisations_are_recorded_by_the_office_alone(people: People) -> None:
    body = {"kind": "merged", "on": "2026-04-01", "document": "x1", "predecessors": ["u01", "u02"],
            "successors": ["u02"]}  # fmt: skip
    refused(await people.house.post("/successions", body, who=LEADER), 403, "role")
