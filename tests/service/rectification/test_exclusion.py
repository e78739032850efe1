"""Serial and unreasonable petitioners (I5): heard, recorded, openly left out of rates; nothing follows from them."""

from typing import Any

from shared.contracts.intake import ComplaintLinked
from shared.contracts.petitioner import PetitionerExcluded, PetitionerRestored
from shared.contracts.rectification import CaseClosed, CaseReopened, CaseReturned
from tests.service.rectification.house import AUDITOR, HANDLER, House, approved

FIRST, SECOND = "2026-000001", "2026-000002"


def excluded(*numbers: str) -> PetitionerExcluded:
    return PetitionerExcluded(
        numbers=numbers, reason="一年内重复投诉四十次，均查无实据", decided_by=("clerk", "office")
    )


def restored(*numbers: str) -> PetitionerRestored:
    return PetitionerRestored(numbers=numbers, reason="认定有误", decided_by=("office",))


async def rates(house: House) -> dict[str, Any]:
    answer = await house.get("/statistics/outcomes?to=2026-12-31T00:00:00%2B08:00")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["satisfaction"])


async def test_i5_a_bad_grade_of_one_who_is_left_out_is_recorded_and_returns_nothing(house: House) -> None:
    await house.take(approved(petitioners=(SECOND,)), "2026-03-02 10:00")
    await house.take(ComplaintLinked(number=SECOND, lead=FIRST, how="clerk", petitioners=2), "2026-03-02 11:00")
    await house.take(excluded(SECOND), "2026-03-03 10:00")
    assert (await house.solve("2026-03-20 16:00")).status_code == 200
    await house.answer("2026-03-21 10:00", "very_dissatisfied", number=SECOND)
    assert not house.published(CaseReturned)
    await house.answer("2026-03-23 10:00", "satisfied")
    closing = await house.write_off("2026-03-25 10:00")
    assert closing.status_code == 200, closing.text
    [closed] = house.published(CaseClosed)
    assert (closed.outcome, closed.grades) == ("solved", ("satisfied",))
    found = await rates(house)
    assert found["graded"] == 1
    assert found["left_out"]["excluded"] == 1
    history = (await house.get(f"/cases/{FIRST}", AUDITOR)).json()["history"]
    heard = [e["data"] for e in history if e["kind"] == "answered"]
    assert [(d["grade"], d["counts"], d["excluded"]) for d in heard] == [
        ("very_dissatisfied", False, True), ("satisfied", True, False),
    ]  # fmt: skip
    assert [e["kind"] for e in history].count("petitioner_excluded") == 1
    seen = (await house.get(f"/cases/{FIRST}", HANDLER)).json()["history"]
    # Why somebody is left out says who he is; the unit sees that it was entered.
    assert [e["data"] for e in seen if e["kind"] == "petitioner_excluded"] == [{}]


async def test_i5_a_case_whose_only_petitioner_is_left_out_closes_unconfirmed_without_waiting(house: House) -> None:
    await house.take(excluded(FIRST), "2026-03-01 10:00")
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve("2026-03-20 16:00")
    assert (await house.write_off("2026-03-20 17:00")).status_code == 200
    assert [closed.outcome for closed in house.published(CaseClosed)] == ["solved_unconfirmed"]


async def test_i5_nothing_of_one_who_is_left_out_reopens_a_closed_case(house: House) -> None:
    await house.closed_case()
    again = ComplaintLinked(number=SECOND, lead=FIRST, how="exact", petitioners=2, excluded=True)
    await house.take(again, "2026-04-01 10:00")
    await house.take(excluded(FIRST, SECOND), "2026-04-02 10:00")
    await house.answer("2026-04-03 10:00", "very_dissatisfied", number=SECOND)
    assert not house.published(CaseReopened)
    assert (await house.get(f"/cases/{FIRST}")).json()["state"] == "closed"


async def test_i5_the_determination_is_listed_with_numbers_reasons_and_denominators_and_can_be_undone(
    house: House,
) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.take(approved(SECOND), "2026-03-02 10:00")
    await house.take(excluded(SECOND), "2026-03-03 10:00", key="e1")
    await house.take(excluded(SECOND), "2026-03-03 10:00", key="e2")
    listed = (await house.get("/statistics/exclusions", AUDITOR)).json()
    assert (listed["left_out"], listed["of"]) == (1, 2)
    assert [(one["number"], one["decided_by"]) for one in listed["items"]] == [(SECOND, ["clerk", "office"])]
    assert "四十次" in listed["items"][0]["reason"]
    await house.take(restored(SECOND), "2026-03-04 10:00")
    await house.take(excluded(SECOND), "2026-03-03 11:00", key="late")  # an old word that comes late changes nothing
    assert (await house.get("/statistics/exclusions")).json()["left_out"] == 0
    await house.solve("2026-03-20 16:00", SECOND)
    await house.answer("2026-03-21 10:00", "dissatisfied", SECOND, number=SECOND)
    assert [back.case for back in house.published(CaseReturned)] == [SECOND]
