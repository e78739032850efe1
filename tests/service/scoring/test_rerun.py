"""S6: a vote that does not reconcile or has no quorum is annulled and held again, linked to the annulled one."""

import json

from services.scoring.verify import verify_bytes
from tests.service.scoring.house import OFFICE, refused
from tests.service.scoring.people import DAY, People
from tests.service.scoring.test_seal import members


async def without_quorum(people: People) -> None:
    await people.to_closing(voters=39)
    answer = await people.count(unused=21)
    refused(answer, 409, "reconciliation")
    assert answer.json()["remedy"] == "vote again"
    await people.house.done(f"{people.path}/annulment", {"reason": "未达法定人数"}, at=f"{DAY} 12:00")


def again(people: People) -> People:
    other = People(people.house)
    other.meeting = "m2"
    return other


async def test_s6_more_ballots_than_cards_taken_void_the_vote(people: People) -> None:
    await people.to_closing(voters=60)
    answer = await people.count(left_in_box=11, unused=0)  # the box says that only 59 cards were taken
    refused(answer, 409, "reconciliation")
    assert "stuffed" in answer.json()["value"] and answer.json()["remedy"] == "the vote is void"
    assert (await people.house.get(people.path)).json()["state"] == "closed"


async def test_s6_a_vote_held_again_names_the_annulled_one_and_the_seal_says_so(people: People) -> None:
    await without_quorum(people)
    second = again(people)
    body = {"name": "m2", "cycle": "2026-H1", "date": DAY, "pool": "p1", "units": people.units}
    refused(await people.house.post("/meetings", body), 409, "rerun_of")
    made = await second.create(rerun_of="m1")
    assert made["rerun_of"] == "m1"
    await second.freeze()
    await second.draw()
    await second.bring_key_and_cards()
    await second.announce()
    await people.house.done("/meetings/m2/check-in-opening", at=f"{DAY} 08:30")
    for person in second.seated():
        await second.arrive(person)
    await second.to_questions()
    await people.house.done("/meetings/m2/ballots-opening", at=f"{DAY} 09:30")
    refused(await second.vote(people.cards[0]), 422, "token")
    for card in second.cards[:60]:
        await second.vote(card)
    await people.house.done("/meetings/m2/closing", at=f"{DAY} 11:00")
    counted = (await second.count()).json()
    await second.sign(counted["checkpoint"], *second.tellers[:3], second.scrutineer)
    bundle = (await people.house.get("/meetings/m2/sealed-bundle", OFFICE)).content
    assert verify_bytes(bundle).exit_code == 0
    said = json.loads(members(bundle)["rerun.json"])
    assert (said["rerun_of"], said["reason"]) == ("m1", "未达法定人数")
    third = {**body, "name": "m3"}
    refused(await people.house.post("/meetings", third), 409, "units")


async def test_s6_a_vote_held_again_has_cards_and_a_key_of_its_own(people: People) -> None:
    await without_quorum(people)
    second = again(people)
    await second.create(rerun_of="m1")
    await second.freeze()
    await second.draw()
    fresh = second.secret
    second.secret = people.secret
    try:
        await second.bring_key_and_cards()
    except AssertionError as refusal:
        assert "is the annulled meeting's key" in str(refusal)
    else:
        raise AssertionError("the annulled meeting's key was taken")
    second.secret, second.cards = fresh, (*people.cards[:1], *second.cards[1:])
    try:
        await second.bring_key_and_cards()
    except AssertionError as refusal:
        assert "print new cards" in str(refusal)
    else:
        raise AssertionError("a card of the annulled meeting was taken")


async def test_s6_only_an_annulled_vote_on_the_same_units_is_held_again(people: People) -> None:
    await people.create()
    body = {"name": "m2", "cycle": "2026-H1", "date": DAY, "pool": "p1", "units": people.units, "rerun_of": "m1"}
    assert (await people.house.post("/meetings", body)).status_code == 409
    await people.house.done("/meetings/m1/annulment", {"reason": "名称有误"})
    other = {**body, "units": people.units[:6]}
    refused(await people.house.post("/meetings", other), 409, "rerun_of")
    assert (await people.house.post("/meetings", {**body, "rerun_of": "none"})).status_code == 404
    free = {**body, "rerun_of": None}  # annulled before any draw: nothing was voted
    assert (await people.house.post("/meetings", free)).status_code == 201
