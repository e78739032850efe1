"""Units, cycles and pools through the public interface (S1, S2)."""

import pytest

from shared.contracts.scoring import CycleClosed, CycleOpened, ProgrammePublished, UnitRegistered
from tests.service.scoring.house import APPROVER, CLERK, House, refused
from tests.service.scoring.people import People

STATION = {"unit": "u1", "name": "派出所", "category": "enforcement", "township": "清河镇"}


async def test_a_unit_is_registered_with_its_concrete_scope_and_told(house: House) -> None:
    assert await house.done("/units", [STATION]) == {"registered": 1, "unchanged": 0}
    told = house.published(UnitRegistered)
    assert [(u.unit, u.scope, u.township) for u in told] == [("u1", "township:清河镇", "清河镇")]


async def test_the_same_list_again_changes_nothing_and_a_name_may_be_corrected(house: House) -> None:
    await house.done("/units", [STATION])
    assert await house.done("/units", [STATION]) == {"registered": 0, "unchanged": 1}
    await house.done("/units", [{**STATION, "name": "清河派出所"}])
    assert [u.name for u in house.published(UnitRegistered)] == ["派出所", "清河派出所"]


async def test_category_and_scope_of_a_unit_stay(house: House) -> None:
    await house.done("/units", [STATION])
    refused(await house.post("/units", [{**STATION, "township": "石桥镇"}]), 409, "unit")


async def test_one_bad_unit_and_none_is_registered(house: House) -> None:
    answer = await house.post("/units", [STATION, {**STATION, "unit": "u2", "category": "nonsense"}])
    refused(answer, 422, "category")
    assert (await house.get("/units")).json() == []
    assert house.outgoing == []


async def test_units_are_read_by_anybody_and_registered_by_the_office_alone(house: House) -> None:
    assert (await house.get("/units")).status_code == 200
    refused(await house.post("/units", [STATION], who=CLERK), 403, "role")


async def test_a_cycle_has_the_programmes_days_and_publishes_its_rules_once(house: House) -> None:
    opened = await house.done("/cycles", {"name": "2026-H1"})
    assert (opened["starts"], opened["ends"]) == ("2025-12-31T16:00:00Z", "2026-06-30T16:00:00Z")
    await house.done("/cycles", {"name": "2026-H2"})
    assert len(house.published(ProgrammePublished)) == 1
    assert [c.name for c in house.published(CycleOpened)] == ["2026-H1", "2026-H2"]


async def test_cycles_do_not_overlap(house: House) -> None:
    await house.done("/cycles", {"name": "2026-H1"})
    refused(await house.post("/cycles", {"name": "2026-H1"}), 409, "cycle")
    days = {"name": "x", "starts": "2026-06-01T00:00:00+08:00", "ends": "2026-08-01T00:00:00+08:00"}
    refused(await house.post("/cycles", days), 409, "cycle")


async def test_a_cycle_closes_once_and_not_before_its_end(house: House) -> None:
    await house.done("/cycles", {"name": "2026-H1"})
    refused(await house.post("/cycles/2026-H1/closing", at="2026-06-30 23:59"), 409, "cycle")
    await house.done("/cycles/2026-H1/closing", at="2026-07-01 00:00")
    refused(await house.post("/cycles/2026-H1/closing", at="2026-07-02 00:00"), 409, "cycle")
    assert [c.name for c in house.published(CycleClosed)] == ["2026-H1"]


async def test_a_pool_is_shown_in_figures_only(people: People) -> None:
    found = (await people.house.get("/pools/p1", {"role": "auditor", "sub": "a"})).json()
    assert (found["members"], found["strata"]["villager"], found["with_conflicts"]) == (110, 34, 8)
    assert "ids" not in found


@pytest.mark.parametrize("dropped", ["villager", "enterprise"])
async def test_a_pool_without_its_share_of_ordinary_people_is_refused(people: People, dropped: str) -> None:
    members = people.members()
    for member in [m for m in members if m["stratum"] == dropped][5:]:
        member["stratum"] = "deputy"
    answer = await people.house.post("/pools/p2", {"members": members})
    refused(answer, 422, f"pool.share.{dropped}")


async def test_a_conflict_with_an_unknown_unit_is_refused(people: People) -> None:
    members = people.members()
    members[0]["conflicts"] = ["nobody"]
    refused(await people.house.post("/pools/p2", {"members": members}), 422, "pool.members.conflicts")


async def test_nobody_signed_in_and_unknown_things_say_so(house: House) -> None:
    assert (await house.http.post("/api/v1/units", json=[STATION])).status_code == 401
    refused(await house.get("/consequences", APPROVER, cycle="x"), 404, "cycle")
