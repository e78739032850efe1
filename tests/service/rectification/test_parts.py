"""Units of a case: each with its duty and view, reassignment, named handlers, handover, leaders (R1, I17, N1)."""

import json
from datetime import date
from typing import Any

import pytest

from shared.contracts import rectification as wire
from shared.contracts import rectification_terms as terms
from shared.contracts.assignment import ObjectionRuled
from shared.contracts.notify import LeaderChanged
from shared.errors import NotYet
from tests.service.rectification.house import HANDLER, OFFICE, House, approved

NUMBER = "2026-000001"
PARTS = {"cooperating_units": ("unit-b",), "territorial_unit": "unit-c"}
GIVEN = {"text": "已现场核实并配合整改", "evidence": ["现场照片2张"]}


def of(unit: str, role: str = "handler") -> dict[str, Any]:
    letter = unit.removeprefix("unit-")
    return {"role": role, "sub": f"{role}-{letter}", "unit": unit}


def ruled(**changes: Any) -> ObjectionRuled:
    whole: dict[str, Any] = {
        "number": NUMBER, "unit": "unit-a", "upheld": True, "lead_unit": "unit-d", "cooperating_units": ("unit-b",),
        "reason": "职责属于丁单位", "ruled_by_role": "approver",
    }  # fmt: skip
    return ObjectionRuled(**whole | changes)


async def case(house: House, who: dict[str, Any] = OFFICE, number: str = NUMBER) -> dict[str, Any]:
    answer = await house.get(f"/cases/{number}", who)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def listed(house: House, who: dict[str, Any], role: str) -> list[str]:
    return [c["case"] for c in (await house.get(f"/cases?role={role}", who)).json()["items"]]


async def kinds(house: House, number: str = NUMBER) -> list[str]:
    return [entry["kind"] for entry in (await case(house, number=number))["history"]]


async def test_r1_each_unit_has_a_duty_and_a_list_of_its_own(house: House) -> None:
    await house.take(approved(**PARTS), "2026-03-02 10:00")
    await house.take(approved("2026-000002", lead_unit="unit-b"), "2026-03-02 10:00")
    assert await listed(house, of("unit-a"), "lead") == [NUMBER]
    assert await listed(house, of("unit-b"), "lead") == ["2026-000002"]
    assert await listed(house, of("unit-b"), "cooperating") == [NUMBER]
    assert await listed(house, of("unit-b"), "territorial") == []
    assert await listed(house, of("unit-c"), "territorial") == [NUMBER]
    duties = (await house.get("/deadlines", of("unit-b"))).json()["items"]
    assert [(d["case"], d["kind"], d["due"]) for d in duties if d["case"] == NUMBER] == [
        (NUMBER, "contribute", "2026-03-23")
    ]
    # A unit that helps sees its own duty and the case's dates, not another helper's.
    seen = {
        (d["unit"], d["kind"]) for d in (await house.get(f"/cases/{NUMBER}/deadlines", of("unit-b"))).json()["items"]
    }
    assert ("unit-b", "contribute") in seen and ("unit-a", "solve") in seen and ("unit-c", "contribute") not in seen


async def test_r1_a_unit_that_helps_is_warned_as_a_unit_of_its_own_and_hands_in_what_it_did(house: House) -> None:
    await house.take(approved(**PARTS), "2026-03-02 10:00")
    given = await house.post(f"/{NUMBER}/contributions", GIVEN, who=of("unit-b"), at="2026-03-10 10:00")
    assert given.status_code == 200
    await house.tick("2026-03-26 09:00")
    told = [
        (d.unit, d.step)
        for kind in (wire.DeadlineApproaching, wire.DeadlinePassed, wire.DeadlineEscalated)
        for d in house.published(kind)
        if d.kind == "contribute"
    ]
    assert told == [("unit-c", step) for step in ("warning_3", "warning_1", "expired", "escalation_3")]
    shown = await case(house, of("unit-a"))
    assert [(c["unit"], c["text"]) for c in shown["contributions"]] == [("unit-b", GIVEN["text"])]
    assert "contributed" in await kinds(house)


async def test_r1_cases_from_before_there_were_lists_of_helpers_are_listed_after_the_next_start(house: House) -> None:
    await house.take(approved(**PARTS), "2026-03-02 10:00")
    await house.tamper("DELETE FROM helpers")
    assert await listed(house, of("unit-b"), "cooperating") == []
    await house.tick("2026-03-03 00:00")
    assert await listed(house, of("unit-b"), "cooperating") == [NUMBER]
    assert await listed(house, of("unit-c"), "territorial") == [NUMBER]


async def test_r1_who_does_not_help_hands_nothing_in_and_nothing_counts_without_evidence(house: House) -> None:
    await house.take(approved(**PARTS), "2026-03-02 10:00")
    for unit in ("unit-a", "unit-z"):
        answer = await house.post(f"/{NUMBER}/contributions", GIVEN, who=of(unit), at="2026-03-10 10:00")
        assert answer.status_code == 404
    for missing in ({"text": " "}, {"evidence": []}):
        answer = await house.post(f"/{NUMBER}/contributions", GIVEN | missing, who=of("unit-b"), at="2026-03-10 10:00")
        assert (answer.status_code, answer.json()["field"]) == (422, next(iter(missing)))


async def test_r1_what_a_unit_hands_in_is_scrubbed(house: House) -> None:
    await house.take(approved(**PARTS), "2026-03-02 10:00")
    words = {"text": "已联系投诉人13800138000", "evidence": ["照片"]}
    await house.post(f"/{NUMBER}/contributions", words, who=of("unit-b"), at="2026-03-10 10:00")
    assert "13800138000" not in (await house.get(f"/cases/{NUMBER}")).text


async def test_r1_an_extension_moves_the_dates_of_helping_units_too(house: House) -> None:
    await house.take(approved(**PARTS), "2026-03-02 10:00")
    body = {"days": 5, "reasons": "等待设备"}
    assert (await house.post(f"/{NUMBER}/extension", body, who=HANDLER, at="2026-03-12 10:00")).status_code == 200
    await house.post(f"/{NUMBER}/decision", {"granted": True}, at="2026-03-12 15:00")
    moved = {(d.unit, d.kind): d.due for d in house.published(terms.DeadlineExtended)}
    assert moved == dict.fromkeys(
        [("unit-a", "solve"), ("unit-b", "contribute"), ("unit-c", "contribute")], date(2026, 3, 30)
    )


async def test_r1_the_unit_that_pays_is_the_one_that_the_approval_names(house: House) -> None:
    await house.take(approved(paying_unit="unit-p", can_be_called=False), "2026-03-02 10:00")
    await house.solve("2026-03-24 10:00")
    await house.write_off("2026-03-25 10:00")
    assert [d.paying_unit for d in house.published(wire.CaseClosed)] == ["unit-p"]
    assert (await case(house, of("unit-p")))["paying_unit"] == "unit-p"


async def test_i17_an_upheld_objection_gives_another_unit_the_case_with_periods_from_the_ruling(house: House) -> None:
    await house.take(approved(**PARTS), "2026-03-02 10:00")
    await house.post(f"/{NUMBER}/acceptance", who=HANDLER, at="2026-03-02 11:00")
    await house.take(ruled(), "2026-03-05 10:00")
    shown = await case(house)
    assert (shown["unit"], shown["due"], shown["state"], shown["handler"]) == ("unit-d", "2026-03-26", "opened", None)
    assert (shown["paying_unit"], shown["cooperating_units"], shown["territorial_unit"]) == ("unit-d", ["unit-b"], None)
    (told,) = house.published(terms.CaseReassigned)
    assert (told.previous_unit, told.unit, told.due) == ("unit-a", "unit-d", date(2026, 3, 26))
    assert await listed(house, of("unit-d"), "lead") == [NUMBER]
    assert await listed(house, of("unit-a"), "lead") == await listed(house, of("unit-c"), "territorial") == []
    assert (await house.get(f"/cases/{NUMBER}", of("unit-a"))).status_code == 404
    assert (await house.post(f"/{NUMBER}/acceptance", who=of("unit-d"), at="2026-03-06 10:00")).status_code == 200
    await house.tick("2026-12-31 00:00")
    late = {(d.unit, d.kind) for d in house.published(wire.DeadlinePassed)}
    assert late == {("unit-d", "solve"), ("unit-b", "contribute")}


async def test_i17_the_first_receiver_stays_liable_until_the_ruling(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.take(ruled(cooperating_units=()), "2026-03-05 10:00")
    passed = [(d.unit, d.kind) for d in house.published(wire.DeadlinePassed)]
    assert passed == [("unit-a", "acknowledge"), ("unit-a", "accept")]
    assert {"objection_ruled", "reassigned"} <= set(await kinds(house))


async def test_i17_an_objection_that_is_not_upheld_is_an_entry_only(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.take(ruled(upheld=False, lead_unit=None), "2026-03-03 10:00")
    assert ((await case(house))["unit"], house.published(terms.CaseReassigned)) == ("unit-a", [])
    assert "objection_ruled" in await kinds(house)


async def test_i17_a_unit_that_need_not_help_owes_nothing_more(house: House) -> None:
    await house.take(approved(**PARTS), "2026-03-02 10:00")
    await house.take(
        ruled(unit="unit-b", lead_unit=None, cooperating_units=("unit-e",), territorial_unit="unit-c"),
        "2026-03-04 10:00",
    )
    shown = await case(house)
    assert (shown["unit"], shown["due"]) == ("unit-a", "2026-03-23")
    assert [h["unit"] for h in shown["helpers"]] == ["unit-c", "unit-e"]
    await house.tick("2026-03-24 00:00")
    late = {d.unit for d in house.published(wire.DeadlinePassed) if d.kind == "contribute"}
    assert late == {"unit-c", "unit-e"}


async def test_i17_a_ruling_before_its_case_waits_and_one_after_the_solution_is_recorded(house: House) -> None:
    with pytest.raises(NotYet):
        await house.take(ruled(), "2026-03-03 10:00")
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve("2026-03-03 10:00")
    await house.take(ruled(), "2026-03-04 10:00")
    assert (await case(house))["unit"] == "unit-a"
    effects = [e["data"].get("effect") for e in (await case(house))["history"] if e["kind"] == "objection_ruled"]
    assert effects == ["too_late"]


async def test_r1_the_main_leader_names_the_handler_of_his_own_unit(house: House) -> None:
    await house.take(approved(**PARTS), "2026-03-02 10:00")
    named = {"handler": "handler-x", "reason": "分管该业务"}
    for unit in ("unit-a", "unit-b"):
        answer = await house.post(f"/{NUMBER}/assignment", named, who=of(unit, "leader"), at="2026-03-02 11:00")
        assert answer.status_code == 200
    assert (await house.post(f"/{NUMBER}/assignment", named, who=of("unit-z", "leader"), at="2026-03-02 11:00")
            ).status_code == 404  # fmt: skip
    shown = await case(house)
    assert shown["handler"] == "handler-x"
    assert {h["unit"]: h["handler"] for h in shown["helpers"]} == {"unit-b": "handler-x", "unit-c": None}
    # Who is named stays responsible, whoever of the unit accepts; then the warnings go to him.
    await house.post(f"/{NUMBER}/acceptance", who=HANDLER, at="2026-03-02 12:00")
    assert (await case(house))["handler"] == "handler-x"
    await house.tick("2026-03-18 09:00")
    roles = {(d.unit, d.kind): d.roles for d in house.published(wire.DeadlineApproaching)}
    assert roles["unit-a", "solve"] == roles["unit-b", "contribute"] == ("handler",)
    assert roles["unit-c", "contribute"] == ("handler", "main_leader")


async def test_r1_a_handover_moves_all_open_cases_of_a_handler_and_another_one_undoes_it(house: House) -> None:
    numbers = [f"2026-{n:06d}" for n in range(1, 4)]
    for number in numbers:
        await house.take(approved(number, can_be_called=False), "2026-03-02 10:00")
        await house.post(f"/{number}/acceptance", who=HANDLER, at="2026-03-02 11:00")
    await house.take(approved("2026-000004"), "2026-03-02 10:00")
    own = {"handler": "handler-y"}
    await house.post("/2026-000004/assignment", own, who=of("unit-a", "leader"), at="2026-03-02 11:00")
    await house.solve("2026-03-03 10:00", numbers[2])
    assert (await house.write_off("2026-03-03 11:00", numbers[2])).status_code == 200
    leader = of("unit-a", "leader")
    preview = await house.get("/handovers/preview?from=handler-a", leader)
    assert preview.json() == {"from": "handler-a", "cases": numbers[:2]}

    async def give(at: str, **body: Any) -> Any:
        return await house.post("/../handovers", {"reason": "调离"} | body, who=leader, at=at)

    made = (await give("2026-03-04 10:00", **{"from": "handler-a", "to": "handler-y"})).json()
    assert made["cases"] == numbers[:2]
    assert [(await case(house, number=n))["handler"] for n in numbers] == ["handler-y", "handler-y", "handler-a"]
    assert (await give("2026-03-04 11:00", **{"from": "handler-a", "to": "handler-y"})).status_code == 409
    undone = await give("2026-03-05 10:00", **{"from": "handler-y", "to": "handler-a", "undoes": made["id"]})
    assert undone.json()["cases"] == numbers[:2]
    # What was handler-y's own before stays his.
    assert (await case(house, number="2026-000004"))["handler"] == "handler-y"
    assert (await kinds(house)).count("handed_over") == 2
    assert [h["undoes"] for h in (await house.get("/handovers", leader)).json()["items"]] == [None, made["id"]]


async def test_n1_the_ledger_names_who_was_responsible_when_and_overwrites_nothing(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")

    def term(person: str, name: str, since: date, until: date | None = None) -> LeaderChanged:
        return LeaderChanged(unit="unit-a", role="main_leader", person=person, name=name, since=since, until=until)

    await house.take(term("p-1", "甲局长", date(2024, 1, 1)), "2026-03-02 11:00")
    await house.take(term("p-1", "甲局长", date(2024, 1, 1), date(2026, 3, 9)), "2026-03-09 10:00")
    await house.take(term("p-2", "乙局长", date(2026, 3, 10)), "2026-03-10 10:00")
    await house.take(term("p-2", "乙局长", date(2026, 3, 10)), "2026-03-10 11:00")  # told again: nothing new
    responsible = [(r["person"], r["since"], r["until"]) for r in (await case(house, HANDLER))["responsible"]]
    assert responsible == [("p-1", "2024-01-01", "2026-03-09"), ("p-2", "2026-03-10", None)]
    changes = [e["data"] for e in (await case(house))["history"] if e["kind"] == "leader_changed"]
    assert [(c["person"], c["until"]) for c in changes] == [("p-1", None), ("p-1", "2026-03-09"), ("p-2", None)]
    assert (await house.get("/ledger/verification")).json()["holds"]


async def test_n1_a_term_entered_wrongly_names_nobody_any_more_and_the_ledger_keeps_that_it_did(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    wrong = {"unit": "unit-a", "role": "main_leader", "person": "p-9", "name": "误局长", "since": date(2026, 1, 1)}
    right = wrong | {"person": "p-1", "name": "甲局长", "until": date(2026, 12, 31)}
    await house.take(LeaderChanged.model_validate(wrong), "2026-03-03 10:00")
    await house.take(LeaderChanged.model_validate(wrong | {"taken_back": True}), "2026-03-04 10:00")
    await house.take(LeaderChanged.model_validate(right), "2026-03-04 10:01")
    assert [r["person"] for r in (await case(house, HANDLER))["responsible"]] == ["p-1"]
    changes = [e["data"] for e in (await case(house))["history"] if e["kind"] == "leader_changed"]
    assert [(c["person"], c.get("taken_back", False)) for c in changes] == [
        ("p-9", False), ("p-9", True), ("p-1", False),
    ]  # fmt: skip
    assert (await house.get("/ledger/verification")).json()["holds"]


async def test_n1_the_one_page_ledger_names_the_leader_in_office_though_his_last_day_is_known(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    term = {"unit": "unit-a", "role": "main_leader", "person": "p-1", "name": "甲局长", "since": date(2026, 1, 1)}
    await house.take(LeaderChanged.model_validate(term | {"until": date(2026, 12, 31)}), "2026-03-03 10:00")
    row = json.loads((await house.get("/ledger/export")).text.splitlines()[0])
    assert row["leaders"] == ["甲局长"]
