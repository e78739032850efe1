"""R6, R2, R8: what rectification publishes reaches the unit as a letter, through the programme's own rules."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.notify.usecases.matters import MATTERS
from services.rectification.domain.rules import Rules
from services.rectification.store import Base
from shared.contracts.intake import ComplaintLinked
from shared.migrate import upgrade
from shared.programme import load
from shared.store import writer_engine
from tests.service.rectification.house import SOLUTION, House, approved
from tests.service.rectification.promises import NUMBER, file, inspect, planned, submit
from tests.support.notify_house import House as Desk
from tests.support.notify_house import a_house, furnish

TAX = {"lead_unit": "tax"}
HANDLER = {"role": "handler", "sub": "wang", "unit": "tax"}


@pytest.fixture
async def rectification(tmp_path: Path) -> AsyncIterator[House]:
    """The service that publishes."""
    path = tmp_path / "rectification.db"
    engine = writer_engine(f"sqlite:///{path}")
    upgrade(engine, "rectification", Base)
    engine.dispose()
    one = House(f"sqlite:///{path}", Rules.of(load("window-units")))
    one.unit.start()
    yield one
    await one.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """The service that writes letters."""
    async with a_house(f"sqlite:///{tmp_path / 'notify.db'}") as made:
        await furnish(made)
        yield made


async def letters(rectification: House, desk: Desk, at: str) -> dict[str, list[str]]:
    """Everything published so far is heard; who gets which subjects by `at`."""
    for event in rectification.events:
        if type(event.data) in MATTERS:
            await desk.hear(event.time.isoformat(), event.data, event.id)
    found: dict[str, list[str]] = {}
    for letter in await desk.post(at):
        found.setdefault(letter["person"], []).append(letter["subject"] + letter["text"])
    return found


async def test_r6_a_reopening_reaches_the_handler_and_the_main_leader_as_a_letter(
    rectification: House, desk: Desk
) -> None:
    await rectification.take(approved(**TAX), "2026-03-02 10:00")
    await rectification.post(f"/{NUMBER}/solution", SOLUTION, who=HANDLER, at="2026-03-20 16:00")
    await rectification.answer("2026-03-23 10:00", "satisfied")
    assert (await rectification.write_off("2026-03-25 10:00")).status_code == 200
    await letters(rectification, desk, "2026-04-19T12:00")
    link = ComplaintLinked(number="2026-000009", lead=NUMBER, how="exact", petitioners=2)
    await rectification.take(link, "2026-04-20 10:00")
    found = await letters(rectification, desk, "2026-04-21T12:00")
    for person in ("wang", "li"):
        assert any("重新办理" in text and "2026年4月27日" in text for text in found[person]), found.get(person)


async def test_r2_a_returned_plan_and_a_missed_milestone_are_told_by_letter(rectification: House, desk: Desk) -> None:
    await planned(rectification, **TAX)
    await submit(rectification, "2026-03-06 10:00", HANDLER)
    await rectification.post(f"/{NUMBER}/plan/return", {"reasons": ["没有责任人"]}, at="2026-03-09 10:00")
    found = await letters(rectification, desk, "2026-03-10T12:00")
    assert any("整改计划" in text and "没有责任人" in text for text in found["wang"])
    await submit(rectification, "2026-03-10 10:00", HANDLER)
    await file(rectification, "2026-03-11 10:00")
    await rectification.tick("2026-04-01 00:00")
    found = await letters(rectification, desk, "2026-04-01T12:00")
    assert any("定下方案" in text and "计划节点" in text for text in found["li"]), found.get("li")


async def test_r8_a_broken_promise_is_told_to_the_main_leader_and_his_superior(
    rectification: House, desk: Desk
) -> None:
    await planned(rectification, **TAX)
    await submit(rectification, "2026-03-06 10:00", HANDLER)
    await file(rectification, "2026-03-09 10:00")
    await inspect(rectification, "2026-05-22 10:00", verdict="broken")
    found = await letters(rectification, desk, "2026-05-25T12:00")
    for person in ("li", "zhao", "clerk"):
        assert any("未践诺" in text or "未兑现" in text for text in found[person]), found.get(person)
