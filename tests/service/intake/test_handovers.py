"""An official leaves: what is his to do goes to the successor, on record, and he hears of it (I7, I9, I18)."""

from shared.contracts.publicity import ShowApproaching
from tests.service.intake.house import House

LEAVES = {"leaves": "王局长", "successor": "孙局长", "role": "leader", "reason": "调离"}


async def test_i18_a_leaders_show_goes_to_his_successor_who_is_told_too_and_the_change_is_kept(house: House) -> None:
    show = await house.done(
        "office", "POST", "/roster", name="政风行风热线", outlet="市电台", starts_at="2026-03-10T09:00:00+08:00",
        unit="tax", leader="王局长",
    )  # fmt: skip
    await house.tick("2026-03-09T10:00")
    assert [told.leader for told in house.events(ShowApproaching)] == ["王局长"]
    made = await house.done("office", "POST", "/handovers", "2026-03-09T11:00", **LEAVES)
    assert made["moved"] == [f"show {show['id']}"]
    after = await house.done("office", "GET", f"/roster/{show['id']}")
    assert after["leader"] == "孙局长"
    [change] = after["history"]
    assert (change["before"]["leader"], change["reason"], change["by"]) == ("王局长", "调离", "office-1")
    await house.tick("2026-03-09T11:01")
    assert [told.leader for told in house.events(ShowApproaching)] == ["王局长", "孙局长"]


async def test_i9_an_inspectors_open_targets_go_to_his_successor(house: House) -> None:
    made = await house.done("office", "POST", "/inspection-plans", quarter="2026-Q2", count=2)
    path = f"/inspection-plans/{made['id']}"
    for position in (1, 2):
        await house.done("office", "POST", f"{path}/targets/{position}/assignment", inspector="old")
    handed = await house.done(
        "office", "POST", "/handovers", leaves="old", successor="new", role="inspector", reason="调离"
    )
    assert handed["moved"] == [f"target {made['id']}/1", f"target {made['id']}/2"]
    before = await house.web.get(f"/api/v1{path}", headers=house.bearer("inspector", "old"))
    assert before.json()["targets"] == []
    after = await house.web.get(f"/api/v1{path}", headers=house.bearer("inspector", "new"))
    assert [target["position"] for target in after.json()["targets"]] == [1, 2]
