"""A unit reports its own problem (R10): by its own channel, about itself, and first if it is to count."""

from typing import Any

import pytest

from shared.contracts.intake import ComplaintLinked, TransferApproved
from tests.service.intake.house import TEXT, House
from tests.service.intake.test_inspections import seen

OWN = {"channel": "self_inspection", "title": "窗口空岗", "text": TEXT}


async def own_report(house: House, at: str = "2026-03-02T10:00", **changes: Any) -> str:
    """The tax office reports what it found; its number."""
    receipt = await house.done("handler", "POST", "/complaints", at, **OWN | changes)
    return str(receipt["number"])


def approved(house: House) -> TransferApproved:
    (told,) = house.events(TransferApproved)
    assert isinstance(told, TransferApproved)
    return told


async def test_r10_a_unit_that_reports_its_own_problem_first_is_marked_so(house: House) -> None:
    number = await own_report(house)
    await house.to_unit(number)
    assert (approved(house).self_reported, approved(house).channel) == (True, "self_inspection")


async def test_r10_what_its_own_inspection_found_counts_as_its_own_report(house: House) -> None:
    await house.done("handler", "POST", "/inspections", **seen())
    await house.to_unit("2026-000001")
    assert approved(house).self_reported


async def test_r10_what_the_offices_inspection_found_does_not(house: House) -> None:
    await house.done("office", "POST", "/inspections", **seen())
    await house.to_unit("2026-000001")
    assert not approved(house).self_reported


async def test_r10_it_does_not_count_for_another_unit_that_leads(house: House) -> None:
    number = await own_report(house)
    await house.to_unit(number, "police")
    assert not approved(house).self_reported


async def test_r10_who_reports_after_others_complained_did_not_report_itself(house: House) -> None:
    await house.report("hot-1", "2026-03-01T09:00", unit="tax")
    number = await own_report(house)
    # The same text about the same unit: it is of the matter that somebody else complained of.
    assert [(d.number, d.lead) for d in house.events(ComplaintLinked)] == [(number, "2026-000001")]
    await house.to_unit("2026-000001")
    assert not approved(house).self_reported


async def test_r10_an_earlier_complaint_that_is_linked_later_takes_it_away(house: House) -> None:
    await house.report("hot-1", "2026-03-01T09:00", text="别的说法：窗口常年没人值守，办事的人白跑。")
    number = await own_report(house)
    await house.done("clerk", "POST", "/complaints/2026-000001/link", lead=number, reason="同一窗口")
    await house.to_unit(number)
    assert not approved(house).self_reported


async def test_r10_complaints_that_come_after_it_do_not_take_it_away(house: House) -> None:
    number = await own_report(house)
    await house.report("hot-1", "2026-03-02T12:00", unit="tax")
    assert [d.lead for d in house.events(ComplaintLinked)] == [number]
    await house.to_unit(number)
    assert approved(house).self_reported


@pytest.mark.parametrize(
    ("changes", "field"), [({"channel": "hotline_daily"}, "channel"), ({"unit": "police"}, "unit")]
)
async def test_a_unit_reports_about_itself_only_and_by_its_own_channel(
    house: House, changes: dict[str, Any], field: str
) -> None:
    refused = await house.call("leader", "POST", "/complaints", **OWN | changes)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
