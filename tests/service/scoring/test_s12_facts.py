"""S12: what follows from facts besides a rank: rectification badly done, sections, individuals, the city's rank."""

from decimal import Decimal
from typing import Any

import pytest

from services.scoring.domain import recorded
from services.scoring.domain.recorded import Recorded
from services.scoring.store.tables import CaseRow
from services.scoring.usecases.poor import badly
from services.scoring.usecases.sections import satisfied
from shared.contracts.assignment import OrderRegistered
from shared.contracts.consequences import RectificationOrdered
from shared.contracts.rectification import CaseClosed, CaseReturned, DeadlinePassed
from shared.contracts.scoring import ConsequenceProposed
from shared.errors import Refusal
from shared.programme.parts import ConsequenceRule, When
from shared.programme.triggers import CityRank, DissatisfiedSection, PoorRectification
from shared.programme.values import Label
from tests.service.scoring.house import APPROVER, LEADER, OFFICE, OTHER_OFFICE, House, local, refused
from tests.service.scoring.people import People
from tests.service.scoring.test_s13_evaluations import by_bus, issued, message

KEY = "2026-H1.u06.last-below-80.rectification"
PATH = f"/consequences/{KEY}"
CASE = "2026-000042"
POOR = {"admonition_talk", "loss_of_awards", "integrity_file_entry"}
THEIRS = {"role": "leader", "sub": "leader-u06", "unit": "u06"}


def ruled_by(house: House, *rules: ConsequenceRule, cycles: int = 2) -> None:
    """The programme of the house has these rules besides its own, and so many cycles a year."""
    p = house.desk.programme
    changes = {"consequences": (*p.consequences, *rules), "cycles": p.cycles[:cycles]}
    object.__setattr__(house.desk, "programme", p.model_copy(update=changes))


def rule(key: str, when: When, *kinds: str) -> ConsequenceRule:
    """A rule of the programme."""
    made = {"key": key, "label": Label(zh=key, en=key), "when": when, "kinds": kinds, "deadline": 15}
    return ConsequenceRule.model_validate(made)


async def proposals(house: House, key: str) -> list[dict[str, Any]]:
    """What a rule proposes in the cycle."""
    found = (await house.get("/consequences", APPROVER, cycle="2026-H1")).json()
    return [one for one in found if one["rule"] == key]


async def test_s12_rectification_by_a_deadline_is_a_case_and_badly_done_it_has_consequences_of_its_own(
    people: People,
) -> None:
    house = people.house
    await people.to_ranking()
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    await house.done(f"{PATH}/confirmation", {"answer": "按方案办理"}, who=APPROVER, at="2026-07-13 09:00")
    [ordered] = house.published(RectificationOrdered)
    assert (ordered.consequence, ordered.unit, str(ordered.due), ordered.ordered_by) == (
        KEY, "u06", "2026-08-03", "approver-1",
    )  # fmt: skip
    refused(await house.post(f"{PATH}/execution", {"evidence": "已改"}, who=OFFICE), 409, "case")
    returned = CaseReturned(
        case=CASE,
        unit="u06",
        round=1,
        reasons=("没有改",),
        rework_due="2026-08-10",
        expires_at=local("2026-08-11 00:00"),
    )
    await house.take(returned, "2026-08-03 09:00")
    await house.take(OrderRegistered(order=KEY, number=CASE, unit="u06"), "2026-07-13 09:01")
    assert await proposals(house, "poor-rectification") == []
    await house.take(returned, "2026-08-11 09:00")
    found = await proposals(house, "poor-rectification")
    assert {one["kind"] for one in found} == POOR
    assert all(CASE in one["reason"] and "退回 2 次" in one["reason"] for one in found)
    late = DeadlinePassed(
        case=CASE, unit="u06", kind="rework", due="2026-08-18", expires_at=local("2026-08-19 00:00"), roles=()
    )
    await house.take(late, "2026-08-19 00:00")
    assert len(await proposals(house, "poor-rectification")) == len(POOR), "each is proposed once"
    await house.take(
        CaseClosed(case=CASE, unit="u06", paying_unit="u06", outcome="solved", late=True), "2026-08-20 09:00"
    )
    done = await house.done(f"{PATH}/execution", {"evidence": "已销号"}, who=OFFICE, at="2026-08-21 09:00")
    assert done["consequence"]["state"] == "executed"


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ({"returned": 2}, "sent back 2 times"),
        ({"returned": 1}, None),
        ({"overdue": True}, "overdue"),
        ({"late": True}, "overdue"),
        ({"outcome": "disputed"}, "disputed"),
        ({"outcome": "solved"}, None),
    ],
)
def test_s12_poor_is_returned_twice_overdue_or_disputed(seen: dict[str, Any], why: str | None) -> None:
    trigger = PoorRectification(returned=2, overdue=True, disputed=True)
    found = badly(trigger, CaseRow(**{"case": CASE, "unit": "u06", "returned": 0, "overdue": False, **seen}))
    assert (why is None) == (found is None)
    assert found is None or (why and why in found)


async def test_s12_too_few_cases_solved_in_time_has_consequences_and_too_few_cases_have_none(people: People) -> None:
    house = people.house
    for number in range(8):
        unit = "u01" if number < 5 else "u02"
        closed = CaseClosed(
            case=f"2026-00000{number}", unit=unit, paying_unit=unit, outcome="solved", late=number not in (0, 1)
        )
        await house.take(closed, "2026-06-20 10:00")
    await house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
    await house.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
    found = await proposals(house, "poor-rectification")
    assert {one["unit"] for one in found} == {"u01"}, "2 of 5 is under 60 %; u02 has only 3"
    assert {one["kind"] for one in found} == POOR
    assert all("2/5" in one["reason"] for one in found)
    await house.done("/cycles/2026-H1/ranking", {"reason": "笔误"}, at="2026-07-12 10:00")
    assert {one["state"] for one in await proposals(house, "poor-rectification")} == {"proposed"}


async def test_s12_a_section_with_too_few_satisfied_answers_by_its_head_and_handler(people: People) -> None:
    house = people.house
    dims = [d.key for d in house.desk.programme.dimensions]
    for section, number, grade in (
        ("户籍", 30, "dissatisfied"),
        ("车管", 29, "dissatisfied"),
        ("出入境", 30, "satisfied"),
    ):
        codes = await issued(house, number, "u01", section=section)
        await by_bus(house, *(message(code, "u01", dict.fromkeys(dims, grade)) for code in codes))
    await house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
    await house.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
    [found] = await proposals(house, "dissatisfied-section")
    assert (found["unit"], found["kind"], found["persons"]) == (
        "u01", "accountability", ["户籍负责人 head", "户籍经办人 handler"],
    )  # fmt: skip
    assert "30" in found["reason"]
    refused(await house.post(f"/consequences/{found['id']}/confirmation", who=APPROVER), 409, "consequence")


async def test_s12_an_individual_is_nominated_with_reasons_and_commended_when_a_leader_confirms(people: People) -> None:
    house = people.house
    given = {
        "cycle": "2026-H1",
        "unit": "u01",
        "name": "李明",
        "post": "窗口组长",
        "reasons": "全年零投诉，电话 13912345678",
    }
    refused(await house.post("/nominations", {**given, "unit": "u02"}, who=LEADER), 403, "unit")
    made = await house.done("/nominations", given, who=LEADER, at="2026-06-20 09:00")
    assert (made["name"], made["post"]) == ("李明", "窗口组长")
    assert "13912345678" not in made["reasons"]
    [told] = house.published(ConsequenceProposed)
    assert (told.kind, told.persons) == ("commendation", ("窗口组长",))
    assert "李明" not in str([one.payload for one in house.outgoing]), "the bus carries the post"
    done = await house.done(f"/consequences/{made['consequence']}/confirmation", who=APPROVER, at="2026-06-21 09:00")
    assert done["state"] == "confirmed", "it says nothing of the result and need not wait for it"
    assert [one["name"] for one in (await house.get("/nominations", LEADER, cycle="2026-H1")).json()["items"]] == [
        "李明"
    ]
    assert (await house.get("/nominations", THEIRS, cycle="2026-H1")).json()["items"] == []
    again = await house.done("/nominations", {**given, "name": "王芳"}, at="2026-06-22 09:00")
    assert again["consequence"] != made["consequence"]


async def test_s12_the_city_s_rank_rewards_or_penalises_only_who_is_established_as_its_cause(people: People) -> None:
    house = people.house
    ruled_by(
        house,
        rule("city-first", When(city_rank=CityRank(first=3)), "commendation"),
        rule("city-last", When(city_rank=CityRank(last=3)), "accountability"),
    )
    path = "/cycles/2026-H1/city-ranks"
    cause = {"unit": "u02", "ground": "省通报点名该所", "persons": ["所长"]}
    given = {"what": "全省政风行风评议", "rank": 9, "of": 11, "causes": [cause], "document": "省纪发〔2026〕7号"}
    refused(await house.post(path, {**given, "rank": 12}), 422, "rank")
    made = await house.done(path, given, at="2026-06-20 09:00")
    refused(await house.post(f"/city-ranks/{made['id']}/decision", {"confirmed": True}), 403, "decided_by")
    assert house.published(ConsequenceProposed) == []
    await house.done(f"/city-ranks/{made['id']}/decision", {"confirmed": True}, who=OTHER_OFFICE, at="2026-06-21 09:00")
    [found] = await proposals(house, "city-last")
    assert (found["unit"], found["persons"], found["state"]) == ("u02", ["所长"], "proposed")
    assert "9/11" in found["reason"]
    for rank, causes in ((5, [cause]), (1, [])):
        one = await house.done(path, {**given, "rank": rank, "causes": causes}, at="2026-06-22 09:00")
        await house.done(
            f"/city-ranks/{one['id']}/decision", {"confirmed": True}, who=OTHER_OFFICE, at="2026-06-22 10:00"
        )
    assert len(house.published(ConsequenceProposed)) == 1, "neither for the middle, nor without a cause"


async def test_s12_a_recorded_earlier_cycle_counts_for_two_years_running_once_a_second_person_confirmed_it(
    people: People,
) -> None:
    house = people.house
    ruled_by(house, cycles=1)
    rows = [
        {"unit": unit, "scope": "township:清河镇", "composite": str(95 - place), "rank": place, "last": False}
        for place, unit in enumerate(people.units[:5], 1)
    ]
    rows.append({"unit": "u06", "scope": "township:清河镇", "composite": "71.5", "rank": 6, "last": True})
    given = {"cycle": "2025-H1", "document": "评议办〔2025〕12号", "rows": rows}
    refused(await house.post("/recorded-results", {**given, "cycle": "2025-H7"}), 422, "cycle")
    refused(await house.post("/recorded-results", {**given, "cycle": "2026-H1"}), 409, "cycle")
    refused(await house.post("/recorded-results", {**given, "rows": rows[1:]}), 422, "rows.0.rank")
    made = await house.done("/recorded-results", given, at="2026-02-01 09:00")
    refused(await house.post("/recorded-results", given), 409, "cycle")
    decision = f"/recorded-results/{made['id']}/decision"
    refused(await house.post(decision, {"confirmed": True}), 403, "decided_by")
    await people.to_ranking()
    assert await proposals(house, "two-years-running") == [], "it waits for a second person"
    await house.done(decision, {"confirmed": True}, who=OTHER_OFFICE, at="2026-07-12 09:30")
    await house.done("/cycles/2026-H1/ranking", {"reason": "往年结果已确认"}, at="2026-07-12 10:00")
    assert {one["kind"] for one in await proposals(house, "two-years-running")} == {
        "admonition_talk", "organisational_measure",
    }  # fmt: skip
    *_, before = (await house.get("/units/u06/record", THEIRS)).json()
    assert (before["cycle"], before["recorded"], before["version"]) == ("2025-H1", "评议办〔2025〕12号", None)
    assert (before["rank"], before["of"], before["composite"]) == (6, 6, "71.5")


def row(unit: str, rank: int | None, composite: str | None, **more: Any) -> Recorded:
    """A row of a record."""
    whole: dict[str, Any] = {"last": False, "canvassing": False, "not_ranked": None, **more}
    return Recorded(unit, "s", None if composite is None else Decimal(composite), rank, **whole)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([row("a", 1, "90"), row("b", 3, "80")], "rows.1.rank"),
        ([row("a", 1, "80"), row("b", 2, "90")], "rows.1.composite"),
        ([row("a", 1, "90"), row("b", 2, "85"), row("c", 3, "80")], "rows.2.last"),
        ([row("a", 1, "90", last=True), row("b", 2, "85")], "rows.0.last"),
        ([row("a", None, "90")], "rows.0.rank"),
        ([row("a", 1, None)], "rows.0.composite"),
        ([row("a", 1, "90"), row("a", 2, "80")], "rows"),
    ],
)
def test_s12_a_record_that_contradicts_itself_is_refused_naming_the_row(rows: list[Recorded], field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        recorded.check(rows, 3)
    assert refusal.value.field == field


def test_s12_ties_and_a_canvasser_behind_all_others_are_no_contradiction() -> None:
    rows = [
        row("a", 1, "90"), row("b", 2, "85"), row("c", 2, "85"), row("d", 4, "80"),
        row("e", 5, "95", last=True, canvassing=True), row("f", None, None, not_ranked="缺项"),
    ]  # fmt: skip
    assert recorded.check(rows, 3) == {"s": 5}


def test_s12_a_section_needs_enough_cards() -> None:
    trigger = DissatisfiedSection(least_cards=30)
    assert satisfied(trigger, 29, {"dissatisfied": 100}) is None
    assert satisfied(trigger, 30, {}) is None
    assert satisfied(trigger, 30, {"satisfied": 1, "basically_satisfied": 1, "dissatisfied": 2}) == 0.5
