"""What is unusual online is flagged and counted all the same; the office decides, and can undo it (S13, protocol D)."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from services.scoring.usecases import embargo
from services.scoring.usecases.evaluation_messages import Raw, take_all
from services.scoring.usecases.evaluation_results import by_rule
from services.scoring.usecases.evaluation_watch import forget_devices
from shared.programme import load
from shared.store import Tx
from shared.tick import Aside
from tests.service.scoring.house import CLERK, LEADER, OFFICE, OTHER_OFFICE, House, local, refused
from tests.service.scoring.people import People
from tests.service.scoring.test_s13_evaluations import GOOD, LATER, SERVED, by_bus, counted, message
from tests.service.scoring.test_s13_evaluations import issued as issued_then

BAD, CYCLE = "dissatisfied", "2026-H1"
AUDITOR = {"role": "auditor", "sub": "auditor-1"}
PHONES = tuple(f"Phone {number}" for number in range(100))


@pytest.fixture
def dims(people: People) -> list[str]:
    """The programme's dimensions."""
    return [d.key for d in people.house.desk.programme.dimensions]


async def issued(house: House, number: int, unit: str = "u01") -> list[str]:
    """Codes of a unit, on the day of service, whatever the time of the test."""
    now, house.clock.current = house.clock.current, local(f"{SERVED} 18:00")
    codes = await issued_then(house, number, unit)
    house.clock.current = now
    return codes


async def phoned(house: House, codes: Sequence[str], marks: dict[str, str], phone: str, at: str = LATER) -> None:
    """Somebody uses all these codes with one phone."""
    for code in codes:
        answer = await house.http.post(
            "/api/v1/evaluations", json={"code": code, "marks": marks},
            headers={"Minping-At": f"{at.replace(' ', 'T')}:00+08:00", "User-Agent": phone},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text


async def listed(house: House, **query: str) -> list[dict[str, Any]]:
    """The office's list."""
    answer = await house.get("/evaluation-flags", OFFICE, cycle=CYCLE, **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def arrived(house: House, unit: str, answers: Sequence[dict[str, str]], at: str) -> None:
    """So many evaluations of a unit arrive by the bus, at this time."""
    codes = await issued(house, len(answers), unit)
    house.clock.current = local(at)
    await by_bus(house, *(message(code, unit, marks) for code, marks in zip(codes, answers, strict=True)))


def various(dims: list[str], number: int) -> list[dict[str, str]]:
    """Answers of which no two on end are the same."""
    return [{dims[0]: (GOOD, BAD)[n % 2], dims[1]: GOOD} for n in range(number)]


async def test_s13_a_device_that_evaluates_a_unit_again_and_again_is_flagged_and_counted(
    people: People, dims: list[str]
) -> None:
    house = people.house
    marks = various(dims, 9)
    for code, given in zip(await issued(house, 9), marks, strict=True):
        await phoned(house, [code], given, PHONES[0])
    await phoned(house, await issued(house, 5), {dims[0]: GOOD}, PHONES[1])
    await phoned(house, await issued(house, 5, "u02"), {dims[0]: GOOD}, PHONES[0])
    [flag] = await listed(house)
    assert (flag["unit"], flag["kind"], flag["number"], flag["most"], flag["limit"]) == ("u01", "device", 4, 9, 5)
    assert (flag["by_bus"], flag["state"]) == (0, "open") and "9" in flag["reason"] and "9" in flag["reason_en"]
    tally = await counted(house)
    assert tally is not None and tally.evaluations == 14, "nothing is dropped"


async def test_s13_many_of_a_unit_in_a_minute_are_flagged_by_the_day(people: People, dims: list[str]) -> None:
    house = people.house
    await arrived(house, "u01", various(dims, 30), "2026-03-05 10:00")
    assert await listed(house) == [], "thirty in a minute are ordinary"
    await arrived(house, "u01", various(dims, 12), "2026-03-05 10:00")
    await arrived(house, "u01", various(dims, 33), "2026-03-05 10:01")
    await arrived(house, "u02", various(dims, 20), "2026-03-05 10:01")
    [flag] = await listed(house)
    assert (flag["unit"], flag["kind"], flag["day"], flag["number"], flag["by_bus"]) == (
        "u01", "burst", "2026-03-05", 15, 15,
    )  # fmt: skip
    assert (flag["most"], flag["fullest"]) == (42, "2026-03-05T02:00:00Z")
    await arrived(house, "u01", various(dims, 31), "2026-03-06 10:00")
    assert [one["number"] for one in await listed(house, kind="burst")] in ([15, 1], [1, 15])


async def test_s13_a_string_of_the_same_answers_is_flagged_where_the_unit_is_otherwise_not_so(
    people: People, dims: list[str]
) -> None:
    house = people.house
    bad = dict.fromkeys(dims, BAD)
    for minute in range(4):
        await arrived(house, "u01", various(dims, 25), f"2026-03-05 10:{minute:02}")
        await arrived(house, "u02", [dict.fromkeys(dims, GOOD)] * 25, f"2026-03-05 10:{minute:02}")
    for minute in range(10, 12):
        await arrived(house, "u01", [bad] * 20, f"2026-03-05 10:{minute:02}")
        await arrived(house, "u02", [dict.fromkeys(dims, GOOD)] * 20, f"2026-03-05 10:{minute:02}")
    [flag] = [one for one in await listed(house) if one["unit"] == "u01"]
    assert (flag["kind"], flag["number"], flag["most"], flag["answers"]) == ("string", 11, 40, bad)
    await arrived(house, "u01", [{dims[0]: GOOD}, *([bad] * 10)], "2026-03-05 10:20")
    [flag] = [one for one in await listed(house) if one["unit"] == "u01"]
    assert flag["number"] == 11, "the string was broken"


async def test_s13_an_evaluation_stands_in_one_flag_and_both_figures_are_shown(people: People, dims: list[str]) -> None:
    house = people.house
    good, bad = dict.fromkeys(dims, GOOD), dict.fromkeys(dims, BAD)
    await arrived(house, "u01", [good, bad] * 15, "2026-03-05 09:00")
    await phoned(house, await issued(house, 40), bad, PHONES[0], "2026-03-05 10:00")
    found = await listed(house)
    assert sum(one["number"] for one in found) == 35 and {one["kind"] for one in found} == {"device"}

    async def figures() -> dict[str, Any]:
        answer = await house.get(f"/cycles/{CYCLE}/evaluations/inside", OFFICE)
        return dict(answer.json()["items"][0])

    # 15 × 100 and 55 × 40 of 70; without the 35 beyond the limit 15 × 100 and 20 × 40 of 35
    before = await figures()
    assert (before["score"], before["score_all"], before["score_kept"], before["set_apart"]) == (
        "52.86", "52.86", "52.86", 0,
    )  # fmt: skip
    path = f"/evaluation-flags/{found[0]['flag']}"
    decided = await house.done(f"{path}/decision", {"decision": "set_apart", "reason": "窗口人员用同一部手机代评"})
    assert (decided["state"], decided["score_all"], decided["score_without"]) == ("set_apart", "52.86", "65.71")
    after = await figures()
    assert (after["evaluations"], after["set_apart"], after["figure"]) == (70, 35, "all")
    assert (after["score"], after["score_all"], after["score_kept"]) == ("52.86", "52.86", "65.71")
    refused(await house.post(f"{path}/decision", {"decision": "set_apart", "reason": "再次"}), 409, "decision")
    undone = await house.done(f"{path}/decision", {"decision": "kept", "reason": "是大厅公用平板"}, who=OTHER_OFFICE)
    assert [(d["decision"], d["number"], d["by"]) for d in undone["decisions"]] == [
        ("set_apart", 35, "officer-1"), ("kept", 35, "officer-2"),
    ]  # fmt: skip
    assert (await figures())["score_kept"] == "52.86"
    await phoned(house, await issued(house, 3), bad, PHONES[0], "2026-03-05 10:05")
    assert (await listed(house, state="kept"))[0]["grown"] == 3
    assert await listed(house, state="open") == []
    tally = await counted(house)
    assert tally is not None and tally.evaluations == 73


async def test_s13_the_programme_says_which_figure_is_published(people: People, dims: list[str]) -> None:
    house = people.house
    good, bad = dict.fromkeys(dims, GOOD), dict.fromkeys(dims, BAD)
    await arrived(house, "u01", [good, bad] * 15, "2026-03-05 09:00")
    await phoned(house, await issued(house, 40), bad, PHONES[0], "2026-03-05 10:00")
    [flag] = await listed(house)
    await house.done(f"/evaluation-flags/{flag['flag']}/decision", {"decision": "set_apart", "reason": "代评"})
    programme = load("window-units")
    online = programme.online.model_copy(update={"figure": "kept"})
    kept = House(house.url, programme.model_copy(update={"online": online}))
    try:
        [shown] = (await kept.get(f"/cycles/{CYCLE}/evaluations/inside", OFFICE)).json()["items"]
        assert (shown["figure"], shown["score"], shown["score_all"], shown["ratings"]) == ("kept", "65.71", "52.86", 35)
        numbers = await kept.unit.read(lambda s: {k: t.evaluations for k, t in by_rule(kept.desk, s, CYCLE).items()})
        assert sum(numbers.values()) == 35
    finally:
        await kept.http.aclose()


async def test_s13_flags_are_the_offices_and_stand_fast_with_the_publication(
    people: People, dims: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = people.house
    for unit in ("u01", "u02", "u03"):
        await phoned(house, await issued(house, 6, unit), {dims[0]: GOOD}, PHONES[0])
    first = (await house.get("/evaluation-flags", AUDITOR, cycle=CYCLE, limit="2")).json()
    rest = (await house.get("/evaluation-flags", AUDITOR, cycle=CYCLE, limit="2", after=str(first["next"]))).json()
    assert [one["unit"] for one in (*first["items"], *rest["items"])] == ["u01", "u02", "u03"]
    assert rest["next"] is None
    path, wanted = f"/evaluation-flags/{first['items'][0]['flag']}", {"decision": "kept", "reason": "公用平板"}
    for who in (AUDITOR, LEADER, CLERK):
        refused(await house.post(f"{path}/decision", wanted, who=who), 403, "role")
    for who in (LEADER, CLERK):
        refused(await house.get("/evaluation-flags", who, cycle=CYCLE), 403, "role")
        refused(await house.get(path, who), 403, "role")
    refused(await house.get("/evaluation-flags", OFFICE, cycle="2030"), 404, "cycle")
    refused(await house.post("/evaluation-flags/1/decision", wanted), 404, "flag")
    monkeypatch.setattr(embargo, "is_public", lambda session, cycle: True)
    refused(await house.post(f"{path}/decision", wanted), 409, "flag")


async def test_s13_a_device_is_known_by_a_key_until_the_publication_and_then_not_at_all(
    people: People, dims: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = people.house
    for unit in ("u01", "u02"):
        await phoned(house, await issued(house, 6, unit), {dims[0]: GOOD}, "Phone of somebody")
    kept = await house.rows("SELECT device, number FROM evaluation_device")
    assert len({device for device, _ in kept}) == 2 and [number for _, number in kept] == [6, 6]
    everything = ""
    for (name,) in await house.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        everything += str(await house.rows(f'SELECT * FROM "{name}"'))
    assert "somebody" not in everything and "127.0.0.1" not in everything

    async def tick() -> None:
        await house.unit.run(lambda tx: forget_devices(tx, Aside()), at=house.clock.now())

    await tick()
    assert await house.rows("SELECT length(salt), devices_left FROM evaluation_salt") == [(32, 1)]
    monkeypatch.setattr(embargo, "is_public", lambda session, cycle: True)
    await tick()
    assert await house.rows("SELECT salt, devices_left FROM evaluation_salt") == [(None, 0)]
    assert await house.rows("SELECT count(*) FROM evaluation_device") == [(0,)]
    await phoned(house, await issued(house, 6), {dims[0]: GOOD}, "Phone of somebody")
    assert await house.rows("SELECT count(*) FROM evaluation_device") == [(0,)], "no new salt is made"
    assert sorted(one["number"] for one in await listed(house)) == [1, 1], "the flags stay"


async def test_s13_what_is_rolled_back_or_delivered_again_is_not_watched_twice(people: People, dims: list[str]) -> None:
    house = people.house
    codes = await issued(house, 30)
    house.clock.current = local(LATER)
    bodies = [message(c, "u01", m) for c, m in zip(codes, various(dims, 30), strict=True)]

    def failing(tx: Tx) -> None:
        take_all(house.desk, tx, [Raw("hall", body, 1) for body in bodies])
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"):
        await house.unit.run(failing, at=house.clock.now())
    await by_bus(house, *bodies)
    await by_bus(house, *bodies, delivered=2)
    assert await listed(house) == []
    assert house.desk.evaluations_seen.minutes == {(CYCLE, "u01"): (int(local(LATER).timestamp()) // 60, 30)}


async def test_s13_what_is_taken_in_one_commit_is_watched_in_its_order(people: People, dims: list[str]) -> None:
    house = people.house
    codes = await issued(house, 40)
    house.clock.current = local(LATER)
    given = [message(c, "u01", m) for c, m in zip(codes, various(dims, 40), strict=True)]
    await asyncio.gather(*(by_bus(house, body) for body in given))
    [flag] = await listed(house)
    assert (flag["kind"], flag["number"], flag["most"]) == ("burst", 10, 40)
