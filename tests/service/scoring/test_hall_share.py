"""Ordinary people decide: the share is live until the ballots open, alternates come in their order (S7)."""

from decimal import Decimal
from typing import Any

from services.scoring.pages.hall import percent
from tests.service.scoring.house import CLERK, OFFICE, refused
from tests.service.scoring.people import DAY, People

ORDINARY = ("enterprise", "resident", "villager")


def ordinary(people: People) -> list[str]:
    return [person for stratum in ORDINARY for person in people.drawn[stratum]]


def others(people: People) -> list[str]:
    return [person for person in people.seated() if person not in ordinary(people)]


async def leave(people: People, who: str, reason: str = "身体不适") -> Any:
    body = {"representative": who, "reason": reason}
    return await people.house.post("/meetings/m1/departures", body, who=CLERK, at=f"{DAY} 09:21")


async def shown(people: People) -> Any:
    return (await people.house.get("/meetings/m1/screen")).json()


async def test_s7_late_comers_check_in_until_the_ballots_open_and_not_after(people: People) -> None:
    await people.to_check_in()
    late = people.seated()
    for person in late[3:]:
        await people.arrive(person)
    await people.house.done("/meetings/m1/statements-opening", at=f"{DAY} 09:00")
    assert (await people.arrive(late[0]))["present"] == 58
    for unit in (await people.house.get("/meetings/m1/announcement")).json()["speakers"]["speak"]:
        await people.speak(unit)
    await people.house.done("/meetings/m1/questions-opening", at=f"{DAY} 09:20")
    assert (await people.arrive(late[1]))["present"] == 59
    await people.house.done("/meetings/m1/ballots-opening", at=f"{DAY} 09:30")
    refused(await people.house.post("/meetings/m1/check-ins", {"representative": late[2]}, who=CLERK), 409, "meeting")


async def test_s7_departures_stop_the_ballots_until_the_alternates_have_come_in_their_order(people: People) -> None:
    await people.to_check_in()
    for person in people.seated():
        await people.arrive(person)
    await people.to_questions()
    assert (await shown(people))["enough"] is True
    gone = ordinary(people)[: 60 - 46]  # 46 stay, of whom 31 are ordinary: 67 %
    for person in gone:
        assert (await leave(people, person)).status_code == 201
    screen = await shown(people)
    assert (screen["present"], screen["ordinary"], screen["enough"]) == (46, 46 - len(others(people)), False)
    refused(await people.house.post("/meetings/m1/ballots-opening"), 409, "hall.ordinary")
    called = [one["representative"] for one in screen["to_call"]]
    assert called
    for stratum in ORDINARY:  # of a stratum nobody is called before those drawn before him
        mine = [c for c in called if c in people.alternates[stratum]]
        assert mine == people.alternates[stratum][: len(mine)]
    for person in called:
        await people.arrive(person)
    assert ((await shown(people))["enough"], (await shown(people))["to_call"]) == (True, [])
    await people.house.done("/meetings/m1/ballots-opening", at=f"{DAY} 09:30")


async def test_s7_who_left_does_not_come_back_and_is_not_on_the_roll(people: People) -> None:
    await people.to_check_in()
    person = ordinary(people)[0]
    refused(await leave(people, person), 409, "representative")  # was not here
    await people.arrive(person)
    assert (
        await people.house.post("/meetings/m1/departures", {"representative": person}, who=CLERK)
    ).status_code == 422
    assert (await leave(people, person)).status_code == 201
    refused(await leave(people, person), 409, "representative")
    refused(
        await people.house.post("/meetings/m1/check-ins", {"representative": person}, who=CLERK), 409, "representative"
    )
    found = (await people.house.get("/meetings/m1/record", OFFICE)).json()
    assert found["departures"] == {person: "身体不适"}
    assert not any(person in str(entry) for entry in found["items"])  # no time beside the person
    columns = {row[1] for row in await people.house.rows("PRAGMA table_info(departure)")}
    assert columns == {"meeting", "representative", "reason"}


async def test_s7_nobody_leaves_the_roll_once_the_ballots_are_open(people: People) -> None:
    await people.to_ballots()
    refused(await leave(people, people.seated()[0]), 409, "meeting")
    screen = await shown(people)
    assert (screen["present"], screen["issued"], screen["returned"]) == (60, 60, 0)


async def test_s7_the_screen_shows_turnout_and_never_a_result_at_any_step(people: People) -> None:
    keys: set[str] = set((await shown_after(people)).keys())
    assert keys == {
        "meeting", "state", "rehearsal", "halted", "annulled", "place", "starts_at", "units", "parts", "seats",
        "present", "ordinary", "ordinary_share", "ordinary_least", "enough", "to_call", "speakers", "question",
        "questions", "answered", "deferred", "issued", "returned",
    }  # fmt: skip
    screen = await shown(people)
    assert (screen["state"], screen["returned"], screen["issued"]) == ("sealed", 60, 60)
    assert [part["state"] for part in screen["parts"]] == ["done"] * 6 + ["now", "next"]
    page = await people.house.http.get("/hall/m1", headers={"Accept-Language": "zh-CN"})
    assert page.status_code == 200
    for grade in people.house.desk.programme.grades:
        assert grade.label.zh not in page.text


async def shown_after(people: People) -> Any:
    await people.to_seal()
    return await shown(people)


def test_s7_a_share_on_the_screen_is_rounded_down_so_that_it_never_reads_as_reached() -> None:
    assert [percent(Decimal(share)) for share in ("0.6999", "0.7", "0.625", "0", "1")] == [
        "69.9%", "70%", "62.5%", "0%", "100%",
    ]  # fmt: skip
