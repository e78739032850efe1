"""A case that the clock cannot move is set aside, visibly; the others' deadlines fire, and it is taken up again."""

from structlog.testing import capture_logs

from services.rectification.clock import Tick
from shared.contracts.rectification import DeadlinePassed
from tests.service.rectification.house import House, approved

POISONED, OTHER = "2026-000001", "2026-000002"


async def poisoned(house: House) -> None:
    """Two cases of which one has a kind of deadline that no programme knows: as a bad release may leave it."""
    for number in (POISONED, OTHER):
        await house.take(approved(number), "2026-03-02 10:00")
    await house.tamper("UPDATE deadlines SET kind = 'poison' WHERE case_number = :n", n=POISONED)


def expired(house: House) -> list[str]:
    return [e.case for e in house.published(DeadlinePassed) if e.kind == "solve"]


async def test_r4_a_case_that_cannot_be_moved_is_set_aside_and_the_others_deadlines_fire(house: House) -> None:
    await poisoned(house)
    with capture_logs() as logs:
        await house.tick("2026-03-25 12:00")
    assert expired(house) == [OTHER]
    assert house.aside.shown == {f"matter {POISONED}": "ValueError"}
    assert [(line["key"], line["error"]) for line in logs if line["event"] == "set_aside"] == [(POISONED, "ValueError")]


async def test_r4_it_is_said_once_and_what_comes_later_fires_as_ever(house: House) -> None:
    await poisoned(house)
    await house.tick("2026-03-25 12:00")
    house.aside.again()
    with capture_logs() as logs:
        await house.tick("2026-03-26 12:00")
    assert [line for line in logs if line["event"] == "set_aside"] == []
    assert ("escalation_3", "03-26 09:00") in house.steps("solve")


async def test_r4_what_was_set_aside_is_taken_up_again_after_the_fix_with_every_step_at_its_own_instant(
    house: House,
) -> None:
    await poisoned(house)
    await house.tick("2026-03-25 12:00")
    await house.tamper("UPDATE deadlines SET kind = 'solve' WHERE case_number = :n AND days = 15", n=POISONED)
    await house.tamper("UPDATE deadlines SET next_at = NULL WHERE kind = 'poison'")
    house.aside.again()
    with capture_logs() as logs:
        await house.tick("2026-03-25 13:00")
    assert house.aside.shown == {}
    assert [line["matter"] for line in logs if line["event"] == "taken_up_again"] == [f"matter {POISONED}"]
    passed = [(e.data.case, e.time) for e in house.events if e.type == DeadlinePassed.TYPE and e.data.kind == "solve"]
    assert [case for case, _ in passed] == [OTHER, POISONED]
    assert passed[0][1] == passed[1][1]
    assert (await house.get("/ledger/verification")).json()["holds"]


async def test_r4_after_a_start_it_is_tried_and_set_aside_again(house: House) -> None:
    await poisoned(house)
    await house.tick("2026-03-25 12:00")
    house.tick_of, house.aside = Tick(house.rules), type(house.aside)()
    await house.tick("2026-03-26 12:00")
    assert list(house.aside.shown) == [f"matter {POISONED}"]
    assert expired(house) == [OTHER]


async def test_r9_a_job_that_fails_as_a_whole_stops_no_other(house: House) -> None:
    """Announcing duties fails on a broken memory; deadlines fire all the same."""
    await house.take(approved(OTHER), "2026-03-02 10:00")
    await house.tick("2026-03-02 11:00")
    await house.tamper("UPDATE remembered SET value = 'no day' WHERE key = 'duties_announced_through'")
    await house.tick("2026-03-25 12:00")
    assert list(house.aside.shown) == ["job announce"]
    assert expired(house) == [OTHER]
