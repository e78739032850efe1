"""S14: the appraisal opinion is drafted, signed, sent and fed back; each problem is a case; the leader reads it."""

from typing import Any

import pytest

from shared.contracts.assignment import OrderRegistered
from shared.contracts.opinions import OpinionFedBack, OpinionIssued
from shared.contracts.rectification import CaseClosed
from shared.programme.parts import Group
from shared.programme.values import Label
from tests.service.scoring.house import CLERK, LEADER, OFFICE, OTHER_OFFICE, House, refused

PANELIST = {"role": "inspector", "sub": "panelist-1"}
HEAD = {"role": "supervisor", "sub": "panelist-2"}
OTHER_LEADER = {"role": "leader", "sub": "leader-u02", "unit": "u02"}
TEXT: dict[str, Any] = {
    "strengths": ["态度好"],
    "problems": [
        {"text": "窗口空岗，电话 13912345678", "dimension": "service", "days": 10},
        {"text": "公开栏没有更新"},
    ],
    "recommendations": ["落实首问负责"],
}
PATH = "/opinions/2026-H1.u01.opinion-1"


@pytest.fixture
async def ready(house: House) -> House:
    """Two units of a group with a panel, and a cycle."""
    group = Group(key="stationed", label=Label(zh="驻县单位", en="Stationed"), panel=True)
    programme = house.desk.programme.model_copy(update={"groups": (group,)})
    object.__setattr__(house.desk, "programme", programme)
    units = [
        {"unit": u, "name": u, "category": "enforcement", "township": "清河镇", "group": "stationed"}
        for u in ("u01", "u02")
    ]
    await house.done("/units", units, at="2026-01-01 09:00")
    await house.done("/cycles", {"name": "2026-H1"}, at="2026-01-01 09:00")
    return house


async def drafted(house: House, who: dict[str, Any] = OFFICE) -> Any:
    return await house.done("/cycles/2026-H1/opinions", {"unit": "u01", **TEXT}, who=who, at="2026-06-01 09:00")


async def test_s14_an_opinion_of_the_office_is_signed_by_another_person_and_its_problems_become_cases(
    ready: House,
) -> None:
    made = await drafted(ready)
    assert (made["state"], made["author"]) == ("drafted", "office")
    assert "13912345678" not in made["problems"][0]["text"]
    assert (await ready.get(PATH, LEADER)).status_code == 404, "a draft is nobody's but its author's"
    refused(await ready.post(f"{PATH}/signature"), 403, "signed_by")
    signed = await ready.done(f"{PATH}/signature", who=OTHER_OFFICE, at="2026-06-02 09:00")
    assert (signed["state"], signed["issued_on"], signed["signed_as"]) == (
        "issued", "2026-06-02", str(ready.desk.programme.office),
    )  # fmt: skip
    [told] = ready.published(OpinionIssued)
    assert (told.opinion, told.unit, told.author, told.strengths) == (
        "2026-H1.u01.opinion-1",
        "u01",
        "office",
        ("态度好",),
    )
    assert [(p.item, p.dimension, p.days) for p in told.problems] == [(1, "service", 10), (2, None, None)]
    assert [(c["state"], c["due"]) for c in signed["cases"]] == [("waiting", "2026-06-16"), ("waiting", "2026-06-24")]
    await ready.take(OrderRegistered(order=f"{told.opinion}-1", number="2026-000007", unit="u01"), "2026-06-02 09:01")
    done = CaseClosed(case="2026-000007", unit="u01", paying_unit="u01", outcome="solved", late=False)
    await ready.take(done, "2026-06-12 09:00")
    mine = (await ready.get(PATH, LEADER)).json()
    assert [(c["case"], c["state"], c["outcome"]) for c in mine["cases"]] == [
        ("2026-000007", "closed", "solved"), (None, "waiting", None),
    ]  # fmt: skip
    refused(await ready.post(f"{PATH}/text", TEXT), 409, "opinion")
    refused(await ready.post(f"{PATH}/signature", who=OTHER_OFFICE), 409, "opinion")


async def test_s14_the_leader_reads_it_in_the_unit_s_record_and_nobody_else_s(ready: House) -> None:
    await drafted(ready)
    [cycle] = (await ready.get("/units/u01/record", LEADER)).json()
    assert cycle["opinions"] == []
    await ready.done(f"{PATH}/signature", who=OTHER_OFFICE, at="2026-06-02 09:00")
    [cycle] = (await ready.get("/units/u01/record", LEADER)).json()
    assert [one["recommendations"] for one in cycle["opinions"]] == [["落实首问负责"]]
    assert (await ready.get(PATH, OTHER_LEADER)).status_code == 404
    assert (await ready.get(PATH, CLERK)).status_code == 403
    assert (await ready.get(PATH)).status_code == 401


async def test_s14_a_panel_writes_on_its_own_group_and_its_leader_signs(ready: House) -> None:
    refused(await ready.post("/cycles/2026-H1/opinions", {"unit": "u01", **TEXT}, who=PANELIST), 403, "unit")
    for who, leads in ((PANELIST, False), (HEAD, True)):
        seat = {"person": who["sub"], "name": "张三", "post": "组长" if leads else "组员", "leader": leads}
        await ready.done("/groups/stationed/panel", {**seat, "since": "2024-12-01"}, at="2026-05-01 09:00")
    made = await ready.done("/cycles/2026-H1/opinions", {"unit": "u01", **TEXT}, who=PANELIST, at="2026-06-01 09:00")
    assert made["author"] == "stationed"
    refused(await ready.post(f"{PATH}/text", TEXT), 403, "opinion")
    await ready.done(f"{PATH}/text", {**TEXT, "problems": TEXT["problems"][:1]}, who=HEAD, at="2026-06-01 10:00")
    refused(await ready.post(f"{PATH}/signature", who=PANELIST, at="2026-06-02 09:00"), 403, "signed_by")
    signed = await ready.done(f"{PATH}/signature", who=HEAD, at="2026-06-02 09:00")
    assert signed["signed_as"] == "张三（组长）"
    assert len(ready.published(OpinionIssued)[0].problems) == 1
    [seen] = (await ready.get("/cycles/2026-H1/opinions", PANELIST)).json()["items"]
    assert seen["opinion"] == "2026-H1.u01.opinion-1"
    assert (await ready.get("/cycles/2026-H1/opinions", {"role": "inspector", "sub": "x"})).status_code == 403


async def test_s14_the_feedback_meeting_is_minuted_once_and_told(ready: House) -> None:
    await drafted(ready)
    body = {"held_on": "2026-06-05", "place": "县政府会议室", "minutes": "反馈意见，单位表态。", "attended": ["局长"]}
    refused(await ready.post(f"{PATH}/feedback", body, at="2026-06-05 17:00"), 409, "opinion")
    await ready.done(f"{PATH}/signature", who=OTHER_OFFICE, at="2026-06-02 09:00")
    refused(
        await ready.post(f"{PATH}/feedback", {**body, "held_on": "2026-06-09"}, at="2026-06-05 17:00"), 422, "held_on"
    )
    done = await ready.done(f"{PATH}/feedback", body, at="2026-06-05 17:00")
    assert (done["state"], done["attended"]) == ("fed_back", ["局长"])
    [told] = ready.published(OpinionFedBack)
    assert (told.unit, str(told.held_on), told.place, told.minutes) == (
        "u01",
        "2026-06-05",
        body["place"],
        body["minutes"],
    )
    refused(await ready.post(f"{PATH}/feedback", body, at="2026-06-06 17:00"), 409, "opinion")


async def test_s14_an_opinion_that_says_nothing_or_names_no_dimension_is_refused(ready: House) -> None:
    wrong = {"unit": "u01", "problems": [{"text": "x", "dimension": "beauty"}]}
    refused(await ready.post("/cycles/2026-H1/opinions", wrong), 422, "dimension")
    await ready.done("/cycles/2026-H1/opinions", {"unit": "u01"}, at="2026-06-01 09:00")
    refused(await ready.post(f"{PATH}/signature", who=OTHER_OFFICE), 409, "opinion")
    long = {"problems": [{"text": "x", "days": 200}]}
    refused(await ready.post(f"{PATH}/text", long), 422, "problems.0.days")
