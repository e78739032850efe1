"""Dates of a case: acknowledged, explained day by day, extended, suspended, another track (R3), as people do it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.rectification.clock import Tick
from shared.calendar import OfficialYear, WorkingCalendar
from shared.contracts import rectification as wire
from shared.contracts import rectification_terms as terms
from tests.service.rectification.house import HANDLER, OFFICE, House, approved, local

NUMBER = "2026-000001"
LEADER = {"role": "leader", "sub": "leader-a", "unit": "unit-a"}
ASK = {"days": 5, "reasons": "等待设备到货"}
SUSPEND = {"ground": "waiting_for_complainant", "reasons": "等待补充材料"}


async def accepted(house: House, **changes: Any) -> None:
    await house.take(approved(**changes), "2026-03-02 10:00")
    answer = await house.post(f"/{NUMBER}/acceptance", who=HANDLER, at="2026-03-02 11:00")
    assert answer.status_code == 200, answer.text


async def case(house: House, who: dict[str, Any] = OFFICE) -> dict[str, Any]:
    return dict((await house.get(f"/cases/{NUMBER}", who)).json())


async def deadline(house: House, kind: str) -> dict[str, Any]:
    items = (await house.get(f"/cases/{NUMBER}/deadlines")).json()["items"]
    return dict([item for item in items if item["kind"] == kind][-1])


async def entries(house: House) -> list[str]:
    return [entry["kind"] for entry in (await case(house))["history"]]


async def asked(house: House, at: str = "2026-03-20 15:00", **changes: Any) -> Any:
    return await house.post(f"/{NUMBER}/extension", ASK | changes, who=HANDLER, at=at)


async def decided(house: House, at: str, *, granted: bool = True, **changes: Any) -> Any:
    body = {"granted": granted, "reasons": "情况属实"} | changes
    return await house.post(f"/{NUMBER}/decision", body, at=at)


@pytest.mark.parametrize("who", [HANDLER, LEADER])
async def test_r3_a_case_is_acknowledged_within_one_working_day_by_handler_or_leader(
    house: House, who: dict[str, Any]
) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    assert (await deadline(house, "acknowledge"))["due"] == "2026-03-03"
    answer = await house.post(f"/{NUMBER}/acknowledgement", who=who, at="2026-03-03 09:00")
    assert "acknowledgement" not in answer.json()["allowed"]
    await house.tick("2026-12-31 00:00")
    assert house.steps("acknowledge") == []
    assert [d.implied for d in house.published(terms.CaseAcknowledged)] == [False]
    assert (await house.post(f"/{NUMBER}/acknowledgement", who=who, at="2026-12-31 09:00")).status_code == 409


async def test_r4_an_unacknowledged_case_tells_handler_and_main_leader_at_expiry_and_no_further(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.tick("2026-03-20 00:00")
    assert house.steps("acknowledge") == [("expired", "03-04 00:00")]
    (told,) = [d for d in house.published(wire.DeadlinePassed) if d.kind == "acknowledge"]
    assert told.roles == ("handler", "main_leader")


async def test_r3_accepting_a_case_acknowledges_it(house: House) -> None:
    await accepted(house)
    assert (await case(house))["acknowledged_at"] is not None
    assert [d.implied for d in house.published(terms.CaseAcknowledged)] == [True]


async def test_r3_everybody_who_sees_the_case_sees_why_its_date_is_what_it_is(house: House) -> None:
    await house.take(approved(days=10), "2026-02-10 10:00")
    solve = await deadline(house, "solve")
    for who in (OFFICE, HANDLER):
        said = (await house.get(f"/deadlines/{solve['id']}/explanation", who)).json()
        assert said["due"] == solve["due"] == "2026-03-02"
        kinds = {day["date"]: (day["number"], day["kind"], day["name"]) for day in said["days"]}
        assert kinds["2026-02-14"][:2] == (4, "make_up")
        assert kinds["2026-02-17"] == (None, "holiday", "春节")
        assert kinds["2026-03-01"][:2] == (None, "weekend")
        assert kinds["2026-02-28"][:2] == (9, "make_up")
        assert kinds["2026-03-02"][:2] == (10, "counted")
        assert any("春节" in line for line in said["zh"]) and any("Spring" in line for line in said["en"])
    stranger = HANDLER | {"unit": "unit-z"}
    assert (await house.get(f"/deadlines/{solve['id']}/explanation", stranger)).status_code == 404
    assert (await house.get("/deadlines/99999/explanation")).status_code == 404


async def test_r3_an_extension_is_counted_from_the_old_date_whenever_the_office_decides(house: House) -> None:
    await accepted(house)
    answer = await asked(house)
    assert answer.json()["request"] == "extension"
    (made,) = house.published(terms.RequestMade)
    assert (made.kind, made.days, made.due.isoformat()) == ("extension", 5, "2026-03-24")
    # The old date passes while the office has the request; then the new date counts, from the old one.
    granted = await decided(house, "2026-03-24 10:00")
    assert granted.json()["due"] == "2026-03-30"
    (extended,) = house.published(terms.DeadlineExtended)
    assert (extended.kind, extended.previous_due.isoformat(), extended.due.isoformat()) == (
        "solve", "2026-03-23", "2026-03-30",
    )  # fmt: skip
    assert [d.granted for d in house.published(terms.RequestDecided)] == [True]
    assert (await entries(house)).count("deadline_extended") == 1
    # Solved after the old date and before the new one is in time.
    await house.solve("2026-03-30 23:59")
    assert [d.late for d in house.published(wire.CaseSolved)] == [False]


async def test_r3_after_an_extension_the_old_steps_do_not_fire_and_the_new_date_has_its_own(house: House) -> None:
    await accepted(house)
    await house.tick("2026-03-18 09:00")
    await asked(house, "2026-03-19 10:00")
    await decided(house, "2026-03-19 15:00")
    await house.tick("2026-12-31 00:00")
    assert house.steps("solve") == [
        ("warning_3", "03-18 09:00"),  # of the old date, before the decision
        ("warning_3", "03-25 09:00"),
        ("warning_1", "03-27 09:00"),
        ("expired", "03-31 00:00"),
        ("escalation_3", "04-02 09:00"),
        ("escalation_7", "04-09 09:00"),
    ]


async def test_r3_an_extension_is_asked_once_before_expiry_for_at_most_the_original_period(house: House) -> None:
    await accepted(house)
    assert (await asked(house, days=16)).status_code == 422
    assert (await asked(house, reasons=" ")).status_code == 422
    assert (await asked(house, "2026-03-20 10:00")).status_code == 200
    assert (await asked(house, "2026-03-20 11:00")).status_code == 409  # one waits
    refused = await decided(house, "2026-03-20 15:00", granted=False)
    assert refused.json()["due"] == "2026-03-23"
    assert (await asked(house, "2026-03-20 16:00")).status_code == 409  # asked once
    assert "extension_refused" in await entries(house)


async def test_r3_an_extension_is_not_asked_after_expiry(house: House) -> None:
    await accepted(house)
    late = await asked(house, "2026-03-24 00:00")
    assert (late.status_code, late.json()["remedy"]) == (409, "ask before it expires")


async def test_r3_the_office_has_a_deadline_to_decide_and_is_told_when_it_passes(house: House) -> None:
    await accepted(house)
    await asked(house, "2026-03-12 10:00")
    await house.tick("2026-03-17 00:00")
    assert house.steps("extension_decision") == [("expired", "03-17 00:00")]
    (told,) = [d for d in house.published(wire.DeadlinePassed) if d.kind == "extension_decision"]
    assert told.roles == ("office",)


async def test_r3_who_decides_is_of_no_unit_of_the_case_and_may_grant_fewer_days(house: House) -> None:
    await accepted(house)
    await asked(house)
    own = OFFICE | {"sub": "officer-2", "unit": "unit-a"}
    body = {"granted": True, "reasons": "x"}
    assert (await house.post(f"/{NUMBER}/decision", body, who=own, at="2026-03-20 16:00")).status_code == 403
    assert (await decided(house, "2026-03-20 16:00", days=6)).status_code == 422
    assert (await decided(house, "2026-03-20 16:00", days=2)).json()["due"] == "2026-03-25"


async def test_r3_a_case_solved_late_is_not_closed_before_its_request_is_decided(house: House) -> None:
    await accepted(house, can_be_called=False)
    await asked(house, "2026-03-23 16:00")
    await house.solve("2026-03-24 10:00")
    assert (await house.write_off("2026-03-24 11:00")).status_code == 409
    assert (await decided(house, "2026-03-24 12:00")).json()["due"] == "2026-03-30"
    closed = await house.write_off("2026-03-24 13:00")
    assert (closed.status_code, closed.json()["late"]) == (200, False)
    await house.tick("2026-12-31 00:00")
    assert ("expired", "03-31 00:00") not in house.steps("solve")


async def test_r3_what_was_asked_for_lapses_when_the_case_is_solved_in_time(house: House) -> None:
    await accepted(house)
    await asked(house, "2026-03-12 10:00")
    await house.solve("2026-03-12 16:00")
    assert (await case(house))["request"] is None
    assert "extension_request_lapsed" in await entries(house)


async def test_r3_a_suspension_does_not_count_the_working_days_between_and_no_step_fires(house: House) -> None:
    await accepted(house)
    still = await house.post(f"/{NUMBER}/suspension", SUSPEND, at="2026-03-04 10:00")
    assert still.json()["suspended_because"] == "waiting_for_complainant"
    await house.tick("2026-04-05 00:00")
    assert house.steps("solve") == []
    running = await house.post(f"/{NUMBER}/resumption", at="2026-04-07 10:00")
    # 22 working days lie strictly between 4 March and 7 April 2026 (6 April is a festival day).
    assert running.json()["due"] == "2026-04-23"
    resumed = [d for d in house.published(terms.DeadlineResumed) if d.kind == "solve"]
    assert [d.previous_due.isoformat() for d in resumed] == ["2026-03-23"]
    said = await house.get(f"/deadlines/{(await deadline(house, 'solve'))['id']}/explanation")
    kinds = {day["date"]: day["kind"] for day in said.json()["days"]}
    assert (kinds["2026-03-04"], kinds["2026-03-05"], kinds["2026-04-07"]) == ("counted", "suspended", "counted")
    await house.tick("2026-12-31 00:00")
    assert house.steps("solve")[:3] == [
        ("warning_3", "04-20 09:00"), ("warning_1", "04-22 09:00"), ("expired", "04-24 00:00"),
    ]  # fmt: skip


async def test_r3_a_suspension_that_the_unit_asks_for_is_decided_by_the_office(house: House) -> None:
    await accepted(house)
    wish = await house.post(f"/{NUMBER}/suspension", SUSPEND, who=HANDLER, at="2026-03-04 10:00")
    assert (wish.json()["request"], wish.json()["suspended_at"]) == ("suspension", None)
    still = await decided(house, "2026-03-05 10:00")
    assert still.json()["suspended_at"] is not None and still.json()["request"] is None
    assert {d.kind for d in house.published(terms.DeadlineSuspended)} == {"solve"}
    assert (await house.post(f"/{NUMBER}/suspension", SUSPEND, at="2026-03-06 10:00")).status_code == 409


async def test_r3_solving_resumes_and_is_judged_by_the_moved_date(house: House) -> None:
    await accepted(house)
    await house.post(f"/{NUMBER}/suspension", SUSPEND, at="2026-03-20 10:00")
    solved = await house.solve("2026-04-10 10:00")
    assert (solved.status_code, solved.json()["suspended_at"]) == (200, None)
    assert [d.late for d in house.published(wire.CaseSolved)] == [False]
    assert {"deadline_suspended", "deadline_resumed"} <= set(await entries(house))
    assert house.steps("solve") == [("warning_3", "03-18 09:00"), ("warning_1", "03-20 09:00")]


async def test_r3_a_suspended_case_is_neither_late_nor_without_result(house: House) -> None:
    await accepted(house)
    await house.post(f"/{NUMBER}/suspension", SUSPEND, at="2026-03-20 10:00")
    assert (await house.statistics("2026-04-01 00:00"))["late"] == 0


async def test_r3_paused_time_is_not_lost_when_the_calendar_of_the_year_is_published(house: House) -> None:
    await house.take(approved(), "2026-12-14 10:00")
    await house.post(f"/{NUMBER}/suspension", SUSPEND, at="2026-12-16 10:00")
    await house.post(f"/{NUMBER}/resumption", at="2026-12-22 10:00")
    before = await case(house)
    assert before["provisional"]
    year = OfficialYear(2027, (date(2027, 1, 1), date(2027, 1, 5)))
    house.rules = replace(house.rules, calendar=WorkingCalendar(house.rules.calendar.zone, (year,)))
    house.tick_of = Tick(house.rules)
    await house.tick("2026-12-22 11:00")
    after = await case(house)
    assert not after["provisional"]
    # Three working days were paused; the new festival day alone moves the date, by one working day.
    assert (before["due"], after["due"]) == ("2027-01-08", "2027-01-11")


async def test_r2_another_track_counts_from_the_original_approval_and_as_the_extension(house: House) -> None:
    await accepted(house)
    body = {"track": "planned", "reasons": "需要资金"}
    assert (await house.post(f"/{NUMBER}/track", body, who=HANDLER, at="2026-03-10 10:00")).status_code == 200
    changed = (await decided(house, "2026-03-11 10:00")).json()
    assert (changed["track"], changed["due"]) == ("planned", "2026-05-28")  # 60 from 2 March
    assert (await asked(house, "2026-03-12 10:00")).status_code == 409
    assert (await deadline(house, "plan"))["due"] == "2026-03-25"  # 10 from the approval of the track
    assert [d.due.isoformat() for d in house.published(terms.DeadlineExtended)] == ["2026-05-28"]


async def test_r2_an_explanation_has_ten_working_days_from_the_approval_of_that_track(house: House) -> None:
    await accepted(house)
    body = {"track": "explained", "reasons": "属政策问题"}
    await house.post(f"/{NUMBER}/track", body, who=HANDLER, at="2026-03-10 10:00")
    changed = (await decided(house, "2026-03-11 10:00")).json()
    assert (changed["track"], changed["due"]) == ("explained", "2026-03-25")
    assert (await deadline(house, "explain"))["ended"] is False


async def test_r2_a_track_whose_period_is_over_cannot_be_approved(house: House) -> None:
    await house.take(approved(track="planned", days=60), "2026-03-02 10:00")
    body = {"track": "immediate", "reasons": "已具备条件"}
    await house.post(f"/{NUMBER}/track", body, who=HANDLER, at="2026-04-10 10:00")
    assert (await decided(house, "2026-04-10 15:00")).status_code == 409
    assert (await decided(house, "2026-04-10 15:00", granted=False)).status_code == 200


async def test_r1_requests_decisions_and_dates_are_entries_of_a_chain_that_holds(house: House) -> None:
    await accepted(house)
    await asked(house, "2026-03-12 10:00")
    await decided(house, "2026-03-12 15:00")
    await house.post(f"/{NUMBER}/suspension", SUSPEND, at="2026-03-13 10:00")
    await house.post(f"/{NUMBER}/resumption", at="2026-03-16 10:00")
    kinds = await entries(house)
    for kind in ("extension_requested", "extension_granted", "deadline_suspended", "deadline_resumed"):
        assert kind in kinds
    assert (await house.get("/ledger/verification")).json()["holds"]
    times = [event.time for event in house.events if event.type == terms.DeadlineExtended.TYPE]
    assert times == [local("2026-03-12 15:00")]
