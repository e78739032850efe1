"""R2: a planned case has a plan with milestones and a written commitment, filed, published and tracked."""

from typing import Any

import pytest

from shared.contracts.rectification import CaseSolved, DeadlineEscalated, DeadlinePassed, DeadlineSet
from shared.contracts.rectification_promises import CaseCommitted, CasePlanned, PlanReturned
from shared.programme.tracks import Tracks
from tests.service.rectification.house import HANDLER, OFFICE, House, approved
from tests.service.rectification.promises import (
    COMMITMENT,
    MILESTONES,
    NUMBER,
    PLAN,
    done,
    entries,
    file,
    filed,
    planned,
    submit,
)


def due_dates(house: House, kind: str) -> list[str]:
    return [d.due.isoformat() for d in house.published(DeadlineSet) if d.kind == kind]


async def test_r2_a_planned_case_owes_a_plan_within_ten_working_days_with_the_whole_ladder(house: House) -> None:
    await planned(house)
    assert due_dates(house, "plan") == ["2026-03-16"]
    await house.tick("2026-03-27 09:00")
    assert house.steps("plan") == [
        ("warning_3", "03-11 09:00"),
        ("warning_1", "03-13 09:00"),
        ("expired", "03-17 00:00"),
        ("escalation_3", "03-19 09:00"),
        ("escalation_7", "03-25 09:00"),
    ]
    late = await submit(house, "2026-03-27 10:00")
    assert late.status_code == 200, late.text
    (version,) = (await house.get(f"/cases/{NUMBER}/plan")).json()["versions"]
    assert version["late"] is True


async def test_r2_the_clock_of_the_plan_stands_while_the_office_has_it(house: House) -> None:
    await planned(house)
    await submit(house, "2026-03-16 23:00")
    await house.tick("2026-04-01 00:00")
    assert [step for step, _ in house.steps("plan")] == ["warning_3", "warning_1"]
    (version,) = (await house.get("/plans?state=submitted")).json()["items"]
    assert (version["case"], version["late"]) == (NUMBER, False)


async def test_r2_a_filed_plan_is_published_with_its_milestones_and_its_commitment(house: House) -> None:
    await filed(house)
    (plan,) = house.published(CasePlanned)
    assert (plan.case, plan.unit, plan.version) == (NUMBER, "unit-a", 1)
    assert [(m.n, m.name, m.due.isoformat()) for m in plan.milestones] == [
        (1, "定下方案", "2026-03-31"),
        (2, "窗口增设完毕", "2026-04-30"),
    ]
    (promise,) = house.published(CaseCommitted)
    assert (promise.case, promise.unit, promise.person, promise.due.isoformat()) == (
        NUMBER, "unit-a", "局长赵敏", "2026-05-20",
    )  # fmt: skip
    assert "13812345678" not in promise.text
    assert due_dates(house, "milestone") == ["2026-03-31", "2026-04-30"]
    assert {"plan_submitted", "plan_filed", "committed"} <= set(await entries(house))


async def test_r2_a_returned_plan_is_due_again_after_the_rework_period(house: House) -> None:
    await planned(house)
    await submit(house, "2026-03-06 10:00")
    empty = await house.post(f"/{NUMBER}/plan/return", {"reasons": [" "]}, at="2026-03-09 10:00")
    assert (empty.status_code, empty.json()["field"]) == (422, "reasons")
    back = await house.post(f"/{NUMBER}/plan/return", {"reasons": ["没有责任人"]}, at="2026-03-09 10:00")
    assert back.status_code == 200
    (told,) = house.published(PlanReturned)
    assert (told.reasons, told.due.isoformat()) == (("没有责任人",), "2026-03-16")
    assert not house.published(CasePlanned)
    await house.tick("2026-03-18 00:00")
    assert ("expired", "03-17 00:00") in house.steps("plan")
    assert (await submit(house, "2026-03-18 10:00")).status_code == 200
    versions = (await house.get(f"/cases/{NUMBER}/plan")).json()["versions"]
    assert [(v["version"], v["state"], v["reasons"]) for v in versions] == [
        (1, "returned", ["没有责任人"]),
        (2, "submitted", []),
    ]


async def test_r2_a_missed_milestone_is_an_entry_and_escalates_under_its_own_name(house: House) -> None:
    await filed(house)
    await house.tick("2026-04-13 12:00")
    missed = [e for e in house.published(DeadlinePassed) if e.kind == "milestone"]
    assert [(e.title, e.due.isoformat()) for e in missed] == [("等了三个月：定下方案", "2026-03-31")]
    assert [e.step for e in house.published(DeadlineEscalated) if e.kind == "milestone"] == [
        "escalation_3",
        "escalation_7",
    ]
    shown = (await house.get(f"/cases/{NUMBER}/plan")).json()["milestones"]
    assert [(m["n"], m["state"]) for m in shown] == [(1, "missed"), (2, "pending")]
    history = (await house.get(f"/cases/{NUMBER}", HANDLER)).json()["history"]
    steps = [e["data"] for e in history if e["kind"] == "deadline_step" and e["data"]["deadline"] == "milestone"]
    assert [(s["step"], s["ref"]) for s in steps if s["step"] == "expired"] == [("expired", "1")]


async def test_r2_a_milestone_done_with_evidence_warns_no_more(house: House) -> None:
    await filed(house)
    bare = await house.post(f"/{NUMBER}/milestones/1/completion", {"evidence": []}, who=HANDLER, at="2026-03-20 10:00")
    assert (bare.status_code, bare.json()["field"]) == (422, "evidence")
    assert (await done(house, 1, "2026-03-20 10:00")).status_code == 200
    await house.tick("2026-04-10 00:00")
    assert not house.steps("milestone")
    twice = await done(house, 1, "2026-04-10 10:00")
    assert (twice.status_code, twice.json()["field"]) == (409, "milestone")
    assert (await done(house, 7, "2026-04-10 10:00")).status_code == 404
    late = await done(house, 2, "2026-05-06 10:00")
    assert late.status_code == 200, late.text
    shown = (await house.get(f"/cases/{NUMBER}/plan")).json()["milestones"]
    assert [(m["state"], m["late"]) for m in shown] == [("done", False), ("done", True)]


async def test_r2_a_planned_case_is_solved_when_its_plan_is_filed_and_every_milestone_done(house: House) -> None:
    await planned(house)
    without = await house.solve("2026-03-05 10:00")
    assert (without.status_code, without.json()["field"]) == (409, "plan")
    await submit(house, "2026-03-06 10:00")
    await file(house, "2026-03-09 10:00")
    await done(house, 1, "2026-03-20 10:00")
    half = await house.solve("2026-03-21 10:00")
    assert (half.status_code, half.json()["field"]) == (409, "milestones")
    assert "窗口增设完毕" in half.json()["reason"]
    await done(house, 2, "2026-04-20 10:00")
    assert (await house.solve("2026-04-21 10:00")).status_code == 200
    assert [s.late for s in house.published(CaseSolved)] == [False]
    await house.tick("2026-07-01 00:00")
    assert not [s for s in house.steps() if s[0] == "expired" and s[1] > "04-30"]


async def test_r2_an_amendment_is_a_new_version_and_the_promise_stands(house: House) -> None:
    await filed(house)
    await done(house, 1, "2026-03-20 10:00")
    amended = {"measures": "改租场地", "milestones": [{"name": "租下场地", "due": "2026-05-12", "who": "李强"}]}
    assert (await submit(house, "2026-04-01 10:00", **amended, commitment=None)).status_code == 200
    await house.tick("2026-04-02 00:00")
    assert (await file(house, "2026-04-02 10:00")).status_code == 200
    whole = (await house.get(f"/cases/{NUMBER}/plan")).json()
    assert [(v["version"], v["state"], v["measures"]) for v in whole["versions"]] == [
        (1, "amended", PLAN["measures"]),
        (2, "filed", "改租场地"),
    ]
    assert [(m["n"], m["state"], m["version"]) for m in whole["milestones"]] == [
        (1, "done", 1),
        (2, "withdrawn", 1),
        (3, "pending", 2),
    ]
    await house.tick("2026-05-11 12:00")
    assert {
        title for title, _ in [(e.title, 0) for e in house.published(DeadlinePassed) if e.kind == "milestone"]
    } == set()
    promises = (await house.get("/commitments")).json()["items"]
    assert [(p["commitment"], p["due"], p["state"]) for p in promises] == [(f"{NUMBER}-1", "2026-05-20", "pending")]


async def test_r2_a_returned_amendment_leaves_the_filed_plan_in_force(house: House) -> None:
    await filed(house)
    await submit(house, "2026-03-20 10:00", measures="改租场地")
    again = await submit(house, "2026-03-20 11:00")
    assert (again.status_code, again.json()["field"]) == (409, "plan.state")
    await house.post(f"/{NUMBER}/plan/return", {"reasons": ["不必改"]}, at="2026-03-23 10:00")
    assert house.published(PlanReturned)[0].due is None
    assert due_dates(house, "plan") == ["2026-03-16"]
    assert (await done(house, 1, "2026-03-24 10:00")).status_code == 200


def milestone(name: str, due: str) -> dict[str, str]:
    return {"name": name, "due": due, "who": "王芳"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"measures": " "}, "measures"),
        ({"responsible": ""}, "responsible"),
        ({"milestones": []}, "milestones"),
        ({"milestones": [milestone("a", "2026-03-06")]}, "milestones.0.due"),
        ({"milestones": [milestone("a", "2026-04-04")]}, "milestones.0.due"),
        ({"milestones": [milestone("a", "2026-04-30"), milestone("b", "2026-03-31")]}, "milestones.1.due"),
        ({"milestones": [milestone("a", "2026-03-31"), milestone("b", "2026-03-31")]}, "milestones.1.due"),
        ({"milestones": [milestone("a", "2026-05-29")]}, "milestones.0.due"),
        ({"milestones": [milestone(" ", "2026-03-31")]}, "milestones.0.name"),
        ({"commitment": None}, "commitment"),
        ({"commitment": COMMITMENT | {"person": " "}}, "commitment.person"),
        ({"commitment": COMMITMENT | {"to": ""}}, "commitment.to"),
        ({"commitment": COMMITMENT | {"due": "2026-05-29"}}, "commitment.due"),
        ({"commitment": COMMITMENT | {"due": "2026-04-29"}}, "commitment.due"),
    ],
)
async def test_r2_a_plan_that_does_not_hold_is_refused_by_name(
    house: House, changes: dict[str, Any], field: str
) -> None:
    await planned(house)
    refused = await submit(house, "2026-03-06 10:00", **changes)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert not (await house.get(f"/cases/{NUMBER}/plan")).json()["versions"]


async def test_r2_make_up_workdays_are_days_for_a_milestone(house: House) -> None:
    await planned(house)
    # Saturday 9 May 2026 is worked, for the days around 1 May.
    plan = {"milestones": [milestone("a", "2026-05-09")]}
    assert (await submit(house, "2026-03-06 10:00", **plan)).status_code == 200


async def test_r2_other_tracks_have_no_plan(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    refused = await submit(house, "2026-03-06 10:00")
    assert (refused.status_code, refused.json()["field"]) == (409, "case.state")
    assert not due_dates(house, "plan")


async def test_r2_the_unit_does_not_decide_on_its_own_plan(house: House) -> None:
    await planned(house)
    await submit(house, "2026-03-06 10:00")
    for officer in (OFFICE | {"unit": "unit-a"}, {"role": "office", "sub": HANDLER["sub"]}):
        assert (await file(house, "2026-03-09 10:00", officer)).status_code == 403
    other = HANDLER | {"unit": "unit-b"}
    assert (await submit(house, "2026-03-09 11:00", other)).status_code == 404
    assert (await house.get(f"/cases/{NUMBER}/plan", other)).status_code == 404


async def test_r2_a_plan_whose_date_came_while_it_lay_with_the_office_is_not_filed(house: House) -> None:
    await planned(house)
    await submit(house, "2026-03-06 10:00")
    refused = await file(house, "2026-03-31 10:00")
    assert (refused.status_code, refused.json()["field"]) == (409, "milestones")
    assert MILESTONES[0]["name"] in refused.json()["reason"]


async def test_r2_a_plan_of_a_case_whose_track_was_changed_is_owed_no_more(house: House) -> None:
    await planned(house)
    await submit(house, "2026-03-06 10:00")
    asked = await house.post(f"/{NUMBER}/track", {"track": "immediate", "reasons": "已有条件"}, who=HANDLER,
                             at="2026-03-06 11:00")  # fmt: skip
    assert asked.status_code == 200, asked.text
    granted = await house.post(f"/{NUMBER}/decision", {"granted": True, "reasons": "同意"}, at="2026-03-09 10:00")
    assert granted.status_code == 200, granted.text
    assert (await file(house, "2026-03-10 10:00")).status_code == 409
    back = await house.post(f"/{NUMBER}/plan/return", {"reasons": ["已改办理方式"]}, at="2026-03-10 11:00")
    assert back.status_code == 409
    await house.tick("2026-05-01 00:00")
    assert not house.steps("plan")
    assert (await house.solve("2026-05-06 10:00")).status_code == 200


async def test_r2_a_case_that_becomes_planned_owes_a_plan_from_then(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.post(
        f"/{NUMBER}/track", {"track": "planned", "reasons": "等待批复"}, who=HANDLER, at="2026-03-10 10:00"
    )
    granted = await house.post(f"/{NUMBER}/decision", {"granted": True, "reasons": "同意"}, at="2026-03-11 10:00")
    assert granted.status_code == 200, granted.text
    assert due_dates(house, "plan") == ["2026-03-25"]
    assert (await submit(house, "2026-03-12 10:00")).status_code == 200


async def test_r2_a_number_of_a_person_in_a_plan_leaves_neither_with_warnings_nor_with_a_return(house: House) -> None:
    phone = "13812345678"
    steps = [{"name": f"回复来电人{phone}", "due": "2026-03-31", "who": "王芳"}]
    await planned(house)
    await submit(house, "2026-03-05 10:00", measures=f"已联系{phone}", milestones=steps)
    await house.post(f"/{NUMBER}/plan/return", {"reasons": [f"请再联系{phone}"]}, at="2026-03-06 10:00")
    await submit(house, "2026-03-09 10:00", milestones=steps)
    await file(house, "2026-03-10 10:00")
    await house.tick("2026-04-20 00:00")
    assert house.steps("milestone")
    assert not [m.subject for m in house.outgoing if phone.encode() in m.payload]


async def test_r2_where_the_programme_plans_representatives_matters_only_others_do_not_change_to_planned(
    house: House, request: pytest.FixtureRequest
) -> None:
    before = house.rules.programme
    request.addfinalizer(lambda: object.__setattr__(house.rules, "programme", before))
    programme = house.rules.programme.model_copy(update={"tracks": Tracks(planned=("meeting_question",))})
    object.__setattr__(house.rules, "programme", programme)  # the rules are frozen, and the routers hold these
    await house.take(approved(), "2026-03-02 10:00")
    body = {"track": "planned", "reasons": "等待批复"}
    refused = await house.post(f"/{NUMBER}/track", body, who=HANDLER, at="2026-03-10 10:00")
    assert (refused.status_code, refused.json()["field"]) == (409, "track"), refused.text
    assert "hotline_daily" in refused.json()["reason"]
    explained = await house.post(f"/{NUMBER}/track", body | {"track": "explained"}, who=HANDLER, at="2026-03-10 11:00")
    assert explained.status_code == 200, explained.text
