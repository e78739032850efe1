"""Evidence that may show who complained goes with its period, and no file stays that nobody claimed (I3, X11)."""

from typing import Any

import httpx2

from services.intake.keeping import unlink_some
from tests.service.intake import samples
from tests.service.intake.house import TEXT, House
from tests.service.intake.test_evidence import files, send, sent
from tests.service.intake.test_inspections import seen
from tests.service.intake.test_matters import FIRST, closed

LONG_AFTER = "2027-03-13T09:00"
"""A year and a day after the closing of 12 March 2026."""


async def cleared(house: House, at: str) -> list[str]:
    """The clock comes by, and what it erased goes from the disk; the files that are left."""
    await house.tick(at)
    while await unlink_some(house.rules, house.unit, house.clock.now):
        pass
    return files(house)


async def given(house: House, number: str = FIRST, data: bytes = b"", **more: str) -> dict[str, Any]:
    picture = data or samples.picture()
    return await sent(house, "clerk", picture, about="complaint", of=number, name="张三的照片.jpg", **more)


async def read(house: House, sha: str) -> httpx2.Response:
    return await house.call("clerk", "GET", f"/evidence/{sha}")


async def test_i3_evidence_that_may_show_who_complained_is_erased_with_its_period(house: House) -> None:
    await house.report("T-1")  # also of somebody who gave no name: a picture may show him
    made = await given(house)
    await closed(house)
    shown = await house.done("custodian", "GET", f"/complaints/{FIRST}/retention")
    assert (shown["evidence"], shown["evidence_until"][:10]) == (1, "2027-03-12")
    assert await cleared(house, "2027-03-12T08:59") == [made["sha"]]
    assert await cleared(house, LONG_AFTER) == []
    gone = await read(house, made["sha"])
    assert (gone.status_code, "2027-03-13" in gone.json()["reason"]) == (410, True)
    [left] = (await house.done("clerk", "GET", f"/evidence?about=complaint&of={FIRST}"))["items"]
    assert (left["sha"], left["name"], left["words"], left["erased_at"] is not None) == (made["sha"], "", "", True)
    shown = await house.done("custodian", "GET", f"/complaints/{FIRST}/retention")
    assert [(one["what"], one["rule"]) for one in shown["erased"]] == [("evidence", "retention.evidence=365")]
    steps = [(e["step"], e["who"], e["number"]) for e in (await house.done("auditor", "GET", "/audit"))["items"]]
    assert steps == [("erased", "clock", FIRST)]


async def test_i3_a_hold_keeps_the_evidence_and_what_was_released_stays_with_the_case(house: House) -> None:
    await house.report("T-1")
    held = await given(house)
    await closed(house)
    await house.done("office", "POST", f"/complaints/{FIRST}/hold", reason="法院调取")
    assert await cleared(house, "2028-06-01T09:00") == [held["sha"]]
    await house.done("clerk", "POST", f"/attachments/{held['id']}/release", "2028-06-02T09:00", reason="不显示投诉人")
    await house.done("custodian", "POST", f"/complaints/{FIRST}/hold/lifting", "2028-06-02T10:00", reason="已结案")
    assert await cleared(house, "2029-12-01T09:00") == [held["sha"]]
    assert (await read(house, held["sha"])).status_code == 200


async def test_i3_a_file_that_another_matter_keeps_stays_for_that_one(house: House) -> None:
    await house.report("T-1")
    other = (await house.report("T-2", text="另一件事：窗口收了材料不给回执，也不说几天办好"))["number"]
    made = await given(house)
    await given(house, other)
    await closed(house)
    assert await cleared(house, LONG_AFTER) == [made["sha"]]
    assert (await read(house, made["sha"])).status_code == 200
    [left] = (await house.done("clerk", "GET", f"/evidence?about=complaint&of={FIRST}"))["items"]
    assert left["erased_at"] is not None


async def test_i3_what_an_inspection_found_is_the_offices_record_and_stays(house: House) -> None:
    photo = await sent(house, "inspector", samples.picture())
    body = seen()
    body["findings"][0]["evidence"] = [photo["sha"]]
    number = (await house.done("inspector", "POST", "/inspections", **body))["findings"][0]
    await house.done("clerk", "POST", f"/complaints/{number}/screening", decision="unfounded", reason="查无实据")
    assert await cleared(house, "2028-01-01T09:00") == [photo["sha"]]


async def test_x8_a_file_that_was_given_for_nothing_is_swept_away_after_its_days_and_may_come_again(
    house: House,
) -> None:
    made = await sent(house, "clerk", samples.picture())
    assert await cleared(house, "2026-03-09T09:59") == [made["sha"]]
    assert await cleared(house, "2026-03-10T10:00") == []
    body = {"channel": "photo_tip", "text": TEXT, "evidence": [made["sha"]]}
    late = await house.call("clerk", "POST", "/complaints", "2026-03-10T11:00", **body)
    assert (late.status_code, late.json()["field"]) == (422, "evidence.0")
    answer = await send(house, "clerk", samples.picture(), at="2026-03-10T12:00")
    assert (answer.json()["sha"], files(house)) == (made["sha"], [made["sha"]])
    assert (await house.call("clerk", "POST", "/complaints", "2026-03-10T13:00", **body)).status_code == 201
