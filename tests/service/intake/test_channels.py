"""Every channel of the programme (I1): what a report by it must carry, which evidence it takes, its own figures."""

from typing import Any

import pytest

from tests.service.intake.house import TEXT, House
from tests.service.intake.test_inspections import seen

OF_THE_DOMAIN = {
    "hotline_on_air", "hotline_daily", "letterbox", "email", "web_form", "media_exposure", "inspection_covert",
    "inspection_open", "supervisor_card", "monitoring_point", "evaluation_card", "questionnaire", "forum",
    "opinion_poll", "visit", "meeting_question", "photo_tip", "hall_video", "e_supervision", "higher_office",
    "self_inspection",
}  # fmt: skip


OF_OUR_OWN = {"appraisal"}
"""Rectification that a consequence orders, and the problems of an opinion (S12, S14): no mouth of the domain."""


def test_i1_the_programme_has_every_channel_of_the_domain(house: House) -> None:
    assert {channel.key for channel in house.rules.programme.channels} == OF_THE_DOMAIN | OF_OUR_OWN
    assert all(channel.evidence for channel in house.rules.programme.channels)


@pytest.mark.parametrize(
    ("channel", "field", "given"),
    [
        ("media_exposure", "particulars.date", {"outlet": "清河日报"}),
        ("media_exposure", "particulars.outlet", {"date": "2026-03-01"}),
        ("media_exposure", "particulars.date", {"outlet": "清河日报", "date": "三月一日"}),
        ("supervisor_card", "particulars.card", {}),
        ("monitoring_point", "particulars.point", {}),
        ("meeting_question", "particulars.meeting", {}),
        ("opinion_poll", "particulars.survey", {}),
        ("e_supervision", "particulars.record", {"record": "  "}),
        ("inspection_open", "particulars.inspection", {}),
        ("inspection_covert", "inspection", {"inspection": "2026-Q1-I9999"}),
        ("photo_tip", "evidence", {}),
        ("hall_video", "evidence", {}),
        ("email", "particulars.sender", {"sender": "x"}),
    ],
)
async def test_i1_a_report_that_lacks_what_its_channel_asks_for_gets_the_field(
    house: House, channel: str, field: str, given: dict[str, str]
) -> None:
    answer = await house.call("clerk", "POST", "/complaints", channel=channel, text=TEXT, particulars=given)
    assert answer.status_code in (404, 422), answer.text
    assert answer.json()["field"] == field
    kept = await house.report("T-1", channel=channel, particulars=given)
    assert (kept["state"], kept["field"]) == ("kept_for_repair", field)


async def test_i1_what_is_lacking_is_added_in_repair_and_nothing_is_lost(house: House) -> None:
    await house.report("T-1", channel="opinion_poll")
    [repair] = (await house.done("clerk", "GET", "/repairs"))["items"]
    path = f"/repairs/{repair['id']}/resubmission"
    mended = await house.done("clerk", "POST", path, particulars={"survey": "2026年一季度民意调查"})
    assert mended["state"] == "registered"


@pytest.mark.parametrize("channel", sorted(
    {"inspection_open", "self_inspection", "supervisor_card", "monitoring_point", "e_supervision", "opinion_poll"}
))  # fmt: skip
async def test_i1_the_public_does_not_report_by_an_official_channel(house: House, channel: str) -> None:
    answer = await house.call("public", "POST", "/public/complaints", channel=channel, text=TEXT)
    assert (answer.status_code, answer.json()["field"]) == (422, "channel")


async def test_i1_statistics_run_by_channel(house: House) -> None:
    particulars: dict[str, dict[str, Any]] = {
        "media_exposure": {"outlet": "清河日报", "date": "2026-03-01"}, "opinion_poll": {"survey": "一季度"},
        "e_supervision": {"record": "DZ-1"}, "meeting_question": {"meeting": "2026-M1"},
    }  # fmt: skip
    for n, (channel, given) in enumerate(particulars.items()):
        await house.done("clerk", "POST", "/complaints", channel=channel, text=f"{TEXT}{n}", particulars=given)
    await house.done("inspector", "POST", "/inspections", **seen())
    figures = await house.done("office", "GET", "/statistics")
    assert {name: line["registered"] for name, line in figures["by_channel"].items()} == dict.fromkeys(
        (*sorted(particulars), "inspection_covert"), 1
    )
