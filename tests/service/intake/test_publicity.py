"""Outcomes fed back in the media and filed with the higher office; the roster; a hotline's own tickets (I12, I18)."""

from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from python_calamine import CalamineWorkbook

from shared.contracts.inbox import ReceiptIssued
from shared.contracts.publicity import FeedbackOverdue, OutcomeBroadcast, OutcomeFiled, ShowApproaching
from shared.contracts.rectification import (
    CallbackRequested,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseReturned,
    CaseSolved,
)
from tests.service.intake.house import PERSON, House, local

NUMBER = "2026-000001"
DUE = {"due": date(2026, 3, 23), "expires_at": local("2026-03-24T00:00")}
SHOW = {
    "name": "政风行风热线",
    "outlet": "市电台",
    "starts_at": "2026-03-10T10:00:00+08:00",
    "unit": "tax",
    "leader": "李强",
}


async def to_closing(house: House, at: str = "2026-03-12T10:00", **report: Any) -> str:
    """A matter from its report to its closing; gives its number."""
    number: str = (await house.report(**{"ticket": "T-1", "channel": "hotline_on_air", **report}))["number"]
    await house.to_unit(number)
    await house.hear("2026-03-02T11:00", CaseOpened(case=number, lead_unit="tax", track="immediate", **DUE))
    await house.hear("2026-03-09T10:00", CaseSolved(case=number, unit="tax", round=1, reply="已加派人手", late=False))
    await close(house, number, at)
    return number


async def close(house: House, number: str, at: str, round_: int = 1) -> None:
    closing = CaseClosed(case=number, unit="tax", paying_unit="tax", outcome="solved", round=round_, late=False)
    await house.hear(at, closing)


async def air(house: House, at: str = "2026-03-20T10:00", on: str = "2026-03-19", number: str = NUMBER) -> Any:
    body = {"outlet": "市电台", "on": on, "words": "窗口已恢复，来电人13800001111表示满意", "receipt": "G-7"}
    return await house.call("office", "POST", f"/complaints/{number}/broadcast", at, **body)


async def test_i12_the_outcome_of_a_hotline_matter_is_fed_back_in_the_media(house: House) -> None:
    await to_closing(house)
    [owed] = (await house.done("office", "GET", "/feedback"))["items"]
    assert (owed["number"], owed["due"], owed["overdue"]) == (NUMBER, "2026-03-26", False)
    told = (await air(house)).json()
    assert told["words"] == "窗口已恢复，来电人［电话］表示满意"
    [event] = house.events(OutcomeBroadcast)
    assert (event.number, event.outlet, event.on, event.receipt) == (NUMBER, "市电台", date(2026, 3, 19), "G-7")
    assert not (await house.done("office", "GET", "/feedback"))["items"]
    await house.tick("2026-06-01T09:00")
    assert not house.events(FeedbackOverdue)


async def test_i12_overdue_feedback_is_chased_once_a_closing_and_survives_a_restart(house: House) -> None:
    await to_closing(house)
    await house.tick("2026-03-26T23:59")
    assert not house.events(FeedbackOverdue)
    for at in ("2026-03-27T00:00", "2026-03-28T09:00", "2026-05-01T09:00"):
        await house.tick(at, restarted=True)
    [late] = house.events(FeedbackOverdue)
    assert (late.number, late.due, late.roles) == (NUMBER, local("2026-03-27T00:00"), ("office",))
    [owed] = (await house.done("office", "GET", "/feedback?overdue=true"))["items"]
    assert owed["overdue"]


async def test_i12_a_reopened_matter_is_fed_back_anew_after_its_next_closing(house: House) -> None:
    await to_closing(house)
    await house.hear("2026-03-16T09:00", CaseReopened(case=NUMBER, unit="tax", reason="bad_callback", round=2, **DUE))
    assert not (await house.done("office", "GET", "/feedback"))["items"]
    assert (await air(house, "2026-03-17T10:00", "2026-03-17")).status_code == 409
    await close(house, NUMBER, "2026-04-01T10:00", 2)
    assert [o["number"] for o in (await house.done("office", "GET", "/feedback"))["items"]] == [NUMBER]
    assert (await air(house, "2026-04-03T10:00", "2026-03-31")).status_code == 422
    assert (await air(house, "2026-04-03T10:00", "2026-04-02")).is_success


async def test_i12_a_matter_is_a_hotline_matter_also_by_a_complaint_linked_to_it(house: House) -> None:
    await house.report("T-1", channel="web_form")
    await house.report("T-2", channel="hotline_on_air")
    await house.to_unit(NUMBER)
    await close(house, NUMBER, "2026-03-12T10:00")
    assert [o["number"] for o in (await house.done("office", "GET", "/feedback"))["items"]] == [NUMBER]


async def test_i12_what_was_dismissed_has_an_outcome_too_and_other_channels_are_not_chased(house: House) -> None:
    await house.report("T-1", channel="hotline_on_air")
    await house.report("T-2", channel="web_form", text="另一件事：停车场夜间乱收费，保安态度恶劣，多次反映无人处理。")
    for number in (NUMBER, "2026-000002"):
        await house.done("clerk", "POST", f"/complaints/{number}/screening", decision="unfounded", reason="查无此事")
    assert [o["number"] for o in (await house.done("office", "GET", "/feedback"))["items"]] == [NUMBER]


async def test_i12_nothing_is_broadcast_before_there_is_an_outcome(house: House) -> None:
    await house.report("T-1", channel="hotline_on_air")
    assert (await air(house)).status_code == 409
    assert not house.events(OutcomeBroadcast)


async def test_i12_results_are_filed_upward_with_frozen_content_and_the_receipt_of_the_higher_office(
    house: House,
) -> None:
    await to_closing(house)
    await air(house)
    filing = {"office": "省纠风办", "first": "2026-03-01", "last": "2026-03-31"}
    for early in ("2026-03-30T10:00", "2026-03-31T23:59"):  # what is closed until midnight belongs to the period
        assert (await house.call("office", "POST", "/filings", early, **filing)).status_code == 422
    made = await house.done("office", "POST", "/filings", "2026-04-01T10:00", **filing)
    before = await house.done("higher_office", "GET", f"/filings/{made['id']}")
    [row] = before["rows"]
    assert (row["number"], row["unit"], row["outcome"], row["closed_on"]) == (NUMBER, "清河tax", "已解决", "2026-03-12")
    assert row["broadcast"] == "2026-03-19 市电台"
    await house.hear("2026-04-02T09:00", CaseReopened(case=NUMBER, unit="tax", reason="bad_callback", round=2, **DUE))
    assert await house.done("higher_office", "GET", f"/filings/{made['id']}") == before
    path = f"/filings/{made['id']}/receipt"
    got = await house.done(
        "higher_office", "POST", path, "2026-04-03T10:00", number="省备〔2026〕12号", on="2026-04-03"
    )
    assert (got["receipt"], got["receipt_on"], got["receipt_by"]) == (
        "省备〔2026〕12号",
        "2026-04-03",
        "higher_office-1",
    )
    [filed] = house.events(OutcomeFiled)
    assert (filed.office, filed.on, filed.receipt) == ("省纠风办", date(2026, 4, 3), "省备〔2026〕12号")
    again = await house.call("office", "POST", path, "2026-04-04T10:00", number="x", on="2026-04-04")
    assert again.status_code == 409


@pytest.mark.parametrize("evil", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"])
async def test_i12_nothing_in_a_cell_of_the_export_runs(house: House, evil: str) -> None:
    await to_closing(house, title=f"{evil}标题")
    made = await house.done(
        "office", "POST", "/filings", "2026-04-01T10:00", office="省纠风办", first="2026-03-01", last="2026-03-31"
    )
    answer = await house.call("office", "GET", f"/filings/{made['id']}/export.xlsx")
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    heading, row = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert heading[:3] == ["受理编号", "受理渠道", "受理日期"]
    assert row[0] == NUMBER
    assert not any(str(cell).startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert "<f>" not in ZipFile(BytesIO(answer.content)).read("xl/worksheets/sheet1.xml").decode()


async def test_i18_a_hotline_hears_each_status_once_and_in_order_on_its_own_ticket(house: House) -> None:
    await house.report("T-1", identity="named", sealed_identity=house.sealed("T-1", PERSON))
    await house.to_unit(NUMBER)
    opening = CaseOpened(case=NUMBER, lead_unit="tax", track="immediate", **DUE)
    reopening = CaseReopened(case=NUMBER, unit="tax", reason="bad_callback", round=3, **DUE)
    returning = CaseReturned(
        case=NUMBER, unit="tax", round=1, reasons=("x",), rework_due=date(2026, 3, 16), expires_at=DUE["expires_at"]
    )
    story: list[tuple[str, Any]] = [("2026-03-02T11:00", opening)]
    for at, round_ in (("2026-03-03T09:00", 1), ("2026-03-11T09:00", 2)):
        story.append((at, CaseSolved(case=NUMBER, unit="tax", round=round_, reply=f"答复{round_}", late=False)))
    story += [("2026-03-10T09:00", returning)]
    for at, event in sorted(story, key=lambda one: one[0]):
        await house.hear(at, event, f"{type(event).__name__} {at}")
        await house.hear(at, event, f"{type(event).__name__} {at}")
    asking = CallbackRequested(
        case=NUMBER, unit="tax", round=2, complaints=(NUMBER,), expires_at=local("2026-03-17T00:00")
    )
    await house.hear("2026-03-11T09:00", asking)
    answer = {"result": "graded", "grade": "satisfied", "confirmed": True}
    await house.done("clerk", "POST", f"/callbacks/{NUMBER}/{NUMBER}", "2026-03-11T10:00", **answer)
    await close(house, NUMBER, "2026-03-12T09:00", 2)
    await house.hear("2026-03-20T09:00", reopening)
    told = [r for r in house.events(ReceiptIssued) if r.state == "status"]
    assert [r.status for r in told] == [
        "rectifying",
        "solved",
        "reworking",
        "solved",
        "called_back",
        "closed",
        "reopened",
    ]
    assert {r.ticket for r in told} == {"T-1"}
    assert (told[0].expected, told[0].unit) == (date(2026, 3, 23), "清河tax")
    assert (told[1].reply, told[2].expected, told[3].reply) == ("答复1", date(2026, 3, 16), "答复2")
    assert (told[4].grade, told[5].outcome, told[5].reply) == ("satisfied", "solved", "答复2")


async def test_i18_news_that_comes_late_is_not_told_as_if_it_were_new(house: House) -> None:
    await house.report("T-1")
    await house.to_unit(NUMBER)
    await close(house, NUMBER, "2026-03-12T09:00")
    await house.hear("2026-03-09T09:00", CaseSolved(case=NUMBER, unit="tax", round=1, reply="已改", late=False))
    await house.hear("2026-03-02T11:00", CaseOpened(case=NUMBER, lead_unit="tax", track="immediate", **DUE))
    assert [r.status for r in house.events(ReceiptIssued) if r.state == "status"] == ["closed"]


async def test_i18_a_source_over_https_asks_after_its_own_ticket_and_no_other(house: House) -> None:
    body = {"ticket": "工单/2026 8", "channel": "hotline_daily", "text": "三号窗口下午没有人，跑了三趟没有办成。"}
    assert (await house.call("source", "POST", "/complaints", sub="radio", **body)).is_success
    path = "/tickets/工单/2026 8"
    early = await house.done("source", "GET", path, sub="radio")
    assert (early["number"], early["status"], early["unit"], early["expected"]) == (NUMBER, "registered", None, None)
    await house.to_unit(NUMBER)
    await house.hear("2026-03-02T11:00", CaseOpened(case=NUMBER, lead_unit="tax", track="immediate", **DUE))
    await house.hear("2026-03-09T10:00", CaseSolved(case=NUMBER, unit="tax", round=1, reply="已加派人手", late=False))
    await close(house, NUMBER, "2026-03-12T09:00")
    ticket = await house.done("source", "GET", path, sub="radio")
    assert (ticket["status"], ticket["status_zh"], ticket["outcome"]) == ("closed", "已办结", "solved")
    assert (ticket["reply"], ticket["unit"], ticket["expected"]) == ("已加派人手", "清河tax", "2026-03-23")
    assert [step["status"] for step in ticket["steps"]] == ["accepted", "transferred", "rectifying", "solved", "closed"]
    assert (await house.call("source", "GET", path, sub="paper")).status_code == 404
    assert (await house.call("clerk", "GET", path)).status_code == 403


async def test_i18_the_roster_says_which_leader_answers_on_which_show(house: House) -> None:
    made = await house.done("office", "POST", "/roster", **SHOW)
    [shown] = (await house.done("public", "GET", "/public/roster"))["items"]
    assert (shown["leader"], shown["unit_name"], shown["name"], shown["outlet"]) == (
        "李强",
        "清河tax",
        "政风行风热线",
        "市电台",
    )
    assert (shown["starts_at"], shown["ends_at"]) == ("2026-03-10T02:00:00Z", "2026-03-10T03:00:00Z")
    house.set_clock("2026-03-10T11:00")
    assert not (await house.done("public", "GET", "/public/roster"))["items"]
    assert (await house.done("clerk", "GET", f"/roster/{made['id']}"))["history"] == []


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"name": "第二档", "starts_at": "2026-03-10T10:30:00+08:00"}, 409, "leader"),
        (
            {"name": "第二档", "starts_at": "2026-03-10T09:00:00+08:00", "ends_at": "2026-03-10T10:01:00+08:00"},
            409,
            "leader",
        ),
        ({"unit": "nobody"}, 422, "unit"),
        ({"starts_at": "2026-03-01T10:00:00+08:00"}, 422, "starts_at"),
        ({"ends_at": "2026-03-10T09:00:00+08:00"}, 422, "ends_at"),
    ],
)
async def test_i18_a_leader_is_never_on_two_shows_at_once(
    house: House, changes: dict[str, Any], status: int, field: str
) -> None:
    await house.done("office", "POST", "/roster", **SHOW)
    answer = await house.call("office", "POST", "/roster", **SHOW | changes)
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    for free in ({"leader": "赵敏"}, {"starts_at": "2026-03-10T11:00:00+08:00"}):
        assert (await house.call("office", "POST", "/roster", **SHOW | free)).status_code == 201


async def test_i18_a_change_keeps_what_the_roster_said_before_and_why(house: House) -> None:
    made = await house.done("office", "POST", "/roster", **SHOW)
    body = {"reason": "李强出差", "leader": "赵敏", "starts_at": "2026-03-11T10:00:00+08:00"}
    changed = await house.done("office", "POST", f"/roster/{made['id']}/change", **body)
    assert (changed["leader"], changed["ends_at"]) == ("赵敏", "2026-03-11T03:00:00Z")
    [kept] = changed["history"]
    assert (kept["before"]["leader"], kept["before"]["starts_at"], kept["reason"]) == (
        "李强",
        "2026-03-10T02:00:00Z",
        "李强出差",
    )
    off = await house.done("office", "POST", f"/roster/{made['id']}/cancellation", reason="停播")
    assert (off["cancelled"], len(off["history"])) == (True, 2)
    assert (await house.call("office", "POST", f"/roster/{made['id']}/change", **body)).status_code == 409


async def test_i18_the_leader_is_told_once_on_the_working_day_before_and_anew_when_the_date_moves(house: House) -> None:
    made = await house.done("office", "POST", "/roster", **SHOW | {"starts_at": "2026-03-09T10:00:00+08:00"})
    await house.tick("2026-03-06T08:59")
    assert not house.events(ShowApproaching)
    for at in ("2026-03-06T09:00", "2026-03-06T12:00"):
        await house.tick(at, restarted=True)
    [told] = house.events(ShowApproaching)
    assert (told.unit, told.leader, told.starts_at) == ("tax", "李强", local("2026-03-09T10:00"))
    moved = {"reason": "改期", "starts_at": "2026-03-16T10:00:00+08:00"}
    await house.done("office", "POST", f"/roster/{made['id']}/change", "2026-03-06T13:00", **moved)
    await house.tick("2026-03-13T09:00")
    assert [e.starts_at for e in house.events(ShowApproaching)] == [
        local("2026-03-09T10:00"),
        local("2026-03-16T10:00"),
    ]


async def test_i18_questions_of_a_show_are_complaints_that_a_unit_has(house: House) -> None:
    made = await house.done("office", "POST", "/roster", **SHOW)
    await house.report("T-1")
    path = f"/roster/{made['id']}/questions"
    early = await house.call("clerk", "POST", path, numbers=[NUMBER])
    assert (early.status_code, early.json()["field"]) == (409, "numbers.0")
    await house.to_unit(NUMBER)
    for _ in range(2):
        shown = await house.done("clerk", "POST", path, numbers=[NUMBER])
    assert [(q["number"], q["state"]) for q in shown["questions"]] == [(NUMBER, "transferred")]


async def test_i18_shows_of_a_leader_who_leaves_go_to_the_successor(house: House) -> None:
    made = await house.done("office", "POST", "/roster", **SHOW)
    body = {"leaves": "李强", "successor": "赵敏", "role": "leader", "reason": "调离"}
    moved = (await house.done("office", "POST", "/handovers", **body))["moved"]
    assert moved == [f"show {made['id']}"]
    assert (await house.done("public", "GET", "/public/roster"))["items"][0]["leader"] == "赵敏"
