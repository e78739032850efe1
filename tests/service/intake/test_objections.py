"""A unit contests an assignment; the office rules, an approver signs the new card (I17)."""

from typing import Any

import pytest

from shared.contracts.assignment import ObjectionRaised, ObjectionRuled
from shared.contracts.intake import TransferApproved, TransferRequested
from tests.service.intake.house import House, local

NUMBER = "2026-000001"
PATH = f"/transfers/{NUMBER}/objection"


@pytest.fixture(autouse=True)
async def assigned(house: House) -> None:
    """A matter is with the tax office since Monday, 2 March."""
    await house.report("T-1")
    await house.to_unit(NUMBER)


async def objects(house: House, at: str = "2026-03-03T10:00", of: str = "tax", role: str = "leader") -> Any:
    return await house.call(
        role, "POST", PATH, at, of=of, reason="属市场监管职责，电话13800001111", evidence=["三定方案"]
    )


async def rules(house: House, at: str = "2026-03-03T15:00", **ruling: Any) -> Any:
    return await house.call("office", "POST", f"{PATH}/ruling", at, **{"reason": "职责不在税务", **ruling})


async def test_i17_a_unit_contests_an_assignment_and_the_office_is_told(house: House) -> None:
    made = (await objects(house)).json()
    assert (made["unit"], made["state"], made["reason"]) == ("tax", "pending", "属市场监管职责，电话［电话］")
    [raised] = house.events(ObjectionRaised)
    assert (raised.number, raised.unit, raised.reason) == (NUMBER, "tax", made["reason"])
    assert raised.due == local("2026-03-05T00:00")
    [listed] = (await house.done("office", "GET", "/objections?state=pending"))["items"]
    assert listed["evidence"] == ["三定方案"]


@pytest.mark.parametrize(("at", "status"), [("2026-03-04T23:59", 201), ("2026-03-05T00:00", 409)])
async def test_i17_within_two_working_days_and_not_later(house: House, at: str, status: int) -> None:
    assert (await objects(house, at)).status_code == status


async def test_i17_a_second_objection_to_the_same_assignment_is_refused(house: House) -> None:
    assert (await objects(house)).is_success
    assert (await objects(house)).status_code == 409
    assert (await rules(house, upheld=False)).is_success
    assert (await objects(house, "2026-03-04T10:00", role="handler")).status_code == 409


async def test_i17_units_that_are_not_on_the_card_have_nothing_to_contest(house: House) -> None:
    assert (await objects(house, of="police")).status_code == 404
    assert not house.events(ObjectionRaised)


async def test_i17_a_dismissed_objection_leaves_the_matter_where_it_is(house: House) -> None:
    await objects(house)
    assert (await rules(house, upheld=False, reason="属地税务职责")).json()["state"] == "dismissed"
    [ruled] = house.events(ObjectionRuled)
    assert (ruled.unit, ruled.upheld, ruled.lead_unit, ruled.days, ruled.reason, ruled.ruled_by_role) == (
        "tax", False, None, None, "属地税务职责", "office",
    )  # fmt: skip
    card = await house.done("leader", "GET", f"/transfers/{NUMBER}/card")
    assert (card["lead_unit"]["key"], card["due"]) == ("tax", "2026-03-23")


async def test_i17_until_an_approver_signs_the_new_card_the_first_receiver_stays_liable(house: House) -> None:
    await objects(house)
    assert (await rules(house, upheld=True, lead_unit="police")).json()["state"] == "proposed"
    assert not house.events(ObjectionRuled)
    [waiting] = (await house.done("approver", "GET", "/transfers?state=reassigning"))["items"]
    assert (waiting["lead_unit"], waiting["card"], waiting["due"]) == ("tax", f"ZB-{NUMBER}-2", "2026-03-05T16:00:00Z")
    assert house.events(TransferRequested)[-1].lead_unit == "police"
    assert (await house.done("leader", "GET", f"/transfers/{NUMBER}/card"))["lead_unit"]["key"] == "tax"
    assert (await house.call("leader", "GET", f"/transfers/{NUMBER}/card", of="police")).status_code == 404
    assert (await house.call("approver", "POST", f"/transfers/{NUMBER}/approval", sub="office-1")).status_code == 403
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval", "2026-03-04T10:00", words="同意改派")
    [ruled] = house.events(ObjectionRuled)
    assert (ruled.unit, ruled.upheld, ruled.lead_unit, ruled.days, ruled.ruled_by_role) == (
        "tax",
        True,
        "police",
        15,
        "office",
    )
    assert len(house.events(TransferApproved)) == 1
    card = await house.done("leader", "GET", f"/transfers/{NUMBER}/card", of="police")
    assert (card["card"], card["kind"], card["due"]) == (f"ZB-{NUMBER}-2", "reassigned", "2026-03-25")
    assert (await house.call("leader", "GET", f"/transfers/{NUMBER}/card")).status_code == 404
    assert (await house.done("clerk", "GET", f"/complaints/{NUMBER}"))["unit"] == "police"
    kinds = [v["kind"] for v in (await house.done("clerk", "GET", f"/transfers/{NUMBER}/versions"))["items"]]
    assert kinds == ["requested", "approved", "upheld", "reassigned"]


async def test_i17_an_approver_who_does_not_agree_dismisses_the_objection_in_words(house: House) -> None:
    await objects(house)
    await rules(house, upheld=True, lead_unit="police")
    await house.done("approver", "POST", f"/transfers/{NUMBER}/refusal", reason="仍由税务办理")
    [ruled] = house.events(ObjectionRuled)
    assert (ruled.upheld, ruled.reason, ruled.ruled_by_role) == (False, "仍由税务办理", "approver")
    card = await house.done("leader", "GET", f"/transfers/{NUMBER}/card")
    assert (card["card"], card["lead_unit"]["key"]) == (f"ZB-{NUMBER}", "tax")
    assert (await house.done("clerk", "GET", f"/complaints/{NUMBER}"))["state"] == "transferred"


async def test_i17_the_new_receiver_may_object_once_too(house: House) -> None:
    await objects(house)
    await rules(house, upheld=True, lead_unit="police")
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval", "2026-03-04T10:00")
    assert (await objects(house, "2026-03-06T23:59", of="police")).status_code == 201
    assert (await objects(house, "2026-03-06T23:59", of="police")).status_code == 409
    assert (await objects(house, "2026-03-06T23:59", of="tax")).status_code == 404


async def test_i17_a_cooperating_unit_that_is_let_off_leaves_lead_unit_and_date_alone(house: House) -> None:
    await house.report("T-2", text="另一件事：停车场夜间乱收费，保安态度恶劣，多次反映无人处理。")
    second, path = "2026-000002", "/transfers/2026-000002"
    given = {"decision": "accepted", "reason": "x", "transfer": {"lead_unit": "tax", "cooperating_units": ["police"]}}
    await house.done("clerk", "POST", f"/complaints/{second}/screening", **given)
    await house.done("approver", "POST", f"{path}/approval")
    assert (await house.call("leader", "POST", f"{path}/objection", of="police", reason="无此职责")).is_success
    kept = await house.call("office", "POST", f"{path}/objection/ruling", upheld=True, reason="x", days=20)
    assert (kept.status_code, kept.json()["field"]) == (422, "lead_unit")
    await house.done(
        "office", "POST", f"{path}/objection/ruling", upheld=True, reason="成立", cooperating_units=["town"]
    )
    await house.done("approver", "POST", f"{path}/approval", "2026-03-03T10:00")
    [ruled] = house.events(ObjectionRuled)
    assert (ruled.unit, ruled.lead_unit, ruled.cooperating_units, ruled.days) == ("police", None, ("town",), None)
    assert (await house.done("leader", "GET", f"{path}/card"))["due"] == "2026-03-23"


@pytest.mark.parametrize(
    ("ruling", "status"),
    [
        ({"upheld": True}, 422),
        ({"upheld": True, "lead_unit": "tax"}, 422),
        ({"upheld": True, "lead_unit": "nobody"}, 422),
        ({"upheld": False, "lead_unit": "police"}, 422),
        ({"upheld": True, "lead_unit": "police", "unit": "town"}, 409),
    ],
)
async def test_i17_a_ruling_without_sense_is_refused_and_changes_nothing(
    house: House, ruling: dict[str, Any], status: int
) -> None:
    await objects(house)
    assert (await rules(house, **ruling)).status_code == status
    assert [o["state"] for o in (await house.done("office", "GET", "/objections"))["items"]] == ["pending"]


async def test_i17_a_unit_sees_its_own_objections_only(house: House) -> None:
    await objects(house)
    assert len((await house.done("leader", "GET", "/objections"))["items"]) == 1
    assert not (await house.done("leader", "GET", "/objections", of="police"))["items"]
