"""A matter that intake's clock cannot move is set aside, visibly; whatever else is due goes on."""

from sqlalchemy import text

from shared.contracts.assignment import TransferOverdue
from shared.tick import Aside
from tests.service.intake.house import House

FIRST, SECOND = "2026-000001", "2026-000002"


async def asked_for_two(house: House) -> None:
    """Two transfers that wait for the leader; of the first the deadline has a kind that nobody knows."""
    for number, ticket in ((FIRST, "T-1"), (SECOND, "T-2")):
        await house.report(ticket, text=f"办证等了很久没有结果 {ticket}", place="清河镇", topic="hard_to_get_done")
        body = {"decision": "accepted", "reason": "属实，须查", "transfer": {"lead_unit": "tax"}}
        answer = await house.call("clerk", "POST", f"/complaints/{number}/screening", **body)
        assert answer.is_success, answer.text
    await write(house, f"UPDATE deadline SET kind = 'poison' WHERE number = '{FIRST}'")


async def write(house: House, statement: str) -> None:
    await house.unit.run(lambda tx: tx.session.connection().execute(text(statement)), at=house.clock.now())


def chased(house: House) -> list[str]:
    return [event.number for event in house.events(TransferOverdue)]


async def test_i7_a_transfer_that_cannot_be_chased_keeps_no_other_from_being_chased(house: House) -> None:
    await asked_for_two(house)
    await house.tick("2026-03-05T00:00")
    assert chased(house) == [SECOND]
    assert house.aside.shown == {f"matter {FIRST}": "KeyError"}
    await house.tick("2026-03-09T09:00", restarted=True)
    assert chased(house) == [SECOND, SECOND]


async def test_i7_it_is_chased_after_the_fix_each_step_dated_by_its_own_instant(house: House) -> None:
    await asked_for_two(house)
    await house.tick("2026-03-05T10:00")
    await write(house, "UPDATE deadline SET kind = 'approval' WHERE kind = 'poison'")
    house.aside.again()
    await house.tick("2026-03-05T11:00")
    assert chased(house) == [SECOND, FIRST]
    assert house.aside.shown == {}
    first, second = house.envelopes(TransferOverdue)
    assert first.time == second.time


async def test_i3_a_job_that_fails_as_a_whole_stops_no_other(house: House) -> None:
    """What erases persons and what erases files cannot read their places; the leader is chased all the same."""
    await asked_for_two(house)
    await house.tick("2026-03-04T10:00")
    house.aside = Aside()
    await write(house, "UPDATE sweep SET day = 'no day'")
    await house.tick("2026-03-05T10:00")
    assert chased(house) == [SECOND]
    jobs = {"job retention": "ValueError", "job evidence": "ValueError"}
    assert house.aside.shown == {f"matter {FIRST}": "KeyError"} | jobs
