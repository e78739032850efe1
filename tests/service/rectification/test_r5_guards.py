"""R5: nothing closes but behind four evidenced guards and a second pair of eyes; outcomes and rates are kept apart."""

from typing import Any

import pytest

from shared.contracts.intake import ComplaintLinked
from shared.contracts.rectification import CaseClosed, CaseReturned
from tests.service.rectification.house import CLOSING, GUARDS, OFFICE, House, approved, local
from tests.service.rectification.promises import NUMBER

LEADER = {"role": "approver", "sub": "leader-1"}


def guards(**changes: Any) -> dict[str, Any]:
    """The four guards, some otherwise."""
    return {"guards": CLOSING["guards"] | changes}


def guard(**changes: Any) -> dict[str, Any]:
    """One guard."""
    return {"holds": True, "evidence": "核查记录-17", "by": "核查员甲"} | changes


async def solved(house: House, at: str = "2026-03-03 10:00", **changes: Any) -> None:
    await house.take(approved(**changes), "2026-03-02 10:00")
    answer = await house.solve(at)
    assert answer.status_code == 200, answer.text


async def rates(house: House, to: str, since: str | None = None) -> dict[str, Any]:
    query = f"?to={local(to).isoformat().replace('+', '%2B')}"
    query += f"&from={local(since).isoformat().replace('+', '%2B')}" if since else ""
    answer = await house.get(f"/statistics/outcomes{query}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("name", GUARDS)
@pytest.mark.parametrize(
    ("given", "field", "status"),
    [
        (None, "", 422),
        (guard(holds=False), ".holds", 422),
        (guard(evidence=""), ".evidence", 422),
        (guard(evidence="已办结"), ".evidence", 422),
        (guard(evidence="r1-9"), "", 200),
        (guard(by=" "), ".by", 422),
        (guard(by=OFFICE["sub"]), ".by", 403),
        (guard(evidence="r1-1"), "", 200),
        (guard(evidence="照片 3 张"), "", 200),
        (guard(evidence="《整改验收单》"), "", 200),
    ],
)
async def test_r5_each_guard_refers_to_evidence_and_is_asserted_by_another_than_signs(
    house: House, name: str, given: Any, field: str, status: int
) -> None:
    await solved(house, can_be_called=False)
    answer = await house.write_off("2026-03-04 10:00", **guards(**{name: given}))
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.json()["field"] == f"guards.{name}{field}"
        assert not house.published(CaseClosed)


async def test_r5_the_evidence_of_a_case_is_listed_with_the_ids_that_guards_refer_to(house: House) -> None:
    await solved(house)
    assert (await house.get(f"/cases/{NUMBER}")).json()["evidence"] == [{"id": "r1-1", "name": "照片 3 张"}]


@pytest.mark.parametrize("unit", ["unit-a", "unit-b", "unit-c"])
async def test_r5_no_officer_of_any_unit_of_the_case_signs(house: House, unit: str) -> None:
    await solved(house, can_be_called=False, cooperating_units=("unit-b",), territorial_unit="unit-c")
    officer = OFFICE | {"unit": unit}
    refused = await house.post(f"/{NUMBER}/closing", CLOSING, who=officer, at="2026-03-04 10:00")
    assert (refused.status_code, refused.json()["field"]) == (403, "unit")


async def test_r5_fixed_is_not_the_only_way_to_close_so_nobody_has_to_lie(house: House) -> None:
    """Where "fixed" is the only way to close, offices call things fixed. Here the unit says that there was nothing to
    solve, the office that the problem was not solved, and it closes under its own name, outside the rate of solved."""
    await house.take(approved(can_be_called=False), "2026-03-02 10:00")
    assert (await house.solve("2026-03-03 10:00", finding="unfounded")).status_code == 200
    lie = await house.write_off("2026-03-04 10:00", outcome="solved")
    assert (lie.status_code, lie.json()["field"]) == (422, "outcome")
    honest = guards(measures_carried_out=guard(holds=False), problem_solved=guard(holds=False))
    standards = {"standards": CLOSING["standards"] | {"measures_in_place": False, "public_satisfied": False}}
    closed = await house.write_off("2026-03-04 10:00", **honest, **standards)
    assert (closed.status_code, closed.json()["outcome"]) == (200, "unfounded"), closed.text
    found = await rates(house, "2026-04-01 00:00")
    assert (found["outcomes"]["solved"], found["outcomes"]["unfounded"]) == (
        {"count": 0, "rate": "0.00"},
        {"count": 1, "rate": "100.00"},
    )


async def test_r5_even_so_the_public_is_answered_and_misconduct_dealt_with(house: House) -> None:
    await house.take(approved(can_be_called=False), "2026-03-02 10:00")
    await house.solve("2026-03-03 10:00", finding="outside_jurisdiction")
    for name in ("public_answered", "misconduct_dealt_with"):
        refused = await house.write_off("2026-03-04 10:00", **guards(**{name: guard(holds=False)}))
        assert (refused.status_code, refused.json()["field"]) == (422, f"guards.{name}.holds")


async def test_r5_a_case_said_to_be_solved_needs_every_guard(house: House) -> None:
    await solved(house, can_be_called=False)
    refused = await house.write_off("2026-03-04 10:00", **guards(problem_solved=guard(holds=False)))
    assert (refused.status_code, refused.json()["field"]) == (422, "guards.problem_solved.holds")


async def test_r5_with_several_petitioners_any_bad_answer_returns_it(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    for n in (2, 3):
        link = ComplaintLinked(number=f"2026-00000{n}", lead=NUMBER, how="exact", petitioners=n)
        await house.take(link, "2026-03-02 11:00")
    await house.solve("2026-03-03 10:00")
    await house.answer("2026-03-04 10:00", "very_satisfied")
    await house.answer("2026-03-04 11:00", "satisfied", number="2026-000002")
    assert not house.published(CaseReturned)
    await house.answer("2026-03-04 12:00", "very_dissatisfied", number="2026-000003")
    (back,) = house.published(CaseReturned)
    assert (back.round, back.rework_due.isoformat()) == (1, "2026-03-11")
    assert (await house.write_off("2026-03-05 10:00")).status_code == 409


async def test_r5_after_two_returns_a_leader_closes_as_disputed_with_reasons_and_not_before(house: House) -> None:
    await solved(house)
    for round_, day in ((1, 4), (2, 6)):
        early = await house.post(f"/{NUMBER}/dispute", {"reasons": "分歧"}, who=LEADER, at=f"2026-03-0{day} 09:00")
        assert early.status_code == 409
        await house.answer(f"2026-03-0{day} 10:00", "dissatisfied", round=round_)
        if round_ == 1:
            await house.solve("2026-03-05 10:00")
    silent = await house.post(f"/{NUMBER}/dispute", {"reasons": " "}, who=LEADER, at="2026-03-09 10:00")
    assert (silent.status_code, silent.json()["field"]) == (422, "reasons")
    closed = await house.post(f"/{NUMBER}/dispute", {"reasons": "诉求超出政策"}, who=LEADER, at="2026-03-09 10:00")
    assert (closed.status_code, closed.json()["outcome"]) == (200, "disputed")
    found = await rates(house, "2026-04-01 00:00")
    assert {name for name, share in found["outcomes"].items() if share["count"]} == {"disputed"}
    assert found["satisfaction"]["satisfied"] == {"count": 0, "rate": "0.00"}
    await house.tick("2026-05-01 00:00")
    assert "expired" not in [step for step, at in house.steps() if at > "03-09"]


async def test_r5_who_was_not_reached_is_never_counted_as_satisfied(house: House) -> None:
    await solved(house)
    await house.answer("2026-03-06 10:00", None)
    closed = await house.write_off("2026-03-09 10:00")
    assert (closed.status_code, closed.json()["outcome"]) == (200, "solved_unconfirmed")
    satisfaction = (await rates(house, "2026-04-01 00:00"))["satisfaction"]
    assert (satisfaction["graded"], satisfaction["satisfied"], satisfaction["mean"]) == (
        0, {"count": 0, "rate": None}, None,
    )  # fmt: skip
    assert satisfaction["left_out"]["not_reached"] == 1


async def test_r5_satisfaction_shows_its_denominator_and_every_exclusion(house: House) -> None:
    """Quotas of satisfaction produce false closings where exclusions are hidden: here each is shown with its count."""
    await house.closed_case("2026-000001")
    await house.closed_case("2026-000002")
    await house.take(approved("2026-000003"), "2026-03-02 10:00")
    await house.solve("2026-03-03 10:00", "2026-000003")
    await house.answer("2026-03-04 10:00", "dissatisfied", "2026-000003")
    await house.answer("2026-03-04 11:00", "satisfied", "2026-000003")
    await house.take(approved("2026-000004", can_be_called=False), "2026-03-02 10:00")
    await house.solve("2026-03-03 10:00", "2026-000004")
    await house.write_off("2026-03-04 10:00", "2026-000004")
    await house.take(approved("2026-000005"), "2026-03-02 10:00")
    await house.solve("2026-03-03 10:00", "2026-000005")
    await house.write_off("2026-03-12 10:00", "2026-000005")
    satisfaction = (await rates(house, "2026-04-01 00:00"))["satisfaction"]
    assert satisfaction["graded"] == 3
    assert satisfaction["satisfied"] == {"count": 2, "rate": "66.67"}
    # (90 + 90 + 50) / 3
    assert satisfaction["mean"] == "76.67"
    assert satisfaction["left_out"] == {
        "not_reached": 0,
        "silent": 1,
        "nobody_to_ask": 1,
        "excluded": 0,
        "not_counted": 1,
    }


async def test_r5_rates_are_by_outcome_unit_and_track_and_leave_out_what_was_reopened(house: House) -> None:
    await house.closed_case("2026-000001")
    await house.closed_case("2026-000002", lead_unit="unit-a")
    await house.take(approved("2026-000003", lead_unit="unit-b", can_be_called=False), "2026-03-02 10:00")
    other = {"role": "handler", "sub": "handler-b", "unit": "unit-b"}
    body = {"measures": "m", "reply": "r", "evidence": ["记录 1"]}
    await house.post("/2026-000003/solution", body, who=other, at="2026-03-25 10:00")
    await house.write_off("2026-03-26 10:00", "2026-000003")
    found = await rates(house, "2026-04-01 00:00")
    assert (found["closed"], found["outcomes"]["solved"], found["late"]) == (
        3,
        {"count": 2, "rate": "66.67"},
        {"count": 1, "rate": "33.33"},
    )
    units = {u["unit"]: (u["closed"], u["outcomes"]["solved_unconfirmed"]["rate"]) for u in found["by_unit"]}
    assert units == {"unit-a": (2, "0.00"), "unit-b": (1, "100.00")}
    assert [(t["track"], t["closed"]) for t in found["by_track"]] == [("immediate", 3)]
    await house.answer("2026-04-10 10:00", "dissatisfied", "2026-000001")  # an answer too late for its round
    link = ComplaintLinked(number="2026-000009", lead="2026-000001", how="exact", petitioners=2)
    await house.take(link, "2026-04-20 10:00")
    later = await rates(house, "2026-05-01 00:00")
    assert (later["closed"], later["reopened"], later["outcomes"]["solved"]["count"]) == (2, 1, 1)
    assert (await rates(house, "2026-04-01 00:00"))["closed"] == 3
    assert (await rates(house, "2026-05-01 00:00", "2026-04-01 00:00"))["closed"] == 0
