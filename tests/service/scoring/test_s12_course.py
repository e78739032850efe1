"""S12: a consequence is answered for, carried out, chased, closed by other people; records; results handed over."""

from typing import Any

import pytest

from services.scoring.usecases import courses
from shared.contracts.consequences import (
    ConsequenceClosed,
    ConsequenceExecuted,
    ConsequenceOverdue,
    ConsequenceReturned,
    ConsequenceRuled,
    ResultHandedOver,
)
from shared.tick import Aside
from tests.service.scoring.house import APPROVER, CLERK, LEADER, OFFICE, OTHER_OFFICE, House, local, refused
from tests.service.scoring.people import People

THEIRS = {"role": "leader", "sub": "leader-u06", "unit": "u06"}
OTHER_APPROVER = {"role": "approver", "sub": "approver-2"}
KEY = "2026-H1.u06.last-below-80.key_help_list"
PATH = f"/consequences/{KEY}"


async def ticked(house: House, at: str) -> list[Any]:
    """The clock moves; what is told by then of overdue consequences."""
    await house.unit.run(lambda tx: courses.tick(house.desk, tx, Aside()), at=local(at))
    return house.published(ConsequenceOverdue)


async def confirmed(people: People) -> House:
    """u06 is last and below 80; its consequences are confirmed on 13 July, a Monday: due 15 working days later."""
    await people.to_ranking()
    await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    done = await people.house.done(f"{PATH}/confirmation", {"answer": ""}, who=APPROVER, at="2026-07-13 09:00")
    assert (done["state"], done["due"], done["review"]) == ("confirmed", "2026-08-03", False)
    return people.house


async def test_s12_a_consequence_is_executed_with_evidence_and_closed_with_proof_by_other_people(
    people: People,
) -> None:
    house = await confirmed(people)
    refused(await house.post(f"{PATH}/closure", {"proof": "x"}, who=OFFICE), 409, "consequence")
    other = f"{PATH}/execution", {"evidence": "书面检讨已送达"}
    refused(await house.post(*other, who=LEADER), 403, "consequence")
    refused(await house.post(*other, who=CLERK), 403, "role")
    done = await house.done(*other, who=OFFICE, at="2026-07-20 09:00")
    assert (done["consequence"]["state"], done["executed_by"]) == ("executed", "officer-1")
    refused(await house.post(*other, who=OFFICE), 409, "consequence")
    refused(await house.post(f"{PATH}/closure", {"proof": "已核实"}, who=OFFICE), 403, "closed_by")
    refused(await house.post(f"{PATH}/closure", {"proof": " "}, who=OTHER_OFFICE), 422, "proof")
    closed = await house.done(f"{PATH}/closure", {"proof": "名单已公布"}, who=OTHER_OFFICE, at="2026-07-22 09:00")
    assert (closed["consequence"]["state"], closed["closed_by"], closed["proof"]) == (
        "closed", "officer-2", "名单已公布",
    )  # fmt: skip
    assert [one.consequence for one in house.published(ConsequenceExecuted)] == [KEY]
    assert [one.kind for one in house.published(ConsequenceClosed)] == ["key_help_list"]
    assert await ticked(house, "2026-09-01 09:00") == []


async def test_s12_the_unit_s_own_leader_executes_and_evidence_that_shows_nothing_is_sent_back(people: People) -> None:
    house = await confirmed(people)
    await house.done(f"{PATH}/execution", {"evidence": "已办"}, who=THEIRS, at="2026-07-30 09:00")
    back = await house.done(f"{PATH}/return", {"reason": "没有附件"}, who=OFFICE, at="2026-08-04 09:00")
    assert (back["consequence"]["state"], back["consequence"]["due"], back["returned"]) == (
        "confirmed", "2026-08-25", ["没有附件"],
    )  # fmt: skip
    assert house.published(ConsequenceReturned)[0].reason == "没有附件"
    assert await ticked(house, "2026-08-25 23:59") == []
    assert len(await ticked(house, "2026-08-26 00:01")) == 1


async def test_s12_an_overdue_consequence_is_chased_once_a_deadline(people: People) -> None:
    house = await confirmed(people)
    assert await ticked(house, "2026-08-03 23:59") == [], "by is inclusive"
    [told] = await ticked(house, "2026-08-04 00:01")
    assert (told.consequence, told.unit, str(told.due)) == (KEY, "u06", "2026-08-03")
    assert len(await ticked(house, "2026-08-05 09:00")) == 1
    await house.restart()
    assert len(await ticked(house, "2026-09-05 09:00")) == 1, "also after a start"
    assert (await house.get(PATH, OFFICE)).json()["overdue"] is True
    await house.done(f"{PATH}/execution", {"evidence": "补办"}, who=OFFICE, at="2026-09-06 09:00")
    assert (await house.get(PATH, THEIRS)).json()["overdue"] is False
    refused(await house.get(PATH, LEADER), 403, "consequence")


@pytest.mark.parametrize("upheld", [True, False])
async def test_s12_the_leader_appeals_within_five_working_days_and_somebody_else_rules(
    people: People, upheld: bool
) -> None:
    house = await confirmed(people)
    refused(await house.post(f"{PATH}/appeal", {"grounds": "计算有误"}, who=LEADER), 403, "consequence")
    late = await house.post(f"{PATH}/appeal", {"grounds": "计算有误"}, who=THEIRS, at="2026-07-21 00:00")
    refused(late, 409, "consequence")
    await house.done(f"{PATH}/appeal", {"grounds": "计算有误"}, who=THEIRS, at="2026-07-20 23:59")
    assert await ticked(house, "2026-08-20 09:00") == [], "an appeal that waits is not chased"
    ruling = {"upheld": upheld, "reason": "复核完毕"}
    refused(await house.post(f"{PATH}/ruling", ruling, who=APPROVER), 403, "ruled_by")
    await house.done(f"{PATH}/execution", {"evidence": "已办"}, who=OFFICE, at="2026-08-20 09:30")
    refused(await house.post(f"{PATH}/closure", {"proof": "已办"}, who=OTHER_OFFICE), 409, "consequence")
    done = await house.done(f"{PATH}/ruling", ruling, who=OTHER_APPROVER, at="2026-08-20 10:00")
    assert (done["consequence"]["state"], done["upheld"]) == ("overturned" if upheld else "executed", upheld)
    assert [one.upheld for one in house.published(ConsequenceRuled)] == [upheld]
    refused(
        await house.post(f"{PATH}/appeal", {"grounds": "再次"}, who=THEIRS, at="2026-08-20 11:00"), 409, "consequence"
    )
    closing = await house.post(f"{PATH}/closure", {"proof": "已办"}, who=OTHER_OFFICE)
    assert closing.status_code == (409 if upheld else 200), closing.text


async def test_s12_a_reward_goes_the_same_way(people: People) -> None:
    house = await confirmed(people)
    listed = (await house.get("/consequences", OFFICE, cycle="2026-H1")).json()
    rewards = [one for one in listed if one["kind"] == "commendation"]
    assert rewards
    path = f"/consequences/{rewards[0]['id']}"
    refused(await house.post(f"{path}/execution", {"evidence": "x"}, who=OFFICE), 409, "consequence")
    await house.done(f"{path}/confirmation", {"answer": ""}, who=APPROVER, at="2026-07-13 09:00")
    await house.done(f"{path}/execution", {"evidence": "表彰决定 3 号"}, who=OFFICE, at="2026-07-14 09:00")
    done = await house.done(f"{path}/closure", {"proof": "已颁发"}, who=OTHER_OFFICE, at="2026-07-15 09:00")
    assert done["consequence"]["state"] == "closed"


async def test_s12_a_unit_has_a_record_of_its_cycles_that_waits_for_the_publication(people: People) -> None:
    await people.house.done("/cycles", {"name": "2026-H2"}, at="2026-01-01 09:00")
    await people.to_ranking()
    before = (await people.house.get("/units/u06/record", THEIRS)).json()
    assert [(one["cycle"], one["rank"], one["consequences"]) for one in before] == [
        ("2026-H2", None, []), ("2026-H1", None, []),
    ]  # fmt: skip
    await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    await people.house.done(f"{PATH}/confirmation", {"answer": ""}, who=APPROVER, at="2026-07-13 09:00")
    _, first = (await people.house.get("/units/u06/record", THEIRS)).json()
    assert (first["rank"], first["of"], first["last"], first["version"]) == (6, 6, True, 1)
    states = {one["consequence"]["kind"]: one["consequence"]["state"] for one in first["consequences"]}
    assert states == {
        "circulated_criticism": "proposed", "written_self_criticism": "proposed", "key_help_list": "confirmed",
        "rectification": "proposed",
    }  # fmt: skip
    refused(await people.house.get("/units/u06/record", LEADER), 403, "unit")


async def test_s12_a_result_is_handed_over_as_it_was_published_with_a_receipt(people: People) -> None:
    house = people.house
    await people.to_ranking()
    wanted = {"unit": "u06", "assessment": "integrity_responsibility"}
    path = "/cycles/2026-H1/handovers"
    refused(await house.post(path, wanted), 404, "cycle")
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    given = await house.done(path, wanted, at="2026-07-13 09:00")
    row = next(r for r in (await house.get("/cycles/2026-H1/ranking")).json()["rows"] if r["unit"] == "u06")
    assert (given["content"]["composite"], given["content"]["rank"], given["version"]) == (row["composite"], 6, 1)
    refused(await house.post(path, wanted), 409, "assessment")
    receipt = {"received_by": "市纪委党风室", "receipt": "收字 2026-17"}
    done = await house.done(f"/handovers/{given['id']}/receipt", receipt, at="2026-07-14 09:00")
    assert (done["received_by"], done["receipt"]) == ("市纪委党风室", "收字 2026-17")
    refused(await house.post(f"/handovers/{given['id']}/receipt", receipt), 409, "handover")
    await house.done("/cycles/2026-H1/ranking", {"reason": "更正"}, at="2026-07-15 09:00")
    again = await house.done(path, wanted, at="2026-07-16 09:00")
    listed = (await house.get(path, OFFICE)).json()["items"]
    assert [(one["version"], one["receipt"]) for one in listed] == [(1, "收字 2026-17"), (2, None)]
    assert [one.handover for one in house.published(ResultHandedOver)] == [given["id"], again["id"]]
    refused(await house.post(path, {**wanted, "unit": "nobody"}), 404, "unit")
