"""A question of the hall that got a date becomes a transferred complaint, once, with that date (S4 ③)."""

from datetime import date
from typing import Any

import pytest

from shared.contracts.intake import ComplaintLinked, ComplaintRegistered, ComplaintScreened, TransferApproved
from shared.contracts.scoring import MeetingQuestionDeferred, UnitRegistered
from shared.errors import NotYet
from tests.service.intake.house import House, local

ASKED = "一次性告知单什么时候能在网上查到？"
AT = "2026-07-10T09:20"


def deferred(number: int = 2, **changes: Any) -> MeetingQuestionDeferred:
    """The tax office's head promises Sunday 26 July."""
    whole: dict[str, Any] = {
        "meeting": "m1", "cycle_name": "2026-H1", "unit": "tax", "question": number, "text": ASKED,
        "promised_by": "局长", "due": date(2026, 7, 26), "reason": "网上栏目正在改版",
    }  # fmt: skip
    return MeetingQuestionDeferred(**whole | changes)


async def test_s4_a_deferred_question_is_transferred_by_the_promise_with_exactly_its_date(house: House) -> None:
    await house.hear(AT, deferred())
    [registered], [approved] = house.events(ComplaintRegistered), house.events(TransferApproved)
    assert (registered.channel, registered.source, registered.identity) == ("meeting_question", "meeting", "anonymous")
    assert (approved.number, approved.lead_unit, approved.promised) == (registered.number, "tax", date(2026, 7, 26))
    assert (approved.approver_role, approved.origin, approved.track) == ("leader", "meeting_question", "immediate")
    assert [e.time for e in house.envelopes(TransferApproved)] == [local(AT)]
    shown = await house.done("office", "GET", f"/complaints/{registered.number}")
    assert (shown["state"], shown["unit"]) == ("transferred", "tax")
    [screened] = house.events(ComplaintScreened)
    assert screened.reason == "集中评议大会 m1 现场质询第2号，局长承诺于2026-07-26前办结：网上栏目正在改版"


async def test_s4_the_same_question_told_again_is_one_complaint(house: House) -> None:
    await house.hear(AT, deferred())
    await house.hear(AT, deferred())
    assert len(house.events(TransferApproved)) == 1
    await house.hear(AT, deferred(3))
    assert [e.number for e in house.events(TransferApproved)] == ["2026-000001", "2026-000002"]


async def test_s4_a_deferred_question_joins_no_earlier_matter_because_its_date_is_its_own(house: House) -> None:
    await house.report("T-1", "2026-07-01T09:00", text=ASKED, title=ASKED, unit="tax")
    await house.hear(AT, deferred())
    assert house.events(ComplaintLinked) == []
    assert house.events(TransferApproved)[0].number == "2026-000002"


async def test_s4_a_deferred_question_waits_for_its_unit_to_be_known(house: House) -> None:
    with pytest.raises(NotYet):
        await house.hear(AT, deferred(unit="water"))
    assert house.events(ComplaintRegistered) == []
    await house.hear(AT, UnitRegistered(unit="water", name="水利站", category="enforcement", scope="township"))
    await house.hear(AT, deferred(unit="water"))
    assert house.events(TransferApproved)[0].lead_unit == "water"
