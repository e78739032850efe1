"""Dated duties (R9): announced once a period and unit, the cases' clock and ladder, handed in, judged, missed once."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.rectification import store
from services.rectification.clock import Tick
from services.rectification.usecases import obligations
from shared.calendar import OfficialYear, WorkingCalendar
from shared.contracts import rectification as wire
from shared.contracts.inspection import InspectionRecorded
from shared.contracts.rectification_duties import ObligationDue, ObligationMet, ObligationMissed
from shared.contracts.scoring import UnitRegistered
from tests.service.rectification.house import AUDITOR, HANDLER, OFFICE, House, local

PLAN = "duty:own_plan:2026:unit-a"
Q1 = "duty:self_inspection:2026-Q1:unit-a"
LEADER = {"role": "leader", "sub": "leader-a", "unit": "unit-a"}
OTHER = {"role": "handler", "sub": "handler-b", "unit": "unit-b"}
WHOLE = {
    "answers": {"leading_group": "组长张三", "measures": "三项措施"},
    "documents": ["建设方案.pdf"],
    "address": "https://www.example.cn/plan",
}
INSPECTED = {"answers": {"inspected": "三个窗口", "findings": "空岗一次", "outcomes": "已处理"}, "documents": ["记录"]}
LADDER = [
    ("warning_3", "01-27 09:00"),
    ("warning_1", "01-29 09:00"),
    ("expired", "01-31 00:00"),
    ("escalation_3", "02-04 09:00"),
    ("escalation_7", "02-10 09:00"),
]


async def register(house: House, unit: str = "unit-a", at: str = "2026-01-01 08:00") -> None:
    await house.take(UnitRegistered(unit=unit, name=f"清河{unit}", category="enforcement", scope="x"), at)


async def begun(house: House, at: str = "2026-01-05 10:00") -> None:
    """Unit-a is registered on 1 January, and the clock came by."""
    await register(house)
    await house.tick(at)


async def act(house: House, path: str, body: Any = None, *, at: str, who: dict[str, Any] = HANDLER, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {house.token(**who)}", "Minping-At": local(at).isoformat()} | more
    return await house.http.post(f"/api/v1{path}", json=body, headers=headers)


async def hand_in(house: House, duty: str = PLAN, *, at: str, who: dict[str, Any] = HANDLER, **changes: Any) -> Any:
    return await act(house, f"/obligations/{duty}/fulfilment", WHOLE | changes, at=at, who=who)


async def read(house: House, duty: str = PLAN, who: dict[str, Any] = OFFICE) -> Any:
    answer = await house.get(f"/obligations/{duty}", who)
    assert answer.status_code == 200, answer.text
    return answer.json()


def due_of(house: House) -> dict[str, str]:
    return {d.duty: d.due.isoformat() for d in house.published(ObligationDue)}


def duty_steps(house: House, duty: str = PLAN) -> list[tuple[str, str]]:
    return [step for step, event in zip(house.steps("obligation"), steps_of(house), strict=True) if event == duty]


def steps_of(house: House) -> list[str]:
    return [e.data.case for e in house.events if hasattr(e.data, "step") and e.data.kind == "obligation"]


async def test_r9_each_period_becomes_each_units_duty_once_with_dates_that_roll(house: House) -> None:
    await register(house, "unit-b")
    await begun(house)
    # The report of 2025 and the summary of its second half open on 1 January too; 10 January is a Saturday.
    assert due_of(house) == {
        f"duty:{key}:{unit}": due
        for unit in ("unit-a", "unit-b")
        for key, due in {
            "own_plan:2026": "2026-01-30",
            "self_inspection:2026-Q1": "2026-04-08",
            "half_year_summary:2025-H2": "2026-01-12",
            "annual_report:2025": "2026-01-20",
        }.items()
    }
    assert {e.time for e in house.events if e.type == ObligationDue.TYPE} == {local("2026-01-01 00:00")}
    told = len(house.published(ObligationDue))
    house.tick_of = Tick(house.rules)
    for at in ("2026-01-05 10:00", "2026-01-04 10:00", "2026-01-06 10:00"):
        await house.tick(at)
    assert len(house.published(ObligationDue)) == told


async def test_r9_the_role_that_answers_for_a_duty_is_told_with_it(house: House) -> None:
    programme = house.rules.programme
    plan = programme.obligation("own_plan").model_copy(update={"responsible": "deputy_in_charge"})
    others = tuple(one for one in programme.obligations if one.key != "own_plan")
    house.rules = replace(house.rules, programme=programme.model_copy(update={"obligations": (plan, *others)}))
    house.tick_of = Tick(house.rules)
    await begun(house)
    told = {d.obligation: d.person for d in house.published(ObligationDue)}
    assert (told["own_plan"], told["annual_report"]) == ("分管领导", "")


async def test_r9_the_clock_jumps_over_a_year_and_leaves_no_period_out(house: House) -> None:
    await begun(house)
    await house.tick("2027-01-02 10:00")
    periods = {(d.obligation, d.period) for d in house.published(ObligationDue)}
    assert {p for key, p in periods if key == "self_inspection"} == {
        "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1",
    }  # fmt: skip
    assert {p for key, p in periods if key == "half_year_summary"} == {"2025-H2", "2026-H1", "2026-H2"}
    assert len(house.published(ObligationDue)) == len(periods)
    missed = {d.duty: d.due.isoformat() for d in house.published(ObligationMissed)}
    assert missed[Q1] == "2026-04-08"
    assert [e.time for e in house.events if e.type == ObligationMissed.TYPE and e.data.duty == Q1] == [
        local("2026-04-09 00:00")
    ]


async def test_r9_small_steps_and_one_jump_give_the_same_duties_and_steps(house: House) -> None:
    await begun(house)
    for day in (*range(6, 32), 30, 31):
        for hour in ("00:00", "08:59", "09:00", "23:59"):
            await house.tick(f"2026-01-{day:02d} {hour}")
    await house.tick("2026-02-28 00:00")
    assert duty_steps(house) == LADDER
    assert [d.duty for d in house.published(ObligationMissed) if d.duty == PLAN] == [PLAN]


async def test_r9_the_same_ladder_as_cases_up_to_the_leading_group(house: House) -> None:
    await begun(house)
    await house.tick("2026-12-30 00:00")
    assert duty_steps(house) == LADDER
    told = {e.data.step: e.data.roles for e in house.events if hasattr(e.data, "roles") and e.data.case == PLAN}
    assert told["warning_3"] == ("handler", "main_leader")
    assert (told["escalation_3"], told["escalation_7"]) == (("superior",), ("leading_group",))
    passed = [d for d in house.published(wire.DeadlinePassed) if d.case == PLAN]
    assert [(d.kind, d.title, d.unit) for d in passed] == [("obligation", "年度政风行风建设方案", "unit-a")]


async def test_r9_what_is_handed_in_by_the_last_minute_of_the_due_day_is_in_time(house: House) -> None:
    await begun(house)
    assert (await hand_in(house, at="2026-01-30 23:59")).status_code == 200
    await house.tick("2026-03-01 00:00")
    assert [step for step, _ in duty_steps(house)] == ["warning_3", "warning_1"]
    accepted = await act(house, f"/obligations/{PLAN}/acceptance", at="2026-03-01 10:00", who=OFFICE)
    assert accepted.json()["state"] == "accepted"
    (met,) = house.published(ObligationMet)
    assert (met.met, met.late) == (local("2026-01-30 23:59"), False)
    assert PLAN not in {d.duty for d in house.published(ObligationMissed)}


async def test_r9_missed_once_and_still_to_be_handed_in(house: House) -> None:
    await begun(house)
    late = await hand_in(house, at="2026-01-31 00:00", who=LEADER)
    assert late.status_code == 200
    assert late.json()["missed"]
    said = house.said()
    assert said.index("deadline.passed") < said.index("obligation.missed")
    await house.tick("2026-06-01 00:00")
    assert [step for step, _ in duty_steps(house)] == ["warning_3", "warning_1", "expired"]
    await act(house, f"/obligations/{PLAN}/return", {"reasons": ["空话"]}, at="2026-06-01 10:00", who=OFFICE)
    await house.tick("2026-08-01 00:00")
    assert [step for step, _ in duty_steps(house)].count("expired") == 2  # the rework period ran out as well
    await hand_in(house, at="2026-08-01 10:00")
    await act(house, f"/obligations/{PLAN}/acceptance", at="2026-08-02 10:00", who=OFFICE)
    assert [d.late for d in house.published(ObligationMet)] == [True]
    assert [d.duty for d in house.published(ObligationMissed)].count(PLAN) == 1


async def test_r9_returned_before_the_due_day_ends_its_period_runs_on_without_steps_that_fired(house: House) -> None:
    await begun(house)
    await house.tick("2026-01-27 09:00")
    await hand_in(house, at="2026-01-27 10:00")
    back = await act(
        house, f"/obligations/{PLAN}/return", {"reasons": ["没有责任人"]}, at="2026-01-28 10:00", who=OFFICE
    )
    assert (back.json()["state"], back.json()["reasons"]) == ("returned", ["没有责任人"])
    await house.tick("2026-03-01 00:00")
    assert duty_steps(house) == LADDER
    assert [d.duty for d in house.published(ObligationMissed)].count(PLAN) == 1


async def test_r9_returned_after_the_due_day_it_is_missed_by_that_and_gets_the_rework_period(house: House) -> None:
    await begun(house)
    await hand_in(house, at="2026-01-28 10:00")
    await act(house, f"/obligations/{PLAN}/return", {"reasons": ["空话"]}, at="2026-02-03 10:00", who=OFFICE)
    (missed,) = (e for e in house.events if e.type == ObligationMissed.TYPE and e.data.duty == PLAN)
    assert missed.time == local("2026-02-03 10:00")
    await hand_in(house, at="2026-02-04 10:00")
    await house.tick("2026-06-01 00:00")
    assert "expired" not in [step for step, _ in duty_steps(house)]
    await act(house, f"/obligations/{PLAN}/acceptance", at="2026-06-01 10:00", who=OFFICE)
    assert (await read(house))["state"] == "accepted"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"answers": {"leading_group": "张三"}}, "answers.measures"),
        ({"answers": {**WHOLE["answers"], "extra": "x"}}, "answers.extra"),  # type: ignore[dict-item]  # a dict of two
        ({"documents": [" "]}, "documents"),
        ({"address": ""}, "address"),
    ],
)
async def test_r9_what_is_not_whole_is_named(house: House, changes: dict[str, Any], field: str) -> None:
    await begun(house)
    refused = await hand_in(house, at="2026-01-10 10:00", **changes)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_r9_only_the_unit_hands_in_and_nobody_judges_his_own(house: House) -> None:
    await begun(house)
    assert (await hand_in(house, at="2026-01-10 10:00", who=OTHER)).status_code == 404
    assert (await hand_in(house, at="2026-01-10 10:00", who=OFFICE)).status_code == 404
    assert (await house.get(f"/obligations/{PLAN}", OTHER)).status_code == 404
    refused = await act(house, f"/obligations/{PLAN}/acceptance", at="2026-01-10 10:00", who=OFFICE)
    assert (refused.status_code, refused.json()["remedy"]) == (409, "it is with the unit: hand it in")
    await hand_in(house, at="2026-01-10 10:00")
    for officer in ({"role": "office", "sub": "handler-a"}, {"role": "office", "sub": "x", "unit": "unit-a"}):
        judged = await act(house, f"/obligations/{PLAN}/acceptance", at="2026-01-11 10:00", who=officer)
        assert judged.status_code == 403
    again = await hand_in(house, at="2026-01-12 10:00")
    assert again.status_code == 409


async def test_r9_lists_figures_deadlines_and_ledger_show_duties(house: House) -> None:
    await register(house, "unit-b")
    await begun(house)
    await hand_in(house, at="2026-01-10 10:00")
    await hand_in(house, Q1, at="2026-02-10 10:00", **INSPECTED, address="")
    await act(house, f"/obligations/{PLAN}/acceptance", at="2026-01-11 10:00", who=OFFICE)
    await house.tick("2026-02-28 00:00")
    mine = (await house.get("/obligations", HANDLER)).json()["items"]
    assert {d["unit"] for d in mine} == {"unit-a"}
    assert [d["id"] for d in (await house.get("/obligations?state=handed_in")).json()["items"]] == [Q1]
    overdue = (await house.get("/obligations?state=missed&unit=unit-b")).json()["items"]
    assert {d["obligation"] for d in overdue} == {"own_plan", "half_year_summary", "annual_report"}
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await house.get(f"/obligations?limit=3{cursor and '&cursor=' + cursor}")).json()
        found += [d["id"] for d in page["items"]]
        cursor = page["cursor"]
    assert len(found) == len(set(found)) == 8
    figures = (await house.get("/statistics/obligations?unit=unit-a")).json()["items"]
    assert {f["obligation"]: (f["due"], f["met"], f["missed"], f["waiting"]) for f in figures} == {
        "own_plan": (1, 1, 0, 0),
        "annual_report": (1, 0, 1, 0),
        "half_year_summary": (1, 0, 1, 0),
    }
    running = {d["case"] for d in (await house.get("/deadlines", OTHER)).json()["items"]}
    assert "duty:self_inspection:2026-Q1:unit-b" in running
    history = [entry["kind"] for entry in (await read(house))["history"]]
    assert history[0] == "duty_announced"
    assert history[-2:] == ["duty_handed_in", "duty_accepted"]
    assert (await house.get("/ledger/verification", AUDITOR)).json()["holds"]


async def test_r9_a_unit_owes_what_was_announced_from_its_registration_on(house: House) -> None:
    await begun(house)
    await house.tick("2026-07-10 10:00")
    # The event is dated 1 July but arrives after the clock announced that day: it is judged by its own time.
    await register(house, "unit-c", "2026-07-01 09:00")
    await register(house, "unit-d", "2026-07-10 09:00")
    await register(house, "unit-c", "2026-09-01 09:00")
    later = {d.duty for d in house.published(ObligationDue) if d.unit in ("unit-c", "unit-d")}
    assert later == {"duty:self_inspection:2026-Q3:unit-c", "duty:half_year_summary:2026-H1:unit-c"}


async def test_r9_many_units_are_told_in_bounded_pieces_each_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(obligations, "AT_ONCE", 3)
    for n in range(5):
        await register(house, f"unit-{n}")
    await house.tick("2026-01-02 10:00")
    assert len(house.published(ObligationDue)) == len(due_of(house)) == 20


async def test_r9_announcing_costs_what_opens_not_what_is_open(house: House) -> None:
    await begun(house)
    await house.tick("2026-01-05 11:00")
    asked: list[str] = []
    owing = store.obligations.owing
    store.obligations.owing = lambda *given: asked.append(given[1]) or owing(*given)  # type: ignore[assignment,func-returns-value]  # counts
    try:
        for day in range(6, 31):
            await house.tick(f"2026-01-{day:02d} 10:00")
        assert asked == []
        await house.tick("2026-04-01 00:00")
        assert asked == ["self_inspection"]
    finally:
        store.obligations.owing = owing


TASK = {
    "decision": "市纠风〔2026〕3号", "content": "清理窗口收费", "standard": "收费项目全部公示", "lead_unit": "unit-a",
    "cooperating_units": ["unit-b"], "person": "张三", "due": "2026-05-02",
}  # fmt: skip


async def test_r9_a_task_names_its_decision_units_person_date_and_standard_and_runs_on_the_same_clock(
    house: House,
) -> None:
    await register(house, "unit-b")
    await begun(house)
    made = await act(house, "/tasks", TASK, at="2026-03-02 10:00", who=OFFICE)
    assert made.status_code == 201, made.text
    duty = made.json()["duty"]
    assert (made.json()["due"], duty) == ("2026-05-06", "duty:task:T2026-0001:unit-a")  # 1–5 May are off
    (public,) = (await house.http.get("/api/v1/public/tasks")).json()["items"]
    assert public["lead_unit"] == "清河unit-a"
    assert public["cooperating_units"] == ["清河unit-b"]
    assert {name: public[name] for name in ("decision", "person", "standard", "state")} == {
        "decision": TASK["decision"], "person": "张三", "standard": TASK["standard"], "state": "open",
    }  # fmt: skip
    assert [t["number"] for t in (await house.get("/tasks", OTHER)).json()["items"]] == ["T2026-0001"]
    await house.tick("2026-05-08 00:00")
    assert [step for step, _ in duty_steps(house, duty)] == ["warning_3", "warning_1", "expired"]
    assert (await house.http.get("/api/v1/public/tasks")).json()["items"][0]["state"] == "overdue"
    done = await hand_in(house, duty, at="2026-05-08 10:00", answers={"standard": "十二项已公示"})
    assert done.status_code == 200, done.text
    await act(house, f"/obligations/{duty}/acceptance", at="2026-05-09 10:00", who=OFFICE)
    assert (await house.http.get("/api/v1/public/tasks")).json()["items"][0]["state"] == "done_late"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"lead_unit": "nobody"}, "lead_unit"), ({"due": "2026-03-02"}, "due"), ({"person": " "}, "person")],
)
async def test_r9_a_task_that_cannot_be_accounted_for_is_refused(
    house: House, changes: dict[str, Any], field: str
) -> None:
    await register(house, "unit-b")
    await begun(house)
    refused = await act(house, "/tasks", TASK | changes, at="2026-03-02 10:00", who=OFFICE)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_a_fulfilment_repeated_with_its_key_counts_once(house: House) -> None:
    await begun(house)
    path = f"/obligations/{PLAN}/fulfilment"
    again = [await act(house, path, WHOLE, at="2026-01-10 10:00", **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert [a.status_code for a in again] == [200, 200]
    assert [e["kind"] for e in (await read(house))["history"]].count("duty_handed_in") == 1


async def test_r9_t8_a_date_in_a_year_without_calendar_moves_later_when_it_is_published_and_revives_nothing(
    house: House,
) -> None:
    await begun(house)
    await house.tick("2027-01-08 10:00")
    report = "duty:annual_report:2026:unit-a"
    before = await read(house, report)
    assert (before["due"], before["provisional"]) == ("2027-01-20", True)
    off = OfficialYear(2027, tuple(date(2027, 1, d) for d in (1, 20, 21, 22, 23, 24)))
    house.tick_of = Tick(replace(house.rules, calendar=WorkingCalendar(house.rules.calendar.zone, (off,))))
    await house.tick("2027-01-08 11:00")
    after = await read(house, report)
    assert (after["due"], after["provisional"]) == ("2027-01-25", False)
    assert [d.due.isoformat() for d in house.published(wire.DeadlineSet) if d.case == report] == ["2027-01-25"]
    fired = duty_steps(house, report)
    await house.tick("2027-03-01 10:00")
    steps = [step for step, _ in duty_steps(house, report)]
    assert duty_steps(house, report)[: len(fired)] == fired
    assert len(steps) == len(set(steps)) == 5
    assert [d.duty for d in house.published(ObligationMissed)].count(report) == 1


def inspected(at: str = "2026-Q1", **changes: Any) -> InspectionRecorded:
    whole: dict[str, Any] = {
        "inspection": f"{at}-I0001",
        "unit": "unit-a",
        "quarter": at,
        "kind": "covert",
        "by": "unit",
    }
    return InspectionRecorded(**whole | changes)


async def test_r9_i9_the_units_own_inspection_meets_its_quarterly_duty_and_is_not_reported_twice(house: House) -> None:
    await begun(house)
    for not_it in ({"by": "office"}, {"kind": "call_on"}, {"unit": "unit-z"}):
        await house.take(inspected(**not_it), "2026-02-09 10:00")
    assert (await read(house, Q1))["state"] == "open"
    await house.take(inspected(), "2026-02-10 10:00")
    await house.take(inspected(version=2), "2026-02-11 10:00")
    met = await read(house, Q1)
    assert (met["state"], met["documents"], met["missed"]) == ("accepted", ["2026-Q1-I0001"], False)
    assert [(d.duty, d.late) for d in house.published(ObligationMet)] == [(Q1, False)]
    # Dated in a quarter that the clock has not announced yet: announced by it, once.
    second = Q1.replace("Q1", "Q2")
    await house.take(inspected("2026-Q2"), "2026-04-01 09:00")
    await house.tick("2026-12-30 00:00")
    assert [d.duty for d in house.published(ObligationDue)].count(second) == 1
    assert not {Q1, second} & {d.duty for d in house.published(ObligationMissed)}


async def test_r9_i9_an_inspection_recorded_after_its_time_meets_the_duty_late(house: House) -> None:
    await begun(house)
    await house.take(inspected(), "2026-04-09 00:00")
    assert [d.duty for d in house.published(ObligationMissed)].count(Q1) == 1
    assert [(d.duty, d.late) for d in house.published(ObligationMet)] == [(Q1, True)]


async def test_r9_tasks_are_numbered_on_beyond_four_digits(house: House) -> None:
    await register(house, "unit-b")
    await begun(house)
    await act(house, "/tasks", TASK, at="2026-03-02 10:00", who=OFFICE)
    await house.tamper("UPDATE tasks SET number = 'T2026-9999'")
    made = [(await act(house, "/tasks", TASK, at="2026-03-02 11:00", who=OFFICE)).json() for _ in range(2)]
    assert [one["number"] for one in made] == ["T2026-10000", "T2026-10001"]
