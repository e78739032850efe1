"""Who may call what; the vault opens by request, consent and one reading, and every step is kept (I3)."""

import pytest
from sqlalchemy import text

from services.intake.store import Audit
from shared.contracts.intake import DisclosureRefused, IdentityDisclosed
from shared.identity import ROLES
from tests.service.intake.house import PERSON, TEXT, House

NUMBER = "2026-000001"
WHO = {
    ("POST", "/complaints"): {"clerk", "source", "handler", "leader"},
    ("GET", "/complaints"): {"clerk", "office", "approver", "auditor"},
    ("GET", f"/complaints/{NUMBER}"): {"clerk", "office", "approver", "auditor"},
    ("GET", f"/complaints/{NUMBER}/similar"): {"clerk", "office", "approver", "auditor"},
    ("POST", f"/complaints/{NUMBER}/screening"): {"clerk"},
    ("POST", f"/complaints/{NUMBER}/transfer"): {"clerk"},
    ("POST", f"/complaints/{NUMBER}/link"): {"clerk"},
    ("POST", f"/complaints/{NUMBER}/unlink"): {"clerk"},
    ("GET", "/transfers"): {"clerk", "office", "approver", "auditor"},
    ("POST", f"/transfers/{NUMBER}/approval"): {"approver", "office"},
    ("POST", f"/transfers/{NUMBER}/refusal"): {"approver", "office"},
    ("GET", f"/transfers/{NUMBER}/card"): {"clerk", "office", "approver", "auditor", "handler", "leader"},
    ("GET", f"/transfers/{NUMBER}/recommendation"): {"clerk", "office", "approver", "auditor", "handler", "leader"},
    ("GET", f"/transfers/{NUMBER}/versions"): {"clerk", "office", "approver", "auditor"},
    ("POST", "/transfers/batch"): {"clerk"},
    ("POST", "/approvals/batch"): {"approver", "office"},
    ("POST", "/absences"): {"approver", "custodian", "discipline", "office"},
    ("GET", "/absences"): {"approver", "custodian", "discipline", "office", "auditor"},
    ("POST", "/absences/x/withdrawal"): {"approver", "custodian", "discipline", "office"},
    ("POST", "/handovers"): {"office"},
    ("GET", "/handovers"): {"office", "auditor"},
    ("POST", f"/transfers/{NUMBER}/objection"): {"handler", "leader"},
    ("POST", f"/transfers/{NUMBER}/objection/ruling"): {"office"},
    ("GET", "/objections"): {"clerk", "office", "approver", "auditor", "handler", "leader"},
    ("POST", f"/complaints/{NUMBER}/verification"): {"discipline"},
    ("POST", f"/complaints/{NUMBER}/coverage"): {"clerk", "office"},
    ("GET", "/exposures"): {"clerk", "office", "approver", "discipline", "auditor"},
    ("GET", f"/exposures/{NUMBER}"): {"clerk", "office", "approver", "discipline", "auditor"},
    ("POST", f"/complaints/{NUMBER}/referral"): {"clerk", "office", "discipline"},
    ("POST", f"/complaints/{NUMBER}/referral/receipt"): {"discipline"},
    ("POST", f"/complaints/{NUMBER}/referral/outcome"): {"discipline"},
    ("POST", f"/complaints/{NUMBER}/referral/reading"): {"office"},
    ("GET", f"/complaints/{NUMBER}/referral"): {"discipline"},
    ("GET", "/referrals"): {"discipline"},
    ("POST", f"/complaints/{NUMBER}/broadcast"): {"clerk", "office"},
    ("GET", "/feedback"): {"clerk", "office", "auditor"},
    ("POST", "/filings"): {"office"},
    ("GET", "/filings"): {"office", "higher_office", "auditor"},
    ("GET", "/filings/x"): {"office", "higher_office", "auditor"},
    ("GET", "/filings/x/export.xlsx"): {"office", "higher_office", "auditor"},
    ("POST", "/filings/x/receipt"): {"office", "higher_office"},
    ("POST", "/roster"): {"office"},
    ("POST", "/roster/x/change"): {"office"},
    ("POST", "/roster/x/cancellation"): {"office"},
    ("POST", "/roster/x/questions"): {"clerk", "office"},
    ("GET", "/roster/x"): {"clerk", "office", "auditor"},
    ("GET", "/tickets/x"): {"source"},
    ("GET", "/callbacks/worklist"): {"clerk"},
    ("GET", "/callbacks"): {"clerk", "office", "auditor"},
    ("POST", f"/callbacks/{NUMBER}/{NUMBER}"): {"clerk"},
    ("GET", "/repairs"): {"clerk", "auditor"},
    ("GET", "/repairs/x"): {"clerk"},
    ("POST", "/repairs/x/resubmission"): {"clerk"},
    ("GET", "/units"): {"clerk", "office", "approver", "auditor"},
    ("GET", "/statistics"): {"office", "operator", "auditor"},
    ("GET", "/suggestions"): {"clerk", "office", "approver", "auditor"},
    ("GET", "/suggestions/model"): {"clerk", "office", "auditor", "operator"},
    ("POST", "/disclosures"): {"clerk", "office", "discipline"},
    ("GET", "/disclosures"): {"clerk", "office", "discipline", "custodian", "auditor"},
    ("POST", "/disclosures/x/consent"): {"custodian"},
    ("POST", "/disclosures/x/refusal"): {"custodian"},
    ("POST", "/disclosures/x/reading"): {"clerk", "office", "discipline"},
    ("POST", f"/callbacks/{NUMBER}/{NUMBER}/contact"): {"clerk"},
    ("POST", "/petitioners/exclusions"): {"clerk"},
    ("GET", "/petitioners/exclusions"): {"clerk", "office", "auditor"},
    ("POST", "/petitioners/exclusions/x/confirmation"): {"office"},
    ("POST", "/petitioners/exclusions/x/rejection"): {"office"},
    ("POST", "/petitioners/exclusions/x/restoration"): {"office"},
    ("GET", f"/complaints/{NUMBER}/retention"): {"custodian", "office", "clerk", "auditor"},
    ("POST", f"/complaints/{NUMBER}/hold"): {"custodian", "office"},
    ("POST", f"/complaints/{NUMBER}/hold/lifting"): {"custodian", "office"},
    ("GET", "/vault/keys"): {"operator", "auditor", "custodian"},
    ("GET", "/audit"): {"auditor"},
    ("GET", "/audit/verification"): {"auditor"},
}


async def test_every_endpoint_lets_in_exactly_the_roles_of_the_table(house: House) -> None:
    for (method, path), may in WHO.items():
        assert (await house.call("public", method, path)).status_code == 401, path
        for role in ROLES:
            answer = await house.call(role, method, path)
            assert (answer.status_code != 403) == (role in may), (role, path, answer.text)


async def test_a_source_reports_over_https_under_its_own_name(house: House) -> None:
    body = {"ticket": "T-1", "channel": "hotline_daily", "text": TEXT, "identity": "named"}
    sealed = house.sealed("T-1", PERSON, source="radio")
    first = await house.call("source", "POST", "/complaints", sub="radio", sealed_identity=sealed, **body)
    assert first.status_code == 201, first.text
    again = await house.call("source", "POST", "/complaints", sub="radio", sealed_identity=sealed, **body)
    assert (again.json()["state"], again.json()["number"]) == ("repeated", first.json()["number"])
    assert again.json()["tracking_code"] == first.json()["tracking_code"]
    other = await house.call("source", "POST", "/complaints", sub="paper", sealed_identity=sealed, **body)
    assert (other.status_code, other.json()["field"]) == (422, "sealed_identity")


async def test_the_public_reports_without_signing_in_and_within_bounds(house: House) -> None:
    for count in range(5):
        answer = await house.call("public", "POST", "/public/complaints", channel="web_form", text=f"{TEXT}{count}件")
        assert answer.status_code == 201
    assert answer.json()["tracking_code"]
    over = await house.call("public", "POST", "/public/complaints", channel="web_form", text=TEXT)
    assert over.status_code == 429


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"channel": "web_form"}, "text"),
        ({"channel": "telepathy", "text": TEXT}, "channel"),
        ({"channel": "web_form", "text": TEXT, "identity": "named"}, "sealed_identity"),
        ({"channel": "web_form", "text": TEXT, "ticket": "T-1"}, "ticket"),
        ({"channel": "web_form", "text": TEXT, "person": {"email": "x"}}, "person.email"),
        ({"channel": "media_exposure", "text": TEXT, "identity": "named", "person": PERSON}, "identity"),
    ],
)
async def test_bad_input_over_http_is_refused_naming_the_field(house: House, body: dict[str, str], field: str) -> None:
    answer = await house.call("public", "POST", "/public/complaints", **body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.headers["content-type"] == "application/problem+json"
    assert PERSON["phone"] not in answer.text


async def test_a_repeated_request_gets_its_first_receipt_with_the_code_which_is_stored_nowhere(house: House) -> None:
    body = {"channel": "email", "text": TEXT}
    first = (await house.call("clerk", "POST", "/complaints", key="k1", **body)).json()
    again = (await house.call("clerk", "POST", "/complaints", key="k1", **body)).json()
    assert first == again
    assert first["state"] == "registered"
    other = (await house.call("clerk", "POST", "/complaints", key="k2", **body)).json()
    assert other["number"] == "2026-000002"
    answers = await house.unit.read(lambda s: s.connection().execute(text("SELECT answer FROM idempotency")).all())
    assert not any(first["tracking_code"] in row[0] for row in answers)


@pytest.mark.parametrize("code", ["nonsense", "0000-0000-0000-0000", "%2e%2e", "U" * 16])
async def test_a_code_that_is_none_opens_nothing(house: House, code: str) -> None:
    await house.report("T-1")
    for method, path in (("GET", "track"), ("POST", "callbacks")):
        body = {"grade": "satisfied"} if method == "POST" else {}
        answer = await house.call("public", method, f"/public/{path}/{code}", **body)
        assert answer.status_code == 404


async def test_anybody_gets_the_key_to_seal_to(house: House) -> None:
    key = await house.done("public", "GET", "/vault/public-key")
    assert key["public_key_pem"].startswith("-----BEGIN PUBLIC KEY-----")


async def known(house: House) -> str:
    await house.report(
        "T-1", text=f"{TEXT}打13800001111", identity="named", sealed_identity=house.sealed("T-1", PERSON)
    )
    return (await house.done("clerk", "POST", "/disclosures", number=NUMBER, reason="须当面核实"))["id"]  # type: ignore[no-any-return]  # done is untyped


async def test_the_vault_opens_by_consent_for_one_reading(house: House) -> None:
    request = await known(house)
    early = await house.call("clerk", "POST", f"/disclosures/{request}/reading")
    assert early.status_code == 409
    await house.done("custodian", "POST", f"/disclosures/{request}/consent", reason="同意")
    somebody = await house.call("clerk", "POST", f"/disclosures/{request}/reading", sub="clerk-2")
    assert somebody.status_code == 403
    read = await house.call("clerk", "POST", f"/disclosures/{request}/reading", key="once")
    assert read.json()["identity"] == PERSON
    assert read.json()["original"]["text"] == f"{TEXT}打13800001111"
    assert read.headers["cache-control"] == "no-store"
    answers = await house.unit.read(lambda s: s.connection().execute(text("SELECT answer FROM idempotency")).all())
    assert [row[0] for row in answers] == ["null"]
    again = await house.call("clerk", "POST", f"/disclosures/{request}/reading", key="once")
    assert again.status_code == 409
    assert (await house.call("clerk", "POST", f"/disclosures/{request}/reading")).status_code == 409
    [event] = house.events(IdentityDisclosed)
    assert (event.number, event.role, event.reason) == (NUMBER, "clerk", "须当面核实")
    steps = (await house.done("auditor", "GET", "/audit"))["items"]
    assert [(s["step"], s["who"]) for s in steps] == [
        ("requested", "clerk-1"), ("reading_denied", "clerk-1"), ("consented", "custodian-1"),
        ("reading_denied", "clerk-2"), ("read", "clerk-1"), ("reading_denied", "clerk-1"),
    ]  # fmt: skip


async def test_a_custodian_refuses_and_each_refusal_is_kept(house: House) -> None:
    request = await known(house)
    second = (await house.done("clerk", "POST", "/disclosures", number=NUMBER, reason="再次请求"))["id"]
    for key in (request, second):
        await house.done("custodian", "POST", f"/disclosures/{key}/refusal", reason="没有必要")
    assert (await house.call("custodian", "POST", f"/disclosures/{request}/consent", reason="x")).status_code == 409
    assert (await house.call("clerk", "POST", f"/disclosures/{request}/reading")).status_code == 409
    assert [e.reason for e in house.events(DisclosureRefused)] == ["没有必要", "没有必要"]
    steps = [s["step"] for s in (await house.done("auditor", "GET", "/audit"))["items"]]
    assert steps == ["requested", "requested", "refused", "refused", "decision_denied", "reading_denied"]


async def test_nobody_consents_to_his_own_request(house: House) -> None:
    await house.report("T-1", identity="named", sealed_identity=house.sealed("T-1", PERSON))
    asked = await house.call("clerk", "POST", "/disclosures", sub="zhang", number=NUMBER, reason="须核实")
    path = f"/disclosures/{asked.json()['id']}/consent"
    assert (await house.call("custodian", "POST", path, sub="zhang", reason="同意")).status_code == 403
    assert (await house.call("custodian", "POST", path, sub="li", reason="同意")).is_success


async def test_an_altered_audit_entry_is_named(house: House) -> None:
    await known(house)
    await house.done("clerk", "POST", "/disclosures", number=NUMBER, reason="再次")
    assert (await house.done("auditor", "GET", "/audit/verification"))["holds"]

    def alter(tx: object) -> None:
        tx.session.get(Audit, 2).words = "没有理由"  # type: ignore[attr-defined]  # a Tx

    await house.unit.run(alter, at=house.clock.now())
    assert (await house.done("auditor", "GET", "/audit/verification"))["first_broken"] == 2


async def test_an_anonymous_report_has_nothing_to_disclose(house: House) -> None:
    await house.report("T-1")
    assert (await house.call("clerk", "POST", "/disclosures", number=NUMBER, reason="x")).status_code == 404
