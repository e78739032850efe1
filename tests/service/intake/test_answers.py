"""Nobody who complains is left without an answer, and who is asked for more can give it (I2, I4)."""

import pytest

from shared.contracts.inbox import ReceiptIssued
from shared.contracts.intake import ComplaintScreened, TransferApproved
from tests.service.intake.house import PERSON, House

NUMBER = "2026-000001"
SCREENING = f"/complaints/{NUMBER}/screening"
ELSEWHERE = {"to": "市社会保险基金管理局", "contact": "12333，人民路1号"}
DECISIONS = {
    "returned_for_information": {"reason": "请说明是哪一天、哪个窗口"},
    "outside_jurisdiction": {"reason": "社保待遇不属本办受理", "referral": ELSEWHERE},
    "unfounded": {"reason": "调取监控，当日窗口有人值守"},
}


async def tracked(house: House, code: str) -> dict[str, object]:
    return dict(await house.done("public", "GET", f"/public/track/{code}"))


@pytest.mark.parametrize("decision", DECISIONS)
async def test_i4_every_decision_is_answered_on_the_web_and_on_the_sources_ticket(house: House, decision: str) -> None:
    receipt = await house.report("T-1")
    await house.done("clerk", "POST", SCREENING, decision=decision, **DECISIONS[decision])
    track = await tracked(house, receipt["tracking_code"])
    assert (track["state"], track["reason"]) == (decision, DECISIONS[decision]["reason"])
    assert track["state_zh"]
    assert track["callback"] is None
    [told] = [r for r in house.events(ReceiptIssued) if r.state == "status"]
    assert (told.ticket, told.status) == ("T-1", decision)
    assert DECISIONS[decision]["reason"] in told.reason


async def test_i4_a_refused_transfer_is_answered_to_every_petitioner_of_the_matter(house: House) -> None:
    codes = [(await house.report(ticket))["tracking_code"] for ticket in ("T-1", "T-2")]
    await house.done("clerk", "POST", SCREENING, decision="accepted", reason="属实", transfer={"lead_unit": "tax"})
    await house.done("approver", "POST", f"/transfers/{NUMBER}/refusal", reason="已由法院受理")
    for code in codes:
        track = await tracked(house, code)
        assert (track["state"], track["reason"]) == ("refused", "已由法院受理")
    told = [r for r in house.events(ReceiptIssued) if r.status == "refused"]
    assert [(r.ticket, r.reason) for r in told] == [("T-1", "已由法院受理"), ("T-2", "已由法院受理")]


async def test_i4_no_decision_is_taken_without_a_reason(house: House) -> None:
    await house.report("T-1")
    for decision, said in DECISIONS.items():
        answer = await house.call("clerk", "POST", SCREENING, decision=decision, **(said | {"reason": " "}))
        assert (answer.status_code, answer.json()["field"]) == (422, "reason")


async def test_i4_who_is_sent_elsewhere_is_told_where_and_how_to_reach_them(house: House) -> None:
    receipt = await house.report("T-1")
    bare = await house.call("clerk", "POST", SCREENING, decision="outside_jurisdiction", reason="不属本办")
    assert (bare.status_code, bare.json()["field"]) == (422, "referral")
    wrong = await house.call("clerk", "POST", SCREENING, decision="unfounded", reason="x", referral=ELSEWHERE)
    assert wrong.status_code == 422
    await house.done("clerk", "POST", SCREENING, decision="outside_jurisdiction", reason="不属本办", referral=ELSEWHERE)
    track = await tracked(house, receipt["tracking_code"])
    assert (track["referred_to"], track["referral_contact"]) == (ELSEWHERE["to"], ELSEWHERE["contact"])
    told = house.events(ReceiptIssued)[-1]
    assert ELSEWHERE["to"] in told.reason
    assert ELSEWHERE["contact"] in told.reason
    assert house.events(ComplaintScreened)[-1].referred_to == ELSEWHERE["to"]


async def test_i4_returned_for_information_the_complainant_adds_it_and_screening_opens_again(house: House) -> None:
    sealed = house.sealed("T-1", PERSON)
    receipt = await house.report("T-1", identity="named", sealed_identity=sealed)
    path = f"/public/track/{receipt['tracking_code']}"
    await house.done("clerk", "POST", SCREENING, decision="returned_for_information", reason="请说明是哪个窗口")
    assert (await tracked(house, receipt["tracking_code"]))["may_add"]
    added = "是三号窗口，我叫欧阳小明，电话13800001111"
    track = await house.done("public", "POST", f"{path}/information", "2026-03-03T09:00", text=added)
    assert (track["state"], track["added"]) == ("registered", ["是三号窗口，我叫［姓名］，电话［电话］"])
    seen = await house.done("clerk", "GET", f"/complaints/{NUMBER}")
    assert [one["text"] for one in seen["information"]] == ["是三号窗口，我叫［姓名］，电话［电话］"]
    assert seen["state"] == "registered"
    assert house.events(ReceiptIssued)[-1].status == "registered"
    await house.to_unit(NUMBER)
    [approved] = house.events(TransferApproved)
    assert approved.text.endswith("补充：是三号窗口，我叫［姓名］，电话［电话］")
    late = await house.call("public", "POST", f"{path}/information", text="还有一件事")
    assert late.status_code == 409


async def test_i2_what_is_added_is_bounded_and_needs_the_code(house: House) -> None:
    receipt = await house.report("T-1")
    path = f"/public/track/{receipt['tracking_code']}/information"
    nobody = "/public/track/0000-0000-0000-0000/information"
    assert (await house.call("public", "POST", nobody, text="x")).status_code == 404
    assert (await house.call("public", "POST", path, text="长" * 5_001)).status_code == 422
    for _ in range(4):
        assert (await house.call("public", "POST", path, text="补充")).status_code == 201
    assert (await house.call("public", "POST", path, text="补充")).status_code == 429
