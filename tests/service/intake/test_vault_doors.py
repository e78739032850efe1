"""The vault opens by consent of another, in time, once; a telephone number alone; each attempt is kept (I3, X6)."""

from typing import Any

import pytest
from sqlalchemy import text

from shared.contracts.rectification import CallbackRequested
from tests.service.intake.house import PERSON, TEXT, House, local

NUMBER = "2026-000001"
CONTACT = f"/callbacks/{NUMBER}/{NUMBER}/contact"


async def reported(house: House, ticket: str = "T-1", **changes: Any) -> dict[str, Any]:
    sealed = house.sealed(ticket, changes.pop("person", PERSON))
    return await house.report(ticket, identity="named", sealed_identity=sealed, **changes)


async def asked_for(house: House, reason: str = "须当面核实", sub: str = "") -> str:
    answer = await house.call("clerk", "POST", "/disclosures", sub=sub, number=NUMBER, reason=reason)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def called_back(house: House, *numbers: str) -> None:
    wanted = CallbackRequested(
        case=NUMBER, unit="tax", round=1, complaints=numbers or (NUMBER,), expires_at=local("2026-03-17T00:00")
    )
    await house.hear("2026-03-09T09:00", wanted)


async def steps(house: House) -> list[tuple[str, str, str]]:
    entries = (await house.done("auditor", "GET", "/audit"))["items"]
    return [(e["step"], e["who"], e["words"]) for e in entries]


async def test_i3_a_custodians_every_decision_is_in_the_audit_and_no_denial_is_overwritten(house: House) -> None:
    await reported(house)
    keys = [await asked_for(house, f"理由{n}") for n in range(3)]
    for n, key in enumerate(keys):
        await house.done("custodian", "POST", f"/disclosures/{key}/refusal", reason=f"第{n}次不同意")
    shown = (await house.done("custodian", "GET", "/disclosures"))["items"]
    assert sorted((d["reason"], d["state"], d["answer"]) for d in shown) == [
        (f"理由{n}", "refused", f"第{n}次不同意") for n in range(3)
    ]
    assert [s for s in await steps(house) if s[0] == "refused"] == [
        ("refused", "custodian-1", f"第{n}次不同意") for n in range(3)
    ]
    assert (await house.done("auditor", "GET", "/audit/verification"))["holds"]


async def test_i3_asking_for_what_nobody_may_see_is_refused_and_stays_in_the_audit(house: House) -> None:
    await house.report("T-1")
    for number in (NUMBER, "2026-999999"):
        assert (await house.call("clerk", "POST", "/disclosures", number=number, reason="想看看")).status_code == 404
    assert [s[0] for s in await steps(house)] == ["request_denied", "request_denied"]


async def test_i3_a_consent_that_is_not_used_in_time_expires(house: House) -> None:
    await reported(house)
    key = await asked_for(house)
    given = await house.done("custodian", "POST", f"/disclosures/{key}/consent", "2026-03-02T12:00", reason="同意")
    assert given["usable_until"] == "2026-03-05T04:00:00Z"
    late = await house.call("clerk", "POST", f"/disclosures/{key}/reading", "2026-03-05T12:01")
    assert (late.status_code, PERSON["name"] in late.text) == (409, False)
    assert (await house.done("clerk", "GET", "/disclosures"))["items"][0]["state"] == "expired"
    assert [s[0] for s in await steps(house)] == ["requested", "consented", "reading_denied"]
    again = await asked_for(house)
    await house.done("custodian", "POST", f"/disclosures/{again}/consent", "2026-03-06T12:00", reason="同意")
    read = await house.done("clerk", "POST", f"/disclosures/{again}/reading", "2026-03-09T11:59")
    assert read["identity"] == PERSON


async def test_i3_a_clerk_with_an_open_callback_is_shown_the_telephone_number_and_nothing_else(house: House) -> None:
    await reported(house)
    before = await house.call("clerk", "POST", CONTACT)
    assert before.status_code == 404
    await called_back(house)
    shown = await house.call("clerk", "POST", CONTACT, "2026-03-09T10:00", key="once")
    assert shown.json() == {"case": NUMBER, "number": NUMBER, "phone": PERSON["phone"]}
    assert shown.headers["cache-control"] == "no-store"
    answers = await house.unit.read(lambda s: s.connection().execute(text("SELECT answer FROM idempotency")).all())
    assert [row[0] for row in answers] == ["null"]
    answer = {"result": "graded", "grade": "satisfied", "confirmed": True}
    await house.done("clerk", "POST", f"/callbacks/{NUMBER}/{NUMBER}", **answer)
    after = await house.call("clerk", "POST", CONTACT, "2026-03-09T11:00")
    assert (after.status_code, PERSON["phone"] in after.text) == (409, False)
    assert [s[0] for s in await steps(house)] == ["contact_denied", "contact", "contact_denied"]


async def test_i3_so_many_telephone_numbers_an_hour_for_each_clerk(house: House) -> None:
    await reported(house)
    await called_back(house)
    most = house.rules.programme.disclosure.contacts_an_hour
    for _ in range(most):
        assert (await house.call("clerk", "POST", CONTACT, "2026-03-09T10:00")).is_success
    over = await house.call("clerk", "POST", CONTACT, "2026-03-09T10:30")
    assert (over.status_code, PERSON["phone"] in over.text) == (429, False)
    assert (await house.call("clerk", "POST", CONTACT, "2026-03-09T10:30", sub="clerk-2")).is_success
    assert (await house.call("clerk", "POST", CONTACT, "2026-03-09T11:01")).is_success
    assert (await steps(house))[most][0] == "contact_denied"


async def test_i3_who_left_no_number_or_no_name_cannot_be_called(house: House) -> None:
    await reported(house, person={"name": "欧阳小明", "address": "清河镇一号"})
    await house.report("T-2")
    await called_back(house, NUMBER, "2026-000002")
    for number in (NUMBER, "2026-000002"):
        assert (await house.call("clerk", "POST", f"/callbacks/{NUMBER}/{number}/contact")).status_code == 404


TAMPERED = {
    "altered": ("UPDATE audit SET words = '没有理由' WHERE position = 2", 2),
    "removed": ("DELETE FROM audit WHERE position = 3", 3),
    "another_person": ("UPDATE audit SET who = 'zhang' WHERE position = 4", 4),
    "its_hash": ("UPDATE audit SET hash = 'x' WHERE position = 1", 1),
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_i3_a_tampered_audit_entry_is_named_by_its_position(house: House, how: str) -> None:
    await reported(house)
    for n in range(5):
        await asked_for(house, f"理由{n}")
    statement, position = TAMPERED[how]
    await house.unit.run(lambda tx: tx.session.connection().execute(text(statement)), at=house.clock.now())
    found = await house.done("auditor", "GET", "/audit/verification")
    assert (found["holds"], found["first_broken"], found["entries"]) == (False, position, position - 1)


async def test_i3_audit_entries_in_another_order_are_named(house: House) -> None:
    await reported(house)
    for n in range(4):
        await asked_for(house, f"理由{n}")

    def swap(tx: Any) -> None:
        for statement in ("99 WHERE position = 2", "2 WHERE position = 3", "3 WHERE position = 99"):
            tx.session.connection().execute(text(f"UPDATE audit SET position = {statement}"))

    await house.unit.run(swap, at=house.clock.now())
    assert (await house.done("auditor", "GET", "/audit/verification"))["first_broken"] == 2


async def test_i3_a_tail_cut_off_the_audit_is_found_by_the_head_that_was_noted(house: House) -> None:
    await reported(house)
    for n in range(4):
        await asked_for(house, f"理由{n}")
    noted = await house.done("auditor", "GET", "/audit/verification")
    query = f"/audit/verification?length={noted['length']}&head={noted['head']}"
    assert (await house.done("auditor", "GET", query))["holds"]
    cut = text("DELETE FROM audit WHERE position > 2")
    await house.unit.run(lambda tx: tx.session.connection().execute(cut), at=house.clock.now())
    assert (await house.done("auditor", "GET", "/audit/verification"))["holds"]
    found = await house.done("auditor", "GET", query)
    assert (found["holds"], found["first_broken"]) == (False, 3)
    assert (await house.call("auditor", "GET", "/audit/verification?length=3")).status_code == 422


async def test_i3_text_as_it_was_is_read_with_consent_only(house: House) -> None:
    await reported(house, text=f"{TEXT}打13800001111")
    assert "13800001111" not in (await house.call("clerk", "GET", f"/complaints/{NUMBER}")).text
    key = await asked_for(house)
    await house.done("custodian", "POST", f"/disclosures/{key}/consent", reason="同意")
    read = await house.done("clerk", "POST", f"/disclosures/{key}/reading")
    assert read["original"]["text"] == f"{TEXT}打13800001111"


async def test_i3_who_knocks_with_a_role_that_never_opens_the_vault_is_in_the_audit_too(house: House) -> None:
    await reported(house)
    await called_back(house)
    key = await asked_for(house)
    knocks = (
        ("handler", "POST", "/disclosures", {"number": NUMBER, "reason": "想知道是谁"}),
        ("approver", "POST", f"/disclosures/{key}/consent", {"reason": "同意"}),
        ("office", "POST", f"/disclosures/{key}/refusal", {"reason": "不同意"}),
        ("leader", "POST", f"/disclosures/{key}/reading", {}),
        ("supervisor", "POST", CONTACT, {}),
        ("inspector", "GET", "/disclosures", {}),
    )
    for role, method, path, body in knocks:
        answer = await house.call(role, method, path, **body)
        assert (answer.status_code, answer.json()["field"]) == (403, "role")
    entries = (await house.done("auditor", "GET", "/audit"))["items"]
    denied = [(e["who"], e["words"]) for e in entries if e["step"] == "role_denied"]
    assert denied == [(f"{role}-1", f"{method} /api/v1{path}") for role, method, path, _ in knocks]
    [contact] = [e for e in entries if e["role"] == "supervisor"]
    assert contact["number"] == NUMBER
    assert (await house.done("auditor", "GET", "/audit/verification"))["holds"]
    assert (await house.web.post("/api/v1/disclosures", json={})).status_code == 401, "nobody known, nobody to note"
    assert len((await house.done("auditor", "GET", "/audit"))["items"]) == len(entries)
