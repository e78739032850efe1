"""R3, I17: what a complainant may expect, and of whom, while the terms of the case change; news in any order."""

from datetime import date
from typing import Any

import pytest

from shared.contracts.intake import TransferApproved
from shared.contracts.rectification import CaseOpened, CaseReturned
from shared.contracts.rectification_terms import CaseReassigned, DeadlineExtended, DeadlineResumed, DeadlineSuspended
from tests.service.intake.house import TEXT, House, local
from tests.service.intake.test_matters import FIRST, SECOND, tracked

END = {"expires_at": local("2026-04-30T00:00")}
OPENED = CaseOpened(case=FIRST, lead_unit="tax", track="immediate", due=date(2026, 3, 23), **END)


def moved(kind: Any, due: date, of: str = "solve", unit: str = "tax") -> Any:
    return kind(case=FIRST, unit=unit, kind=of, due=due, previous_due=date(2026, 3, 23), **END)


def still(of: str = "solve") -> DeadlineSuspended:
    return DeadlineSuspended(
        case=FIRST, unit="tax", kind=of, ground="law_suit", reasons="已立案", due=date(2026, 3, 23)
    )


async def reported(house: House) -> dict[str, Any]:
    receipt = await house.report("T-1")
    await house.to_unit(FIRST)
    await house.hear("2026-03-03T09:00", OPENED)
    return receipt


async def test_r3_an_extension_is_the_date_to_expect_and_that_of_a_helping_unit_is_not(house: House) -> None:
    receipt = await reported(house)
    await house.hear("2026-03-10T09:00", moved(DeadlineExtended, date(2026, 3, 30)))
    await house.hear("2026-03-10T09:00", moved(DeadlineExtended, date(2026, 4, 9), "contribute", "post"))
    assert (await tracked(house, receipt))["expected"] == "2026-03-30"


async def test_r3_while_a_case_stands_still_no_date_is_promised(house: House) -> None:
    receipt = await reported(house)
    await house.hear("2026-03-10T09:00", still())
    shown = await tracked(house, receipt)
    assert (shown["suspended"], shown["expected"]) == (True, None)
    await house.hear("2026-03-20T09:00", moved(DeadlineResumed, date(2026, 4, 1)))
    shown = await tracked(house, receipt)
    assert (shown["suspended"], shown["expected"]) == (False, "2026-04-01")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_r3_news_of_dates_in_any_order_end_with_the_newest(house: House, order: tuple[int, ...]) -> None:
    receipt = await house.report("T-1")
    await house.to_unit(FIRST)
    news = [
        ("2026-03-03T09:00", OPENED),
        ("2026-03-10T09:00", still()),
        ("2026-03-20T09:00", moved(DeadlineResumed, date(2026, 4, 1))),
    ]
    for position in order:
        await house.hear(*news[position])
    shown = await tracked(house, receipt)
    assert (shown["suspended"], shown["expected"]) == (False, "2026-04-01")


@pytest.mark.parametrize("early", [True, False])
async def test_i17_after_a_ruling_another_unit_and_date_are_shown(house: House, early: bool) -> None:
    receipt = await house.report("T-1")
    await house.to_unit(FIRST)
    told = CaseReassigned(case=FIRST, previous_unit="tax", unit="post", due=date(2026, 3, 26), **END)
    news = [("2026-03-03T09:00", OPENED), ("2026-03-05T09:00", told)]
    for one in reversed(news) if early else news:
        await house.hear(*one)
    assert (await tracked(house, receipt))["expected"] == "2026-03-26"
    assert (await house.done("clerk", "GET", f"/complaints/{FIRST}"))["unit"] == "post"


async def test_r3_an_extension_of_the_first_period_does_not_hide_the_date_of_the_rework(house: House) -> None:
    receipt = await reported(house)
    back = {"reasons": ("x",), "rework_due": date(2026, 4, 1), "expires_at": local("2026-04-02T00:00")}
    await house.hear("2026-03-25T09:00", CaseReturned(case=FIRST, unit="tax", round=1, **back))
    await house.hear("2026-03-26T09:00", moved(DeadlineExtended, date(2026, 3, 30)))
    assert (await tracked(house, receipt))["expected"] == "2026-04-01"


async def test_i7_the_approver_may_name_the_unit_that_pays_and_take_it_off_again(house: House) -> None:
    for ticket in ("T-1", "T-2"):
        await house.report(ticket, text=f"{TEXT}{ticket}单独的另一件事，与上一件无关", title=ticket)
    for number, amend in ((FIRST, {"paying_unit": "police"}), (SECOND, {"paying_unit": None})):
        card = {"lead_unit": "tax", "paying_unit": None if number == FIRST else "police"}
        path = f"/complaints/{number}/screening"
        await house.done("clerk", "POST", path, decision="accepted", reason="属实", transfer=card)
        await house.done("approver", "POST", f"/transfers/{number}/approval", "2026-03-02T11:00", amend=amend)
    assert [data.paying_unit for data in house.events(TransferApproved)] == ["police", None]


async def test_i7_a_unit_that_pays_must_be_registered(house: House) -> None:
    await house.report("T-1")
    card = {"lead_unit": "tax", "paying_unit": "nobody"}
    path = f"/complaints/{FIRST}/screening"
    refused = await house.call("clerk", "POST", path, decision="accepted", reason="属实", transfer=card)
    assert (refused.status_code, refused.json()["field"]) == (422, "paying_unit")
