"""Asking petitioners: by link, code or phone clerk, once; who is not reached is never satisfied (I11)."""

import pytest

from shared.contracts.inbox import ReceiptIssued
from shared.contracts.intake import CallbackRecorded
from shared.contracts.rectification import CallbackRequested
from tests.service.intake.house import PERSON, House, local

FIRST, SECOND = "2026-000001", "2026-000002"
GRADED = {"result": "graded", "grade": "dissatisfied", "confirmed": True}


@pytest.fixture(autouse=True)
async def asked(house: House) -> None:
    """Two matters reported solved: the second one's period ends first."""
    other = "另一件事：停车场夜间乱收费，保安态度恶劣，多次反映无人处理。"
    await house.report("T-1", identity="named", sealed_identity=house.sealed("T-1", PERSON))
    await house.report("T-2", text=other, identity="named", sealed_identity=house.sealed("T-2", PERSON))
    for number, ends in ((FIRST, "2026-03-17T00:00"), (SECOND, "2026-03-14T00:00")):
        await house.to_unit(number)
        task = CallbackRequested(case=number, unit="tax", round=1, complaints=(number,), expires_at=local(ends))
        await house.hear("2026-03-09T09:00", task)


async def test_i11_the_phone_clerks_list_begins_with_whom_time_presses(house: House) -> None:
    house.set_clock("2026-03-10T09:00")
    listed = (await house.done("clerk", "GET", "/callbacks/worklist"))["items"]
    assert [task["number"] for task in listed] == [SECOND, FIRST]
    assert [(task["tries_left"], task["may_try_today"], task["overdue"]) for task in listed] == [(3, True, False)] * 2
    await house.done("clerk", "POST", f"/callbacks/{SECOND}/{SECOND}", "2026-03-10T10:00", result="not_reached")
    [tried, _] = (await house.done("clerk", "GET", "/callbacks/worklist"))["items"]
    assert (tried["number"], tried["tries_left"], tried["may_try_today"]) == (SECOND, 2, False)
    house.set_clock("2026-03-14T00:00")
    [late, _] = (await house.done("clerk", "GET", "/callbacks/worklist"))["items"]
    assert (late["may_try_today"], late["overdue"]) == (True, True)


async def test_i11_a_grade_is_read_back_before_it_is_recorded_for_good(house: House) -> None:
    path = f"/callbacks/{FIRST}/{FIRST}"
    slip = await house.call("clerk", "POST", path, result="graded", grade="very_dissatisfied")
    assert (slip.status_code, slip.json()["field"]) == (409, "confirmed")
    assert "非常不满意" in slip.json()["reason"]
    assert "退回" in slip.json()["reason"]
    assert not house.events(CallbackRecorded)
    await house.done("clerk", "POST", path, result="graded", grade="very_satisfied", confirmed=True)
    [recorded] = house.events(CallbackRecorded)
    assert recorded.grade == "very_satisfied"
    again = await house.call("clerk", "POST", path, **GRADED)
    assert (again.status_code, again.json()["field"]) == (409, "callback")
    assert len(house.events(CallbackRecorded)) == 1


async def test_i11_answered_by_code_it_is_not_asked_by_telephone_again_nor_the_other_way_round(house: House) -> None:
    house.set_clock("2026-03-10T09:00")
    code = house.rules.callback_code(FIRST, 1, FIRST)
    await house.done("public", "POST", f"/public/callbacks/{code}", "2026-03-10T10:00", grade="satisfied")
    assert (
        await house.call("clerk", "POST", f"/callbacks/{FIRST}/{FIRST}", "2026-03-10T11:00", **GRADED)
    ).status_code == 409
    await house.done("clerk", "POST", f"/callbacks/{SECOND}/{SECOND}", "2026-03-10T11:00", **GRADED)
    late = house.rules.callback_code(SECOND, 1, SECOND)
    answer = await house.call("public", "POST", f"/public/callbacks/{late}", "2026-03-10T12:00", grade="satisfied")
    assert answer.status_code == 409
    assert [(e.number, e.grade) for e in house.events(CallbackRecorded)] == [
        (FIRST, "satisfied"),
        (SECOND, "dissatisfied"),
    ]
    assert not (await house.done("clerk", "GET", "/callbacks/worklist"))["items"]


async def test_i11_who_is_not_reached_on_three_days_has_no_grade_and_his_hotline_hears_so(house: House) -> None:
    for day in ("10", "11", "12"):
        at = f"2026-03-{day}T10:00"
        await house.done("clerk", "POST", f"/callbacks/{FIRST}/{FIRST}", at, result="not_reached")
        same_day = await house.call("clerk", "POST", f"/callbacks/{FIRST}/{FIRST}", at, result="not_reached")
        assert same_day.status_code == 409
    [recorded] = house.events(CallbackRecorded)
    assert (recorded.result, recorded.grade) == ("not_reached", None)
    told = [r for r in house.events(ReceiptIssued) if r.status == "called_back"]
    assert [(r.ticket, r.grade, r.reason) for r in told] == [("T-1", None, "not_reached")]
