"""A finding that does not hold costs its unit nothing: the record names it no longer, and scoring hears (I9, S8)."""

from services.intake.domain.inspection import SOURCE
from shared.contracts.inspection import InspectionRecorded
from tests.service.intake.house import House
from tests.service.intake.test_inspections import seen


async def test_i9_a_finding_that_is_screened_as_unfounded_or_refused_is_named_no_longer(house: House) -> None:
    findings = [{"text": f"第{n}个问题：窗口{n}号下午无人值守，群众白跑一趟。"} for n in (1, 2, 3)]
    made = await house.done("inspector", "POST", "/inspections", **seen(findings=findings))
    first, second, third = made["findings"]
    await house.done(
        "clerk", "POST", f"/complaints/{first}/screening", decision="unfounded", reason="当日全员培训，有批文"
    )
    assert house.events(InspectionRecorded)[-1].findings == (second, third)
    card = {"decision": "accepted", "reason": "属实", "transfer": {"lead_unit": "tax"}}
    await house.done("clerk", "POST", f"/complaints/{second}/screening", **card)
    await house.done("approver", "POST", f"/transfers/{second}/refusal", reason="已由上级直接处理")
    told = house.events(InspectionRecorded)
    assert [(one.version, one.findings) for one in told] == [
        (1, (first, second, third)), (2, (second, third)), (3, (third,)),
    ]  # fmt: skip
    shown = await house.done("inspector", "GET", f"/inspections/{made['id']}")
    assert [(v["version"], v["reason"], v["by"]) for v in shown["versions"]] == [
        (1, "", "inspector-1"), (2, "当日全员培训，有批文", "clerk-1"), (3, "已由上级直接处理", "approver-1"),
    ]  # fmt: skip
    assert [one["number"] for one in shown["versions"][0]["content"]["findings"]] == [first, second, third]


async def test_i9_a_correction_after_a_dismissal_goes_on_from_there(house: House) -> None:
    body = seen(findings=[{"text": "窗口无人，门锁着。"}, {"text": "没有公示收费标准。"}])
    made = await house.done("inspector", "POST", "/inspections", **body)
    first = made["findings"][0]
    await house.done("clerk", "POST", f"/complaints/{first}/screening", decision="unfounded", reason="当日全员培训")
    change = {k: v for k, v in body.items() if k not in ("unit", "findings")} | {
        "reason": "补记", "withdrawn": [], "findings": [{"text": "群众等了两个小时。"}],
    }  # fmt: skip
    after = await house.done("inspector", "POST", f"/inspections/{made['id']}/correction", "2026-03-03T09:00", **change)
    assert (after["version"], len(after["findings"]), first in after["findings"]) == (3, 2, False)
    tickets = [(await house.done("clerk", "GET", f"/complaints/{n}"))["ticket"] for n in after["findings"]]
    assert tickets == [f"{made['id']}-2", f"{made['id']}-3"]


async def test_i9_what_others_complained_of_changes_no_record(house: House) -> None:
    number = (await house.report("T-1"))["number"]
    await house.done("clerk", "POST", f"/complaints/{number}/screening", decision="unfounded", reason="查无实据")
    assert house.events(InspectionRecorded) == []
    assert (await house.done("clerk", "GET", f"/complaints/{number}"))["source"] != SOURCE
