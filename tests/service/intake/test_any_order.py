"""News of a case in another order than it happened, and twice: everybody is told what is true in the end (R6, I11)."""

from datetime import date
from typing import Any

import pytest

from shared.contracts.inbox import ReceiptIssued
from shared.contracts.publicity import FeedbackOverdue
from shared.contracts.rectification import CallbackRequested, CaseClosed, CaseOpened, CaseReopened, CaseReturned
from shared.contracts.rectification_terms import DeadlineSuspended
from tests.service.intake.house import PERSON, House, local
from tests.service.intake.test_matters import FIRST, closed

AGAIN = {"due": date(2026, 3, 30), "expires_at": local("2026-03-31T00:00")}
REOPENED = CaseReopened(case=FIRST, unit="tax", reason="same_matter", round=1, **AGAIN)
STANDS_AGAIN = CaseClosed(
    case=FIRST, unit="tax", paying_unit="tax", outcome="solved", round=1, late=False, times_closed=1, again=True
)
ASKED = CallbackRequested(
    case=FIRST, unit="tax", round=1, complaints=(FIRST,), expires_at=local("2026-03-17T00:00")
)  # fmt: skip
RETURNED = CaseReturned(
    case=FIRST, unit="tax", round=1, reasons=("public",), rework_due=date(2026, 3, 20),
    expires_at=local("2026-03-21T00:00"),
)  # fmt: skip


async def reported(house: House) -> dict[str, Any]:
    return await house.report("T-1", identity="named", sealed_identity=house.sealed("T-1", PERSON))


@pytest.mark.parametrize("order", [(REOPENED, STANDS_AGAIN), (STANDS_AGAIN, REOPENED)])
async def test_r6_a_case_whose_reopening_is_undone_in_the_same_moment_stands_closed(house: House, order: Any) -> None:
    receipt = await reported(house)
    await closed(house, FIRST)
    for event in order:
        await house.hear("2026-03-16T09:00", event)
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert (track["state"], track["outcome"]) == ("closed", "solved")


async def test_i11_a_question_that_comes_after_the_return_of_its_round_asks_nobody(house: House) -> None:
    receipt = await reported(house)
    await house.to_unit(FIRST)
    await house.hear("2026-03-10T09:00", RETURNED)
    await house.hear("2026-03-09T09:00", ASKED)
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert (track["state"], track["callback"]) == ("reworking", None)
    assert (await house.done("clerk", "GET", "/callbacks/worklist"))["items"] == []


async def test_i11_a_question_of_an_earlier_round_that_comes_late_takes_no_place(house: House) -> None:
    receipt = await reported(house)
    await house.to_unit(FIRST)
    await house.hear("2026-03-16T09:00", ASKED.model_copy(update={"round": 2}))
    await house.hear("2026-03-09T09:00", ASKED)
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert track["callback"]["round"] == 2
    rows = (await house.done("clerk", "GET", f"/callbacks?case={FIRST}"))["items"]
    assert {row["round"]: row["state"] for row in rows} == {2: "open"}


async def test_i12_a_closing_that_is_heard_of_before_the_reopening_chases_the_feedback_once(house: House) -> None:
    await house.report("T-1", channel="hotline_on_air")
    await closed(house)
    second = STANDS_AGAIN.model_copy(update={"round": 2, "times_closed": 2, "again": False})
    await house.hear("2026-03-18T09:00", second)
    await house.hear("2026-03-16T09:00", REOPENED)
    await house.tick("2026-06-01T09:00")
    assert len(house.events(FeedbackOverdue)) == 1


async def test_i12_a_refused_hotline_matter_is_fed_back_in_the_media_too(house: House) -> None:
    await house.report("T-1", channel="hotline_on_air")
    await house.done(
        "clerk", "POST", f"/complaints/{FIRST}/screening", decision="accepted", reason="属实",
        transfer={"lead_unit": "tax"},
    )  # fmt: skip
    await house.done("approver", "POST", f"/transfers/{FIRST}/refusal", "2026-03-02T11:00", reason="已由上级处理")
    [owed] = (await house.done("office", "GET", "/feedback"))["items"]
    assert (owed["number"], owed["outcome"]) == (FIRST, "refused")
    aired = await house.done(
        "office", "POST", f"/complaints/{FIRST}/broadcast", "2026-03-03T10:00", outlet="市电台", on="2026-03-03",
        words="已答复听众",
    )  # fmt: skip
    assert aired["number"] == FIRST
    assert (await house.done("office", "GET", "/feedback"))["items"] == []


async def test_i18_a_ticket_says_no_date_while_the_period_stands_still_and_where_else_to_go(house: House) -> None:
    await reported(house)
    await house.done(
        "clerk", "POST", f"/complaints/{FIRST}/screening", decision="outside_jurisdiction", reason="属法院管辖",
        referral={"to": "清河县法院", "contact": "县城路1号"},
    )  # fmt: skip
    ticket = await house.done("source", "GET", "/tickets/T-1", sub="hotline")
    [told] = [one for one in house.events(ReceiptIssued) if one.status == "outside_jurisdiction"]
    assert ticket["reason"] == told.reason
    assert "县城路1号" in ticket["reason"]
    await house.to_unit((await house.report("T-2", text="另一件事，窗口收了材料却不给回执"))["number"])
    second = "2026-000002"
    opened = CaseOpened(case=second, lead_unit="tax", track="immediate", **AGAIN)
    await house.hear("2026-03-03T09:00", opened)
    assert (await house.done("source", "GET", "/tickets/T-2", sub="hotline"))["expected"] == "2026-03-30"
    still = DeadlineSuspended(
        case=second, unit="tax", kind="solve", ground="law_suit", reasons="已立案", due=AGAIN["due"]
    )
    await house.hear("2026-03-04T09:00", still)
    assert (await house.done("source", "GET", "/tickets/T-2", sub="hotline"))["expected"] is None
