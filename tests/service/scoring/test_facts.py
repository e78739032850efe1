"""What costs points besides a closing, and what costs none: R8, R9, R10, I9, S8."""

from datetime import date
from typing import Any

from services.scoring.usecases.facts import closing_key
from shared.contracts.inspection import CoverageMissed, InspectionRecorded
from shared.contracts.rectification import CaseClosed
from shared.contracts.rectification_duties import LatenessExcused, ObligationMissed
from shared.contracts.rectification_promises import CommitmentBroken, CommitmentKept
from shared.contracts.scoring import PointsDeducted, PointsRestored
from shared.errors import NotYet
from tests.service.scoring.house import OFFICE, House
from tests.service.scoring.people import People

CASE = "2026-000001"
DUTY = "duty:self_inspection:2026-Q1:u01"


def closed(**changes: Any) -> CaseClosed:
    whole: dict[str, Any] = {
        "case": CASE, "unit": "u01", "paying_unit": "u01", "outcome": "solved", "late": False, "misconduct": True,
        "signed_by": "officer-1",
    }  # fmt: skip
    return CaseClosed(**whole | changes)


def missed(**changes: Any) -> ObligationMissed:
    whole: dict[str, Any] = {
        "duty": DUTY, "obligation": "self_inspection", "unit": "u01", "period": "2026-Q1", "due": date(2026, 3, 31),
    }  # fmt: skip
    return ObligationMissed(**whole | changes)


def promise(kind: type[Any], **changes: Any) -> Any:
    whole: dict[str, Any] = {
        "case": CASE, "unit": "u01", "paying_unit": "u01", "evidence": ("照片",), "late": False, "commitment": "p-1",
        "due": date(2026, 6, 30),
    }  # fmt: skip
    return kind(**whole | changes)


def inspected(*findings: str, **changes: Any) -> InspectionRecorded:
    whole: dict[str, Any] = {
        "inspection": "i-1", "unit": "u01", "quarter": "2026-Q1", "kind": "covert", "by": "office",
        "findings": findings,
    }  # fmt: skip
    return InspectionRecorded(**whole | changes)


async def score(house: House, cycle: str = "2026-H1") -> str:
    answer = await house.get("/units/u01/score", OFFICE, cycle=cycle)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["daily"]["score"])


async def lines(house: House, cycle: str = "2026-H1") -> list[tuple[str, str, bool, list[str]]]:
    found = (await house.get("/units/u01/score", OFFICE, cycle=cycle)).json()["daily"]["lines"]
    return [(line["rule"], line["case"], line["stands"], line["evidence"]) for line in found]


async def test_r10_what_a_unit_reported_dealt_with_and_mended_itself_costs_nothing(people: People) -> None:
    house = people.house
    await house.take(closed(self_corrected=True), "2026-03-02 10:00")
    assert await score(house) == "100"
    await house.take(closed(case="2026-000002"), "2026-03-02 10:00")
    assert await score(house) == "99"
    # It came back: what was mended on paper only is deducted at the later closing.
    await house.take(closed(times_closed=2), "2026-04-02 10:00")
    assert await score(house) == "98"


async def test_r9_a_missed_duty_costs_a_point_once_with_its_evidence(people: People) -> None:
    house = people.house
    await house.take(missed(), "2026-04-01 00:00", key="e-1")
    await house.take(missed(), "2026-07-02 00:00", key="e-2")
    assert await score(house) == "99"
    assert await lines(house) == [("obligation_missed", DUTY, True, ["e-1"])]
    await house.take(missed(duty="duty:own_plan:2026:u01", obligation="own_plan"), "2026-02-01 00:00")
    assert await score(house) == "98"


async def test_r9_a_duty_of_the_cycles_last_day_counts_in_that_cycle(people: People) -> None:
    house = people.house
    await house.done("/cycles", {"name": "2026-H2"}, at="2026-06-01 09:00")
    await house.take(missed(due=date(2026, 6, 30)), "2026-07-01 00:00")
    assert (await score(house), await score(house, "2026-H2")) == ("99", "100")


async def test_r9_a_duty_that_costs_nothing_and_the_offices_own_cost_nothing(people: People) -> None:
    house = people.house
    await house.take(missed(costs=False), "2026-04-01 00:00")
    await house.take(missed(unit="office", duty="duty:x:2026:office"), "2026-04-01 00:00")
    assert house.published(PointsDeducted) == []


async def test_i9_an_uncovered_quarter_and_the_missed_self_inspection_are_one_matter(people: People) -> None:
    house = people.house
    await house.take(CoverageMissed(unit="u01", quarter="2026-Q1"), "2026-04-10 00:00", key="later")
    assert await lines(house) == [("obligation_missed", DUTY, True, ["later"])]
    await house.take(missed(), "2026-04-01 00:00", key="earlier")
    assert await score(house) == "99"
    # The unit is told of its point once: it neither came back nor went again.
    assert (len(house.published(PointsDeducted)), house.published(PointsRestored)) == (1, [])
    # The time to report the second quarter ends in July: that is when it is missed, as a duty of that day is.
    await house.done("/cycles", {"name": "2026-H2"}, at="2026-06-01 09:00")
    await house.take(CoverageMissed(unit="u01", quarter="2026-Q2"), "2026-07-08 00:00")
    second = missed(duty=DUTY.replace("Q1", "Q2"), period="2026-Q2", due=date(2026, 7, 7))
    await house.take(second, "2026-07-08 00:00")
    assert (await score(house), await score(house, "2026-H2")) == ("99", "99")


async def test_i9_each_finding_costs_once_and_a_units_own_findings_nothing(people: People) -> None:
    house = people.house
    await house.take(inspected("2026-000008", "2026-000009"), "2026-03-02 10:00", key="e-1")
    await house.take(inspected("2026-000007", inspection="i-2", by="unit"), "2026-03-03 10:00")
    assert await score(house) == "98"
    # A correction names one of them no longer; an older version that comes late changes nothing.
    await house.take(inspected("2026-000009", "2026-000010", version=3), "2026-03-04 10:00", key="e-3")
    await house.take(inspected("2026-000008", version=2), "2026-03-03 10:00")
    assert await score(house) == "98"
    assert [(case, stands) for _, case, stands, _ in await lines(house)] == [
        ("2026-000008", False), ("2026-000009", True), ("2026-000010", True),
    ]  # fmt: skip
    assert len(house.published(PointsRestored)) == 1


async def test_r8_a_broken_promise_costs_three_until_the_record_is_corrected(people: People) -> None:
    house = people.house
    await house.take(promise(CommitmentBroken), "2026-07-02 10:00", key="e-1")
    assert await score(house) == "97"
    assert await lines(house) == [("commitment_broken", CASE, True, ["e-1"])]
    await house.take(promise(CommitmentKept, corrects=True), "2026-07-05 10:00")
    assert await score(house) == "100"
    assert [p.points for p in house.published(PointsRestored)] == [3]
    await house.take(promise(CommitmentBroken, corrects=True), "2026-07-06 10:00")
    assert await score(house) == "97"


async def test_r8_records_of_a_promise_count_by_their_own_time(people: People) -> None:
    house = people.house
    await house.take(promise(CommitmentKept, corrects=True), "2026-07-05 10:00")
    await house.take(promise(CommitmentBroken), "2026-07-02 10:00")
    assert await score(house) == "100"


async def test_s8_an_excused_late_mark_is_restored_and_keeps_its_trace(people: People) -> None:
    house = people.house
    await house.take(closed(late=True), "2026-03-02 10:00", key="e-1")
    assert await score(house) == "98"
    excused = LatenessExcused(case=CASE, times_closed=1, unit="u01", reason="停电三天", ruled_by="officer-2")
    await house.take(excused, "2026-03-09 10:00")
    assert await score(house) == "99"
    assert await lines(house) == [
        ("late", CASE, False, ["e-1"]), ("misconduct_verified", CASE, True, ["e-1"]),
    ]  # fmt: skip
    assert [(p.points, p.reason) for p in house.published(PointsRestored)] == [(1, "停电三天")]


async def test_s8_an_excuse_that_comes_before_its_closing_waits(people: People) -> None:
    excused = LatenessExcused(case=CASE, times_closed=1, unit="u01", reason="x", ruled_by="officer-2")
    try:
        await people.house.take(excused, "2026-03-09 10:00")
    except NotYet as waits:
        assert CASE in str(waits)
    else:
        raise AssertionError("it did not wait")


async def test_a_closing_told_again_after_an_undone_link_costs_no_more_in_another_cycle(people: People) -> None:
    house = people.house
    await house.done("/cycles", {"name": "2026-H2"}, at="2026-06-01 09:00")
    await house.take(closed(late=True), "2026-06-20 10:00", key="e-1")
    await house.take(closed(late=True), "2026-07-10 10:00", key="e-2")
    assert (await score(house), await score(house, "2026-H2")) == ("98", "100")


async def test_the_earliest_event_of_a_closing_counts_whichever_comes_first(people: People) -> None:
    house = people.house
    await house.done("/cycles", {"name": "2026-H2"}, at="2026-06-01 09:00")
    await house.take(closed(late=True), "2026-07-10 10:00", key="e-2")
    assert await score(house, "2026-H2") == "98"
    await house.take(closed(late=True), "2026-06-20 10:00", key="e-1")
    assert (await score(house), await score(house, "2026-H2")) == ("98", "100")
    assert await house.rows(f"SELECT event FROM point_source WHERE key = '{closing_key(CASE, 1)}'") == [("e-1",)]
