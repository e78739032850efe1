"""What the appraisal orders to be put right is a transferred complaint: once, with exactly its day (S12, S14)."""

from datetime import date
from typing import Any

import pytest

from shared.contracts.assignment import OrderRegistered
from shared.contracts.consequences import RectificationOrdered
from shared.contracts.intake import ComplaintRegistered, TransferApproved
from shared.contracts.opinions import OpinionIssued, OpinionProblem
from shared.errors import NotYet
from tests.service.intake.house import House

AT = "2026-07-13T09:20"
KEY = "2026-H1.tax.last-below-80.rectification"


def ordered(**changes: Any) -> RectificationOrdered:
    """The tax office is to mend by 3 August."""
    whole: dict[str, Any] = {
        "consequence": KEY, "cycle_name": "2026-H1", "unit": "tax", "text": "按评议结果限期整改：末位且低于80分",
        "ordered_by": "approver-1", "due": date(2026, 8, 3), "reason": "按方案办理",
    }  # fmt: skip
    return RectificationOrdered(**whole | changes)


def opinion(**changes: Any) -> OpinionIssued:
    """Two problems; the first by ten working days."""
    problems = (
        OpinionProblem(item=1, text="窗口空岗", dimension="service", days=10),
        OpinionProblem(item=2, text="公开栏没有更新"),
    )
    whole: dict[str, Any] = {
        "opinion": "2026-H1.tax.opinion-1", "cycle_name": "2026-H1", "unit": "tax", "author": "stationed",
        "strengths": ("态度好",), "problems": problems, "signed_by": "张三（组长）", "issued_on": date(2026, 7, 13),
    }  # fmt: skip
    return OpinionIssued(**whole | changes)


async def test_s12_ordered_rectification_is_a_case_of_the_unit_due_on_exactly_its_day(house: House) -> None:
    await house.hear(AT, ordered())
    await house.hear(AT, ordered())
    [registered], [approved] = house.events(ComplaintRegistered), house.events(TransferApproved)
    assert (registered.channel, registered.source, registered.identity) == ("appraisal", "appraisal", "anonymous")
    assert (approved.lead_unit, approved.promised, approved.approver_role) == ("tax", date(2026, 8, 3), "approver")
    [told] = house.events(OrderRegistered)
    assert (told.order, told.number, told.unit) == (KEY, registered.number, "tax")
    with pytest.raises(NotYet):
        await house.hear(AT, ordered(consequence="x", unit="water"))


async def test_s14_each_problem_of_an_opinion_is_a_case_of_its_own_with_its_own_period(house: House) -> None:
    await house.hear(AT, opinion())
    await house.hear(AT, opinion())
    approved = house.events(TransferApproved)
    assert [(one.lead_unit, one.title, one.promised) for one in approved] == [
        ("tax", "窗口空岗", date(2026, 7, 27)), ("tax", "公开栏没有更新", date(2026, 8, 3)),
    ]  # fmt: skip
    assert [one.order for one in house.events(OrderRegistered)] == [
        "2026-H1.tax.opinion-1-1", "2026-H1.tax.opinion-1-2",
    ]  # fmt: skip
    await house.hear(AT, opinion(opinion="2026-H1.tax.opinion-2", problems=()))
    assert len(house.events(TransferApproved)) == 2
