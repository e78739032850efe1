"""Plans, promises, explanations and rates: the same story on SQLite and on PostgreSQL."""

from typing import Any

import pytest

from services.rectification.domain.rules import Rules
from services.rectification.store import Base
from shared.contracts.scoring import UnitRegistered
from shared.migrate import upgrade
from shared.store import writer_engine
from tests.service.rectification.house import AUDITOR, House, approved, lines
from tests.service.rectification.promises import (
    EXPLANATION,
    NUMBER,
    PROMISE,
    correct,
    done,
    file,
    filed,
    inspect,
    submit,
)
from tests.service.rectification.test_r2_explanations import WITHOUT_A_SOLUTION
from tests.service.rectification.test_r5_guards import rates
from tests.support.postgres import Postgres

UNIT = UnitRegistered(unit="unit-a", name="清河税务所", category="enforcement", scope="x")
HANDLER = {"role": "handler", "sub": "handler-a", "unit": "unit-a"}


async def story(house: House) -> dict[str, Any]:
    """A plan amended, a promise broken and corrected, an explanation, rates; returns all that can be read then."""
    await house.take(UNIT, "2026-01-02 09:00")
    other = "2026-000002"
    await house.take(approved(other, track="explained", days=10), "2026-03-02 10:00")
    given = await house.post(f"/{other}/explanation", EXPLANATION, who=HANDLER, at="2026-03-10 10:00")
    assert given.status_code == 200, given.text
    await house.post(f"/{other}/explanation/approval", at="2026-03-11 10:00")
    await house.answer("2026-03-13 10:00", None, other)
    assert (await house.write_off("2026-03-19 10:00", other, **WITHOUT_A_SOLUTION)).status_code == 200
    await house.post(f"/{other}/difficulty", {"difficulty": "difficult", "reason": "x"}, at="2026-03-20 10:00")
    await house.take(approved("2026-000003", lead_unit="unit-b", can_be_called=False), "2026-03-02 10:00")
    await filed(house)
    await done(house, 1, "2026-03-20 10:00")
    await submit(house, "2026-04-01 10:00", measures="改租场地", commitment=None, milestones=[
        {"name": "租下场地", "due": "2026-05-12", "who": "李强"}
    ])  # fmt: skip
    await file(house, "2026-04-02 10:00")
    await house.tick("2026-05-13 09:00")
    await done(house, 3, "2026-05-14 10:00")
    await house.solve("2026-05-15 10:00")
    await house.answer("2026-05-18 10:00", "satisfied")
    assert (await house.write_off("2026-05-19 10:00")).status_code == 200
    await inspect(house, "2026-05-22 10:00", verdict="broken")
    await correct(house, "2026-05-25 10:00")
    first = (await house.http.get("/api/v1/public/commitments?limit=1")).json()
    assert first["cursor"]
    return {
        "said": [(e.type, e.time, e.subject, e.data) for e in house.events],
        "plan": (await house.get(f"/cases/{NUMBER}/plan")).json(),
        "plans": (await house.get(f"/plans?state=filed&unit=unit-a&cursor={NUMBER}%7C1")).json(),
        "explanations": (await house.get(f"/cases/{other}/explanations")).json(),
        "public": [first, (await house.http.get(f"/api/v1/public/commitments?cursor={first['cursor']}")).json()],
        "register": (await house.get("/commitments/register")).json(),
        "to_inspect": (await house.get("/commitments?state=to_inspect")).json(),
        "promise": (await house.get(f"/commitments/{PROMISE}")).json(),
        "rates": await rates(house, "2026-12-31 00:00", "2026-01-01 00:00"),
        "early": await rates(house, "2026-04-01 00:00"),
        "export": lines(await house.get("/ledger/export", AUDITOR)),
        "deadlines": (await house.get("/deadlines?limit=500")).json(),
        "verification": (await house.get("/ledger/verification", AUDITOR)).json(),
    }


@pytest.mark.live
async def test_r2_r5_r8_both_stores_tell_the_same_story(house: House, postgres: Postgres, rules: Rules) -> None:
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
    assert [v["state"] for v in ours["plan"]["versions"]] == ["amended", "filed"]
    assert [m["state"] for m in ours["plan"]["milestones"]] == ["done", "withdrawn", "done"]
    assert ours["rates"]["outcomes"]["explained"] == {"count": 1, "rate": "50.00"}
    assert ours["promise"]["state"] == "kept"
    for name in ours:
        assert ours[name] == theirs[name], name
