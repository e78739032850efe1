"""Warnings and escalation against the known faults of other systems (R4), each named by the fault."""

import pytest

from services.rectification.usecases import firing
from shared.contracts import rectification as wire
from shared.contracts.intake import ComplaintLinked
from shared.programme.loader import load
from tests.service.rectification.house import HANDLER, SHANGHAI, House, approved

NUMBER = "2026-000001"
LEADER = {"role": "leader", "sub": "leader-a", "unit": "unit-a"}
LADDER = [
    ("warning_3", "03-18 09:00"),
    ("warning_1", "03-20 09:00"),
    ("expired", "03-24 00:00"),
    ("escalation_3", "03-26 09:00"),
    ("escalation_7", "04-01 09:00"),
]


async def test_r4_the_clock_does_not_restart_when_a_record_is_touched(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    touches = [
        ("acknowledgement", HANDLER, None, "2026-03-03 09:00"),
        ("acceptance", HANDLER, None, "2026-03-04 09:00"),
        ("assignment", LEADER, {"handler": "handler-b"}, "2026-03-10 09:00"),
        ("assignment", LEADER, {"handler": "handler-c"}, "2026-03-19 09:00"),
        ("extension", HANDLER, {"days": 5, "reasons": "等待设备"}, "2026-03-20 15:00"),
        ("decision", None, {"granted": False, "reasons": "理由不足"}, "2026-03-23 15:00"),
        ("assignment", LEADER, {"handler": "handler-d"}, "2026-03-27 09:00"),
    ]
    for action, who, body, at in touches:
        answer = await house.post(f"/{NUMBER}/{action}", body, at=at, **({"who": who} if who else {}))
        assert answer.status_code == 200, (action, answer.text)
    link = ComplaintLinked(number="2026-000002", lead=NUMBER, how="exact", petitioners=2)
    await house.take(link, "2026-03-30 09:00")
    await house.tick("2026-12-31 00:00")
    assert house.steps("solve") == LADDER


async def test_r4_more_than_a_hundred_rows_are_looked_at(house: House) -> None:
    for n in range(1, 121):
        await house.take(approved(f"2026-{n:06d}"), "2026-03-02 10:00")
    await house.tick("2026-04-01 09:00")
    fired = {(e.data.case, e.data.step) for e in house.events if hasattr(e.data, "step") and e.data.kind == "solve"}
    assert len(fired) == 120 * len(LADDER)


async def test_r4_no_row_is_left_out_between_two_pieces_of_a_tick(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "AT_ONCE", 7)
    for n in range(1, 31):
        await house.take(approved(f"2026-{n:06d}", cooperating_units=("unit-b",)), "2026-03-02 10:00")
    await house.tick("2026-12-31 00:00")
    fired = [(e.data.case, e.data.unit, e.data.kind, e.data.step) for e in house.events if hasattr(e.data, "step")]
    assert len(fired) == len(set(fired)) == 30 * (5 + 4 + 1 + 5)


async def test_r4_a_case_that_nobody_is_assigned_to_reaches_the_main_leader_and_climbs(house: House) -> None:
    await house.take(approved(cooperating_units=("unit-b",)), "2026-03-02 10:00")
    await house.tick("2026-12-31 00:00")
    told = {
        (d.unit, d.step): d.roles
        for kind in (wire.DeadlineApproaching, wire.DeadlinePassed, wire.DeadlineEscalated)
        for d in house.published(kind)
        if d.kind in ("solve", "contribute")
    }
    for unit in ("unit-a", "unit-b"):
        assert told[unit, "warning_3"] == ("handler", "main_leader")
        assert "main_leader" in told[unit, "expired"]
        assert told[unit, "escalation_3"] == ("superior",)
        assert told[unit, "escalation_7"] == ("leading_group",)


async def test_r4_the_ladder_does_not_stop_at_the_first_level(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    for day in range(16, 32):
        await house.tick(f"2026-03-{day} 09:00")
    await house.tick("2026-04-01 09:00")
    assert house.steps("solve") == LADDER


async def test_r4_warnings_that_lie_before_the_start_are_skipped(house: House) -> None:
    await house.take(approved(days=2), "2026-03-02 10:00")
    await house.tick("2026-12-31 00:00")
    assert [step for step, _ in house.steps("solve")] == ["warning_1", "expired", "escalation_3", "escalation_7"]


async def test_r4_no_step_but_the_expiry_lies_outside_office_hours_and_its_letter_waits_for_the_morning(
    house: House,
) -> None:
    await house.take(approved(cooperating_units=("unit-b",)), "2026-03-02 10:00")
    await house.tick("2026-12-31 00:00")
    for event in house.events:
        if hasattr(event.data, "step"):
            clock = event.time.astimezone(SHANGHAI).strftime("%H:%M")
            assert clock == ("00:00" if event.data.step == "expired" else "09:00")
    (rule,) = load("window-units").notice_rules(wire.DeadlinePassed.TYPE)
    assert rule.urgency == "expiry"  # sent at 09:00 of the next working day (N4)


async def test_r4_while_a_case_stands_still_nobody_is_told_and_afterwards_each_step_once(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.post(f"/{NUMBER}/acceptance", who=HANDLER, at="2026-03-02 11:00")
    await house.tick("2026-03-18 09:00")
    body = {"ground": "law_suit", "reasons": "已立案"}
    await house.post(f"/{NUMBER}/suspension", body, at="2026-03-19 10:00")
    await house.tick("2026-06-01 00:00")
    assert house.steps("solve") == LADDER[:1]
    await house.post(f"/{NUMBER}/resumption", at="2026-06-01 10:00")
    await house.tick("2026-12-31 00:00")
    # Two working days were left after 19 March and 1 June itself counts: due on 2 June.
    assert house.steps("solve") == [
        ("warning_3", "03-18 09:00"),
        ("expired", "06-03 00:00"),
        ("escalation_3", "06-05 09:00"),
        ("escalation_7", "06-11 09:00"),
    ]


async def test_r4_an_outstanding_problem_names_the_deputy_in_charge_first(house: House) -> None:
    for number in ("2026-000001", "2026-000002"):
        await house.take(approved(number), "2026-03-02 10:00")
    hard = {"difficulty": "long_standing", "reason": "拖了三年"}
    assert (await house.post("/2026-000001/difficulty", hard, at="2026-03-04 10:00")).status_code == 200
    await house.tick("2026-04-10 00:00")
    told = {
        (e.data.case, e.data.step): e.data.roles
        for e in house.events
        if hasattr(e.data, "step") and e.data.kind == "solve"
    }
    assert told["2026-000001", "expired"] == ("deputy_in_charge", "handler", "main_leader")
    assert told["2026-000001", "escalation_3"] == ("deputy_in_charge", "superior")
    assert told["2026-000002", "expired"] == ("handler", "main_leader")
    assert "deputy_in_charge" not in told["2026-000001", "warning_3"]
