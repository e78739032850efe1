"""A case opened by a leader's promise in the hall is due on exactly the promised day (S4 ③, R3)."""

from datetime import date

import pytest

from shared.contracts.rectification import CaseOpened
from tests.service.rectification.house import HANDLER, House, approved

NUMBER = "2026-000001"


@pytest.mark.parametrize("day", ["2026-07-24", "2026-07-26", "2026-07-11", "2027-02-10"])
async def test_s4_a_promised_day_is_the_deadline_in_the_ledger_a_day_off_too(house: House, day: str) -> None:
    promised = date.fromisoformat(day)
    await house.take(approved(days=7, promised=promised, approver_role="leader"), "2026-07-10 09:20")
    [told] = house.published(CaseOpened)
    assert told.due == promised
    shown = (await house.get(f"/cases/{NUMBER}")).json()
    assert shown["due"][:10] == day
    assert shown["provisional"] is False


async def test_s4_a_promise_kept_on_its_last_day_is_in_time_and_a_day_later_is_late(house: House) -> None:
    for number, at in (("2026-000001", "2026-07-26 23:59"), ("2026-000002", "2026-07-27 00:00")):
        await house.take(approved(number, days=10, promised=date(2026, 7, 26)), "2026-07-10 09:20")
        assert (await house.solve(at, number)).status_code == 200
        await house.answer("2026-07-28 10:00", "satisfied", number)
        assert (await house.write_off("2026-07-29 10:00", number)).status_code == 200
    late = [(await house.get(f"/cases/{n}")).json()["late"] for n in ("2026-000001", "2026-000002")]
    assert late == [False, True]


async def test_s4_an_extension_of_a_promise_is_counted_from_the_promised_day(house: House) -> None:
    await house.take(approved(days=10, promised=date(2026, 7, 24)), "2026-07-10 09:20")
    asked = await house.post(
        f"/{NUMBER}/extension", {"days": 2, "reasons": "栏目未改完"}, who=HANDLER, at="2026-07-20 09:00"
    )
    assert asked.status_code == 200, asked.text
    granted = await house.post(
        f"/{NUMBER}/decision", {"granted": True, "reasons": "情况属实", "days": 2}, at="2026-07-20 10:00"
    )
    assert granted.status_code == 200, granted.text
    assert (await house.get(f"/cases/{NUMBER}")).json()["run_due"] == "2026-07-28"
