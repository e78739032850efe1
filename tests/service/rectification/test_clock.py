"""The clock: each step once and in order, whatever it does; what fell due earlier fires first; no result (R4, R7)."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.dialects import sqlite
from sqlmodel import Session

from services.rectification import store
from services.rectification.clock import Tick
from services.rectification.usecases import firing
from shared.calendar import OfficialYear, WorkingCalendar
from shared.contracts import rectification as wire
from shared.contracts.scoring import CycleClosed
from tests.service.rectification.house import HANDLER, House, approved, local

NUMBER = "2026-000001"
LADDER = [
    ("warning_3", "03-18 09:00"),
    ("warning_1", "03-20 09:00"),
    ("expired", "03-24 00:00"),
    ("escalation_3", "03-26 09:00"),
    ("escalation_7", "04-01 09:00"),
]


async def accepted(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.post(f"/{NUMBER}/acceptance", who=HANDLER, at="2026-03-02 11:00")


def cycle(ends: str = "2026-07-01 00:00", name: str = "2026-H1") -> CycleClosed:
    return CycleClosed(name=name, starts=local("2026-01-01 00:00"), ends=local(ends))


async def test_a_jump_over_everything_fires_each_step_at_its_own_instant(house: House) -> None:
    await accepted(house)
    await house.tick("2026-12-31 00:00")
    assert house.steps() == LADDER
    told = {e.data.step: e.data.roles for e in house.events if hasattr(e.data, "roles")}
    assert told["expired"] == ("handler", "main_leader")
    assert told["escalation_7"] == ("leading_group",)


@pytest.mark.parametrize("hours", [[0, 9], range(24)])
async def test_small_steps_and_ticks_again_and_back_fire_the_same(house: House, hours: list[int]) -> None:
    await accepted(house)
    for day in [*range(16, 32), 17, 30, 31]:
        for hour in hours:
            await house.tick(f"2026-03-{day:02d} {hour:02d}:00")
    await house.tick("2026-04-01 08:59")
    assert house.steps() == LADDER[:-1]
    await house.tick("2026-04-01 09:00")
    await house.tick("2026-04-01 09:00")
    assert house.steps() == LADDER


async def test_a_restart_fires_nothing_again(house: House) -> None:
    await accepted(house)
    await house.tick("2026-03-24 00:00")
    house.tick_of = Tick(house.rules)
    await house.tick("2026-03-24 00:00")
    await house.tick("2026-05-01 00:00")
    assert house.steps() == LADDER


async def test_many_cases_fire_in_the_order_of_time_then_case_in_bounded_pieces(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firing, "AT_ONCE", 3)
    for n in range(1, 8):
        await house.take(approved(f"2026-{n:06d}"), f"2026-03-0{n % 4 + 2} 10:00")
    await house.tick("2026-12-31 00:00")
    fired = [(e.time, e.data.case) for e in house.events if hasattr(e.data, "step")]
    assert fired == sorted(fired)
    assert len(fired) == len({(e.data.case, e.data.kind, e.data.step) for e in house.events if hasattr(e.data, "step")})
    # Solve has five steps; accept four: its first warning lies before the start; acknowledge its expiry only.
    assert len(fired) == 7 * (5 + 4 + 1)


async def test_what_fell_due_earlier_fires_before_the_case_takes_an_action(house: House) -> None:
    await accepted(house)
    await house.solve("2026-03-24 00:00")
    assert house.steps("solve") == LADDER[:3]
    assert house.said().index("deadline.passed") < house.said().index("case.solved")
    (solved,) = house.published(wire.CaseSolved)
    assert solved.late


async def test_while_the_case_waits_for_the_office_the_units_clock_stands(house: House) -> None:
    await accepted(house)
    await house.solve("2026-03-17 16:00")
    await house.tick("2026-06-01 00:00")
    assert house.steps("solve") == []
    # The callback's own period ran out; that is the office's.
    assert house.steps("callback") == [("expired", "03-25 00:00")]


async def test_after_a_return_the_rework_deadline_has_its_own_steps(house: House) -> None:
    await accepted(house)
    await house.solve("2026-03-17 16:00")
    await house.answer("2026-03-18 10:00", "dissatisfied")
    await house.tick("2026-06-01 00:00")
    assert [step for step, _ in house.steps("rework")] == [step for step, _ in LADDER]
    assert house.steps("rework")[2] == ("expired", "03-26 00:00")
    assert house.steps("solve") == []


async def test_a_case_nobody_takes_reaches_the_main_leader(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.tick("2026-03-18 09:00")
    approaching = {(d.kind, d.step): d.roles for d in house.published(wire.DeadlineApproaching)}
    assert approaching["solve", "warning_3"] == ("handler", "main_leader")
    assert [step for step, _ in house.steps("accept")] == ["warning_1", "expired", "escalation_3", "escalation_7"]


async def test_no_result_is_what_is_open_and_past_due_at_the_cycles_end_once(house: House) -> None:
    await house.take(approved("2026-000001"), "2026-06-01 10:00")  # due 23 June: no result
    await house.take(approved("2026-000002"), "2026-06-15 10:00")  # due in July: carries over
    await house.take(approved("2026-000003"), "2026-06-01 10:00")  # solved after the end: none at the end
    await house.take(approved("2026-000004"), "2026-06-01 10:00")  # waits for the office
    await house.solve("2026-06-22 10:00", "2026-000004")
    await house.take(approved("2026-000005"), "2026-06-01 10:00")  # returned, its rework still runs
    await house.solve("2026-06-22 10:00", "2026-000005")
    await house.answer("2026-06-29 10:00", "dissatisfied", "2026-000005")
    await house.solve("2026-07-01 09:00", "2026-000003")
    await house.take(cycle(), "2026-07-01 00:00")
    lapsed = house.published(wire.CaseLapsed)
    assert [(d.case, d.cycle_name, d.due.isoformat()) for d in lapsed] == [
        ("2026-000001", "2026-H1", "2026-06-23"),
        ("2026-000003", "2026-H1", "2026-06-23"),
    ]
    assert {e.time for e in house.events if e.type == wire.CaseLapsed.TYPE} == {local("2026-07-01 00:00")}
    await house.take(cycle(), "2026-07-01 00:00")
    assert len(house.published(wire.CaseLapsed)) == 2
    assert (await house.get("/cases/2026-000001")).json()["state"] == "opened"
    await house.take(cycle("2027-01-01 00:00", "2026-H2"), "2027-01-01 00:00")
    assert {d.case for d in house.published(wire.CaseLapsed)[2:]} == {"2026-000001", "2026-000002", "2026-000005"}


async def test_a_newly_published_calendar_moves_provisional_dates_later_and_tells_it(house: House) -> None:
    await house.take(approved(), "2026-12-21 10:00")
    await house.take(approved("2026-000002"), "2026-12-21 10:00")
    await house.solve("2026-12-22 10:00", "2026-000002")
    await house.take(approved("2026-000003"), "2026-03-02 10:00")
    await house.tick("2027-01-07 10:00")
    before = house.published(wire.CaseOpened)[0]
    assert before.provisional
    fired = house.steps("solve")
    published = OfficialYear(2027, (date(2027, 1, 1), *(date(2027, 1, d) for d in range(9, 20))))
    house.rules = replace(house.rules, calendar=WorkingCalendar(house.rules.calendar.zone, (published,)))
    house.tick_of = Tick(house.rules)
    told = len(house.published(wire.DeadlineSet))
    await house.tick("2027-01-07 10:00")
    again = house.published(wire.DeadlineSet)[told:]
    assert [(d.case, d.kind) for d in again] == [("2026-000001", "solve"), ("2026-000002", "solve")]
    assert all(d.due > before.due and not d.provisional for d in again)
    case = (await house.get("/cases/2026-000001")).json()
    assert (case["due"], case["provisional"]) == (again[0].due.isoformat(), False)
    house.tick_of = Tick(house.rules)
    await house.tick("2027-03-01 10:00")
    assert len(house.published(wire.DeadlineSet)) == told + 2
    after = house.steps("solve")
    assert after[: len(fired)] == fired
    mine = [
        e.data.step for e in house.events if hasattr(e.data, "step") and (e.data.case, e.data.kind) == (NUMBER, "solve")
    ]
    assert len(mine) == len(set(mine)) == 5


async def test_a_tick_is_led_by_an_index_to_what_is_due(house: House) -> None:
    """However many cases are open: neither is the table read through nor anything sorted."""
    query = str(store.deadlines.DUE.compile(dialect=sqlite.dialect()))

    def plan(session: Session) -> list[str]:
        rows = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {query}", ("2026-01-01", *[10] * (query.count("?") - 1))
        )
        return [row.detail for row in rows]

    steps = await house.unit.read(plan)
    assert "ix_deadlines_next" in steps[0]
    assert all(step.startswith("SEARCH") for step in steps)
