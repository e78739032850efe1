"""R8: promises are public, and inspected when their day is over; a broken one counts. R2: nobody takes one back."""

from typing import Any

import pytest

from shared.contracts.rectification_promises import CommitmentBroken, CommitmentKept
from shared.contracts.scoring import UnitRegistered
from tests.service.rectification.house import AUDITOR, HANDLER, OFFICE, House
from tests.service.rectification.promises import (
    COMMITMENT,
    INSPECTOR,
    MILESTONES,
    NUMBER,
    PROMISE,
    SURVEY,
    correct,
    done,
    entries,
    file,
    filed,
    inspect,
    planned,
    submit,
)

BROKEN = {"verdict": "broken", "findings": "窗口没有增设", "survey": {"dissatisfied": 3}}


async def public(house: House, query: str = "") -> Any:
    answer = await house.http.get(f"/api/v1/public/commitments{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def of_state(house: House, state: str, at: str) -> list[str]:
    await house.tick(at)
    return [p["commitment"] for p in (await house.get(f"/commitments?state={state}", INSPECTOR)).json()["items"]]


async def test_r8_a_promise_is_public_with_unit_person_and_date_and_without_any_complainant(house: House) -> None:
    unit = UnitRegistered(unit="unit-a", name="清河税务所", category="enforcement", scope="x")
    await house.take(unit, "2026-01-02 09:00")
    await planned(house)
    await submit(house, "2026-03-06 10:00")
    assert (await public(house))["items"] == []
    await file(house, "2026-03-09 10:00")
    (shown,) = (await public(house))["items"]
    assert shown == {
        "commitment": PROMISE,
        "unit": "unit-a",
        "unit_name": "清河税务所",
        "person": "局长赵敏",
        "text": "5月20日前增设两个窗口,有事请打［电话］",
        "due": "2026-05-20",
        "state": "pending",
    }
    (whole,) = (await house.get("/commitments")).json()["items"]
    assert (whole["case"], whole["to"]) == (NUMBER, COMMITMENT["to"])


async def test_r8_a_promise_is_to_be_inspected_when_its_day_is_over(house: House) -> None:
    await filed(house)
    assert await of_state(house, "to_inspect", "2026-05-20 23:59") == []
    early = await inspect(house, "2026-05-20 23:59")
    assert (early.status_code, early.json()["field"]) == (409, "commitment")
    assert await of_state(house, "to_inspect", "2026-05-21 00:00") == [PROMISE]
    assert await of_state(house, "pending", "2026-05-21 00:00") == []
    assert (await public(house, "?state=pending"))["items"][0]["state"] == "pending"


async def test_r8_a_kept_promise_is_recorded_with_evidence_and_a_survey(house: House) -> None:
    await filed(house)
    found = await inspect(house, "2026-05-22 10:00")
    assert found.status_code == 200, found.text
    (record,) = found.json()["inspections"]
    # (8 × 100 + 80 + 40) / 10; who does not know is counted and has no mark.
    assert record["survey"] == {"counts": SURVEY, "count": 12, "mean": "92.00"}
    (kept,) = house.published(CommitmentKept)
    assert (kept.case, kept.unit, kept.paying_unit, kept.late, kept.evidence) == (
        NUMBER, "unit-a", "unit-a", False, ("现场照片 2 张",),
    )  # fmt: skip
    assert (await public(house))["items"][0]["state"] == "kept"
    assert await of_state(house, "to_inspect", "2026-05-23 00:00") == []


async def test_r8_a_broken_promise_counts_and_is_published(house: House) -> None:
    await filed(house)
    await inspect(house, "2026-05-22 10:00", **BROKEN)
    (broken,) = house.published(CommitmentBroken)
    assert (broken.commitment, broken.paying_unit, broken.corrects) == (PROMISE, "unit-a", False)
    assert not house.published(CommitmentKept)
    assert (await public(house, "?state=broken"))["items"][0]["commitment"] == PROMISE
    assert "commitment_inspected" in await entries(house)


async def test_r8_a_promise_kept_late_is_no_broken_one(house: House) -> None:
    await filed(house)
    await inspect(house, "2026-06-10 10:00", verdict="late")
    assert [kept.late for kept in house.published(CommitmentKept)] == [True]
    assert not house.published(CommitmentBroken)
    assert (await public(house))["items"][0]["state"] == "late"


async def test_r8_a_wrong_record_is_corrected_by_another_and_both_are_kept(house: House) -> None:
    await filed(house)
    assert (await correct(house, "2026-05-22 09:00")).status_code == 409
    await inspect(house, "2026-05-22 10:00", **BROKEN)
    twice = await inspect(house, "2026-05-23 10:00")
    assert (twice.status_code, "correct" in twice.json()["remedy"]) == (409, True)
    assert (await correct(house, "2026-05-25 10:00", reason=" ")).json()["field"] == "reason"
    own = await correct(house, "2026-05-25 10:00", INSPECTOR)
    assert (own.status_code, own.json()["field"]) == (403, "sub")
    undone = await correct(house, "2026-05-25 10:00")
    assert undone.status_code == 200, undone.text
    assert [(r["n"], r["verdict"], r["stands"], r["corrects"]) for r in undone.json()["inspections"]] == [
        (1, "broken", False, None),
        (2, "kept", True, 1),
    ]
    (kept,) = house.published(CommitmentKept)
    assert (kept.commitment, kept.corrects) == (PROMISE, True)
    assert (await public(house))["items"][0]["state"] == "kept"
    assert {"commitment_inspected", "commitment_corrected"} <= set(await entries(house))
    verified = await house.get("/ledger/verification", AUDITOR)
    assert verified.json()["holds"]


@pytest.mark.parametrize("who", [INSPECTOR | {"unit": "unit-a"}, OFFICE | {"unit": "unit-b"}])
async def test_r8_nobody_of_a_unit_of_the_case_inspects_its_promise(house: House, who: dict[str, Any]) -> None:
    await planned(house, cooperating_units=("unit-b",))
    await submit(house, "2026-03-06 10:00")
    await file(house, "2026-03-09 10:00")
    refused = await inspect(house, "2026-05-22 10:00", who)
    assert (refused.status_code, refused.json()["field"]) == (403, "unit")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"evidence": []}, "evidence"),
        ({"evidence": [" "]}, "evidence"),
        ({"findings": " "}, "findings"),
        ({"survey": {"splendid": 3}}, "survey.splendid"),
        ({"survey": {"satisfied": -1}}, "survey.satisfied"),
        ({"verdict": "somehow"}, "verdict"),
    ],
)
async def test_r8_an_inspection_without_evidence_proves_nothing(
    house: House, changes: dict[str, Any], field: str
) -> None:
    await filed(house)
    refused = await inspect(house, "2026-05-22 10:00", **changes)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert not house.published(CommitmentKept)


async def test_r8_an_inspection_without_a_survey_has_no_mean(house: House) -> None:
    await filed(house)
    (record,) = (await inspect(house, "2026-05-22 10:00", survey={"unknown": 4})).json()["inspections"]
    assert (record["survey"]["count"], record["survey"]["mean"]) == (4, None)


async def test_r8_closing_the_case_does_not_settle_its_promise(house: House) -> None:
    await filed(house)
    await done(house, 1, "2026-03-20 10:00")
    await done(house, 2, "2026-04-01 10:00")
    await house.solve("2026-04-02 10:00")
    await house.answer("2026-04-03 10:00", "satisfied")
    assert (await house.write_off("2026-04-07 10:00")).status_code == 200
    assert await of_state(house, "to_inspect", "2026-05-21 00:00") == [PROMISE]
    await inspect(house, "2026-05-22 10:00", **BROKEN)
    assert len(house.published(CommitmentBroken)) == 1


async def test_r2_a_filed_promise_is_not_taken_back_by_an_amendment(house: House) -> None:
    await filed(house)
    later = {"milestones": MILESTONES[1:], "commitment": COMMITMENT | {"due": "2026-05-28", "text": "再承诺一次"}}
    assert (await submit(house, "2026-04-01 10:00", **later)).status_code == 200
    assert (await file(house, "2026-04-02 10:00")).status_code == 200
    shown = [(p["commitment"], p["due"]) for p in (await public(house))["items"]]
    assert shown == [(PROMISE, "2026-05-20"), (f"{NUMBER}-2", "2026-05-28")]


async def test_r2_the_register_of_promises_counts_them_by_unit_and_state(house: House) -> None:
    await filed(house)
    await house.tick("2026-05-21 00:00")
    (line,) = (await house.get("/commitments/register")).json()["items"]
    assert (line["unit"], line["made"], line["to_inspect"], line["broken"]) == ("unit-a", 1, 1, 0)
    await inspect(house, "2026-05-22 10:00", **BROKEN)
    (line,) = (await house.get("/commitments/register", HANDLER)).json()["items"]
    assert (line["made"], line["to_inspect"], line["broken"]) == (1, 0, 1)


async def test_r2_a_unit_sees_its_own_promises_and_everybody_the_public_ones(house: House) -> None:
    await filed(house)
    other = HANDLER | {"unit": "unit-b"}
    assert (await house.get("/commitments", other)).json()["items"] == []
    assert (await house.get(f"/commitments/{PROMISE}", other)).status_code == 404
    assert (await house.get("/commitments/register", other)).json()["items"] == []
    assert (await house.get(f"/commitments/{PROMISE}", HANDLER)).json()["person"] == "局长赵敏"


async def test_r2_pages_of_public_promises_follow_one_another(house: House) -> None:
    await filed(house)
    for day in ("2026-05-21", "2026-05-22", "2026-05-25"):
        await submit(house, "2026-04-01 10:00", commitment=COMMITMENT | {"due": day}, milestones=MILESTONES[1:])
        await file(house, "2026-04-01 11:00")
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = await public(house, f"?limit=2{cursor and f'&cursor={cursor}'}")
        found += [p["commitment"] for p in page["items"]]
        cursor = page["cursor"]
    assert found == [f"{NUMBER}-{n}" for n in range(1, 5)]
    assert (await house.http.get("/api/v1/public/commitments?cursor=x")).status_code == 422
