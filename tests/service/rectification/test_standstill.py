"""A case that stands still, with everything that hangs on it; and plans whose unit or track is gone (R2, R3, I17)."""

from typing import Any

import pytest

from shared.contracts.assignment import ObjectionRuled
from shared.contracts.rectification_terms import DeadlineResumed
from tests.service.rectification.house import HANDLER, House, approved
from tests.service.rectification.promises import (
    NUMBER,
    PROMISE,
    done,
    entries,
    file,
    filed,
    inspect,
    planned,
    submit,
)

SUSPEND = {"ground": "waiting_for_complainant", "reasons": "等待补充材料"}
HANDLER_B = {"role": "handler", "sub": "handler-b", "unit": "unit-b"}


async def still(house: House, at: str) -> None:
    answer = await house.post(f"/{NUMBER}/suspension", SUSPEND, at=at)
    assert answer.status_code == 200, answer.text


async def again(house: House, at: str) -> None:
    answer = await house.post(f"/{NUMBER}/resumption", at=at)
    assert answer.status_code == 200, answer.text


async def plan(house: House) -> dict[str, Any]:
    return dict((await house.get(f"/cases/{NUMBER}/plan")).json())


async def test_r3_a_milestone_moves_with_a_suspension_as_the_case_does(house: House) -> None:
    await filed(house)
    await still(house, "2026-03-16 10:00")
    await again(house, "2026-03-24 10:00")
    # 17–20 and 23 March lie between: five working days.
    shown = (await plan(house))["milestones"]
    assert [(m["due"], m["state"]) for m in shown] == [("2026-04-08", "pending"), ("2026-05-11", "pending")]
    moved = {d.kind: (d.previous_due.isoformat(), d.due.isoformat()) for d in house.published(DeadlineResumed)}
    assert moved["solve"] == ("2026-05-28", "2026-06-04")
    await house.tick("2026-12-31 00:00")
    assert ("expired", "04-09 00:00") in house.steps("milestone")


async def test_r3_a_milestone_whose_day_comes_while_the_case_stands_still_is_neither_missed_nor_late(
    house: House,
) -> None:
    await filed(house)
    await still(house, "2026-03-16 10:00")
    await house.tick("2026-04-20 10:00")
    first, _ = (await plan(house))["milestones"]
    assert first["state"] == "pending"
    assert (await done(house, 1, "2026-04-20 10:00")).status_code == 200
    await again(house, "2026-04-21 10:00")
    first, _ = (await plan(house))["milestones"]
    assert (first["state"], first["late"]) == ("done", False)


async def test_r3_a_plan_handed_in_while_the_case_stands_still_is_not_late(house: House) -> None:
    await planned(house)
    await still(house, "2026-03-10 10:00")
    assert (await submit(house, "2026-03-20 10:00")).status_code == 200
    (version,) = (await plan(house))["versions"]
    assert version["late"] is False


async def test_r3_what_is_filed_while_the_case_stands_still_stands_still_with_it(house: House) -> None:
    await planned(house)
    await submit(house, "2026-03-06 10:00")
    await still(house, "2026-03-09 10:00")
    assert (await file(house, "2026-03-10 10:00")).status_code == 200
    await house.tick("2026-04-20 10:00")
    assert house.steps("milestone") == []
    await again(house, "2026-04-20 10:00")
    shown = (await plan(house))["milestones"]
    assert [m["state"] for m in shown] == ["pending", "pending"]
    # Between 10 March, when it was filed, and 20 April lie 27 working days (6 April is a festival day).
    assert [m["due"] for m in shown] == ["2026-05-12", "2026-06-10"]


async def test_r5_a_case_closed_as_disputed_stands_still_no_more(house: House) -> None:
    await house.take(approved(can_be_called=False), "2026-03-02 10:00")
    for day in ("03", "05"):
        assert (await house.solve(f"2026-03-{day} 10:00")).status_code == 200
        back = await house.post(f"/{NUMBER}/return", {"reasons": ["没有办完"]}, at=f"2026-03-{day} 11:00")
        assert back.status_code == 200, back.text
    await still(house, "2026-03-06 10:00")
    leader = {"role": "approver", "sub": "approver-1"}
    closed = await house.post(f"/{NUMBER}/dispute", {"reasons": "已尽其所能"}, who=leader, at="2026-03-16 10:00")
    assert closed.status_code == 200, closed.text
    assert (closed.json()["state"], closed.json()["suspended_at"]) == ("closed", None)
    assert "deadline_resumed" in await entries(house)
    assert (await house.post(f"/{NUMBER}/resumption", at="2026-03-17 10:00")).status_code == 409


def ruled(**changes: Any) -> ObjectionRuled:
    whole = {
        "number": NUMBER, "card": f"T-{NUMBER}", "unit": "unit-a", "upheld": True, "reason": "不归他管",
        "ruled_by_role": "office", "lead_unit": "unit-b", "days": 60,
    }  # fmt: skip
    return ObjectionRuled.model_validate(whole | changes)


async def test_i17_the_new_unit_plans_anew_and_the_first_ones_plan_and_promise_are_withdrawn(house: House) -> None:
    await filed(house)
    await done(house, 1, "2026-03-10 10:00")
    await house.take(ruled(), "2026-03-11 10:00")
    shown = await plan(house)
    assert [v["state"] for v in shown["versions"]] == ["withdrawn"]
    assert [m["state"] for m in shown["milestones"]] == ["done", "withdrawn"]
    assert "plan_withdrawn" in await entries(house)
    # Nobody is held to what another unit promised.
    (promise,) = (await house.get("/public/commitments?state=withdrawn")).json()["items"]
    assert (promise["commitment"], promise["state"]) == (PROMISE, "withdrawn")
    assert (await house.get("/public/commitments?state=pending")).json()["items"] == []
    assert (await inspect(house, "2026-06-01 10:00")).status_code == 409
    (line,) = (await house.get("/commitments/register")).json()["items"]
    assert (line["made"], line["withdrawn"], line["to_inspect"]) == (1, 1, 0)
    # The new unit owes a plan with a commitment of its own, and cannot rest on the other's.
    without = await house.post(f"/{NUMBER}/solution", SOLVED, who=HANDLER_B, at="2026-03-12 10:00")
    assert (without.status_code, without.json()["field"]) == (409, "plan")
    bare = await submit(house, "2026-03-12 10:00", who=HANDLER_B, commitment=None)
    assert (bare.status_code, bare.json()["field"]) == (422, "commitment")
    assert (await submit(house, "2026-03-12 11:00", who=HANDLER_B)).status_code == 200
    assert (await file(house, "2026-03-13 10:00")).status_code == 200
    shown = await plan(house)
    assert [v["state"] for v in shown["versions"]] == ["withdrawn", "filed"]
    assert [(m["n"], m["state"]) for m in shown["milestones"]][2:] == [(3, "pending"), (4, "pending")]


SOLVED = {"measures": "办完了", "reply": "已办结", "evidence": ["照片 3 张"]}


async def test_i17_a_plan_that_waited_for_the_office_waits_no_more(house: House) -> None:
    await planned(house)
    await submit(house, "2026-03-03 10:00")
    await house.take(ruled(), "2026-03-04 10:00")
    assert (await house.get("/plans?state=submitted")).json()["items"] == []
    assert (await submit(house, "2026-03-05 10:00", who=HANDLER_B)).status_code == 200


@pytest.mark.parametrize("track", ["immediate", "explained"])
async def test_r2_after_a_change_of_track_the_old_milestones_are_withdrawn_and_the_promise_stays(
    house: House, track: str
) -> None:
    await planned(house)
    await submit(house, "2026-03-03 10:00")
    await file(house, "2026-03-04 10:00")
    asked = {"track": track, "reasons": "条件已经具备"}
    assert (await house.post(f"/{NUMBER}/track", asked, who=HANDLER, at="2026-03-09 10:00")).status_code == 200
    granted = {"granted": True, "reasons": "情况属实"}
    assert (await house.post(f"/{NUMBER}/decision", granted, at="2026-03-10 10:00")).status_code == 200
    await house.tick("2026-06-30 10:00")
    shown = await plan(house)
    assert [v["state"] for v in shown["versions"]] == ["withdrawn"]
    assert [m["state"] for m in shown["milestones"]] == ["withdrawn", "withdrawn"]
    assert house.steps("milestone") == []
    # What was promised to the public is promised.
    assert (await inspect(house, "2026-06-30 11:00")).status_code == 200
