"""S1: when units are merged, renamed or split, the heir has their open cases with the dates as they run."""

from datetime import date

from shared.contracts.rectification import CaseClosed, DeadlinePassed
from shared.contracts.rectification_terms import CaseReassigned
from shared.contracts.scoring import UnitRegistered, UnitSucceeded
from tests.service.rectification.house import HANDLER, House, approved
from tests.service.rectification.promises import NUMBER, done, filed

HEIR = {"role": "handler", "sub": "handler-h", "unit": "unit-h"}
OTHER = "2026-000002"


def gone(*retired: str) -> UnitSucceeded:
    return UnitSucceeded(
        kind="merged", on=date(2026, 3, 10), document="清编〔2026〕4号", retired=retired, successors=("unit-h",),
        heir="unit-h",
    )  # fmt: skip


async def test_s1_an_open_case_passes_to_the_heir_with_its_date_and_what_was_done(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.post(f"/{NUMBER}/acceptance", who=HANDLER, at="2026-03-03 10:00")
    await house.take(gone("unit-a"), "2026-03-10 10:00")
    assert (await house.get(f"/cases/{NUMBER}", HANDLER)).status_code == 404
    shown = (await house.get(f"/cases/{NUMBER}", HEIR)).json()
    assert (shown["unit"], shown["paying_unit"], shown["state"], shown["due"]) == (
        "unit-h", "unit-h", "accepted", "2026-03-23",
    )  # fmt: skip
    assert shown["handler"] is None, "who handles it there is for its leader to say"
    (told,) = house.published(CaseReassigned)
    assert (told.unit, told.previous_unit, told.due) == ("unit-h", "unit-a", date(2026, 3, 23))
    running = (await house.get("/deadlines", HEIR)).json()["items"]
    assert [(d["kind"], d["due"]) for d in running] == [("solve", "2026-03-23")]
    await house.tick("2026-03-24 00:00")
    assert [e.unit for e in house.published(DeadlinePassed) if e.kind == "solve"] == ["unit-h"]
    assert "main_leader" in next(e.roles for e in house.published(DeadlinePassed) if e.kind == "solve")
    assert (await house.post(f"/{NUMBER}/solution", SOLUTION, who=HEIR, at="2026-03-24 10:00")).status_code == 200
    assert (await house.get("/ledger/verification")).json()["holds"]


SOLUTION = {"measures": "办完了", "reply": "已办结", "evidence": ["照片 3 张"]}


async def test_s1_a_plan_and_its_promise_hold_for_the_heir(house: House) -> None:
    await filed(house)
    assert (await done(house, 1, "2026-03-10 09:00")).status_code == 200
    await house.take(gone("unit-a"), "2026-03-10 10:00")
    plan = (await house.get(f"/cases/{NUMBER}/plan", HEIR)).json()
    assert [m["state"] for m in plan["milestones"]] == ["done", "pending"]
    (promise,) = (await house.get("/commitments", HEIR)).json()["items"]
    assert (promise["unit"], promise["paying_unit"], promise["state"]) == ("unit-h", "unit-h", "pending")


async def test_s1_what_is_closed_stays_with_the_unit_of_its_time(house: House) -> None:
    await house.closed_case()
    before = await house.statistics("2026-12-31 00:00")
    await house.take(gone("unit-a"), "2026-04-01 10:00")
    assert (await house.get(f"/cases/{NUMBER}")).json()["unit"] == "unit-a"
    assert await house.statistics("2026-12-31 00:00") == before
    assert [e.unit for e in house.published(CaseClosed)] == ["unit-a"]


async def test_s1_a_unit_that_helps_is_succeeded_too_and_nobody_helps_himself(house: House) -> None:
    await house.take(approved(cooperating_units=("unit-b", "unit-h")), "2026-03-02 10:00")
    await house.take(approved(OTHER, lead_unit="unit-h", cooperating_units=("unit-b",)), "2026-03-02 10:00")
    await house.take(gone("unit-b"), "2026-03-10 10:00")
    shown = {n: (await house.get(f"/cases/{n}")).json() for n in (NUMBER, OTHER)}
    assert [h["unit"] for h in shown[NUMBER]["helpers"]] == ["unit-h"]
    assert [h["unit"] for h in shown[OTHER]["helpers"]] == []
    await house.tick("2026-04-20 00:00")
    expired = [(e.case, e.unit) for e in house.published(DeadlinePassed) if e.kind == "contribute"]
    assert expired == [(NUMBER, "unit-h")], "one contribution is owed, where unit-h helps"


async def test_s1_taken_twice_it_changes_nothing_more(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    for _ in range(2):
        await house.take(gone("unit-a"), "2026-03-10 10:00")
    assert len(house.published(CaseReassigned)) == 1


async def test_s1_no_duty_is_announced_to_a_unit_that_is_no_more(house: House) -> None:
    for unit in ("unit-a", "unit-h"):
        await house.take(UnitRegistered(unit=unit, name=unit, category="enforcement", scope="s"), "2026-01-02 09:00")
    await house.tick("2026-01-02 10:00")
    await house.take(gone("unit-a"), "2026-03-10 10:00")
    await house.tick("2026-12-31 00:00")
    late = (await house.get("/obligations?limit=500")).json()["items"]
    opened = {(duty["unit"], duty["opens"] > "2026-03-10") for duty in late if duty["unit"].startswith("unit-")}
    assert ("unit-a", True) not in opened
    assert ("unit-h", True) in opened
