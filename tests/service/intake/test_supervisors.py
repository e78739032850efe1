"""Supervisors (I10): appointed for a term, their cards answered by unit and office, briefed without a complainant."""

import json
from datetime import date
from typing import Any

from sqlalchemy import text

from shared.contracts.inspection import CardAnswered, SupervisorExpiring
from shared.contracts.intake import ComplaintRegistered, TransferApproved
from tests.service.intake.house import PERSON, TEXT, House
from tests.service.intake.test_inspections import seen

LETTER = {"letter": "评聘〔2026〕1号", "letter_date": "2026-01-05", "since": "2026-01-05"}


async def appointed(house: House, sub: str = "supervisor-1", **changes: Any) -> dict[str, Any]:
    body = {"account": sub, "name": "赵监督", "kind": "supervisor", **LETTER} | changes
    made: dict[str, Any] = await house.done("office", "POST", "/supervisors", **body)
    return made


async def test_i10_a_supervisor_is_appointed_by_letter_for_three_years_and_every_step_is_an_entry(house: House) -> None:
    made = await appointed(house)
    assert (made["until"], made["appointed_by"], made["state"]) == ("2029-01-04", "office", "serving")
    assert (
        await house.call("office", "POST", "/supervisors", account="supervisor-1", name="x", **LETTER)
    ).status_code == 409
    by_unit = await house.done(
        "leader", "POST", "/supervisors", name="钱效能", kind="efficiency_supervisor", **LETTER | {"account": "s-2"}
    )
    assert by_unit["appointed_by"] == "tax"
    assert [one["id"] for one in (await house.done("leader", "GET", "/supervisors"))["items"]] == [by_unit["id"]]
    stranger = await house.call(
        "leader", "POST", f"/supervisors/{made['id']}/renewal", **LETTER | {"since": "2029-01-05"}
    )
    assert stranger.status_code == 403
    renewal = {"letter": "评聘〔2028〕9号", "letter_date": "2028-12-20", "since": "2029-01-05"}
    renewed = await house.done("office", "POST", f"/supervisors/{made['id']}/renewal", "2028-12-20T10:00", **renewal)
    assert renewed["until"] == "2032-01-04"
    dismissal = {"letter": "评聘〔2028〕10号", "letter_date": "2028-12-30", "on": "2028-12-31", "reason": "工作调动"}
    ended = await house.done("office", "POST", f"/supervisors/{made['id']}/dismissal", "2028-12-30T10:00", **dismissal)
    assert [(term["step"], term["letter"]) for term in ended["terms"]] == [
        ("appointed", "评聘〔2026〕1号"), ("renewed", "评聘〔2028〕9号"), ("dismissed", "评聘〔2028〕10号"),
    ]  # fmt: skip
    card = await house.call("supervisor", "POST", "/cards", "2028-12-31T10:00", text=TEXT)
    assert (card.status_code, card.json()["field"]) == (403, "supervisor")


async def test_i10_the_end_of_a_term_is_warned_of_once_and_told_once(house: House) -> None:
    made = await appointed(house, until="2026-06-30")
    await house.tick("2026-05-30T23:59")
    assert house.events(SupervisorExpiring) == []
    await house.tick("2026-05-31T00:01")
    await house.tick("2026-06-15T00:00", restarted=True)
    [warned] = house.events(SupervisorExpiring)
    assert (warned.supervisor, warned.until, warned.expired) == (made["id"], date(2026, 6, 30), False)
    await house.tick("2026-07-01T00:01")
    await house.tick("2026-09-01T00:00", restarted=True)
    assert [event.expired for event in house.events(SupervisorExpiring)] == [False, True]
    assert (await house.call("supervisor", "POST", "/cards", "2026-09-01T10:00", text=TEXT)).status_code == 403
    renewal = {"letter": "续聘", "letter_date": "2026-09-01", "since": "2026-09-01", "until": "2026-12-31"}
    await house.done("office", "POST", f"/supervisors/{made['id']}/renewal", "2026-09-01T11:00", **renewal)
    await house.tick("2027-02-01T00:00")
    assert [event.expired for event in house.events(SupervisorExpiring)] == [False, True, True]


async def test_i10_a_card_becomes_a_complaint_that_the_unit_and_the_office_both_answer(house: House) -> None:
    stranger = await house.call("supervisor", "POST", "/cards", sub="nobody", text=TEXT)
    assert (stranger.status_code, stranger.json()["field"]) == (403, "supervisor")
    await appointed(house)
    await appointed(house, "supervisor-2", name="孙监督")
    card = await house.done("supervisor", "POST", "/cards", text=f"{TEXT}赵监督", title="窗口没人", unit="tax")
    path, number = f"/cards/{card['id']}", card["number"]
    [registered] = house.events(ComplaintRegistered)
    assert (registered.number, registered.channel, registered.identity) == (number, "supervisor_card", "confidential")
    assert "赵监督" not in registered.text
    assert (await house.call("supervisor", "GET", path, sub="supervisor-2")).status_code == 403
    assert (await house.done("supervisor", "GET", "/cards"))["items"][0]["supervisor"] == card["supervisor"]
    assert (await house.call("handler", "GET", path)).status_code == 403  # not before approval (I7)
    assert (await house.call("handler", "POST", f"{path}/answer", text="已整改")).status_code == 403
    assert (await house.call("office", "POST", f"{path}/telling", on="2026-03-02", how="电话")).status_code == 409
    await house.to_unit(number)
    [approved] = house.events(TransferApproved)
    assert approved.can_be_called
    unit = await house.done("handler", "GET", path)
    assert (unit["supervisor"], unit["by_unit"]["text"]) == (None, None)
    assert (await house.call("handler", "GET", path, of="police")).status_code == 403
    told = await house.done(
        "office", "POST", f"{path}/telling", "2026-03-03T10:00", on="2026-03-03", how="书面通知单位"
    )
    assert told["told_on"] == "2026-03-03"
    half = await house.done("handler", "POST", f"{path}/answer", "2026-03-04T10:00", text="已安排B岗，电话13800001111")
    assert (half["complete"], half["by_unit"]["text"]) == (False, "已安排B岗，电话［电话］")
    assert (await house.call("leader", "POST", f"{path}/answer", "2026-03-04T11:00", text="又")).status_code == 409
    whole = await house.done("office", "POST", f"{path}/answer", "2026-03-05T10:00", text="已督促整改，谢谢监督")
    assert whole["complete"]
    assert [(e.card, e.unit, e.answered_by) for e in house.events(CardAnswered)] == [
        (card["id"], "tax", "unit"), (card["id"], None, "office"),
    ]  # fmt: skip


async def test_i10_cards_whose_answers_are_late_are_listed(house: House) -> None:
    await appointed(house)
    card = await house.done("supervisor", "POST", "/cards", text=TEXT)
    house.set_clock("2026-03-16T23:59")
    assert (await house.done("office", "GET", "/cards?overdue=true"))["items"] == []
    house.set_clock("2026-03-17T00:00")
    [late] = (await house.done("office", "GET", "/cards?overdue=true"))["items"]
    assert (late["id"], late["office"]["overdue"], late["by_unit"]) == (card["id"], True, None)
    await house.done("office", "POST", f"/cards/{card['id']}/answer", "2026-03-17T09:00", text="正在核实")
    assert (await house.done("office", "GET", "/cards?overdue=true"))["items"] == []


async def test_i10_presence_is_recorded_once_and_briefings_name_no_complainant(house: House) -> None:
    one, two = await appointed(house), await appointed(house, "supervisor-2", name="孙监督")
    body = {"meeting": "2026-M1", "on": "2026-03-01", "present": [one["id"]], "absent": [two["id"]]}
    await house.done("office", "POST", "/presences", **body)
    twice = await house.call("office", "POST", "/presences", **body)
    assert (twice.status_code, twice.json()["field"]) == (409, "present.0")
    there = (await house.done("office", "GET", "/presences?meeting=2026-M1"))["items"]
    assert [(item["supervisor"], item["present"]) for item in there] == [(one["id"], True), (two["id"], False)]
    sealed = house.sealed("T-1", PERSON)
    await house.report("T-1", identity="named", sealed_identity=sealed, topic="delay")
    await house.done("supervisor", "POST", "/cards", text=f"{TEXT}另一件")
    await house.done("inspector", "POST", "/inspections", **seen(good_practice="每日晨会通报办件时限"))
    briefing = await house.done("supervisor", "GET", "/briefings/2026-Q1")
    assert (briefing["registered"], briefing["by_topic"]) == (3, {"delay": 1, "lax": 1})
    assert briefing["by_channel"] == {"hotline_daily": 1, "inspection_covert": 1, "supervisor_card": 1}
    assert (briefing["inspections"], briefing["findings"]) == ({"covert": 1}, 1)
    assert [practice["words"] for practice in briefing["good_practice"]] == ["每日晨会通报办件时限"]
    assert (briefing["cards"]["submitted"], briefing["meetings"], briefing["present"]) == (1, 1, 1)
    said = json.dumps(briefing, ensure_ascii=False)
    assert not any(part in said for part in (*PERSON.values(), TEXT, "赵监督"))
    assert (await house.call("supervisor", "GET", "/briefings/2026-Q1", sub="nobody")).status_code == 403
    assert (await house.call("supervisor", "GET", "/briefings/first")).status_code == 422


async def test_i10_who_wrote_a_card_goes_on_no_bus_and_its_tables_hold_no_phone(house: House) -> None:
    await appointed(house)
    await house.done("supervisor", "POST", "/cards", text=f"{TEXT}我的电话13912345678")
    assert not any("赵监督" in row.payload.decode() for row in house.published)

    def columns(session: Any) -> str:
        rows = [session.connection().execute(text(f"SELECT * FROM {name}")).mappings().all()
                for name in ("supervisor", "supervisor_term", "card", "complaint")]  # fmt: skip
        return str(rows)

    assert "13912345678" not in await house.unit.read(columns)


async def test_i10_a_monitoring_point_reports_as_a_source_of_its_own(house: House) -> None:
    body = {"channel": "monitoring_point", "text": TEXT}
    unknown = await house.call("source", "POST", "/complaints", sub="factory", ticket="1", **body)
    assert (unknown.status_code, unknown.json()["field"]) == (422, "particulars.point")
    point = {"name": "清河机械厂", "kind": "enterprise", "since": "2026-01-01"}
    made = await house.web.post(
        "/api/v1/monitoring-points", json=point | {"key": "factory"}, headers=house.bearer("office")
    )
    assert made.status_code == 201, made.text
    answer = await house.call("source", "POST", "/complaints", sub="factory", ticket="1", **body)
    assert answer.status_code == 201, answer.text
    end = await house.call("office", "POST", "/monitoring-points/factory/end", on="2026-03-01", reason="企业迁出")
    assert end.is_success, end.text
    late = await house.call("source", "POST", "/complaints", sub="factory", ticket="2", **body)
    assert (late.status_code, late.json()["field"]) == (422, "particulars.point")
    kept = await house.report("T-9", channel="monitoring_point")
    assert (kept["state"], kept["field"]) == ("kept_for_repair", "particulars.point")


async def test_i10_a_card_about_a_matter_that_a_unit_has_already_is_answered_by_that_unit_too(house: House) -> None:
    await appointed(house)
    first = (await house.report("T-1"))["number"]
    before = await house.done("supervisor", "POST", "/cards", text=TEXT, title="窗口没人")
    await house.to_unit(first)
    after = await house.done("supervisor", "POST", "/cards", "2026-03-04T10:00", text=TEXT, title="窗口没人")
    other = await house.done("supervisor", "POST", "/cards", "2026-03-04T11:00", text=f"{TEXT}另外还要收复印费两元")
    link = {"lead": first, "reason": "同一窗口"}
    await house.done("clerk", "POST", f"/complaints/{other['number']}/link", "2026-03-04T12:00", **link)
    for card in (before, after, other):
        answered = await house.done("handler", "POST", f"/cards/{card['id']}/answer", "2026-03-05T10:00", text="已加派")
        assert answered["unit"] == "tax"
    late = await house.done("supervisor", "POST", "/cards", "2026-03-06T10:00", text=f"{TEXT}还有人代办收钱，每件二十")
    path = f"/complaints/{late['number']}"
    await house.done("clerk", "POST", f"{path}/link", "2026-03-06T11:00", **link)
    await house.done("clerk", "POST", f"{path}/unlink", "2026-03-06T12:00", reason="是另一件事")
    own = await house.done("supervisor", "GET", f"/cards/{late['id']}")
    assert (own["unit"], own["by_unit"]) == (None, None)
