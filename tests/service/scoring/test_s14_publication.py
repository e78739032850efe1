"""S14: a result is public when the office has released it and the programme's time has come; then units are told."""

from datetime import time
from typing import Any

from services.scoring.usecases import releasing
from shared.contracts.scoring import ConsequenceProposed, MeetingPublished, RankingPublished
from shared.programme.publication import Earliest, Publication
from shared.tick import Aside
from tests.service.scoring.house import APPROVER, LEADER, OFFICE, OTHER_OFFICE, House, local, refused
from tests.service.scoring.people import People

CYCLE = "/cycles/2026-H1"
FOUND = {"cycle": "2026-H1", "unit": "u01", "evidence": "查实宴请三名代表", "persons": ["所长"]}


def published_by(house: House, publication: Publication) -> None:
    """The programme of the house publishes so."""
    programme = house.desk.programme.model_copy(update={"publication": publication})
    object.__setattr__(house.desk, "programme", programme)


async def ticked(house: House, at: str) -> None:
    """The clock moves."""
    await house.unit.run(lambda tx: releasing.tick(house.desk, tx, Aside()), at=local(at))


async def status(house: House, at: str = "") -> dict[str, Any]:
    """How far the publication is, for the office."""
    found: dict[str, Any] = (await house.get(f"{CYCLE}/publication", OFFICE)).json()
    return found


async def test_s14_units_are_told_of_their_rank_at_the_publication_and_not_at_the_ranking(people: People) -> None:
    house = people.house
    ranked = await people.to_ranking()
    assert house.published(RankingPublished) == []
    proposed = house.published(ConsequenceProposed)
    assert proposed, "the leading group is told what the programme proposes"
    key = proposed[0].consequence
    refused(await house.post(f"/consequences/{key}/confirmation", who=APPROVER), 409, "consequence")
    leader = {"role": "leader", "sub": f"leader-{proposed[0].unit}", "unit": proposed[0].unit}
    refused(await house.get(f"/consequences/{key}", leader), 404, "consequence")
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    [told] = house.published(RankingPublished)
    assert [row.model_dump(mode="json") for row in told.rows] == ranked["rows"]
    assert (await house.get(f"/consequences/{key}", leader)).status_code == 200
    await house.done(f"{CYCLE}/ranking", {"reason": "笔误"}, at="2026-07-13 10:00")
    assert len(house.published(RankingPublished)) == 2, "a correction of what is public is told at once"


async def test_s14_what_is_released_opens_by_the_clock_at_the_programme_s_local_time(people: People) -> None:
    house = people.house
    published_by(house, Publication(earliest=Earliest(days_after_seal=2, on={"h1": "07-20"}, hour=time(9))))
    await people.to_ranking()
    told = await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    assert (told["state"], told["opens_at"]) == ("released", "2026-07-20T01:00:00Z")
    again = await house.post("/meetings/m1/publication", at="2026-07-12 11:00")
    refused(again, 409, "publication")
    assert "opens at 2026-07-20T01:00" in again.json()["reason"]
    await ticked(house, "2026-07-20 08:59")
    assert house.published(RankingPublished) == house.published(MeetingPublished) == []
    refused(await house.get(f"{CYCLE}/ranking"), 404, "cycle")
    assert (await house.http.get("/results/2026-H1")).status_code == 404
    assert (await house.get("/meetings/m1/bundle")).status_code == 404
    await house.restart()
    await ticked(house, "2026-07-20 09:00")
    assert len(house.published(RankingPublished)) == len(house.published(MeetingPublished)) == 1
    assert (await house.get(f"{CYCLE}/ranking")).status_code == 200
    await ticked(house, "2026-07-20 09:01")
    assert len(house.published(RankingPublished)) == 1, "it opens once"
    found = await status(house)
    assert (found["public"], found["releases"][0]["released_by"]) == (True, "officer-1")


async def test_s14_the_day_after_the_seal_is_a_working_day(people: People) -> None:
    """Sealed on Friday 10 July: the first working day after it is Monday."""
    published_by(people.house, Publication(earliest=Earliest(days_after_seal=1)))
    await people.to_ranking()
    assert (await status(people.house))["opens_from"] == "2026-07-12T16:00:00Z"
    told = await people.house.done("/meetings/m1/publication", at="2026-07-13 00:00")
    assert told["state"] == "published"


async def test_s14_publication_waits_until_canvassing_can_be_appealed_no_more(people: People) -> None:
    house = people.house
    await people.to_seal()
    await house.done(f"{CYCLE}/closing", at="2026-07-11 09:00")
    await house.done("/canvassing", FOUND, at="2026-07-13 09:00")
    await house.done(f"{CYCLE}/ranking", at="2026-07-13 10:00")
    told = await house.done(f"{CYCLE}/publication", at="2026-07-13 11:00")
    assert [one["opens_at"] for one in told["releases"]] == ["2026-07-20T16:00:00Z"], "five working days, to 24:00"
    await ticked(house, "2026-07-20 23:59")
    assert not told["public"]
    assert house.published(RankingPublished) == []
    await ticked(house, "2026-07-21 00:00")
    assert len(house.published(RankingPublished)) == 1


async def test_s14_an_appeal_made_after_the_release_holds_it_back_and_an_upheld_one_needs_a_new_ranking(
    people: People,
) -> None:
    house = people.house
    await people.to_seal()
    await house.done(f"{CYCLE}/closing", at="2026-07-11 09:00")
    case = f"/canvassing/{(await house.done('/canvassing', FOUND, at='2026-07-13 09:00'))['id']}"
    await house.done(f"{CYCLE}/ranking", at="2026-07-13 10:00")
    await house.done(f"{CYCLE}/publication", at="2026-07-13 11:00")
    await house.done(f"{case}/appeal", {"grounds": "不实"}, who=LEADER, at="2026-07-20 10:00")
    await ticked(house, "2026-07-21 00:00")
    assert (await status(house))["releases"][0]["waits"] == ["canvassing/1"]
    ruling = {"upheld": True, "reason": "证据不足"}
    await house.done(f"{case}/ruling", ruling, who=OTHER_OFFICE, at="2026-07-22 10:00")
    await ticked(house, "2026-07-22 10:01")
    assert house.published(RankingPublished) == [], "the ranking is older than the ruling"
    assert "older" in (await status(house))["waits"][0]
    await house.done(f"{CYCLE}/ranking", {"reason": "申诉成立"}, at="2026-07-22 11:00")
    assert house.published(RankingPublished) == [], "a new version of what is not public is told to nobody"
    await ticked(house, "2026-07-22 11:01")
    [told] = house.published(RankingPublished)
    assert not any(row.canvassing for row in told.rows)


async def test_s14_a_correction_of_what_is_public_waits_for_the_appeal_period_too(people: People) -> None:
    house = people.house
    await people.to_ranking()
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    await house.done("/canvassing", FOUND, at="2026-07-13 09:00")
    refused(await house.post(f"{CYCLE}/ranking", {"reason": "拉选票"}, at="2026-07-13 10:00"), 409, "appeals")
    issued = await house.done(f"{CYCLE}/ranking", {"reason": "拉选票"}, at="2026-07-21 00:00")
    assert issued["version"] == 2


async def test_s14_a_cycle_in_which_nobody_votes_is_public_when_the_office_releases_it(people: People) -> None:
    house = people.house
    await house.done(f"{CYCLE}/closing", at="2026-07-11 09:00")
    await house.done(f"{CYCLE}/ranking", at="2026-07-12 09:00")
    refused(await house.get(f"{CYCLE}/ranking"), 404, "cycle")
    assert house.published(RankingPublished) == []
    assert (await house.done(f"{CYCLE}/publication", at="2026-07-12 10:00"))["public"] is True
    assert len(house.published(RankingPublished)) == 1
    assert (await house.get(f"{CYCLE}/ranking")).status_code == 200
    refused(await house.post(f"{CYCLE}/publication", at="2026-07-12 11:00"), 409, "cycle")


async def test_s14_a_programme_that_publishes_by_circular_alone_tells_units_and_nobody_else(people: People) -> None:
    house = people.house
    published_by(house, Publication(form=("circular",)))
    await people.to_ranking()
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    assert len(house.published(RankingPublished)) == 1
    for path in (
        "/results/2026-H1",
        "/results/2026-H1/u01",
        "/results/2026-H1/result.json",
        "/results/2026-H1/media.zip",
    ):
        assert (await house.http.get(path)).status_code == 404
    refused(await house.get(f"{CYCLE}/ranking"), 404, "cycle")
    mine = (await house.get("/units/u01/score", LEADER, cycle="2026-H1")).json()
    assert mine["rank"] is not None
    bundle = (await house.get("/meetings/m1/bundle")).content
    assert b"result.json" not in bundle, "what was sealed can be checked; scores are not in it"


async def test_s14_only_the_office_releases_and_those_who_run_the_appraisal_see_how_far_it_is(people: People) -> None:
    house = people.house
    assert (await house.post(f"{CYCLE}/publication", who=APPROVER)).status_code == 403
    assert (await house.get(f"{CYCLE}/publication", LEADER)).status_code == 403
    assert (await house.get(f"{CYCLE}/publication")).status_code == 401
    refused(await house.post(f"{CYCLE}/publication", at="2026-07-12 10:00"), 409, "cycle")
    refused(await house.post("/cycles/none/publication"), 404, "cycle")
