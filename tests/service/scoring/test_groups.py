"""Groups of units, each with its own meeting, its own method and its own panel where the programme says so (S1)."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.scoring.domain.canon import parse_canonical
from shared.programme import Programme, load
from shared.programme.parts import Group, Scope
from tests.service.scoring.house import OFFICE, House, refused
from tests.service.scoring.people import DAY, EVE, People

GROUPS = ("departments", "stationed", "key")
HEAD = {"person": "panel-1", "name": "周明", "post": "县政协副主席", "leader": True, "since": "2026-06-01"}
MEMBER = {"person": "panel-2", "name": "吴敏", "post": "县人大代表", "since": "2026-06-01"}


def county() -> Programme:
    """The programme with a county's three groups: stationed units have a method of their own, two have a panel."""
    base = load("window-units")
    first, second = base.dimensions[:2]
    groups = [
        {"key": "departments", "label": {"zh": "县直部门", "en": "Departments"}},
        {
            "key": "stationed", "label": {"zh": "驻县单位", "en": "Stationed units"}, "panel": True,
            "dimensions": [{"key": first.key, "weight": 60}, {"key": second.key, "weight": 40}],
        },
        {"key": "key", "label": {"zh": "重点部门", "en": "Key departments"}, "panel": True},
    ]  # fmt: skip
    scope = {"key": "group", "label": {"zh": "组内", "en": "Group"}, "categories": ["enforcement"], "each": "group"}
    changes = {
        "groups": tuple(Group.model_validate(one) for one in groups),
        "scopes": (*base.scopes, Scope.model_validate(scope)),
    }
    return base.model_copy(update=changes)


class County(People):
    """The people of a group's meeting."""

    def __init__(self, house: House, group: str) -> None:
        super().__init__(house)
        self.group, self.meeting = group, f"m-{group}"
        self.units = [f"{group}{i}" for i in (1, 2, 3)]

    async def create(self, **changes: Any) -> Any:
        return await super().create(**{"units": (), "group": self.group} | changes)


@pytest.fixture
async def house(empty_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A house with the county's groups, their units, a cycle and a pool."""
    shutil.copy(empty_store, tmp_path / "county.db")
    one = House(f"sqlite:///{tmp_path / 'county.db'}", county())
    one.unit.start()
    units = [
        {"unit": f"{group}{i}", "name": f"{group}{i}局", "category": "enforcement", "group": group}
        for group in GROUPS
        for i in (1, 2, 3)
    ]
    await one.done("/units", units, at="2026-01-01 09:00")
    await one.done("/cycles", {"name": "2026-H1"}, at="2026-01-01 09:00")
    members = [{**member, "conflicts": []} for member in People(one).members()]
    await one.done("/pools/p1", {"members": members}, at="2026-06-01 09:00")
    yield one
    await one.close()


async def appoint(house: House, group: str, **changes: Any) -> Any:
    return await house.post(f"/groups/{group}/panel", HEAD | changes, at="2026-05-20 09:00")


async def test_s1_three_groups_vote_each_at_a_meeting_of_its_own_with_its_own_method(house: House) -> None:
    for group in GROUPS:
        await County(house, group).create()
    shown = {g: (await house.get(f"/meetings/m-{g}")).json() for g in GROUPS}
    assert {g: (m["group"], sorted(m["units"])) for g, m in shown.items()} == {
        g: (g, [f"{g}1", f"{g}2", f"{g}3"]) for g in GROUPS
    }
    every = [d.key for d in house.desk.programme.dimensions]
    graded = {g: (await house.get(f"/meetings/m-{g}/form")).json()["form"]["dimensions"] for g in GROUPS}
    assert graded == {"departments": every, "stationed": every[:2], "key": every}
    rules: Any = parse_canonical((await house.rows(
        "SELECT data FROM meeting_file WHERE meeting = 'm-stationed' AND name = 'rules.json'"
    ))[0][0])  # fmt: skip
    assert [(d["key"], d["weight"]) for d in rules["dimensions"]] == [(every[0], "60"), (every[1], "40")]


async def test_s1_a_group_with_a_method_of_its_own_is_mixed_with_no_other(house: House) -> None:
    body = {"name": "m9", "cycle": "2026-H1", "date": DAY, "pool": "p1"}
    mixed = [f"{g}{i}" for g in ("departments", "stationed") for i in (1, 2, 3)]
    refused(await house.post("/meetings", body | {"units": mixed}), 422, "group")
    refused(await house.post("/meetings", body | {"group": "departments", "units": mixed}), 422, "group")
    assert (await house.post("/meetings", body | {"group": "nobody"})).status_code in (404, 422)
    await house.done("/meetings", body | {"units": mixed[:3]})


async def test_s1_a_panel_is_appointed_with_post_and_dates_and_published(house: House) -> None:
    await appoint(house, "stationed")
    await house.done("/groups/stationed/panel", MEMBER, at="2026-05-20 09:00")
    refused(await appoint(house, "stationed", person="panel-9"), 409, "leader")
    refused(await appoint(house, "stationed", leader=False), 409, "person")
    refused(await appoint(house, "stationed", person="panel-9", leader=False, until="2026-05-01"), 422, "until")
    refused(await appoint(house, "departments"), 409, "group")
    on = (await house.get("/groups/stationed/panel", on=DAY)).json()
    assert [(m["name"], m["post"], m["leader"]) for m in on] == [
        ("周明", "县政协副主席", True),
        ("吴敏", "县人大代表", False),
    ]
    ended = await house.post(
        f"/groups/stationed/panel/{on[0]['number']}/ending", {"until": "2026-06-30", "reason": "调任"}
    )
    assert ended.status_code == 200, ended.text
    assert (await appoint(house, "stationed", person="panel-3", since="2026-07-01")).status_code == 201
    later = (await house.get("/groups/stationed/panel", on=DAY)).json()
    before = (await house.get("/groups/stationed/panel", on="2026-06-15")).json()
    assert ([m["since"] for m in later if m["leader"]], [m["name"] for m in before]) == (
        ["2026-07-01"],
        ["周明", "吴敏"],
    )
    known = {g["group"]: (g["has_panel"], g["own_method"]) for g in (await house.get("/groups")).json()}
    assert known == {"departments": (False, False), "stationed": (True, True), "key": (True, False)}


async def test_s1_a_member_of_a_panel_sees_only_the_units_of_his_group(house: House) -> None:
    await appoint(house, "stationed", since="2025-01-01")
    await appoint(house, "key", person="panel-2", since="2025-01-01")
    mine = {"role": "supervisor", "sub": "panel-1"}
    seen = await house.get("/groups/stationed/units", mine, cycle="2026-H1")
    assert [u["unit"] for u in seen.json()] == ["stationed1", "stationed2", "stationed3"]
    refused(await house.get("/groups/key/units", mine, cycle="2026-H1"), 403, "group")
    stranger = {"role": "supervisor", "sub": "somebody"}
    refused(await house.get("/groups/stationed/units", stranger, cycle="2026-H1"), 403, "group")
    assert (await house.get("/groups/key/units", OFFICE, cycle="2026-H1")).status_code == 200


async def test_s1_a_meeting_of_a_group_with_a_panel_is_announced_only_with_its_panel(house: House) -> None:
    people = County(house, "stationed")
    await people.create()
    await people.freeze()
    await people.draw()
    told = {"place": "县会堂", "starts_at": f"{DAY}T09:00:00+08:00"}
    refused(await house.post("/meetings/m-stationed/announcement", told), 409, "panel")
    await appoint(house, "stationed", until="2026-07-01")
    refused(await house.post("/meetings/m-stationed/announcement", told), 409, "panel")
    await appoint(house, "stationed", person="panel-4", since="2026-07-02")
    await house.done("/meetings/m-stationed/announcement", told, at=f"{EVE} 22:30")
    shown = (await house.get("/meetings/m-stationed/announcement")).json()
    assert (shown["group"], [m["post"] for m in shown["panel"]]) == ("stationed", ["县政协副主席"])
