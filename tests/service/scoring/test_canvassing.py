"""Canvassing: behind all others, graded dissatisfied, somebody held to account; appealable, and merit is seen (S11)."""

from fractions import Fraction
from typing import Any

import pytest

from services.scoring.domain.points import daily_score
from services.scoring.domain.result import UnitInput, ranking_bytes, rows
from services.scoring.store.tables import RankingRow
from shared.contracts.canvassing import CanvassingAppealed, CanvassingEstablished, CanvassingRuled
from shared.contracts.scoring import ConsequenceProposed, RankingPublished
from tests.service.scoring.house import APPROVER, CLERK, LEADER, OFFICE, OTHER_OFFICE, House, local, refused
from tests.service.scoring.people import People

FOUND = {
    "cycle": "2026-H1",
    "unit": "u01",
    "evidence": "查实宴请三名代表，有视频和证言",
    "persons": ["所长", "办公室主任"],
}
OTHER_LEADER = {"role": "leader", "sub": "leader-u02", "unit": "u02"}


async def established(house: House, **changes: Any) -> Any:
    return await house.done("/canvassing", FOUND | changes, at="2026-07-01 09:00")


async def ranked(people: People) -> dict[str, dict[str, Any]]:
    """The township's rows of the published ranking."""
    found = (await people.to_ranking())["rows"]
    await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    shown = (await people.house.get("/cycles/2026-H1/ranking")).json()["rows"]
    assert shown == found, "what was answered is what everybody sees"
    return {row["unit"]: row for row in found if row["scope"].startswith("township")}


async def test_s11_a_canvasser_stands_behind_all_others_graded_dissatisfied_with_its_merit_rank_beside_it(
    people: People,
) -> None:
    await established(people.house)
    township = await ranked(people)
    mine = township["u01"]
    assert (mine["canvassing"], mine["graded"], mine["rank"]) == (True, "dissatisfied", len(township))
    assert mine["merit_rank"] < mine["rank"]
    assert mine["composite"] is not None, "the marks stay as they are"
    others = [row for row in township.values() if row["unit"] != "u01"]
    assert all(row["rank"] < mine["rank"] and row["graded"] is None for row in others)
    [published] = people.house.published(RankingPublished)
    assert [(row.graded, row.merit_rank) for row in published.rows if row.unit == "u01"] == [
        ("dissatisfied", mine["merit_rank"])
    ]


async def test_s11_the_unit_last_on_merit_is_not_last_when_a_canvasser_stands_behind_it(people: People) -> None:
    await established(people.house)
    township = await ranked(people)
    assert township["u06"]["merit_rank"] == len(township)
    assert township["u06"]["rank"] == len(township) - 1
    found = (await people.house.get("/consequences", APPROVER, cycle="2026-H1")).json()
    assert not [one for one in found if one["unit"] == "u06"], "no consequence of the last place"


async def test_s11_the_accountability_of_the_persons_is_proposed_and_confirmed_by_a_leader(people: People) -> None:
    house = people.house
    await established(house)
    await people.to_ranking()
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    proposed = [one for one in house.published(ConsequenceProposed) if one.unit == "u01"]
    assert [(one.kind, one.persons) for one in proposed if one.persons] == [("accountability", ("所长", "办公室主任"))]
    found = (await house.get("/consequences", APPROVER, cycle="2026-H1")).json()
    [about] = [one for one in found if one["kind"] == "accountability"]
    assert about["persons"] == ["所长", "办公室主任"]
    done = await house.done(f"/consequences/{about['id']}/confirmation", who=APPROVER, at="2026-07-13 10:00")
    assert (done["state"], done["persons"]) == ("confirmed", ["所长", "办公室主任"])


async def test_s11_the_office_establishes_it_with_evidence_and_the_unit_is_told_in_time_to_appeal(
    people: People,
) -> None:
    house = people.house
    refused(await house.post("/canvassing", FOUND | {"evidence": " "}), 422, "evidence")
    assert (await house.post("/canvassing", FOUND, who=CLERK)).status_code == 403
    made = await established(house)
    refused(await house.post("/canvassing", FOUND), 409, "unit")
    [told] = house.published(CanvassingEstablished)
    assert (told.unit, told.cycle_name, told.persons) == ("u01", "2026-H1", ("所长", "办公室主任"))
    assert told.appeal_until.isoformat() == "2026-07-08T16:00:00+00:00", "five working days, to 24:00"
    assert FOUND["evidence"] not in str([row.payload for row in house.outgoing])
    [shown] = (await house.get("/canvassing", OFFICE, cycle="2026-H1")).json()["items"]
    assert (shown["id"], shown["evidence"], shown["established_by"]) == (made["id"], FOUND["evidence"], "officer-1")
    assert [one["id"] for one in (await house.get("/canvassing", LEADER)).json()["items"]] == [made["id"]]
    assert (await house.get("/canvassing", OTHER_LEADER)).json()["items"] == []
    assert (await house.get("/canvassing", CLERK)).status_code == 403


async def test_s11_cases_of_canvassing_come_page_by_page(people: People) -> None:
    for unit in ("u01", "u02", "u03"):
        await established(people.house, unit=unit)
    first = (await people.house.get("/canvassing", OFFICE, limit="2")).json()
    rest = (await people.house.get("/canvassing", OFFICE, limit="2", cursor=first["next"])).json()
    assert [one["unit"] for one in (*first["items"], *rest["items"])] == ["u01", "u02", "u03"]
    assert rest["next"] is None


async def test_s11_an_appeal_holds_publication_back_and_an_upheld_one_gives_the_rank_by_merit(people: People) -> None:
    house = people.house
    path = f"/canvassing/{(await established(house))['id']}"
    assert (await house.post(f"{path}/appeal", {"grounds": "x"}, who=OTHER_LEADER)).status_code == 403
    await house.done(f"{path}/appeal", {"grounds": "视频与本单位无关"}, who=LEADER, at="2026-07-02 09:00")
    [appealed] = house.published(CanvassingAppealed)
    assert (appealed.unit, appealed.grounds) == ("u01", "视频与本单位无关")
    ruling = {"upheld": True, "reason": "证据不足"}
    refused(await house.post(f"{path}/ruling", ruling), 403, "ruled_by")
    await people.to_seal()
    await house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
    refused(await house.post("/cycles/2026-H1/ranking", at="2026-07-12 09:00"), 409, "appeals")
    done = await house.done(f"{path}/ruling", ruling, who=OTHER_OFFICE, at="2026-07-12 10:00")
    assert (done["state"], done["ruled_by"], done["grounds"]) == ("overturned", "officer-2", "视频与本单位无关")
    [ruled] = house.published(CanvassingRuled)
    assert (ruled.unit, ruled.upheld, ruled.reason) == ("u01", True, "证据不足")
    issued = await house.done("/cycles/2026-H1/ranking", at="2026-07-12 11:00")
    [mine] = [row for row in issued["rows"] if row["unit"] == "u01"]
    assert (mine["canvassing"], mine["graded"], mine["rank"]) == (False, None, mine["merit_rank"])


@pytest.mark.parametrize("at", ["2026-07-08 23:59", "2026-07-09 00:00"])
async def test_s11_an_appeal_is_made_within_five_working_days(people: People, at: str) -> None:
    path = f"/canvassing/{(await established(people.house))['id']}/appeal"
    answer = await people.house.post(path, {"grounds": "不实"}, who=LEADER, at=at)
    assert answer.status_code == (200 if at < "2026-07-09" else 409), answer.text


@pytest.mark.parametrize(("unit", "counts"), [("u01", False), ("u06", True)])
async def test_s11_canvassing_counts_towards_two_years_running_only_if_also_below_80(
    people: People, unit: str, counts: bool
) -> None:
    """One cycle a year here. Last year the unit canvassed and had 76; this year u01 has over 80, u06 has not."""
    house = people.house
    programme = house.desk.programme.model_copy(update={"cycles": house.desk.programme.cycles[:1]})
    object.__setattr__(house.desk, "programme", programme)
    last_year = RankingRow(
        cycle="2025-H1", version=1, reason="", issued_by="officer-1", issued_at=local("2025-07-12 09:00"),
        result=ranking_bytes(rows([earlier(house, one, canvassing=one == unit) for one in people.units[:6]], [],
                                  house.desk.numbers)),
    )  # fmt: skip
    await house.unit.run(lambda tx: tx.session.add(last_year), at=local("2025-07-12 09:00"))
    await established(house, unit=unit)
    mine = (await ranked(people))[unit]
    assert (mine["canvassing"], float(mine["composite"]) < 80) == (True, counts)
    found = (await house.get("/consequences", APPROVER, cycle="2026-H1")).json()
    kinds = {one["kind"] for one in found if one["unit"] == unit and one["rule"] == "two-years-running"}
    assert kinds == ({"admonition_talk", "organisational_measure"} if counts else set())


def earlier(house: House, unit: str, *, canvassing: bool) -> UnitInput:
    """How a unit stood last year: 76 for who canvassed, 92 for the others."""
    numbers = house.desk.numbers
    daily = daily_score(unit, "2025-H1", (), start=numbers.start, floor=numbers.floor,
                        most_per_case=numbers.most_per_case, earlier=())  # fmt: skip
    return UnitInput(
        unit=unit, name=unit, category="enforcement", scope="township:清河镇", daily=daily, lines=(), meeting="m0",
        concentrated=Fraction(70 if canvassing else 90), ratings=60, canvassing=canvassing,
    )  # fmt: skip
