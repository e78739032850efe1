"""Bounces, complaints and suppressed addresses: failed after the fact, the next in line told once (N3)."""

from typing import Any

import pytest

from services.notify.domain.delivery import Outcome
from services.notify.usecases import Result
from shared.contracts.notify import AddressFailed, NoticeFailed
from tests.support.notify_house import SENT, House, local, passed, seat
from tests.support.notify_web import Web
from tests.support.reports import complaint, delivery_report

pytestmark = pytest.mark.asyncio
NINE = "2026-03-31T09:00"
DOMAIN = "minping.example"
TOLD = "2026-000001"


async def sent_letter(house: House, *roles: str) -> str:
    await house.hear("2026-03-31T00:00", passed(TOLD, roles=roles or ("handler",)))
    await house.post(NINE)
    [notice] = await house.notices(case=TOLD, person="wang")
    assert notice["state"] == "sent"
    return str(notice["letter"])


async def states(house: House, case: str = TOLD) -> dict[str, str]:
    return {n["person"]: n["state"] for n in await house.notices(case=case)}


def report(letter: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "e-1",
        "kind": "hard",
        "message_id": f"<{letter}@{DOMAIN}>",
        "status": "5.1.1",
        "reason": "no user",
    } | more


async def test_n3_a_letter_that_comes_back_failed_after_the_fact_and_the_next_in_line_is_told_once(
    web: Web, house: House
) -> None:
    letter = await sent_letter(house)
    answer = await web("POST", "/bounces", "source", json=report(letter))
    assert answer.json() == {"effect": "failed", "again": False}
    assert await states(house) == {"wang": "failed", "li": "planned"}
    assert [e.person for e in house.events(NoticeFailed)] == ["wang"]
    assert [e.person for e in house.events(AddressFailed)] == ["wang"]
    await house.post("2026-04-01T09:00")
    assert (await states(house))["li"] == "sent"
    assert [n["template"] for n in await house.notices(person="op")] == ["address_failed"]


async def test_n3_the_same_report_again_by_any_way_does_nothing_more(web: Web, house: House) -> None:
    letter = await sent_letter(house)
    raw = delivery_report(letter, DOMAIN, "wang@tax.example")
    for again in (False, True):
        answer = await web("POST", "/bounces/report", "operator", content=raw)
        assert answer.json() == {"effect": "failed", "again": again}
    assert (await web("POST", "/bounces", "source", json=report(letter))).json()["effect"] == "noted"
    assert await states(house) == {"wang": "failed", "li": "planned"}
    kinds = [(b["source"], b["effect"]) for b in (await web("GET", "/bounces")).json()["bounces"]]
    assert kinds == [("upload", "failed"), ("webhook", "noted")]


async def test_n3_a_suppressed_address_gets_no_letter_and_shows_in_the_directory(web: Web, house: House) -> None:
    await web("POST", "/bounces", "source", json=report(await sent_letter(house)))
    await house.hear("2026-04-02T00:00", passed("2026-000002", roles=("handler",)))
    assert await states(house, "2026-000002") == {"li": "planned"}
    [holder] = (await web("GET", "/directory?unit=tax&role=handler")).json()["holders"]
    assert "no user" in holder["address_fault"]
    [row] = (await web("GET", "/suppressions")).json()["suppressions"]
    assert (row["address"], row["cause"], row["name"], row["unit"]) == ("wang@tax.example", "bounce", "王芳", "tax")


async def test_n3_what_was_on_its_way_to_a_suppressed_address_goes_to_the_next_instead(web: Web, house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    body = {"address": "Wang@Tax.example", "reason": "he asked for it"}
    assert (await web("POST", "/suppressions", json=body)).status_code == 201
    tried = await house.post(NINE)
    assert [x["person"] for x in tried] == []
    tried = await house.post("2026-04-01T09:00")
    assert [x["person"] for x in tried] == ["li"]
    [failed] = await house.notices(case=TOLD, person="wang")
    assert failed["state"] == "failed" and "he asked for it" in failed["reason"]


async def test_n3_a_soft_bounce_is_noted_only(web: Web, house: House) -> None:
    letter = await sent_letter(house)
    raw = delivery_report(letter, DOMAIN, "wang@tax.example", action="delayed", status="4.4.1")
    assert (await web("POST", "/bounces/report", "operator", content=raw)).json()["effect"] == "noted"
    assert await states(house) == {"wang": "sent"}
    assert (await web("GET", "/suppressions")).json()["suppressions"] == []
    assert [b["kind"] for b in (await web("GET", f"/bounces?letter={letter}")).json()["bounces"]] == ["soft"]


async def test_n3_a_letter_refused_later_tells_the_next_but_keeps_the_address(web: Web, house: House) -> None:
    letter = await sent_letter(house)
    raw = delivery_report(letter, DOMAIN, "wang@tax.example", status="5.2.2", diagnostic="smtp; 552 mailbox full")
    assert (await web("POST", "/bounces/report", "operator", content=raw)).json()["effect"] == "failed"
    assert await states(house) == {"wang": "failed", "li": "planned"}
    assert (await web("GET", "/suppressions")).json()["suppressions"] == []
    assert [n["template"] for n in await house.notices(person="op")] == ["notice_failed"]


async def test_n3_a_complaint_suppresses_the_address_but_the_letter_was_read(web: Web, house: House) -> None:
    letter = await sent_letter(house)
    answer = await web("POST", "/bounces/report", "operator", content=complaint(letter, DOMAIN))
    assert answer.json()["effect"] == "suppressed"
    assert await states(house) == {"wang": "sent"}
    [row] = (await web("GET", "/suppressions")).json()["suppressions"]
    assert (row["cause"], row["letter"]) == ("complaint", letter)
    assert [n["template"] for n in await house.notices(person="op")] == ["address_failed"]


async def test_n3_the_directory_heals_a_fault_but_not_a_complaint(web: Web, house: House) -> None:
    letter = await sent_letter(house)
    await web("POST", "/bounces/report", "operator", content=complaint(letter, DOMAIN))
    await house.hold("2026-04-03T10:00", seat("tax", "handler", "wang", name="王芳", language="en"))
    assert [s["cause"] for s in (await web("GET", "/suppressions")).json()["suppressions"]] == ["complaint"]
    body = {"address": "wang@tax.example", "reason": "he did not mean it"}
    history = (await web("POST", "/suppressions/lift", json=body)).json()["changes"]
    assert [(c["change"], c["cause"], c["actor"]) for c in history] == [
        ("suppressed", "complaint", "operator-1"), ("lifted", "operator", "operator-1")
    ]  # fmt: skip
    assert history[-1]["reason"] == "he did not mean it"
    assert (await web("POST", "/suppressions/lift", json=body)).status_code == 404
    await house.hear("2026-04-04T00:00", passed("2026-000003", roles=("handler",)))
    assert await states(house, "2026-000003") == {"wang": "planned"}


async def test_n3_a_bounce_that_is_faster_than_the_commit_waits_for_it(web: Web, house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    [envelope] = await house.turn(NINE)
    early = await web("POST", "/bounces", "source", json=report(envelope.letter))
    assert (early.status_code, (await web("GET", "/bounces")).json()["bounces"]) == (409, [])
    await house.turn(NINE, Result(envelope.letter, SENT, local(NINE)))
    assert (await web("POST", "/bounces", "source", json=report(envelope.letter))).json()["effect"] == "failed"


async def test_n3_an_uncertain_letter_that_comes_back_is_uncertain_no_more(web: Web, house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await house.post(NINE, wang=Outcome("uncertain", "final dot", "silence"))
    [notice] = await house.notices(case=TOLD, person="wang")
    assert (await web("POST", "/bounces", "source", json=report(notice["letter"]))).json()["effect"] == "failed"
    assert await states(house) == {"wang": "failed", "li": "planned"}


async def test_n3_the_line_is_walked_to_its_end_by_bounces_and_each_is_told_once(web: Web, house: House) -> None:
    await house.hold(
        "2026-01-02T08:00", seat("tax", "handler", "sub", substitute=True), seat("city", "main_leader", "top")
    )
    from shared.contracts.scoring import UnitRegistered

    await house.hear("2026-01-02T08:00", UnitRegistered(
        unit="tax", name="清河税务所", name_en="Tax", category="enforcement", scope="township", parent="city"
    ))  # fmt: skip
    await sent_letter(house)
    order: list[str] = ["wang"]
    for number in range(1, 12):
        last = next(n for n in await house.notices(case=TOLD) if n["person"] == order[-1])
        await web("POST", "/bounces", "source", json=report(last["letter"], id=f"e-{number}"))
        tried = [x["person"] for x in await house.post(f"2026-04-{number + 1:02d}T09:00") if x["person"] != "op"]
        if not tried:
            break
        order += tried
    assert order == ["wang", "sub", "li", "top", "clerk"]
    found = await house.notices(case=TOLD)
    assert [n["state"] for n in found] == ["failed"] * 5
    assert "nobody is next in line" in found[-1]["reason"]


async def test_n3_a_report_about_nobody_of_ours_is_kept_and_changes_nothing(web: Web, house: House) -> None:
    await sent_letter(house)
    body = {"id": "e-9", "kind": "hard", "address": "stranger@elsewhere.example"}
    assert (await web("POST", "/bounces", "source", json=body)).json()["effect"] == "unmatched"
    forged = delivery_report("l-" + "0" * 24, DOMAIN, "wang@tax.example")
    assert (await web("POST", "/bounces/report", "operator", content=forged)).json()["effect"] == "unmatched"
    assert await states(house) == {"wang": "sent"}
    assert (await web("GET", "/suppressions")).json()["suppressions"] == []


async def test_n3_an_address_without_a_letter_is_suppressed_if_it_is_in_the_directory(web: Web, house: House) -> None:
    body = {"id": "e-9", "kind": "hard", "address": "WANG@tax.example", "status": "5.1.1"}
    assert (await web("POST", "/bounces", "source", json=body)).json()["effect"] == "suppressed"
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    assert await states(house) == {"li": "planned"}


@pytest.mark.parametrize(
    ("body", "field"),
    [({"id": "1", "kind": "hard"}, ""), ({"id": "1", "kind": "worse", "address": "a@b.example"}, "kind"),
     ({"id": "1", "kind": "hard", "address": "a\r\nb"}, "address"),
     ({"id": "1", "kind": "hard", "address": "x", "channel": "sms"}, "channel")],
)  # fmt: skip
async def test_n3_a_wrong_report_is_refused_by_its_field(web: Web, body: dict[str, Any], field: str) -> None:
    answer = await web("POST", "/bounces", "source", json=body)
    assert answer.status_code == 422
    assert field in answer.json()["field"]


async def test_n3_what_is_no_report_is_refused(web: Web) -> None:
    answer = await web("POST", "/bounces/report", "operator", content=b"Subject: hello\r\n\r\nhello")
    assert (answer.status_code, answer.json()["field"]) == (422, "body")


async def test_n3_the_list_of_suppressed_addresses_is_a_table_too(web: Web) -> None:
    for name in ("=cmd", "wang"):
        body = {"address": f"{name}@tax.example", "reason": "=1+1 asked"}
        await web("POST", "/suppressions", json=body)
    assert (await web("POST", "/suppressions", json=body)).status_code == 409
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    raw = (await web("GET", "/suppressions/export", "auditor")).content
    rows = CalamineWorkbook.from_filelike(BytesIO(raw)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == ["'=cmd@tax.example", "wang@tax.example"]
    assert rows[1][5] == "'=1+1 asked"


async def test_n3_a_trace_shows_that_a_letter_came_back(web: Web, house: House) -> None:
    from services.notify.store import attempts

    letter = await sent_letter(house)
    await web("POST", "/bounces", "source", json=report(letter))
    tries = (await house.unit.read(lambda s: attempts.of_letters(s, [letter])))[letter]
    assert [(t["kind"], t["phase"]) for t in tries] == [("sent", ""), ("hard", "came back by webhook")]
