"""The store made anew knows what came back, who was told instead, and which addresses get nothing (N3)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.notify.usecases.bounces import Bounce, Kind, take_bounce
from services.notify.usecases.suppressing import suppress_by_hand
from tests.service.notify.test_n3_rebuild import NINE, Recorded, told
from tests.support.notify_house import OFFICE, a_house, passed, seat

pytestmark = pytest.mark.asyncio


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[Recorded]:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    async with a_house(url) as house:
        await house.hold(
            "2026-01-01T08:00",
            seat("tax", "handler", "wang", name="王芳"),
            seat("tax", "main_leader", "li", name="李强"),
            seat(OFFICE, "office", "clerk"),
            seat(OFFICE, "operator", "op"),
        )
        yield Recorded(house, url)


async def comes_back(recorded: Recorded, at: str, kind: Kind, person: str, case: str) -> None:
    [notice] = await recorded.house.notices(person=person, case=case)
    bounce = Bounce(f"{kind}-{case}", kind, notice["letter"], "", "5.1.1", "no user", "mailbox")
    await recorded.house.do(at, lambda tx: take_bounce(recorded.house.desk, tx, bounce))
    recorded.flush()


async def test_n3_bounces_complaints_and_suppressed_addresses_are_as_they_were(
    recorded: Recorded, tmp_path: Path
) -> None:
    await recorded.hear("2026-03-31T00:00", passed("2026-000001", roles=("handler",)), "e1")
    await recorded.hear("2026-03-31T00:00", passed("2026-000002", roles=("main_leader",)), "e2")
    await recorded.hear("2026-03-31T00:00", passed("2026-000003", roles=("handler",)), "e3")
    await recorded.post(NINE)
    await comes_back(recorded, "2026-03-31T10:00", "refused", "wang", "2026-000003")
    await comes_back(recorded, "2026-03-31T11:00", "hard", "wang", "2026-000001")
    await comes_back(recorded, "2026-03-31T12:00", "complaint", "li", "2026-000002")
    await recorded.hear("2026-04-01T00:00", passed("2026-000004", roles=("handler",)), "e4")
    await recorded.house.do(
        "2026-04-01T08:00",
        lambda tx: suppress_by_hand(recorded.house.desk, tx, "email", "clerk@office.example", "on leave"),
    )
    await recorded.post("2026-04-01T09:00")
    before = await told(recorded.url, recorded.house)
    report, url = recorded.again(tmp_path)
    assert report.same, report
    assert await told(url, recorded.house) == before
