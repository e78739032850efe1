"""R7: what is open and past due when a cycle ends has no result, which counts; it stays open."""

import pytest

from shared.contracts.assignment import ObjectionRuled
from shared.contracts.rectification import CaseLapsed
from shared.contracts.scoring import CycleClosed
from tests.service.rectification.house import HANDLER, House, approved, local
from tests.service.rectification.promises import NUMBER, entries, explain, explained, filed, planned, submit

END = "2026-07-01 00:00"


def cycle(name: str = "2026-H1", end: str = END) -> CycleClosed:
    return CycleClosed(name=name, starts=local("2026-01-01 00:00"), ends=local(end))


async def lapsed(house: House) -> list[str]:
    await house.take(cycle(), END)
    return [event.case for event in house.published(CaseLapsed)]


async def test_r7_open_and_past_due_is_no_result_counts_against_the_unit_and_stays_open(house: House) -> None:
    await house.take(approved(lead_unit="unit-a"), "2026-03-02 10:00")
    assert await lapsed(house) == [NUMBER]
    (told,) = house.published(CaseLapsed)
    assert (told.unit, told.paying_unit, told.cycle_name) == ("unit-a", "unit-a", "2026-H1")
    assert (await house.get(f"/cases/{NUMBER}")).json()["state"] == "opened"
    assert (await house.statistics(END))["no_result"] == 1
    assert (await house.solve("2026-07-02 10:00")).status_code == 200


async def test_r7_open_but_not_due_carries_over(house: House) -> None:
    await house.take(approved(), "2026-06-25 10:00")
    assert await lapsed(house) == []


async def test_r7_a_cycle_records_a_case_once_and_the_next_one_again(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.take(cycle(), END)
    await house.take(cycle(), END)
    await house.take(cycle("2026-H2", "2027-01-01 00:00"), "2027-01-01 00:00")
    assert [event.cycle_name for event in house.published(CaseLapsed)] == ["2026-H1", "2026-H2"]


@pytest.mark.parametrize("solved_at", ["2026-06-30 23:59"])
async def test_r7_what_waits_for_the_office_has_a_result_to_be_judged(house: House, solved_at: str) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve(solved_at)
    assert await lapsed(house) == []


async def test_r7_a_planned_case_within_its_sixty_days_is_no_lapse_whatever_its_plan(house: House) -> None:
    await planned(house, "2026-05-06 10:00")
    await house.tick("2026-06-30 00:00")
    assert ("expired", "05-20 00:00") in house.steps("plan")
    assert await lapsed(house) == []


async def test_r7_a_planned_case_past_its_date_lapses_though_its_milestones_are_done(house: House) -> None:
    await filed(house)
    assert await lapsed(house) == [NUMBER]


async def test_r7_an_explanation_that_was_never_given_is_no_result(house: House) -> None:
    await explained(house)
    assert await lapsed(house) == [NUMBER]


async def test_r7_an_explanation_that_waits_for_the_office_is_one(house: House) -> None:
    await explained(house)
    await explain(house, "2026-03-10 10:00")
    assert await lapsed(house) == []


async def test_r7_a_plan_that_waits_does_not_stand_for_a_result(house: House) -> None:
    await planned(house)
    await submit(house, "2026-03-06 10:00")
    assert await lapsed(house) == [NUMBER]


ASK = {"days": 5, "reasons": "等待设备到货"}


async def asked_in_time(house: House) -> None:
    """Approved on 8 June, due on 30 June; more time asked for on the last day; the office sleeps on it."""
    await house.take(approved(), "2026-06-08 10:00")
    assert (await house.get(f"/cases/{NUMBER}")).json()["due"] == "2026-06-30"
    answer = await house.post(f"/{NUMBER}/extension", ASK, who=HANDLER, at="2026-06-30 16:00")
    assert answer.status_code == 200, answer.text


async def decide(house: House, at: str, *, granted: bool) -> None:
    answer = await house.post(f"/{NUMBER}/decision", {"granted": granted, "reasons": "情况属实"}, at=at)
    assert answer.status_code == 200, answer.text


async def test_r7_what_was_asked_for_in_time_is_no_lapse_when_the_office_grants_it_after_the_cycle(
    house: House,
) -> None:
    await asked_in_time(house)
    assert await lapsed(house) == []
    await decide(house, "2026-07-02 10:00", granted=True)
    assert house.published(CaseLapsed) == []
    assert (await house.statistics("2026-12-31 00:00"))["no_result"] == 0


async def test_r7_what_was_asked_for_in_time_and_refused_after_the_cycle_is_that_cycles_lapse_once(
    house: House,
) -> None:
    await asked_in_time(house)
    assert await lapsed(house) == []
    await house.take(cycle(), END)
    await decide(house, "2026-07-02 10:00", granted=False)
    assert [(e.data.cycle_name, e.time) for e in house.events if e.type == CaseLapsed.TYPE] == [("2026-H1", local(END))]
    assert "no_result" in await entries(house)
    await house.take(cycle(), END)
    assert len(house.published(CaseLapsed)) == 1


async def test_r7_what_was_granted_but_for_too_few_days_is_a_lapse_after_all(house: House) -> None:
    await house.take(approved(), "2026-05-20 10:00")
    answer = await house.post(f"/{NUMBER}/extension", ASK | {"days": 1}, who=HANDLER, at="2026-06-09 10:00")
    assert answer.status_code == 200, answer.text
    assert await lapsed(house) == []
    await decide(house, "2026-07-02 10:00", granted=True)
    assert [e.cycle_name for e in house.published(CaseLapsed)] == ["2026-H1"]


async def test_r7_solved_late_while_the_office_sleeps_is_settled_by_its_answer(house: House) -> None:
    await asked_in_time(house)
    assert await lapsed(house) == []
    assert (await house.solve("2026-07-01 15:00")).status_code == 200
    await decide(house, "2026-07-02 10:00", granted=False)
    assert [e.cycle_name for e in house.published(CaseLapsed)] == ["2026-H1"]


async def test_r7_another_unit_leads_and_the_first_one_is_liable_for_what_was_past_due(house: House) -> None:
    await asked_in_time(house)
    assert await lapsed(house) == []
    ruled = ObjectionRuled(
        number=NUMBER, card=f"T-{NUMBER}", unit="unit-a", upheld=True, reason="不归他管", ruled_by_role="office",
        lead_unit="unit-b", days=15,
    )  # fmt: skip
    await house.take(ruled, "2026-07-02 10:00")
    assert [(e.unit, e.cycle_name) for e in house.published(CaseLapsed)] == [("unit-a", "2026-H1")]
