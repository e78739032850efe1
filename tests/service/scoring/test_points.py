"""The daily score from events, and appeals (S8)."""

import itertools
from typing import Any

import pytest

from shared.contracts.rectification import CaseClosed, CaseLapsed, CaseOpened, CaseReopened
from shared.contracts.rectification_terms import CaseReassigned
from shared.contracts.scoring import PointsAppealed, PointsDeducted, PointsRestored
from tests.service.scoring.house import LEADER, OFFICE, OTHER_OFFICE, House, local, refused
from tests.service.scoring.people import People

CASE = "2026-000001"
LATE = f"2026-H1.{CASE}.late.u01"


def closed(case: str = CASE, **changes: Any) -> CaseClosed:
    whole: dict[str, Any] = {
        "case": case, "unit": "u01", "paying_unit": "u01", "outcome": "solved", "late": True, "signed_by": "officer-1",
    }  # fmt: skip
    return CaseClosed(**{**whole, **changes})


def lapsed(case: str = CASE) -> CaseLapsed:
    return CaseLapsed(
        case=case, unit="u01", paying_unit="u01", cycle_name="2026-H1", due=local("2026-05-01 00:00").date()
    )


async def daily(house: House, cycle: str = "2026-H1", unit: str = "u01") -> Any:
    answer = await house.get(f"/units/{unit}/score", OFFICE, cycle=cycle)
    assert answer.status_code == 200, answer.text
    return answer.json()["daily"]


async def test_a_case_closed_in_time_without_misconduct_costs_nothing(people: People) -> None:
    await people.house.take(closed(late=False), "2026-03-02 10:00")
    assert (await daily(people.house))["score"] == "100"
    assert people.house.published(PointsDeducted) == []


async def test_late_and_verified_misconduct_cost_a_point_each_with_their_evidence(people: People) -> None:
    await people.house.take(closed(misconduct=True), "2026-03-02 10:00", key="event-7")
    found = await daily(people.house)
    assert found["score"] == "98"
    assert [(line["rule"], line["points"], line["evidence"]) for line in found["lines"]] == [
        ("late", "-1", ["event-7"]),
        ("misconduct_verified", "-1", ["event-7"]),
    ]
    told = people.house.published(PointsDeducted)
    assert {(t.line, t.evidence) for t in told} == {(line["line"], ("event-7",)) for line in found["lines"]}


async def test_closed_late_again_after_reopening_pays_once_and_both_events_are_evidence(people: People) -> None:
    house = people.house
    await house.take(closed(), "2026-03-02 10:00", key="e1")
    again = CaseReopened(
        case=CASE, unit="u01", reason="bad_callback", round=2, due=local("2026-03-20 00:00").date(),
        expires_at=local("2026-03-20 00:00"),
    )  # fmt: skip
    await house.take(again, "2026-03-10 10:00")
    await house.take(closed(times_closed=2), "2026-03-30 10:00", key="e2")
    found = await daily(house)
    assert found["score"] == "99"
    assert found["lines"][0]["evidence"] == ["e1", "e2"]
    assert len(house.published(PointsDeducted)) == 1
    assert found["cases"] == {"opened": 0, "closed": 1, "reopened": 1, "late": 1, "no_result": 0}


async def test_the_fact_counts_in_the_cycle_in_which_it_occurs(people: People) -> None:
    await people.house.done("/cycles", {"name": "2026-H2"}, at="2026-06-01 09:00")
    await people.house.take(closed(), "2026-07-01 00:00")
    assert (await daily(people.house))["score"] == "100"
    assert (await daily(people.house, "2026-H2"))["score"] == "99"


async def test_a_fact_in_a_cycle_that_is_opened_later_is_not_lost(people: People) -> None:
    await people.house.take(closed(), "2026-08-01 10:00")
    await people.house.done("/cycles", {"name": "2026-H2"}, at="2026-08-02 09:00")
    assert (await daily(people.house, "2026-H2"))["score"] == "99"


async def test_the_figure_does_not_depend_on_order_or_repetition(people: People) -> None:
    facts = [
        (closed(), "2026-03-02 10:00", "e1"),
        (closed(times_closed=2, misconduct=True), "2026-04-02 10:00", "e2"),
        (lapsed(), "2026-07-01 00:00", "e3"),
    ]
    for number, order in enumerate(itertools.permutations(facts)):
        case = f"2026-0001{number:02}"
        for event, at, key in (*order, *order):
            data = event.model_copy(update={"case": case})
            await people.house.take(data, at, key=f"{key}-{number}")
    found = await daily(people.house)
    assert {(c["points"], c["cut"]) for c in found["charges"]} == {("5", "0")}
    assert found["score"] == "70"


async def test_the_paying_unit_pays(people: People) -> None:
    await people.house.take(closed(paying_unit="u02"), "2026-03-02 10:00")
    assert (await daily(people.house))["score"] == "100"
    assert (await daily(people.house, unit="u02"))["score"] == "99"


async def test_a_unit_sees_its_own_score_only(people: People) -> None:
    assert (await people.house.get("/units/u01/score", LEADER, cycle="2026-H1")).status_code == 200
    refused(await people.house.get("/units/u02/score", LEADER, cycle="2026-H1"), 403, "unit")
    refused(await people.house.get("/units/nobody/score", OFFICE, cycle="2026-H1"), 404, "unit")


async def appeal(house: House, at: str = "2026-03-06 10:00", who: dict[str, Any] = LEADER) -> Any:
    return await house.post(f"/points/{LATE}/appeal", {"grounds": "当日停电"}, who=who, at=at)


async def rule(house: House, is_upheld: bool, who: dict[str, Any] = OTHER_OFFICE) -> Any:
    body = {"upheld": is_upheld, "reason": "查明属实"}
    return await house.post(f"/points/{LATE}/ruling", body, who=who, at="2026-03-07 10:00")


async def test_an_upheld_appeal_restores_the_points_and_keeps_the_trace(people: People) -> None:
    house = people.house
    await house.take(closed(), "2026-03-02 10:00", key="e1")
    assert (await appeal(house)).status_code == 201
    assert (await daily(house))["score"] == "99"
    assert (await rule(house, True)).json()["state"] == "upheld"
    found = await daily(house)
    assert found["score"] == "100"
    line = found["lines"][0]
    assert (line["stands"], line["evidence"], line["appeals"][0]["reason"]) == (False, ["e1"], "查明属实")
    assert [p.points for p in house.published(PointsRestored)] == [1]
    assert len(house.published(PointsAppealed)) == 1


async def test_a_dismissed_appeal_is_not_filed_again_but_new_evidence_may_be_appealed(people: People) -> None:
    house = people.house
    await house.take(closed(), "2026-03-02 10:00", key="e1")
    await appeal(house)
    await rule(house, False)
    assert (await daily(house))["score"] == "99"
    refused(await appeal(house), 409, "line")
    await house.take(closed(times_closed=2), "2026-03-09 10:00", key="e2")
    assert (await appeal(house, "2026-03-10 10:00")).status_code == 201


async def test_a_fact_after_an_upheld_appeal_is_charged_and_told(people: People) -> None:
    house = people.house
    await house.take(closed(), "2026-03-02 10:00", key="e1")
    await appeal(house)
    await rule(house, True)
    await house.take(closed(times_closed=2), "2026-03-30 10:00", key="e2")
    assert (await daily(house))["score"] == "99"
    assert len(house.published(PointsDeducted)) == 2


async def test_the_appeal_period_is_five_working_days_from_notice(people: People) -> None:
    house = people.house
    await house.take(closed(), "2026-03-02 10:00")  # a Monday: day 5 is Monday the 9th
    refused(await appeal(house, "2026-03-10 00:00"), 409, "line")
    assert (await appeal(house, "2026-03-09 23:59")).status_code == 201


async def test_only_the_units_leader_appeals_and_somebody_else_than_the_author_rules(people: People) -> None:
    house = people.house
    await house.take(closed(), "2026-03-02 10:00")
    refused(await appeal(house, who={"role": "leader", "sub": "x", "unit": "u02"}), 403, "line")
    refused(await appeal(house, who={"role": "handler", "sub": "x", "unit": "u01"}), 403, "role")
    refused(await rule(house, True), 409, "line")
    await appeal(house)
    refused(await appeal(house), 409, "line")
    refused(await rule(house, True, who=OFFICE), 403, "ruled_by")


async def test_what_is_seen_of_a_case_does_not_depend_on_the_order_of_events(people: People) -> None:
    house = people.house
    opened = CaseOpened(
        case=CASE, lead_unit="u01", track="immediate", due=local("2026-03-20 00:00").date(),
        expires_at=local("2026-03-20 00:00"),
    )  # fmt: skip
    await house.take(closed(), "2026-03-02 10:00")
    await house.take(opened, "2026-02-02 10:00")
    assert (await daily(house))["cases"] == {"opened": 1, "closed": 1, "reopened": 0, "late": 1, "no_result": 0}


@pytest.mark.parametrize("path", ["/points/nothing/appeal", "/points/nothing/ruling"])
async def test_an_unknown_line_is_said_to_be_unknown(people: People, path: str) -> None:
    body = {"grounds": "x", "upheld": True, "reason": "x"}
    who = LEADER if path.endswith("appeal") else OFFICE
    refused(await people.house.post(path, body, who=who), 404, "line")


@pytest.mark.parametrize("early", [True, False])
async def test_i17_a_reassigned_case_is_counted_at_the_unit_that_leads_now(people: People, early: bool) -> None:
    house, due = people.house, local("2026-03-23 00:00")
    opened = CaseOpened(case=CASE, lead_unit="u01", track="immediate", due=due.date(), expires_at=due)
    moved = CaseReassigned(case=CASE, previous_unit="u01", unit="u02", due=due.date(), expires_at=due)
    news = [(opened, "2026-03-02 10:00"), (moved, "2026-03-05 10:00")]
    for data, at in reversed(news) if early else news:
        await house.take(data, at)
    assert (await daily(house, unit="u01"))["cases"]["opened"] == 0
    assert (await daily(house, unit="u02"))["cases"]["opened"] == 1
