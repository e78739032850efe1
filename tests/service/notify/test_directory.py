"""The directory (N1): terms with dates, deputies, substitutes, gaps, corrections; history says who was responsible."""

from datetime import date
from typing import Any

import pytest

from services.notify.domain.delivery import Outcome
from services.notify.usecases.days import NewDay
from shared.contracts.notify import LeaderChanged, TermExpiring
from shared.contracts.rectification import CaseOpened
from shared.tick import Aside
from tests.support.notify_house import House, opened, passed, seat
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio

SEAT = {"person": "sun", "name": "孙丽", "email": "sun@tax.example", "since": "2026-03-10"}
NOW = {"Minping-At": "2026-03-09T10:00:00+08:00"}


async def put(web: Web, path: str, **values: Any) -> dict[str, Any]:
    answer = await web("PUT", f"/directory/{path}", json=SEAT | values, headers=dict(NOW))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def in_office(web: Web, day: str, role: str = "handler") -> list[tuple[str, str]]:
    unit = (await web("GET", f"/directory/tax?on={day}", "auditor")).json()
    office = next(office for office in unit["offices"] if office["role"] == role)
    return [(one["person"], one["why"]) for one in office["answering"]]


async def test_n1_history_says_who_was_responsible_on_a_day(web: Web) -> None:
    await put(web, "tax/handler")
    assert (await in_office(web, "2026-03-09"))[0] == ("wang", "holder")
    assert (await in_office(web, "2026-03-10"))[0] == ("sun", "holder")
    assert await in_office(web, "2025-12-31") == []  # nobody was entered for that time


async def test_n1_an_entry_names_the_term_that_it_ends_and_the_gap_that_it_leaves(web: Web) -> None:
    said = await put(web, "tax/main_leader", until="2026-05-31")
    ended = next(change for change in said["changes"] if change["kind"] == "ended")
    assert (ended["before"]["person"], ended["after"]["until"]) == ("li", "2026-03-09")
    assert said["gaps"] == [{"unit": "tax", "role": "main_leader", "first": "2026-06-01", "last": None}]
    said = await put(web, "tax/main_leader", person="qian", since="2026-07-01")
    assert said["gaps"] == [{"unit": "tax", "role": "main_leader", "first": "2026-06-01", "last": "2026-06-30"}]
    answer = await web("PUT", "/directory/tax/main_leader", json=SEAT | {"person": "wu", "since": "2026-05-01"})
    assert (answer.status_code, answer.json()["field"]) == (409, "until")
    assert "qian" in answer.json()["reason"]


async def test_n1_gaps_are_listed_for_today_and_from_a_date(web: Web) -> None:
    assert (await web("GET", "/directory/gaps?from=2026-03-09")).json()["gaps"] == [
        {"unit": "office", "role": "auditor", "first": "2026-03-09", "last": None},
        {"unit": "office", "role": "discipline", "first": "2026-03-09", "last": None},
        {"unit": "office", "role": "leading_group", "first": "2026-03-09", "last": None},
    ]  # the programme's rules tell them, and nobody holds these offices
    await put(web, "tax/main_leader", until="2026-03-20")
    gaps = (await web("GET", "/directory/gaps?from=2026-03-01&to=2026-04-30")).json()["gaps"]
    assert {"unit": "tax", "role": "main_leader", "first": "2026-03-21", "last": None} in gaps
    assert (await web("GET", "/directory/gaps?from=2026-03-01&to=2026-02-01")).status_code == 422


async def test_n1_a_wrong_entry_is_corrected_with_a_reason_and_never_silently(web: Web, house: House) -> None:
    await put(web, "tax/handler")
    answer = await web(
        "POST", "/directory/tax/handler/corrections",
        json=SEAT | {"entered_since": "2026-03-10", "since": "2026-03-16", "reason": "任命文件日期为十六日"},
        headers=dict(NOW),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert (await in_office(web, "2026-03-15"))[0] == ("wang", "holder")  # his last day went along
    assert (await in_office(web, "2026-03-16"))[0] == ("sun", "holder")
    changes = (await web("GET", "/directory/changes?unit=tax", "auditor")).json()["changes"]
    last = changes[-1]
    assert (last["entry_kind"], last["reason"], last["actor"]) == ("corrected", "任命文件日期为十六日", "operator-1")
    assert (last["before"]["since"], last["after"]["since"]) == ("2026-03-10", "2026-03-16")
    told = [(e.person, e.since.isoformat(), e.taken_back) for e in house.events(LeaderChanged)]
    assert ("sun", "2026-03-10", True) in told
    assert told[-1] == ("sun", "2026-03-16", False)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"reason": " "}, 422, "reason"),
        ({"entered_person": "nobody"}, 404, "person"),
        ({"entered_since": "2026-03-10", "since": "2025-12-01"}, 409, "since"),
        ({}, 409, "person"),
        ({"email": "no address"}, 422, "email"),
    ],
)
async def test_n1_a_correction_that_cannot_be_is_refused_by_its_field(
    web: Web, change: dict[str, Any], status: int, field: str
) -> None:
    await put(web, "tax/handler")
    answer = await web("POST", "/directory/tax/handler/corrections", json=SEAT | {"reason": "写错了"} | change)
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert (await in_office(web, "2026-03-10"))[0] == ("sun", "holder")


async def test_n1_an_entry_is_undone_whole_and_what_it_ended_goes_on(web: Web, house: House) -> None:
    await house.hear("2026-03-09T10:00", opened())
    said = await put(web, "tax/handler")
    assert said["notices_moved"] == 1
    path = f"/directory/changes/{said['entry']}/undo"
    undone = await web("POST", path, json={"reason": "输错单位"}, headers=dict(NOW))
    assert undone.json()["notices_moved"] == 1
    assert (await in_office(web, "2026-03-10"))[0] == ("wang", "holder")
    assert sorted(letter["person"] for letter in await house.post("2026-03-10T12:00")) == ["li", "wang"]
    assert (await web("POST", path, json={"reason": "再来一次"})).status_code == 409
    ended = [e for e in house.events(LeaderChanged) if e.person == "wang"]
    assert [e.until for e in ended] == [date(2026, 3, 9), None]
    kinds = [c["kind"] for c in (await web("GET", "/directory/changes?unit=tax")).json()["changes"]]
    assert kinds[-4:] == ["ended", "entered", "taken_back", "restored"]


async def test_n1_what_was_changed_since_is_not_undone_behind_its_back(web: Web) -> None:
    first = await put(web, "tax/handler")
    await put(web, "tax/handler", person="ma", since="2026-04-01")
    answer = await web("POST", f"/directory/changes/{first['entry']}/undo", json={"reason": "输错单位"})
    assert (answer.status_code, answer.json()["field"]) == (409, "entry")
    assert (await in_office(web, "2026-04-01"))[0] == ("ma", "holder")
    assert (await web("POST", "/directory/changes/999/undo", json={"reason": "没有这一条"})).status_code == 404


async def test_n1_the_deputy_in_charge_of_a_cases_field_is_told(house: House) -> None:
    await house.hold(
        "2026-03-01T08:00",
        seat("tax", "deputy_in_charge", "fei", fields=("arbitrary_charge",)),
        seat("tax", "deputy_in_charge", "shi", fields=("service",)),
        seat("tax", "deputy_in_charge", "quan"),
    )
    charge: CaseOpened = opened("2026-000001", topic="arbitrary_charge")
    await house.hear("2026-03-09T10:00", charge)
    await house.hear("2026-03-31T00:00", passed(roles=("deputy_in_charge",)))
    await house.hear("2026-03-31T00:00", passed("2026-000002", roles=("deputy_in_charge",)))  # of no known topic
    late = await house.notices(template="deadline_passed")
    assert [(n["case"], n["person"]) for n in late] == [("2026-000001", "fei"), ("2026-000002", "quan")]


async def test_n1_a_substitute_acts_for_the_holder_between_his_days(web: Web) -> None:
    await put(web, "tax/handler", person="b", since="2026-01-01", substitute=True)
    await put(web, "tax/handler", person="c", since="2026-03-02", until="2026-03-06", substitute=True, acting=True)
    assert (await in_office(web, "2026-03-01"))[:2] == [("wang", "holder"), ("b", "substitute")]
    assert (await in_office(web, "2026-03-06"))[:3] == [("c", "acting"), ("wang", "holder"), ("b", "substitute")]
    assert (await in_office(web, "2026-03-07"))[0] == ("wang", "holder")


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        ("tax/handler", {"acting": True}, "acting"),
        ("tax/handler", {"acting": True, "substitute": True}, "until"),
        ("tax/handler", {"fields": ["arbitrary_charge"]}, "fields"),
        ("tax/deputy_in_charge", {"fields": ["cooking"]}, "fields"),
        ("tax/handler", {"contacts": {"sms": "13\r\n8"}}, "contacts.sms"),
        ("tax/handler", {"contacts": {"Sms!": "138"}}, "contacts"),
    ],
)
async def test_n1_what_a_term_cannot_be_is_refused_by_its_field(
    web: Web, path: str, change: dict[str, Any], field: str
) -> None:
    answer = await web("PUT", f"/directory/{path}", json=SEAT | change)
    assert answer.status_code == 422
    assert answer.json()["field"].startswith(field)


async def test_n1_the_other_services_hear_of_every_term_that_changed(house: House) -> None:
    await house.hold("2026-03-09T15:00", seat("tax", "main_leader", "sun", "2026-03-10"))
    assert [(e.person, e.until) for e in house.events(LeaderChanged)] == [("li", date(2026, 3, 9)), ("sun", None)]


async def tick(house: House, at: str, day: NewDay | None = None) -> None:
    await house.do(at, lambda tx: (day or NewDay(house.desk))(tx, Aside()), actor=None)


async def test_n1_a_term_that_ends_without_a_successor_is_told_to_the_office_once_and_its_end_once(
    house: House,
) -> None:
    await house.hold("2026-03-01T08:00", seat("tax", "main_leader", "li", name="李强", until=date(2026, 4, 30)))
    await tick(house, "2026-03-30T08:00")
    assert house.events(TermExpiring) == []
    day = NewDay(house.desk)
    for at in ("2026-04-01T08:00", "2026-04-01T12:00", "2026-04-02T08:00"):
        await tick(house, at, day)
    await tick(house, "2026-04-03T08:00")  # after a restart
    for at in ("2026-05-01T08:00", "2026-05-02T08:00"):
        await tick(house, at)
    assert [(e.person, e.expired) for e in house.events(TermExpiring)] == [("li", False), ("li", True)]
    told = await house.notices(template="term_expiring")
    assert [(n["person"], n["event"]) for n in told] == [("clerk", TermExpiring.TYPE)] * 2
    texts = [x["text"] for x in await house.post("2026-05-06T12:00") if x["person"] == "clerk"]
    assert any("清河税务所主要负责人李强任期至2026年4月30日止" in text for text in texts)


async def test_n1_a_term_with_a_successor_ends_without_a_letter(house: House) -> None:
    await house.hold("2026-03-01T08:00", seat("tax", "main_leader", "li", until=date(2026, 4, 30)))
    await house.hold("2026-03-01T08:00", seat("tax", "main_leader", "sun", "2026-05-01"))
    await house.hold("2026-03-01T08:00", seat("tax", "handler", "b", until=date(2026, 3, 31), substitute=True))
    for at in ("2026-04-01T08:00", "2026-05-02T08:00"):
        await tick(house, at)
    assert house.events(TermExpiring) == []


async def test_n1_a_letter_still_waiting_on_the_successors_first_day_is_his(house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await house.hold("2026-03-31T08:00", seat("tax", "handler", "sun", "2026-04-01"))
    greylisted = Outcome("temporary", "rcpt", "450 greylisted")
    await house.post("2026-03-31T09:00", wang=greylisted)
    await tick(house, "2026-04-01T00:30")
    assert [n["person"] for n in await house.notices(template="deadline_passed")] == ["sun"]
    sent = await house.post("2026-04-01T09:00")
    assert [letter["person"] for letter in sent] == ["sun"]
