"""R2: a matter of policy is explained, with its documents; the office approves it, the person is told and asked."""

from typing import Any

import pytest

from shared.contracts.rectification import CallbackRequested, CaseClosed, CaseReturned, CaseSolved, DeadlineSet
from shared.contracts.rectification_promises import CaseExplained
from tests.service.rectification.house import CLOSING, GUARDS, HANDLER, OFFICE, House, approved
from tests.service.rectification.promises import EXPLANATION, NUMBER, entries, explain, explained

WITHOUT_A_SOLUTION = {
    "guards": {
        name: {
            "holds": name not in ("measures_carried_out", "problem_solved"),
            "evidence": "《关于调整购房补贴的通知》第四条",
            "by": "核查员甲",
        }
        for name in GUARDS
    },
    "standards": CLOSING["standards"] | {"measures_in_place": False, "public_satisfied": False},
}


async def approve(house: House, at: str, who: dict[str, Any] = OFFICE) -> Any:
    return await house.post(f"/{NUMBER}/explanation/approval", who=who, at=at)


async def test_r2_an_explanation_is_due_ten_working_days_after_the_approval_of_its_track(house: House) -> None:
    await explained(house)
    assert [(d.kind, d.due.isoformat()) for d in house.published(DeadlineSet) if d.kind in ("solve", "explain")] == [
        ("explain", "2026-03-16")
    ]
    await house.tick("2026-03-17 09:00")
    assert ("expired", "03-17 00:00") in house.steps("explain")


async def test_r2_nobody_is_asked_before_the_office_approved_the_explanation(house: House) -> None:
    await explained(house)
    given = await explain(house, "2026-03-10 10:00")
    assert (given.json()["state"], given.json()["allowed"]) == ("explained", ["approval", "return"])
    assert not house.published(CallbackRequested)
    assert not house.published(CaseExplained)
    early = await house.write_off("2026-03-11 10:00")
    assert (early.status_code, early.json()["field"]) == (409, "case.state")
    assert (await approve(house, "2026-03-11 10:00")).json()["state"] == "solved"
    (told,) = house.published(CaseExplained)
    assert told.basis == ("《关于调整购房补贴的通知》（国发〔2026〕3号）",)
    assert "第四条" in told.text
    assert "13812345678" not in told.text
    (asked,) = house.published(CallbackRequested)
    assert (asked.round, asked.complaints) == (1, (NUMBER,))
    assert not house.published(CaseSolved)


async def test_r2_an_explained_case_closes_as_explained_and_never_as_solved(house: House) -> None:
    await explained(house)
    await explain(house, "2026-03-10 10:00")
    await approve(house, "2026-03-11 10:00")
    await house.answer("2026-03-12 10:00", "satisfied")
    lie = await house.write_off("2026-03-13 10:00", outcome="solved")
    assert (lie.status_code, lie.json()["field"]) == (422, "outcome")
    closed = await house.write_off("2026-03-13 10:00", **WITHOUT_A_SOLUTION)
    assert (closed.status_code, closed.json()["outcome"]) == (200, "explained")
    assert [c.outcome for c in house.published(CaseClosed)] == ["explained"]
    assert {"explanation_submitted", "explanation_approved", "closed"} <= set(await entries(house))


async def test_r2_the_time_the_office_takes_does_not_make_an_explanation_late(house: House) -> None:
    await explained(house)
    await explain(house, "2026-03-16 23:59")
    await house.tick("2026-05-01 00:00")
    assert "expired" not in [step for step, _ in house.steps("explain")]
    await approve(house, "2026-05-06 10:00")
    await house.answer("2026-05-07 10:00", None)
    closed = await house.write_off("2026-05-20 10:00", **WITHOUT_A_SOLUTION)
    assert (closed.json()["outcome"], closed.json()["late"]) == ("explained", False)
    assert (await house.statistics("2026-12-31 00:00"))["late"] == 0


async def test_r2_a_refused_explanation_is_returned_with_rework_and_the_first_date_still_decides(house: House) -> None:
    await explained(house)
    await explain(house, "2026-03-10 10:00")
    back = await house.post(f"/{NUMBER}/return", {"reasons": ["文件已废止"]}, at="2026-03-18 10:00")
    assert back.json()["state"] == "returned"
    assert house.published(CaseReturned)[0].reasons == ("文件已废止",)
    assert not house.published(CaseExplained)
    assert (await approve(house, "2026-03-18 11:00")).status_code == 409
    await explain(house, "2026-03-19 10:00", text="按新文件答复")
    await approve(house, "2026-03-20 10:00")
    found = (await house.get(f"/cases/{NUMBER}/explanations")).json()["items"]
    assert [(e["round"], e["state"]) for e in found] == [(1, "returned"), (2, "approved")]
    await house.answer("2026-03-21 10:00", "satisfied", round=2)
    closed = await house.write_off("2026-03-23 10:00", **WITHOUT_A_SOLUTION)
    assert (closed.json()["late"], closed.json()["due"]) == (True, "2026-03-16")


async def test_r2_a_person_who_is_not_satisfied_with_the_explanation_sends_it_back(house: House) -> None:
    await explained(house)
    await explain(house, "2026-03-10 10:00")
    await approve(house, "2026-03-11 10:00")
    await house.answer("2026-03-12 10:00", "dissatisfied")
    assert (await house.get(f"/cases/{NUMBER}")).json()["state"] == "returned"


async def test_r2_who_could_solve_it_after_all_reports_it_solved(house: House) -> None:
    await explained(house)
    await house.solve("2026-03-10 10:00")
    await house.answer("2026-03-12 10:00", "satisfied")
    assert (await house.write_off("2026-03-13 10:00")).json()["outcome"] == "solved"


async def test_r2_an_officer_of_the_unit_or_the_author_does_not_approve(house: House) -> None:
    await explained(house)
    await explain(house, "2026-03-10 10:00")
    for officer in (OFFICE | {"unit": "unit-a"}, {"role": "office", "sub": HANDLER["sub"]}):
        assert (await approve(house, "2026-03-11 10:00", officer)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"basis": []}, "basis"),
        ({"basis": [{"name": "某通知", "number": " "}]}, "basis.0.number"),
        ({"basis": [{"name": "", "number": "国发〔2026〕3号"}]}, "basis.0.name"),
        ({"reasoning": " "}, "reasoning"),
        ({"text": ""}, "text"),
        ({"misconduct_found": True}, "misconduct_dealt_with"),
    ],
)
async def test_r2_an_explanation_without_policy_or_words_is_refused_by_name(
    house: House, changes: dict[str, Any], field: str
) -> None:
    await explained(house)
    refused = await explain(house, "2026-03-10 10:00", **changes)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_r2_other_tracks_are_not_explained_away(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    refused = await explain(house, "2026-03-10 10:00", **EXPLANATION)
    assert (refused.status_code, refused.json()["field"]) == (409, "case.state")
