"""Every report gets a number, a receipt and a code; nothing is dropped; the same ticket is one complaint (I2, I13)."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from services.intake.domain.scrub import NAME, PHONE
from shared.contracts.inbox import ReceiptIssued
from shared.contracts.intake import ComplaintLinked, ComplaintRegistered
from tests.service.intake.house import PERSON, TEXT, House, submitted


async def test_a_report_gets_number_receipt_and_code_at_once(house: House) -> None:
    receipt = await house.report("T-1")
    assert receipt["state"] == "registered"
    assert receipt["number"] == "2026-000001"
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert (track["number"], track["state"], track["state_zh"]) == ("2026-000001", "registered", "已登记，待审核")
    [event] = house.events(ComplaintRegistered)
    assert (event.number, event.source, event.channel, event.text) == ("2026-000001", "hotline", "hotline_daily", TEXT)


async def test_numbers_run_by_the_local_year_of_the_report_without_gaps(house: House) -> None:
    for ticket, at in (("a", "2025-12-31T23:59"), ("b", "2026-01-01T00:00"), ("c", "2025-06-01T00:00")):
        await house.report(ticket, at, text=f"第{ticket}件事情的详细经过在这里说明")
    await house.report("d", channel="telepathy")
    await house.report("e", "2026-01-02T00:00", text="另外一件完全不同的事情")
    page = await house.done("clerk", "GET", "/complaints")
    assert [line["number"] for line in page["items"]] == ["2025-000001", "2026-000001", "2025-000002", "2026-000002"]


async def test_the_same_ticket_twice_is_one_complaint_with_the_same_receipt(house: House) -> None:
    first, again = await house.report("T-1"), await house.report("T-1")
    assert again["state"] == "repeated"
    assert (again["number"], again["tracking_code"]) == (first["number"], first["tracking_code"])
    assert len(house.events(ComplaintRegistered)) == 1
    other = await house.report("T-1", source="radio", text="别的事情，与前面的毫无关系")
    assert other["number"] == "2026-000002"


async def test_the_source_is_the_last_token_of_the_subject_whatever_the_body_claims(house: House) -> None:
    await house.source_sends(submitted("T-1") | {"source": "somebody-else"}, source="radio")
    [event] = house.events(ComplaintRegistered)
    assert event.source == "radio"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{not json", "(body)"),
        (b"\xff\xfe", "(body)"),
        (b"[1,2]", "(body)"),
        (submitted("T-1", text=None), "text"),
        (submitted("T-1", text=""), "text"),
        (submitted("T-1", ticket=None), "ticket"),
        (submitted("T-1", channel=None), "channel"),
        (submitted("T-1", "yesterday"), "reported_at"),
        (submitted("T-1") | {"time": "2026-03-02T09:00:00"}, "reported_at"),
        (submitted("T-1", channel="telepathy"), "channel"),
        (submitted("T-1", topic="weather"), "topic"),
        (submitted("T-1", identity="named"), "sealed_identity"),
        (submitted("T-1", identity="secret"), "identity"),
        (submitted("T-1", identity="named", sealed_identity="!!!"), "sealed_identity"),
        (submitted("T-1", identity="named", sealed_identity="AAAA"), "sealed_identity"),
        (submitted("T-1", identity="named", sealed_identity="不是"), "sealed_identity"),
        (submitted("T-1", "2031-01-01T00:00"), "time"),
    ],
)
async def test_what_cannot_be_registered_is_kept_with_the_field_and_the_remedy(
    house: House, body: dict[str, Any] | bytes, field: str
) -> None:
    receipt = await house.source_sends(body)
    assert receipt["state"] == "kept_for_repair"
    assert receipt["field"].removeprefix("data.") == field
    assert receipt["reason"]
    assert receipt["remedy"]
    [kept] = (await house.done("clerk", "GET", "/repairs"))["items"]
    assert (kept["field"], kept["number"]) == (receipt["field"], None)
    assert not house.events(ComplaintRegistered)


async def test_an_unknown_channel_names_those_of_the_programme(house: House) -> None:
    receipt = await house.report("T-1", channel="telepathy")
    assert (receipt["field"], receipt["value"]) == ("channel", "telepathy")
    assert "hotline_daily" in receipt["remedy"]


async def test_an_identity_sealed_for_another_ticket_does_not_open(house: House) -> None:
    receipt = await house.report("T-2", identity="named", sealed_identity=house.sealed("T-1", PERSON))
    assert (receipt["state"], receipt["field"], receipt["value"]) == ("kept_for_repair", "sealed_identity", "…")


async def test_the_same_broken_report_again_is_the_same_repair(house: House) -> None:
    for _ in range(3):
        sealed = house.sealed("T-1", PERSON)  # another ciphertext each time
        receipt = await house.report("T-1", channel="telepathy", identity="named", sealed_identity=sealed)
        assert receipt["state"] == "kept_for_repair"
    assert len((await house.done("clerk", "GET", "/repairs"))["items"]) == 1


async def test_a_clerk_mends_a_report_and_the_source_is_told(house: House) -> None:
    sealed = house.sealed("T-1", PERSON)
    await house.report("T-1", channel="telepathy", identity="named", sealed_identity=sealed, text=f"{TEXT}13800001111")
    [kept] = (await house.done("clerk", "GET", "/repairs"))["items"]
    shown = await house.done("clerk", "GET", f"/repairs/{kept['id']}")
    assert shown["has_identity"]
    assert shown["fields"]["text"] == TEXT + PHONE
    wrong = await house.call("clerk", "POST", f"/repairs/{kept['id']}/resubmission", channel="magic")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "channel")
    receipt = await house.done("clerk", "POST", f"/repairs/{kept['id']}/resubmission", channel="web_form")
    assert (receipt["state"], receipt["number"]) == ("registered", "2026-000001")
    assert receipt["tracking_code"]
    told = house.events(ReceiptIssued)[-1]
    assert (told.ticket, told.state, told.number) == ("T-1", "registered", "2026-000001")
    again = await house.call("clerk", "POST", f"/repairs/{kept['id']}/resubmission", channel="web_form")
    assert again.status_code == 409
    repeated = await house.report("T-1", channel="telepathy", identity="named", sealed_identity=sealed,
                                  text=f"{TEXT}13800001111")  # fmt: skip
    assert (repeated["state"], repeated["number"]) == ("repeated", "2026-000001")


async def test_a_report_that_was_no_json_can_be_mended_by_hand(house: House) -> None:
    await house.source_sends(b"\xe7\xaa\x97 13800001111")
    [kept] = (await house.done("clerk", "GET", "/repairs"))["items"]
    assert (await house.done("clerk", "GET", f"/repairs/{kept['id']}"))["raw"] == f"窗 {PHONE}"
    lacking = await house.call("clerk", "POST", f"/repairs/{kept['id']}/resubmission", ticket="T-9", text=TEXT)
    assert lacking.json()["field"] == "reported_at"
    receipt = await house.done(
        "clerk", "POST", f"/repairs/{kept['id']}/resubmission", ticket="T-9", text=TEXT, channel="email",
        reported_at="2026-02-01T09:00:00+08:00",
    )  # fmt: skip
    assert receipt["number"] == "2026-000001"


async def test_a_unit_that_is_not_registered_is_kept_as_named_and_a_clerk_decides(house: House) -> None:
    receipt = await house.report("T-1", unit="某某办公室")
    assert receipt["state"] == "registered"
    assert "not registered" in receipt["reason"]
    [event] = house.events(ComplaintRegistered)
    assert event.suggested_unit is None
    detail = await house.done("clerk", "GET", "/complaints/2026-000001")
    assert (detail["named_unit"], detail["suggested_unit"]) == ("某某办公室", None)
    assert "某某办公室" in detail["note"]
    await house.report("T-2", unit="tax", text="税务所的另外一件事情，与前面无关")
    assert house.events(ComplaintRegistered)[-1].suggested_unit == "tax"


async def test_a_topic_is_suggested_and_gives_the_dimension(house: House) -> None:
    await house.report("T-1", text="窗口人员态度恶劣，很不耐烦，还骂人", topic="delay")
    [event] = house.events(ComplaintRegistered)
    assert (event.topic, event.dimension) == ("delay", "efficiency")
    detail = await house.done("clerk", "GET", "/complaints/2026-000001")
    assert detail["suggested_topic"]["key"] == "rude"


async def test_repeats_of_a_text_are_linked_with_receipts_and_codes_of_their_own(house: House) -> None:
    await house.report("T-1")
    receipt = await house.report("T-2", text=f"\n\t\t{TEXT.replace('，', ', ')}\u00a0", title="另一个标题")
    assert (receipt["state"], receipt["number"], receipt["linked_to"]) == ("registered", "2026-000002", "2026-000001")
    [linked] = house.events(ComplaintLinked)
    assert (linked.number, linked.lead, linked.how, linked.can_be_called) == (
        "2026-000002", "2026-000001", "exact", False,
    )  # fmt: skip
    track = await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}")
    assert (track["number"], track["linked"]) == ("2026-000002", True)
    third = await house.report("T-3")
    assert third["linked_to"] == "2026-000001"
    assert (await house.done("clerk", "GET", "/complaints/2026-000001"))["linked"] == ["2026-000002", "2026-000003"]


async def test_a_matter_of_five_people_is_hot_and_one_person_writing_five_times_is_not(house: House) -> None:
    for count in range(5):
        await house.report(f"A-{count}", identity="named", sealed_identity=house.sealed(f"A-{count}", PERSON))
    assert (house.events(ComplaintLinked)[-1].petitioners, house.events(ComplaintLinked)[-1].hot) == (1, False)
    for count in range(4):
        person = PERSON | {"phone": f"1380000222{count}", "id_number": ""}
        await house.report(f"B-{count}", identity="named", sealed_identity=house.sealed(f"B-{count}", person))
    assert (house.events(ComplaintLinked)[-1].petitioners, house.events(ComplaintLinked)[-1].hot) == (5, True)
    assert (await house.done("clerk", "GET", "/complaints/2026-000001"))["hot"]


async def test_near_repeats_are_suggested_with_both_texts_and_a_clerk_links_and_unlinks(house: House) -> None:
    await house.report("T-1")
    await house.report("T-2", text=TEXT.replace("三趟", "五趟") + "请领导过问。")
    await house.report("T-3", text="东风路十字路口红绿灯坏了半个月，早晚高峰堵得厉害。")
    found = await house.done("clerk", "GET", "/complaints/2026-000002/similar")
    assert [one["number"] for one in found["similar"]] == ["2026-000001"]
    assert found["similar"][0]["text"] == TEXT
    assert found["complaint"]["text"].endswith("请领导过问。")
    await house.done("clerk", "POST", "/complaints/2026-000002/link", lead="2026-000001", reason="同一窗口同一事")
    assert house.events(ComplaintLinked)[-1].how == "clerk"
    back = await house.done("clerk", "POST", "/complaints/2026-000002/unlink", reason="不是同一天")
    assert (back["lead"], back["state"]) == (None, "registered")
    history = (await house.done("clerk", "GET", "/complaints/2026-000002"))["links"]
    assert [(h["how"], h["by"], h["reason"], h["undone_by"], h["undone_reason"]) for h in history] == [
        ("clerk", "clerk-1", "同一窗口同一事", "clerk-1", "不是同一天")
    ]


@pytest.mark.parametrize(
    ("number", "lead", "status"),
    [("2026-000001", "2026-000001", 422), ("2026-000001", "2026-000009", 404), ("2026-000009", "2026-000001", 404)],
)
async def test_a_link_that_makes_no_sense_is_refused(house: House, number: str, lead: str, status: int) -> None:
    await house.report("T-1")
    answer = await house.call("clerk", "POST", f"/complaints/{number}/link", lead=lead, reason="同一事项")
    assert answer.status_code == status


async def test_figures_add_up(house: House) -> None:
    await house.report("T-1")
    await house.report("T-1")
    await house.report("T-2")
    await house.report("T-3", channel="email", text="完全不同的一件事情发生在别的地方")
    await house.report("T-4", channel="telepathy")
    figures = await house.done("office", "GET", "/statistics")
    about_people = {name: figures.pop(name) for name in ("satisfaction", "excluded")}
    assert (about_people["satisfaction"]["asked"], about_people["excluded"]["of_complaints"]) == (0, 3)
    assert figures == {
        "received": 5, "registered": 3, "repeated": 1, "linked": 1, "kept_for_repair": 1,
        "by_channel": {
            "email": {"registered": 1, "repeated": 0, "linked": 0},
            "hotline_daily": {"registered": 2, "repeated": 1, "linked": 1},
        },
    }  # fmt: skip


async def test_who_complains_stands_nowhere_but_sealed_in_the_vault(house: House, tmp_path: Path) -> None:
    text = f"我是欧阳小明，电话138 0000 1111，身份证{PERSON['id_number']}。{TEXT}"
    receipt = await house.report(
        "T-1", text=text, title="欧阳小明反映", place="电话13800001111", identity="named",
        sealed_identity=house.sealed("T-1", PERSON),
    )  # fmt: skip
    assert receipt["state"] == "registered"
    await house.report("T-2", text=text, channel="telepathy", identity="named", person=PERSON)
    await house.done(
        "public", "POST", "/public/complaints", channel="web_form", text=text, identity="confidential", person=PERSON,
    )  # fmt: skip
    [first, second] = house.events(ComplaintRegistered)
    assert first.text.startswith(f"我是{NAME}，电话{PHONE}")
    assert NAME in first.title
    await house.unit.stop()
    sqlite3.connect(tmp_path / "intake.db").execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("intake.db*"))
    for secret in ("欧阳小明", "13800001111", "138 0000 1111", PERSON["id_number"], "清河镇一号"):
        assert secret.encode() not in stored
        assert not any(secret.encode() in row.payload for row in house.published)
    assert second.identity == "confidential"
