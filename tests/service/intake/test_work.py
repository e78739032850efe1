"""From screening through the gate to callback and closing: who may do what, in which order (I4, I7, I11, I18)."""

from datetime import date
from typing import Any

import pytest

from services.intake import metrics
from shared.contracts.inbox import ReceiptIssued
from shared.contracts.intake import (
    CallbackRecorded,
    ComplaintScreened,
    TransferApproved,
    TransferRefused,
    TransferRequested,
)
from shared.contracts.rectification import (
    CallbackRequested,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseReturned,
    CaseSolved,
)
from shared.errors import NotYet
from tests.service.intake.house import PERSON, TEXT, House, local

NUMBER = "2026-000001"
DUE = {"due": date(2026, 3, 23), "expires_at": local("2026-03-24T00:00")}


def opened(case: str = NUMBER) -> CaseOpened:
    return CaseOpened(case=case, lead_unit="tax", track="immediate", **DUE)


def solved(round_: int = 1, reply: str = "已加派人手") -> CaseSolved:
    return CaseSolved(case=NUMBER, unit="tax", round=round_, reply=reply, late=False)


def closed(round_: int = 1) -> CaseClosed:
    return CaseClosed(case=NUMBER, unit="tax", paying_unit="tax", outcome="solved", round=round_, late=False)


def asked(round_: int = 1, *numbers: str) -> CallbackRequested:
    return CallbackRequested(
        case=NUMBER, unit="tax", round=round_, complaints=numbers or (NUMBER,), expires_at=local("2026-03-17T00:00")
    )


async def test_before_approval_nothing_goes_to_a_unit(house: House) -> None:
    await house.report("T-1")
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", decision="accepted", reason="属实")
    card = await house.done("clerk", "POST", f"/complaints/{NUMBER}/transfer", lead_unit="tax")
    assert not house.events(TransferApproved)
    [wanted] = house.events(TransferRequested)
    assert (wanted.card, wanted.days, wanted.due) == (card["card"], 15, local("2026-03-05T00:00"))
    assert [c["number"] for c in (await house.done("approver", "GET", "/transfers?state=requested"))["items"]] == [
        NUMBER
    ]
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval", "2026-03-02T15:00")
    [approved] = house.events(TransferApproved)
    assert (approved.lead_unit, approved.days, approved.amended, approved.approver_role) == (
        "tax",
        15,
        False,
        "approver",
    )
    assert (approved.can_be_called, approved.petitioners) == (False, ())


async def test_screening_and_transfer_may_be_one_step_and_linked_petitioners_are_named(house: House) -> None:
    await house.report("T-1", identity="named", sealed_identity=house.sealed("T-1", PERSON), topic="rude")
    await house.report("T-2")
    await house.to_unit(NUMBER)
    [approved] = house.events(TransferApproved)
    assert (approved.can_be_called, approved.petitioners) == (True, ("2026-000002",))
    assert (approved.topic, approved.dimension) == ("rude", "service")
    [screened] = house.events(ComplaintScreened)
    assert (screened.decision, screened.unit) == ("accepted", "tax")


async def test_an_approver_amends_a_card(house: House) -> None:
    await house.report("T-1")
    await house.done(
        "clerk", "POST", f"/complaints/{NUMBER}/screening", decision="accepted", reason="属实", topic="delay",
        transfer={"lead_unit": "tax", "cooperating_units": ["police"], "territorial_unit": "town"},
    )  # fmt: skip
    amend = {"lead_unit": "police", "cooperating_units": [], "territorial_unit": None, "track": "planned"}
    card = await house.done("approver", "POST", f"/transfers/{NUMBER}/approval", amend=amend)
    assert card["amended"]
    [approved] = house.events(TransferApproved)
    assert (approved.lead_unit, approved.cooperating_units, approved.territorial_unit) == ("police", (), None)
    assert (approved.track, approved.days, approved.amended, approved.dimension) == ("planned", 60, True, "efficiency")


async def test_a_refused_transfer_ends_the_matter_and_is_answered(house: House) -> None:
    receipt = await house.report("T-1")
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", decision="accepted", reason="属实",
                     transfer={"lead_unit": "tax"})  # fmt: skip
    await house.done("approver", "POST", f"/transfers/{NUMBER}/refusal", reason="不属政风行风问题，电话13800001111")
    [refused] = house.events(TransferRefused)
    assert refused.reason == "不属政风行风问题，电话［电话］"
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert (track["state"], track["reason"]) == ("refused", "不属政风行风问题，电话［电话］")
    assert [r.status for r in house.events(ReceiptIssued) if r.state == "status"] == ["refused"]
    again = await house.report("T-2")
    assert again["linked_to"] is None


@pytest.mark.parametrize("decision", ["outside_jurisdiction", "unfounded", "returned_for_information"])
async def test_who_is_not_accepted_is_told_why(house: House, decision: str) -> None:
    receipt = await house.report("T-1")
    elsewhere = {"referral": {"to": "市水务公司", "contact": "96390"}} if decision == "outside_jurisdiction" else {}
    body = {"decision": decision, "reason": "理由在此", **elsewhere}
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", **body)
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert (track["state"], track["reason"]) == (decision, "理由在此")
    [told] = [r for r in house.events(ReceiptIssued) if r.state == "status"]
    where = "（请向市水务公司反映：96390）" if elsewhere else ""
    assert (told.ticket, told.status, told.reason) == ("T-1", decision, f"理由在此{where}")


async def test_steps_out_of_order_are_refused_and_change_nothing(house: House) -> None:
    await house.report("T-1")
    calls: list[tuple[str, str, dict[str, Any], int]] = [
        ("clerk", f"/complaints/{NUMBER}/transfer", {"lead_unit": "tax"}, 409),
        ("approver", f"/transfers/{NUMBER}/approval", {}, 404),
        ("clerk", f"/complaints/{NUMBER}/screening", {"decision": "accepted", "reason": ""}, 422),
        ("clerk", f"/complaints/{NUMBER}/screening", {"decision": "maybe", "reason": "x"}, 422),
        ("clerk", f"/complaints/{NUMBER}/screening", {"decision": "accepted", "reason": "x", "topic": "weather"}, 422),
        ("clerk", f"/complaints/{NUMBER}/screening",
         {"decision": "accepted", "reason": "x", "transfer": {"lead_unit": "nobody"}}, 422),
        ("clerk", f"/complaints/{NUMBER}/screening",
         {"decision": "unfounded", "reason": "x", "transfer": {"lead_unit": "tax"}}, 422),
        ("clerk", "/complaints/2026-999999/screening", {"decision": "accepted", "reason": "x"}, 404),
    ]  # fmt: skip
    for role, path, body, status in calls:
        answer = await house.call(role, "POST", path, **body)
        assert answer.status_code == status, (path, answer.text)
        assert answer.json()["detail"]
    assert (await house.done("clerk", "GET", f"/complaints/{NUMBER}"))["state"] == "registered"
    await house.to_unit(NUMBER)
    for path in (f"/transfers/{NUMBER}/approval", f"/transfers/{NUMBER}/refusal"):
        body = {"reason": "x"} if path.endswith("refusal") else {}
        assert (await house.call("approver", "POST", path, **body)).status_code == 409


async def test_who_asked_for_a_transfer_cannot_approve_it(house: House) -> None:
    await house.report("T-1")
    given = {"decision": "accepted", "reason": "x", "transfer": {"lead_unit": "tax"}}
    answer = await house.call("clerk", "POST", f"/complaints/{NUMBER}/screening", sub="zhang", **given)
    assert answer.is_success
    assert (await house.call("approver", "POST", f"/transfers/{NUMBER}/approval", sub="zhang")).status_code == 403
    assert (await house.call("approver", "POST", f"/transfers/{NUMBER}/approval", sub="li")).is_success


async def test_approvals_that_wait_too_long_are_listed(house: House) -> None:
    await house.report("T-1")
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", decision="accepted", reason="x",
                     transfer={"lead_unit": "tax"})  # fmt: skip
    house.set_clock("2026-03-04T23:59")
    assert not (await house.done("office", "GET", "/transfers?overdue=true"))["items"]
    house.set_clock("2026-03-05T00:00")
    [late] = (await house.done("office", "GET", "/transfers?overdue=true"))["items"]
    assert late["overdue"]


async def test_a_complainant_follows_the_case_in_words_and_the_source_on_its_ticket(house: House) -> None:
    receipt = await house.report("T-1")
    linked = await house.report("T-2")
    await house.to_unit(NUMBER)
    states = []
    for at, event in (
        ("2026-03-03T09:00", opened()),
        ("2026-03-09T09:00", solved()),
        ("2026-03-12T09:00", closed()),
    ):
        await house.hear(at, event)
        for code in (receipt["tracking_code"], linked["tracking_code"]):
            states.append((await house.done("public", "GET", f"/public/track/{code}"))["state"])
    assert states == ["rectifying"] * 2 + ["solved"] * 2 + ["closed"] * 2
    track = await house.done("public", "GET", f"/public/track/{linked['tracking_code']}")
    assert (track["expected"], track["reply"], track["outcome"]) == ("2026-03-23", "已加派人手", "solved")
    told = [(r.ticket, r.status) for r in house.events(ReceiptIssued) if r.state == "status"]
    assert told == [(ticket, status) for status in ("rectifying", "solved", "closed") for ticket in ("T-1", "T-2")]


async def test_events_of_a_case_in_any_order_end_in_the_same_place(house: House) -> None:
    await house.report("T-1")
    await house.to_unit(NUMBER)
    await house.hear("2026-03-12T09:00", closed())
    await house.hear("2026-03-09T09:00", solved())
    await house.hear("2026-03-03T09:00", opened())
    line = await house.done("clerk", "GET", f"/complaints/{NUMBER}")
    assert (line["state"], line["reply"], line["due"]) == ("closed", "已加派人手", "2026-03-23")


async def test_an_event_about_a_complaint_not_here_yet_is_tried_again(house: House) -> None:
    with pytest.raises(NotYet):
        await house.hear("2026-03-03T09:00", opened("2026-000777"))
    with pytest.raises(NotYet):
        await house.hear("2026-03-03T09:00", asked(1, "2026-000777"))


async def test_a_repeat_within_ninety_days_of_closing_joins_and_a_later_one_does_not(house: House) -> None:
    await house.report("T-1")
    await house.to_unit(NUMBER)
    await house.hear("2026-03-12T09:00", closed())
    assert (await house.report("T-2", "2026-06-10T09:00"))["linked_to"] == NUMBER
    assert (await house.report("T-3", "2026-06-10T09:01"))["linked_to"] is None
    assert (await house.report("T-4", "2026-06-11T09:00"))["linked_to"] == "2026-000003"
    assert (await house.report("T-5", "2026-06-12T09:00", unit="police"))["linked_to"] == "2026-000003"


async def test_a_petitioner_answers_once_with_his_code(house: House) -> None:
    receipt = await house.report("T-1", identity="named", sealed_identity=house.sealed("T-1", PERSON))
    await house.to_unit(NUMBER)
    await house.hear("2026-03-09T09:00", asked())
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    code = track["callback"]["code"]
    await house.done("public", "POST", f"/public/callbacks/{code}", "2026-03-09T18:00", grade="dissatisfied",
                     words="还是没人，打13800001111找我")  # fmt: skip
    [recorded] = house.events(CallbackRecorded)
    assert (recorded.case, recorded.number, recorded.round, recorded.result, recorded.grade) == (
        NUMBER, NUMBER, 1, "graded", "dissatisfied",
    )  # fmt: skip
    assert recorded.words == "还是没人，打［电话］找我"
    again = await house.call("public", "POST", f"/public/callbacks/{code}", grade="satisfied")
    assert again.status_code == 409
    by_phone = await house.call("clerk", "POST", f"/callbacks/{NUMBER}/{NUMBER}", result="graded", grade="satisfied")
    assert by_phone.status_code == 409
    after = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert after["callback"] is None
    assert len(house.events(CallbackRecorded)) == 1


async def test_three_tries_on_different_days_are_recorded_as_not_reached(house: House) -> None:
    await house.report("T-1")
    await house.hear("2026-03-09T09:00", asked())
    path = f"/callbacks/{NUMBER}/{NUMBER}"
    for at, status in (
        ("2026-03-09T10:00", 200), ("2026-03-09T16:00", 409), ("2026-03-10T00:01", 200),
        ("2026-03-11T09:00", 200), ("2026-03-12T09:00", 409),
    ):  # fmt: skip
        assert (await house.call("clerk", "POST", path, at, result="not_reached")).status_code == status
    [recorded] = house.events(CallbackRecorded)
    assert (recorded.result, recorded.grade) == ("not_reached", None)
    [row] = (await house.done("clerk", "GET", "/callbacks?state=not_reached"))["items"]
    assert (row["tries"], row["last_try"]) == (3, "2026-03-11")


@pytest.mark.parametrize(
    "body", [{"result": "graded"}, {"result": "not_reached", "grade": "satisfied"}, {"result": "asleep"},
             {"result": "graded", "grade": "superb"}],
)  # fmt: skip
async def test_a_call_without_sense_is_refused(house: House, body: dict[str, str]) -> None:
    await house.report("T-1")
    await house.hear("2026-03-09T09:00", asked())
    assert (await house.call("clerk", "POST", f"/callbacks/{NUMBER}/{NUMBER}", **body)).status_code == 422


async def test_a_new_round_asks_everybody_again_and_ends_the_old_questions(house: House) -> None:
    await house.report("T-1")
    await house.report("T-2")
    await house.hear("2026-03-09T09:00", asked(1, NUMBER, "2026-000002"))
    answer = {"result": "graded", "grade": "dissatisfied", "confirmed": True}
    await house.done("clerk", "POST", f"/callbacks/{NUMBER}/{NUMBER}", **answer)
    await house.hear("2026-03-10T09:00", CaseReturned(
        case=NUMBER, unit="tax", round=1, reasons=("bad callback",), rework_due=date(2026, 3, 17),
        expires_at=local("2026-03-18T00:00"),
    ))  # fmt: skip
    await house.hear("2026-03-16T09:00", asked(2, NUMBER, "2026-000002"))
    rows = (await house.done("clerk", "GET", "/callbacks"))["items"]
    assert [(r["round"], r["number"], r["state"]) for r in rows] == [
        (1, NUMBER, "graded"), (1, "2026-000002", "superseded"), (2, NUMBER, "open"), (2, "2026-000002", "open"),
    ]  # fmt: skip


async def test_after_closing_a_petitioner_may_object_once_within_the_window(house: House) -> None:
    receipt = await house.report("T-1")
    path = f"/public/track/{receipt['tracking_code']}/objection"
    early = await house.call("public", "POST", path, grade="dissatisfied")
    assert early.status_code == 409
    await house.to_unit(NUMBER)
    await house.hear("2026-03-09T09:00", solved())
    await house.hear("2026-03-12T09:00", closed())
    assert (await house.call("public", "POST", path, "2026-04-01T09:00", grade="satisfied")).status_code == 422
    assert (await house.call("public", "POST", path, "2026-06-11T09:00", grade="dissatisfied")).status_code == 409
    assert (await house.call("public", "POST", path, "2026-04-01T09:00", grade="dissatisfied")).status_code == 204
    assert (await house.call("public", "POST", path, "2026-04-02T09:00", grade="dissatisfied")).status_code == 409
    assert [(r.round, r.grade) for r in house.events(CallbackRecorded)] == [(1, "dissatisfied")]
    await house.hear("2026-04-01T09:00", CaseReopened(
        case=NUMBER, unit="tax", reason="bad_callback", round=2, **DUE
    ))  # fmt: skip
    assert (await house.done("clerk", "GET", f"/complaints/{NUMBER}"))["state"] == "rectifying"


async def test_a_matter_that_is_a_repeat_is_screened_with_its_first(house: House) -> None:
    await house.report("T-1")
    await house.report("T-2")
    answer = await house.call("clerk", "POST", "/complaints/2026-000002/screening", decision="accepted", reason="x")
    assert (answer.status_code, NUMBER in answer.json()["reason"]) == (409, True)


async def test_pages_of_the_register_follow_each_other(house: House) -> None:
    for count in range(5):
        await house.report(f"T-{count}", text=f"第{count}件事：{TEXT[count * 3 :]}")
    seen: list[str] = []
    path = "/complaints?limit=2"
    while True:
        page = await house.done("auditor", "GET", path)
        seen += [line["number"] for line in page["items"]]
        if page["next"] is None:
            break
        path = f"/complaints?limit=2&cursor={page['next']}"
    assert seen == [f"2026-00000{n}" for n in range(1, 6)]
    assert (await house.call("auditor", "GET", "/complaints?cursor=x")).status_code == 422


async def test_a_batch_goes_through_whole_or_not_at_all(house: House) -> None:
    for count in range(3):
        await house.report(f"T-{count}", text=f"第{count}件事：{TEXT[count * 3 :]}")
    items = [{"number": f"2026-00000{n}", "reason": "属实", "transfer": {"lead_unit": "tax"}} for n in (1, 2, 3)]
    wrong = [*items[:2], items[2] | {"transfer": {"lead_unit": "nobody"}}]
    refused = await house.call("clerk", "POST", "/transfers/batch", items=wrong)
    assert (refused.status_code, refused.json()["field"]) == (422, "items.2.lead_unit")
    assert not house.events(TransferRequested)
    await house.done("clerk", "POST", "/transfers/batch", items=items)
    numbers = [item["number"] for item in items]
    late = await house.call("approver", "POST", "/approvals/batch", numbers=[*numbers, "2026-000009"])
    assert (late.status_code, late.json()["field"]) == (404, "numbers.3.number")
    assert not house.events(TransferApproved)
    done = await house.done("approver", "POST", "/approvals/batch", numbers=numbers)
    assert [card["state"] for card in done["items"]] == ["approved"] * 3
    assert [event.number for event in house.events(TransferApproved)] == numbers


async def test_only_what_is_committed_is_counted(house: House) -> None:
    before = metrics.DECIDED.labels("approved")._value.get()
    for count in range(2):
        await house.report(f"T-{count}", text=f"第{count}件事：{TEXT[count * 3 :]}")
    items = [{"number": f"2026-00000{n}", "reason": "属实", "transfer": {"lead_unit": "tax"}} for n in (1, 2)]
    await house.done("clerk", "POST", "/transfers/batch", items=items)
    numbers = [item["number"] for item in items]
    assert (await house.call("approver", "POST", "/approvals/batch", numbers=[*numbers, "x"])).status_code == 404
    assert metrics.DECIDED.labels("approved")._value.get() == before
    await house.done("approver", "POST", "/approvals/batch", numbers=numbers)
    assert metrics.DECIDED.labels("approved")._value.get() == before + 2
