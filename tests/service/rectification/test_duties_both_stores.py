"""Duties, tasks and appeals: the same story on SQLite and on PostgreSQL."""

from typing import Any

import pytest

from services.rectification.domain.rules import Rules
from services.rectification.store import Base
from shared.migrate import upgrade
from shared.store import writer_engine
from tests.service.rectification.house import AUDITOR, HANDLER, OFFICE, House, lines
from tests.service.rectification.test_appeals import appeal, closed_late, rule
from tests.service.rectification.test_obligations import PLAN, TASK, act, begun, hand_in, register
from tests.support.postgres import Postgres


async def story(house: House) -> dict[str, Any]:
    """A year with duties, a task and an appeal; returns all that can be read afterwards."""
    await register(house, "unit-b")
    await begun(house)
    await hand_in(house, at="2026-01-10 10:00")
    await act(house, f"/obligations/{PLAN}/return", {"reasons": ["没有责任人"]}, at="2026-01-11 10:00", who=OFFICE)
    await hand_in(house, at="2026-02-03 10:00")
    await act(house, f"/obligations/{PLAN}/acceptance", at="2026-02-04 10:00", who=OFFICE)
    await act(house, "/tasks", TASK, at="2026-03-02 10:00", who=OFFICE)
    await act(house, "/tasks", TASK | {"lead_unit": "unit-b"}, at="2026-03-02 10:00", who=OFFICE)
    await closed_late(house)
    await appeal(house)
    await rule(house)
    await house.tick("2027-01-15 10:00")
    await register(house, "unit-c", "2026-07-01 09:00")
    first = (await house.get("/obligations?limit=2")).json()
    return {
        "said": [(e.type, e.time, e.subject, e.data) for e in house.events],
        "obligations": [first, (await house.get(f"/obligations?limit=500&cursor={first['cursor']}")).json()],
        "missed": (await house.get("/obligations?state=missed&period=2026-Q1")).json(),
        "duty": (await house.get(f"/obligations/{PLAN}", HANDLER)).json(),
        "figures": (
            await house.get("/statistics/obligations?from=2026-01-15T00:00:00Z&to=2026-12-31T00:00:00Z")
        ).json(),
        "tasks": [(await house.get("/tasks", HANDLER)).json(), (await house.get("/public/tasks?limit=1")).json()],
        "appeals": (await house.get("/lateness-appeals?state=upheld")).json(),
        "deadlines": (await house.get("/deadlines?limit=500")).json(),
        "statistics": await house.statistics("2026-12-31 00:00"),
        "export": lines(await house.get("/cases/export?to=2026-12-31T00:00:00Z", AUDITOR)),
        "ledger": (await house.get("/ledger?limit=500", AUDITOR)).json(),
        "verification": (await house.get("/ledger/verification", AUDITOR)).json(),
    }


@pytest.mark.live
async def test_r9_both_stores_tell_the_same_story(house: House, postgres: Postgres, rules: Rules) -> None:
    url = postgres.database()
    engine = writer_engine(url)
    upgrade(engine, "rectification", Base)
    engine.dispose()
    other = House(url, rules)
    other.unit.start()
    try:
        ours, theirs = await story(house), await story(other)
    finally:
        await other.close()
    assert ours["verification"]["holds"]
    assert len(ours["missed"]["items"]) == 2
    assert ours["statistics"]["excused"] == 1
    for name in ours:
        assert ours[name] == theirs[name], name
