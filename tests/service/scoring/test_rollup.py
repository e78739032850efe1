"""Roll-up: an office files its published result upward; the one above verifies, reviews and marks it (S9, S14, S15)."""

import base64
import hashlib
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.scoring.domain.filing import pack
from services.scoring.domain.note import Signer, signer
from services.scoring.domain.signed_filing import Scored, SignedResult, signed_filing
from services.scoring.store import filed
from services.scoring.usecases import filing_upward, filings_overdue
from services.scoring.usecases.filing_upward import Upward
from services.scoring.verify import Beside, verify_bytes
from shared.contracts import Event
from shared.contracts.filings import (
    FilingAnswered,
    FilingOverdue,
    FilingReceipt,
    FilingReceived,
    FilingRefused,
    FilingReviewed,
    FilingSubmitted,
    ResultFiled,
)
from shared.programme import load
from shared.programme.composite import CompositePart
from shared.tick import Aside
from tests.service.scoring.house import APPROVER, CLERK, LEADER, OFFICE, OTHER_OFFICE, House, local, refused

NORTH, SOUTH = signer("north", b"n" * 32), signer("south", b"s" * 32)
MARK = "/cycles/2026/parts/year-end"


@pytest.fixture
async def province(empty_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A province with two city bureaus that file and a unit of its own; both keys are entered, one is confirmed."""
    shutil.copy(empty_store, tmp_path / "province.db")
    one = House(f"sqlite:///{tmp_path / 'province.db'}", load("provincial-bureau"))
    one.unit.start()
    cities = [{"unit": u, "name": f"{u}市局", "category": "city_bureau"} for u in ("north", "south")]
    await one.done(
        "/units", [*cities, {"unit": "own", "name": "出版处", "category": "bureau_unit"}], at="2026-01-01 09:00"
    )
    await one.done("/cycles", {"name": "2026"}, at="2026-01-01 09:00")
    await one.done("/filing-offices", {"unit": "north", "vkey": NORTH.vkey}, at="2026-01-05 09:00")
    await one.done(
        "/filing-offices/north/decision", {"version": 1, "confirmed": True}, who=APPROVER, at="2026-01-06 09:00"
    )
    yield one
    await one.close()


@pytest.fixture
async def city(empty_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A city's office whose composite is the daily score, so that a cycle is published without a meeting."""
    shutil.copy(empty_store, tmp_path / "city.db")
    daily = CompositePart.model_validate({"key": "daily", "label": {"zh": "日常", "en": "Daily"}, "weight": 100})
    programme = load("window-units").model_copy(update={"composite": (daily,)})
    one = House(f"sqlite:///{tmp_path / 'city.db'}", programme, Upward("north", by_bus=True))
    one.unit.start()
    units = [{"unit": f"u{n}", "name": f"所{n}", "category": "enforcement", "township": "清河镇"} for n in range(1, 5)]
    await one.done("/units", units, at="2026-01-01 09:00")
    await one.done("/cycles", {"name": "2026-H2"}, at="2026-01-01 09:00")
    yield one
    await one.close()


async def publish(city: House) -> None:
    await city.done("/cycles/2026-H2/closing", at="2027-01-05 09:00")
    await city.done("/cycles/2026-H2/ranking", at="2027-01-06 09:00")
    await city.done("/cycles/2026-H2/publication", at="2027-01-07 09:00")


def result(by: Signer = NORTH, **changes: Any) -> SignedResult:
    units = [Scored(f"u{n}", f"单位{n}", Decimal("91.5") - n) for n in range(1, 5)]
    given = {
        "programme": "city",
        "cycle": "2026",
        "units": units,
        "signer": by,
        "issued_at": datetime(2027, 1, 7, tzinfo=UTC),
    }
    return signed_filing(**{**given, **changes})  # type: ignore[arg-type]  # the same fields


def filing(made: SignedResult, number: str = "f1", **changes: Any) -> FilingSubmitted:
    data = FilingSubmitted(
        filing=number, cycle_name="2026", unit="north", kind="result", document=pack(made.data), compression="gzip",
        note=made.note, sha256=made.sha256,
    )  # fmt: skip
    return data.model_copy(update=changes)


async def seen(house: House, **query: str) -> list[dict[str, Any]]:
    return list((await house.get("/filings", OFFICE, **query)).json()["items"])


async def test_s14_a_published_result_is_filed_and_verified_by_the_office_above(city: House, province: House) -> None:
    refused(await city.post("/cycles/2026-H2/filings", {}), 409, "cycle")
    await publish(city)
    sent = await city.done("/cycles/2026-H2/filings", {}, at="2027-01-08 09:00")
    assert (sent["state"], sent["version"], sent["unit"], sent["result_version"]) == ("waiting", 1, "north", 1)
    [(number, message)] = await city.unit.read(filing_upward.waiting)
    assert await city.unit.read(filing_upward.waiting) == [(number, message)], "sent again it is the same to the byte"
    event = Event[FilingSubmitted].model_validate_json(message)
    key = {"unit": "north", "vkey": city.desk.signer.vkey, "reason": "换了公章密钥"}
    await province.done("/filing-offices", key, at="2027-01-08 09:00")
    [receipt] = await province.filing(event.data, "north", "2027-01-08 09:10")
    assert receipt.state == "refused", "the new key is nobody's until a second person has confirmed it"
    refused(await province.post("/filing-offices/north/decision", {"version": 2, "confirmed": True}), 403, "decided_by")
    await province.done("/filing-offices/north/decision", {"version": 2, "confirmed": True}, who=APPROVER)
    again = event.data.model_copy(update={"filing": "second"})
    [receipt] = await province.filing(again, "north", "2027-01-08 09:20")
    assert (receipt.state, receipt.reasons) == ("received", ())
    [row, first] = await seen(province)
    assert (first["state"], row["state"], row["cycle"], row["of_cycle"]) == ("refused", "received", "2026", "2026-H2")
    units = (await province.get(f"/filings/{row['id']}/units", OFFICE)).json()["items"]
    ranking = (await city.get("/cycles/2026-H2/ranking")).json()["rows"]
    assert [(u["unit"], u["rank"], u["composite"]) for u in units] == [
        (r["unit"], r["rank"], r["composite"]) for r in ranking
    ]
    document = (await province.get(f"/filings/{row['id']}/document", OFFICE)).content
    note = (await province.get(f"/filings/{row['id']}/note", OFFICE)).content
    report = verify_bytes(document, trusted={city.desk.signer.vkey}, beside=Beside(note=note))
    assert report.exit_code == 0, "what is kept is what was filed"


@pytest.mark.parametrize(
    ("what", "changes", "account", "reason"),
    [
        ("another key signed it", {"made": result(SOUTH)}, "north", "is unknown"),
        ("the note is of another file", {"note": result(cycle="2025").note}, "north", "is not over this file"),
        ("a figure was changed", {"document": "change"}, "north", "published.signature"),
        ("the hash is not the document's", {"sha256": "0" * 64}, "north", "sha256"),
        ("it is of another cycle", {"cycle_name": "2025", "for_cycle": "2026"}, "north", "the result is of 2026"),
        ("another office sends it", {}, "south", "is not the office of account south"),
        ("its unit files nothing", {"unit": "own"}, "own", "file nothing here"),
        ("nobody confirmed its key", {"unit": "south"}, "south", "is not registered here"),
        ("which cycle it is for is not plain", {"cycle_name": "第一轮"}, "north", "for_cycle"),
        ("it is no result", {"document": pack(b"{}"), "sha256": "empty"}, "north", "no published result"),
    ],
)  # fmt: skip
async def test_s14_what_does_not_hold_is_refused_with_its_reason_and_kept(
    province: House, what: str, changes: dict[str, Any], account: str, reason: str
) -> None:
    made = changes.pop("made", None) or result()
    if changes.get("document") == "change":
        made = replace(made, data=made.data.replace(b'"90.5"', b'"99.5"'))
        changes.pop("document")
    if changes.get("sha256") == "empty":
        changes["sha256"] = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    [receipt] = await province.filing(filing(made, **changes), account, "2027-01-08 09:00")
    assert receipt.state == "refused", what
    assert any(reason in said for said in receipt.reasons), receipt.reasons
    [row] = await seen(province)
    assert (row["state"], row["version"], row["reasons"]) == ("refused", None, list(receipt.reasons))
    [told] = province.published(FilingRefused)
    assert told.reasons == receipt.reasons and not province.published(FilingReceived)
    refused(await province.post(f"/filings/{row['id']}/review", {"decision": "accepted", "mark": "90"}), 409, "filing")


async def test_s9_the_reviews_mark_becomes_the_units_part_by_a_second_person(province: House) -> None:
    await province.filing(filing(result()), "north", "2027-01-08 09:00")
    [row] = await seen(province, state="received")
    path = f"/filings/{row['id']}/review"
    refused(await province.post(path, {"decision": "accepted"}), 422, "mark")
    refused(await province.post(path, {"decision": "accepted", "mark": "101"}), 422, "mark")
    done = await province.done(path, {"decision": "accepted", "mark": "92.5"}, at="2027-01-12 09:00")
    assert (done["state"], done["part"], done["part_version"], done["reviewed_by"]) == (
        "accepted",
        "year-end",
        1,
        "officer-1",
    )
    values = (await province.get(f"{MARK}/values", OFFICE)).json()["items"]
    assert [(v["unit"], v["marks"], v["state"], v["document_sha256"]) for v in values] == [
        ("north", {"": "92.5"}, "waiting", row["sha256"])
    ]
    assert "north市局" in values[0]["document"] and "f1" in values[0]["document"]
    named = {"values": [{"unit": "north", "version": 1}], "confirmed": True}
    refused(await province.post(f"{MARK}/decision", named), 403, "decided_by")
    await province.done(f"{MARK}/decision", named, who=OTHER_OFFICE, at="2027-01-13 09:00")
    receipts = [m for m in province.outgoing if m.subject == "minping.receipt.north"]
    last = Event[FilingReceipt].model_validate_json(receipts[-1].payload).data
    assert (last.state, last.filing) == ("accepted", "f1")
    [told] = province.published(FilingReviewed)
    assert (told.decision, told.part, told.unit) == ("accepted", "year-end", "north")
    refused(await province.post(path, {"decision": "accepted", "mark": "1"}), 409, "filing")


async def test_s14_a_returned_filing_is_filed_anew_and_nothing_is_overwritten(province: House) -> None:
    await province.filing(filing(result()), "north", "2027-01-08 09:00")
    [row] = await seen(province)
    path = f"/filings/{row['id']}/review"
    refused(await province.post(path, {"decision": "returned"}), 422, "reasons")
    refused(await province.post(path, {"decision": "returned", "reasons": "缺整改情况", "mark": "80"}), 422, "mark")
    await province.done(path, {"decision": "returned", "reasons": "缺整改情况"}, at="2027-01-09 09:00")
    [told] = province.published(FilingReviewed)
    assert (told.decision, told.reasons) == ("returned", "缺整改情况")
    text = "整改情况".encode()
    report = filing(result(), "f2", kind="report", title="整改情况报告", document=pack(text), note="")
    [wrong] = await province.filing(report, "north", "2027-01-10 09:00")
    assert wrong.state == "refused" and "sha256" in wrong.reasons[0]
    right = report.model_copy(update={"filing": "f2b", "sha256": hashlib.sha256(text).hexdigest()})
    assert (await province.filing(right, "north", "2027-01-10 09:00"))[0].state == "received"
    await province.filing(filing(result(), "f3"), "north", "2027-01-10 09:00")
    [new, _, _, old] = await seen(province, unit="north")
    assert [(old["version"], old["state"]), (new["version"], new["state"])] == [(1, "returned"), (2, "received")]
    corrected = result(version=2, reason="一家单位的扣分更正")
    await province.filing(filing(corrected, "f4"), "north", "2027-01-11 09:00")
    refused(await province.post(f"/filings/{new['id']}/review", {"decision": "accepted", "mark": "90"}), 409, "filing")
    [newest, *_] = await seen(province, state="received")
    assert (newest["version"], newest["result_version"]) == (3, 2)
    await province.done(
        f"/filings/{newest['id']}/review", {"decision": "accepted", "mark": "90"}, at="2027-01-12 09:00"
    )
    [earlier] = await province.filing(filing(result(), "f5"), "north", "2027-01-14 09:00")
    assert earlier.state == "refused" and "version 2 was filed before" in earlier.reasons[0]


async def test_s14_sent_twice_it_is_one_filing_and_a_number_stands_for_one_document(province: House) -> None:
    one = filing(result())
    [first] = await province.filing(one, "north", "2027-01-08 09:00")
    [second] = await province.filing(one, "north", "2027-01-08 09:05")
    assert (first.state, first.repeated, second.state, second.repeated) == ("received", False, "received", True)
    [other] = await province.filing(filing(result(version=2, reason="更正")), "north", "2027-01-08 09:10")
    assert other.state == "refused" and "used for another document" in other.reasons[0]
    [row] = await seen(province)
    assert (row["state"], row["version"]) == ("received", 1)
    assert len(province.published(FilingReceived)) == 1


async def test_s14_a_filing_is_carried_as_a_file_and_its_answer_is_entered(city: House, province: House) -> None:
    await publish(city)
    sent = await city.done("/cycles/2026-H2/filings", {"by": "file"}, at="2027-01-08 09:00")
    assert await city.unit.read(filing_upward.waiting) == []
    path = f"/cycles/2026-H2/filings/{sent['filing']}"
    carried = (await city.get(f"{path}/file.json", OFFICE)).json()
    await province.done("/filing-offices", {"unit": "north", "vkey": city.desk.signer.vkey, "reason": "更换"})
    await province.done("/filing-offices/north/decision", {"version": 2, "confirmed": True}, who=APPROVER)
    taken = await province.done("/filings", carried, at="2027-01-09 09:00")
    assert (taken["state"], taken["by_bus"], taken["came_by"], taken["late"]) == ("received", False, "officer-1", False)
    assert all(check["holds"] for check in taken["checks"])
    await province.done(f"/filings/{taken['id']}/review", {"decision": "returned", "reasons": "补报告"})
    assert not [m for m in province.outgoing if m.subject.startswith("minping.receipt.")]
    refused(await city.post(f"{path}/answer", {"state": "returned"}), 422, "reasons")
    done = await city.done(f"{path}/answer", {"state": "returned", "reasons": ["补报告"]}, at="2027-01-12 09:00")
    assert (done["state"], done["answers"][0]["by"]) == ("returned", "officer-1")
    assert (await city.done("/cycles/2026-H2/filings", {}))["version"] == 2
    carried["document"] = pack(b"{}")
    carried["filing"] = "tampered"
    assert (await province.done("/filings", carried))["state"] == "refused"


async def test_s14_answers_reach_the_office_that_filed_in_whatever_order_they_come(city: House) -> None:
    await publish(city)
    sent = await city.done("/cycles/2026-H2/filings", {}, at="2027-01-08 09:00")
    refused(await city.post("/cycles/2026-H2/filings", {}), 409, "cycle")
    number = sent["filing"]

    async def hear(state: str, *reasons: str) -> str:
        receipt = FilingReceipt.model_validate({"filing": number, "state": state, "reasons": reasons})
        await city.unit.run(lambda tx: filing_upward.answered(tx, receipt), at=city.clock.now())
        await city.unit.run(lambda tx: filing_upward.sent(tx, number), at=city.clock.now())
        return str((await city.get("/cycles/2026-H2/filings", OFFICE)).json()["items"][0]["state"])

    assert await hear("received") == "received", "an answer may come before the acknowledgement"
    assert await hear("returned", "缺报告") == "returned"
    assert await hear("received") == "returned"
    assert [(t.state, t.reasons) for t in city.published(FilingAnswered)] == [
        ("received", ()),
        ("returned", ("缺报告",)),
    ]
    again = await city.done("/cycles/2026-H2/filings", {}, at="2027-01-12 09:00")
    assert (again["version"], len(city.published(ResultFiled))) == (2, 2)
    await city.done("/cycles/2026-H2/ranking", {"reason": "扣分更正"}, at="2027-01-13 09:00")
    corrected = await city.done("/cycles/2026-H2/filings", {}, at="2027-01-13 10:00")
    assert (corrected["version"], corrected["result_version"]) == (3, 2), "a correction is filed while one is under way"
    report = {"kind": "report", "title": "整改情况", "document": base64.b64encode(b"docx").decode()}
    assert (await city.done("/cycles/2026-H2/filings", report))["version"] == 1
    refused(await city.post("/cycles/2026-H2/filings", {**report, "document": "%"}), 422, "document")
    rows = await city.unit.read(lambda session: filed.to_send(session, 20))
    assert [row.version for row in rows] == [2, 3, 1], "in the order of filing"


async def test_s14_an_office_that_did_not_file_by_the_day_is_told_once(province: House) -> None:
    async def tick(at: str) -> None:
        await province.unit.run(lambda tx: filings_overdue.tick(province.desk, tx, Aside()), at=local(at))

    await province.filing(filing(result()), "north", "2027-02-20 09:00")
    await tick("2027-03-01T23:59:59")  # 28 February 2027 is a Sunday: the day is the next working day
    assert not province.published(FilingOverdue)
    await tick("2027-03-02T00:00:00")
    await tick("2027-03-03T00:00:00")
    assert [(t.unit, t.cycle_name, str(t.by)) for t in province.published(FilingOverdue)] == [
        ("south", "2026", "2027-03-01")
    ]
    key = {"unit": "south", "vkey": SOUTH.vkey}
    await province.done("/filing-offices", key)
    await province.done("/filing-offices/south/decision", {"version": 1, "confirmed": True}, who=APPROVER)
    await province.filing(filing(result(SOUTH), unit="south"), "south", "2027-03-04 09:00")
    [late, early] = await seen(province)
    assert (late["late"], early["late"]) == (True, False)


async def test_s14_whose_key_is_believed_is_said_by_two_and_each_office_has_its_own(province: House) -> None:
    refused(await province.post("/filing-offices", {"unit": "own", "vkey": SOUTH.vkey}), 409, "unit")
    refused(await province.post("/filing-offices", {"unit": "south", "vkey": "south+00+AA=="}), 422, "vkey")
    refused(await province.post("/filing-offices", {"unit": "south", "vkey": NORTH.vkey}), 409, "vkey")
    taken = {"unit": "south", "vkey": SOUTH.vkey, "account": "north"}
    refused(await province.post("/filing-offices", taken), 409, "account")
    refused(await province.post("/filing-offices", {"unit": "north", "vkey": SOUTH.vkey}), 409, "reason")
    await province.done("/filing-offices", {"unit": "south", "vkey": SOUTH.vkey})
    refused(await province.post("/filing-offices", {"unit": "south", "vkey": SOUTH.vkey}), 409, "unit")
    decision = {"version": 1, "confirmed": False}
    refused(await province.post("/filing-offices/south/decision", decision, who=APPROVER), 422, "reason")
    await province.done("/filing-offices/south/decision", {**decision, "reason": "电话核对不符"}, who=APPROVER)
    [receipt] = await province.filing(filing(result(SOUTH), unit="south"), "south", "2027-01-08 09:00")
    assert receipt.state == "refused"
    listed = (await province.get("/filing-offices", OFFICE, limit="1")).json()
    assert [row["unit"] for row in listed["items"]] == ["north"]
    listed = (await province.get("/filing-offices", OFFICE, limit="1", cursor=listed["next"])).json()
    assert [(row["unit"], row["state"]) for row in listed["items"]] == [("south", "refused")]


async def test_s14_filings_are_read_by_the_office_and_who_oversees_it_only(province: House) -> None:
    await province.filing(filing(result()), "north", "2027-01-08 09:00")
    for path in ("/filings", "/filings/1", "/filings/1/units", "/filings/1/document", "/filing-offices"):
        assert (await province.get(path, OFFICE)).status_code == 200
        for who in (None, CLERK, LEADER):
            assert (await province.get(path, who)).status_code in (401, 403)
    assert (await province.get("/filings/99", OFFICE)).status_code == 404
    first = (await province.get("/filings/1/units", OFFICE, limit="3")).json()
    rest = (await province.get("/filings/1/units", OFFICE, limit="3", cursor=first["next"])).json()
    assert [u["unit"] for u in first["items"] + rest["items"]] == ["u1", "u2", "u3", "u4"] and rest["next"] is None
    assert json.loads(result().data)["units"][0]["unit"] == "u1"


async def page(house: House, path: str, language: str = "zh", who: dict[str, Any] | None = OFFICE) -> httpx2.Response:
    headers = {"Accept-Language": language} | ({"Authorization": f"Bearer {house._token(who)}"} if who else {})
    return await house.http.get(path, headers=headers)


async def test_s14_the_page_shows_what_was_filed_whether_it_holds_and_what_was_decided(province: House) -> None:
    changed = replace(result(), data=result().data.replace(b'"90.5"', b'"99.5"'))
    await province.filing(filing(changed, "bad"), "north", "2027-01-08 09:00")
    await province.filing(filing(result(), "f1"), "north", "2027-01-08 10:00")
    [row] = await seen(province, state="received")
    before = (await page(province, "/filings?cycle=2026")).text
    assert "待审核" in before and "拒收" in before and "尚未登记公钥" in before and "north市局" in before
    reviewed = {"decision": "accepted", "mark": "92.5"}
    await province.done(f"/filings/{row['id']}/review", reviewed, at="2027-01-12 09:00")
    after = (await page(province, "/filings?cycle=2026")).text
    assert "审核通过" in after and "92.5" in after and "待第二人确认" in after
    named = {"values": [{"unit": "north", "version": 1}], "confirmed": True}
    await province.done(f"{MARK}/decision", named, who=OTHER_OFFICE, at="2027-01-13 09:00")
    assert "confirmed" in (await page(province, "/filings?cycle=2026", "en")).text
    whole = (await page(province, f"/filings/{row['id']}")).text
    assert whole.count("✓") == 10 and "✗" not in whole and "单位1" in whole and "年终考核" in whole
    refused_one = (await page(province, "/filings/1", "en")).text
    assert "✗" in refused_one and "refused" in refused_one and "单位1" not in refused_one, "nothing in it is believed"
    assert (await page(province, "/filings", who=None)).status_code == 401
    assert (await page(province, "/filings", who=CLERK)).status_code == 403
    assert (await page(province, "/filings/77")).status_code == 404
