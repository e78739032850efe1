"""A late mark is appealed, ruled on by somebody else, excused with its trace (S8); what a unit mends itself (R10)."""

from typing import Any

import pytest

from shared.contracts import rectification as wire
from shared.contracts.intake import ComplaintLinked
from shared.contracts.rectification_duties import LatenessExcused
from tests.service.rectification.house import AUDITOR, HANDLER, House, approved, lines

NUMBER = "2026-000001"
LEADER = {"role": "leader", "sub": "leader-a", "unit": "unit-a"}
APPROVER = {"role": "approver", "sub": "approver-1"}
FOUND = {"misconduct_found": True, "misconduct_dealt_with": "批评教育当事人，扣发绩效"}


async def closed_late(house: House) -> None:
    """Due on 23 March, solved on the 25th, closed on the 27th."""
    await house.take(approved(), "2026-03-02 10:00")
    assert (await house.solve("2026-03-25 10:00")).status_code == 200
    await house.answer("2026-03-26 10:00", "satisfied")
    assert (await house.write_off("2026-03-27 10:00")).status_code == 200


async def appeal(
    house: House, at: str = "2026-03-30 10:00", who: dict[str, Any] = LEADER, grounds: str = "停电"
) -> Any:
    return await house.post(f"/{NUMBER}/lateness-appeal", {"grounds": grounds}, who=who, at=at)


async def rule(house: House, at: str = "2026-04-01 10:00", who: dict[str, Any] = APPROVER, **changes: Any) -> Any:
    body = {"upheld": True, "reason": "供电公司证明属实"} | changes
    return await house.post(f"/{NUMBER}/lateness-appeal/ruling", body, who=who, at=at)


async def test_s8_an_upheld_appeal_excuses_the_late_mark_and_both_are_counted_apart(house: House) -> None:
    await closed_late(house)
    assert (await appeal(house)).json()["due"] == "2026-04-07"  # five working days; 4–6 April are off
    before = await house.statistics("2026-04-01 00:00")
    assert (before["late"], before["excused"]) == (1, 0)
    assert (await rule(house)).json()["state"] == "upheld"
    (told,) = house.published(LatenessExcused)
    assert (told.case, told.times_closed, told.ruled_by) == (NUMBER, 1, "approver-1")
    after = await house.statistics("2026-05-01 00:00")
    assert (after["late"], after["excused"]) == (0, 1)
    as_it_stood = await house.statistics("2026-04-01 00:00")
    assert (as_it_stood["late"], as_it_stood["excused"]) == (1, 0)
    (row,) = lines(await house.get("/cases/export?to=2026-05-01T00:00:00Z", AUDITOR))
    assert (row["late"], row["excused"]) == (False, True)
    history = [entry["kind"] for entry in (await house.get(f"/cases/{NUMBER}", HANDLER)).json()["history"]]
    assert history[-2:] == ["lateness_appealed", "lateness_excused"]
    assert (await house.get("/ledger/verification", AUDITOR)).json()["holds"]


async def test_s8_a_dismissed_appeal_leaves_the_mark_and_there_is_one_appeal(house: House) -> None:
    await closed_late(house)
    await appeal(house)
    assert (await rule(house, upheld=False)).json()["state"] == "dismissed"
    assert house.published(LatenessExcused) == []
    assert (await house.statistics("2026-05-01 00:00"))["late"] == 1
    assert (await appeal(house, "2026-04-01 11:00")).status_code == 409
    assert (await rule(house, "2026-04-01 12:00")).status_code == 409
    assert [a["state"] for a in (await house.get("/lateness-appeals", LEADER)).json()["items"]] == ["dismissed"]


async def test_s8_the_appeal_has_five_working_days_from_the_closing(house: House) -> None:
    await closed_late(house)
    assert (await appeal(house, "2026-04-04 00:00")).status_code == 409
    assert (await appeal(house, "2026-04-03 23:59")).status_code == 201


async def test_s8_the_ruling_has_a_deadline_of_its_own_that_ends_with_it(house: House) -> None:
    await closed_late(house)
    await appeal(house)
    assert [(d.kind, d.due.isoformat()) for d in house.published(wire.DeadlineSet)][-1] == (
        "appeal_decision", "2026-04-07",
    )  # fmt: skip
    await house.tick("2026-04-08 00:00")
    assert house.steps("appeal_decision") == [("expired", "04-08 00:00")]
    await rule(house, "2026-04-09 10:00")
    kinds = {d["kind"] for d in (await house.get("/deadlines")).json()["items"]}
    assert "appeal_decision" not in kinds


@pytest.mark.parametrize(
    "who",
    [
        {"role": "office", "sub": "officer-1"},  # closed it
        {"role": "office", "sub": "handler-a"},  # reported it solved
        {"role": "approver", "sub": "leader-a"},  # appealed
        {"role": "approver", "sub": "x", "unit": "unit-a"},
    ],
)
async def test_s8_who_had_a_part_in_it_does_not_rule(house: House, who: dict[str, Any]) -> None:
    await closed_late(house)
    await appeal(house)
    assert (await rule(house, who=who)).status_code == 403


async def test_s8_what_was_in_time_or_is_anothers_cannot_be_appealed(house: House) -> None:
    await house.closed_case()
    assert (await appeal(house)).status_code == 409
    assert (await appeal(house, who={"role": "leader", "sub": "x", "unit": "unit-b"})).status_code == 404
    await house.take(approved("2026-000002"), "2026-03-02 10:00")
    refused = await house.post("/2026-000002/lateness-appeal", {"grounds": "x"}, who=LEADER, at="2026-03-30 10:00")
    assert refused.status_code == 409


async def closing(house: House, at: str = "2026-03-25 10:00", **changes: Any) -> wire.CaseClosed:
    answer = await house.write_off(at, **changes)
    assert answer.status_code == 200, answer.text
    told = house.published(wire.CaseClosed)[-1]
    assert isinstance(told, wire.CaseClosed)
    return told


async def test_r10_what_the_unit_reported_dealt_with_and_mended_in_time_is_self_corrected(house: House) -> None:
    await house.take(approved(self_reported=True, can_be_called=False), "2026-03-02 10:00")
    await house.solve("2026-03-20 10:00", **FOUND)
    told = await closing(house)
    assert (told.misconduct, told.self_corrected) == (True, True)


@pytest.mark.parametrize(
    ("card", "solved_at", "report", "claim"),
    [
        ({"self_reported": False}, "2026-03-20 10:00", FOUND, {}),  # somebody else complained of it
        ({"self_reported": True}, "2026-03-24 10:00", FOUND, {}),  # mended late
        ({"self_reported": True}, "2026-03-20 10:00", {}, {"misconduct": True}),  # the office had to find it
    ],
)
async def test_r10_otherwise_it_is_not(
    house: House, card: dict[str, Any], solved_at: str, report: dict[str, Any], claim: dict[str, Any]
) -> None:
    await house.take(approved(can_be_called=False, **card), "2026-03-02 10:00")
    await house.solve(solved_at, **report)
    told = await closing(house, **claim)
    assert (told.misconduct, told.self_corrected) == (True, False)


async def test_r10_what_had_to_be_reopened_was_not_mended(house: House) -> None:
    await house.take(approved(self_reported=True), "2026-03-02 10:00")
    await house.solve("2026-03-20 10:00", **FOUND)
    await house.answer("2026-03-21 10:00", "satisfied")
    assert (await closing(house)).self_corrected
    await house.answer("2026-03-26 10:00", None)
    await house.take(ComplaintLinked(number="2026-000009", lead=NUMBER, how="exact", petitioners=2), "2026-04-01 10:00")
    await house.solve("2026-04-02 10:00", **FOUND)
    await house.answer("2026-04-03 10:00", "satisfied", round=2)
    await house.answer("2026-04-03 10:00", "satisfied", number="2026-000009", round=2)
    assert not (await closing(house, "2026-04-07 10:00")).self_corrected


async def test_s8_the_unit_that_pays_finds_its_appeal_again(house: House) -> None:
    await house.take(approved(paying_unit="unit-p"), "2026-03-02 10:00")
    await house.solve("2026-03-25 10:00")
    await house.answer("2026-03-26 10:00", "satisfied")
    await house.write_off("2026-03-27 10:00")
    payer = {"role": "leader", "sub": "leader-p", "unit": "unit-p"}
    assert (await appeal(house, who=payer)).status_code == 201
    for who in (payer, LEADER):
        assert [a["case"] for a in (await house.get("/lateness-appeals", who)).json()["items"]] == [NUMBER]
    stranger = LEADER | {"unit": "unit-z"}
    assert (await house.get("/lateness-appeals", stranger)).json()["items"] == []
