"""Suspected misconduct goes to the discipline organ; the accused unit and its leaders never learn of it (I15)."""

import json

import pytest

from shared.bus.topology import CONSUMES
from shared.contracts import inbox
from shared.contracts.assignment import MatterReferred, ReferralConcluded
from shared.contracts.intake import ComplaintUnlinked, TransferApproved
from tests.service.intake.house import PERSON, House

NUMBER = "2026-000001"
SUSPICION = "所长王某索要好处费"
PATH = f"/complaints/{NUMBER}/referral"
ASKED = {"decision": "accepted", "reason": "属实", "transfer": {"lead_unit": "tax"}}


async def refer(house: House, role: str = "clerk") -> None:
    await house.done(role, "POST", PATH, "2026-03-02T11:00", reason=SUSPICION)


async def unit_sees(house: House, number: str = NUMBER) -> str:
    """Whatever intake gives to handlers and leaders of the accused unit, wherever they look."""
    seen = []
    spec = (await house.web.get("/openapi.json")).json()
    for template in spec["paths"]:
        if not template.startswith("/api/v1") or "get" not in spec["paths"][template]:
            continue
        path = template.removeprefix("/api/v1").replace("{number}", number).replace("{ticket}", "T-1")
        for role in ("handler", "leader"):
            answer = await house.call(role, "GET", path.replace("{key}", number).replace("{case}", number))
            if answer.is_success:
                seen.append(answer.text)
    return "\n".join(seen)


@pytest.mark.parametrize("before", ["registered", "accepted", "transfer_requested"])
async def test_i15_a_referred_matter_is_never_transferred_and_the_accused_unit_never_sees_it(
    house: House, before: str
) -> None:
    await house.report("T-1", title="索要好处费", unit="tax")
    body = ASKED if before == "transfer_requested" else {key: ASKED[key] for key in ("decision", "reason")}
    if before != "registered":
        await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", **body)
    told = len(house.published)
    await refer(house)
    for role, path, more in (
        ("clerk", f"/complaints/{NUMBER}/screening", ASKED),
        ("clerk", f"/complaints/{NUMBER}/transfer", {"lead_unit": "tax"}),
    ):
        assert (await house.call(role, "POST", path, **more)).status_code == 409
    decided = await house.call("approver", "POST", f"/transfers/{NUMBER}/approval")
    assert decided.status_code == (409 if before == "transfer_requested" else 404)
    await house.tick("2026-06-01T09:00")
    assert not house.events(TransferApproved)
    seen = await unit_sees(house)
    for secret in (NUMBER, SUSPICION, "索要好处费"):
        assert secret not in seen
    after = house.published[told:]
    assert {row.subject for row in after} == {MatterReferred.TYPE, "minping.receipt.hotline"}


async def test_i15_nothing_said_of_a_referral_reaches_a_service_that_units_look_into(house: House) -> None:
    for kind in (MatterReferred, ReferralConcluded):
        assert [name for name, takes in CONSUMES.items() if kind in takes] == ["notify"]
    rules = [
        rule for kind in (MatterReferred, ReferralConcluded) for rule in house.rules.programme.notice_rules(kind.TYPE)
    ]
    assert [rule.tells for rule in rules] == [("discipline",), ("discipline",)]


async def test_i15_what_a_unit_has_already_is_referred_beside_the_case_of_which_nothing_changes(house: House) -> None:
    await house.report("T-1")
    await house.to_unit(NUMBER)
    before, told = await unit_sees(house), len(house.published)
    line = await house.done("clerk", "GET", f"/complaints/{NUMBER}")
    await refer(house, "office")
    assert await house.done("clerk", "GET", f"/complaints/{NUMBER}") == line
    assert await unit_sees(house) == before
    assert [row.subject for row in house.published[told:]] == [MatterReferred.TYPE]
    assert (await house.done("discipline", "GET", PATH))["aside"]


async def test_i15_the_organ_enters_receipt_and_outcome_each_once_and_in_order(house: House) -> None:
    await house.report("T-1")
    await refer(house)
    conclusion = {"outcome": "confirmed", "words": "已立案"}
    assert (await house.call("discipline", "POST", f"{PATH}/outcome", **conclusion)).status_code == 409
    got = await house.done("discipline", "POST", f"{PATH}/receipt", receipt="纪受〔2026〕8号", on="2026-03-02")
    assert (got["state"], got["receipt"], got["received_by"]) == ("received", "纪受〔2026〕8号", "discipline-1")
    assert (await house.call("discipline", "POST", f"{PATH}/receipt", receipt="x", on="2026-03-02")).status_code == 409
    done = await house.done("discipline", "POST", f"{PATH}/outcome", **conclusion)
    assert (done["state"], done["outcome"], done["words"]) == ("concluded", "confirmed", "已立案")
    assert (await house.call("discipline", "POST", f"{PATH}/outcome", **conclusion)).status_code == 409
    assert [(e.number, e.outcome) for e in house.events(ReferralConcluded)] == [(NUMBER, "confirmed")]


async def test_i15_the_complainant_is_told_in_neutral_words(house: House) -> None:
    receipt = await house.report("T-1", identity="named", sealed_identity=house.sealed("T-1", PERSON))
    await refer(house)
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert (track["state"], track["state_zh"]) == ("with_competent_body", "已转有权部门按规定办理")
    await house.done("discipline", "POST", f"{PATH}/receipt", receipt="8号", on="2026-03-02")
    await house.done("discipline", "POST", f"{PATH}/outcome", outcome="confirmed", words="给予处分")
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert track["state"] == "handled_by_competent_body"
    told = [r for r in house.events(inbox.ReceiptIssued) if r.state == "status"]
    assert [r.status for r in told] == ["with_competent_body", "handled_by_competent_body"]
    for words in (json.dumps(track, ensure_ascii=False), *(r.model_dump_json() for r in told)):
        for secret in (SUSPICION, "处分", "纪检", "discipline", "misconduct"):
            assert secret not in words


async def test_i15_only_the_organ_reads_referrals_and_the_office_for_a_reason_that_is_kept(house: House) -> None:
    await house.report("T-1")
    await refer(house)
    for role in ("clerk", "approver", "leader", "handler", "auditor", "office", "higher_office", "operator"):
        assert (await house.call(role, "GET", PATH)).status_code == 403
        assert (await house.call(role, "GET", "/referrals")).status_code == 403
    assert (await house.call("office", "POST", f"{PATH}/reading")).status_code == 422
    read = await house.done("office", "POST", f"{PATH}/reading", reason="领导小组要求汇报")
    assert read["reason"] == SUSPICION
    kept = (await house.done("discipline", "GET", PATH))["readings"]
    assert [(one["who"], one["reason"]) for one in kept] == [("office-1", "领导小组要求汇报")]
    listed = (await house.done("discipline", "GET", "/referrals?state=referred"))["items"]
    assert [one["number"] for one in listed] == [NUMBER]


async def test_i15_what_is_no_misconduct_comes_back_to_screening_and_is_handled_in_the_ordinary_way(
    house: House,
) -> None:
    await house.report("T-1")
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", **ASKED)
    await refer(house)
    await house.done("discipline", "POST", f"{PATH}/receipt", receipt="8号", on="2026-03-02")
    await house.done("discipline", "POST", f"{PATH}/outcome", outcome="returned", words="未发现违纪")
    await house.to_unit(NUMBER)
    [approved] = house.events(TransferApproved)
    assert approved.card == f"ZB-{NUMBER}-2"
    assert "未发现违纪" not in await unit_sees(house)


async def test_i15_a_linked_complaint_is_taken_out_before_its_lead_is_transferred(house: House) -> None:
    await house.report("T-0")
    await house.report("T-1")
    second = "2026-000002"
    await house.done("clerk", "POST", f"/complaints/{second}/referral", "2026-03-02T11:00", reason=SUSPICION)
    await house.to_unit(NUMBER)
    [approved] = house.events(TransferApproved)
    assert (approved.number, approved.petitioners) == (NUMBER, ())
    [unlinked] = house.events(ComplaintUnlinked)
    assert SUSPICION not in unlinked.reason
    assert (await house.done("clerk", "GET", f"/complaints/{second}"))["state"] == "with_competent_body"


async def test_i15_a_matter_is_referred_once_while_it_is_with_the_organ(house: House) -> None:
    await house.report("T-1")
    await refer(house)
    assert (await house.call("discipline", "POST", PATH, reason="又一件")).status_code == 409
    assert len(house.events(MatterReferred)) == 1
