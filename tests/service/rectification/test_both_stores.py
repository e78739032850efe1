"""The same story on SQLite and on PostgreSQL gives the same events, figures and ledger."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.rectification.clock import Tick
from services.rectification.domain.rules import Rules
from services.rectification.store import Base
from shared.calendar import OfficialYear, WorkingCalendar
from shared.contracts.assignment import ObjectionRuled
from shared.contracts.intake import ComplaintLinked, ComplaintUnlinked
from shared.contracts.notify import LeaderChanged
from shared.contracts.scoring import CycleClosed, UnitRegistered
from shared.migrate import upgrade
from shared.store import writer_engine
from tests.service.rectification.house import AUDITOR, HANDLER, House, approved, lines, local
from tests.support.postgres import Postgres


async def terms_change(house: House) -> None:
    """A case whose dates, units and handlers change."""
    number, leader = "2026-000010", {"role": "leader", "sub": "leader-a", "unit": "unit-a"}
    parts = {"cooperating_units": ("unit-b",), "territorial_unit": "unit-c"}
    await house.take(approved(number, track="planned", days=60, **parts), "2026-12-21 11:00")
    term = LeaderChanged(unit="unit-a", role="main_leader", person="p-1", name="甲", since=date(2024, 1, 1))
    await house.take(term, "2026-12-21 12:00")
    acts = [
        ("acceptance", None, HANDLER),
        ("contributions", {"text": "已核实", "evidence": ["照片"]}, {"role": "handler", "sub": "b", "unit": "unit-b"}),
        ("extension", {"days": 5, "reasons": "等设备"}, HANDLER),
        ("decision", {"granted": True}, {"role": "office", "sub": "officer-1"}),
        ("suspension", {"ground": "law_suit", "reasons": "已立案"}, {"role": "office", "sub": "officer-1"}),
        ("resumption", None, {"role": "office", "sub": "officer-1"}),
        ("../../handovers", {"from": "handler-a", "to": "handler-y", "reason": "调离"}, leader),
    ]
    for day, (action, body, who) in enumerate(acts, 22):
        answer = await house.post(f"/{number}/{action}", body, who=who, at=f"2026-12-{day} 10:00")
        assert answer.status_code == 200, (action, answer.text)
    ruling = ObjectionRuled(
        number=number, unit="unit-a", upheld=True, lead_unit="unit-d", cooperating_units=("unit-b",), reason="x",
        ruled_by_role="approver",
    )  # fmt: skip
    await house.take(ruling, "2026-12-29 10:00")


async def story(house: House) -> dict[str, Any]:
    """A bit of everything; returns all that can be read afterwards."""
    for name in ("清河税务所", "清河税务分局"):
        await house.take(
            UnitRegistered(unit="unit-a", name=name, category="enforcement", scope="x"), "2026-01-02 09:00"
        )
    for number in ("2026-000008", "2026-000009"):
        await house.take(
            ComplaintLinked(number=number, lead="2026-000001", how="exact", petitioners=2), "2026-03-01 10:00"
        )
    await house.take(ComplaintUnlinked(number="2026-000009", lead="2026-000001", reason="x"), "2026-03-01 11:00")
    await house.closed_case("2026-000002", track="explained", days=10, cooperating_units=("unit-b",))
    await house.take(approved(), "2026-03-02 10:00")
    await house.post("/2026-000001/acceptance", who=HANDLER, at="2026-03-02 11:00", key="k")
    await house.post("/2026-000001/acceptance", who=HANDLER, at="2026-03-02 11:00", key="k")
    await house.solve("2026-03-30 10:00")
    await house.answer("2026-03-31 10:00", "very_dissatisfied", number="2026-000008", words="还是那样")
    await house.take(approved("2026-000003"), "2026-12-21 10:00.123456")
    await terms_change(house)
    await house.tick("2026-12-31 00:00")
    ends = local("2027-01-01 00:00")
    await house.take(CycleClosed(name="2026-H2", starts=local("2026-07-01 00:00"), ends=ends), "2027-01-01 00:00")
    published = OfficialYear(2027, (date(2027, 1, 1), *(date(2027, 1, d) for d in range(9, 20))))
    house.tick_of = Tick(replace(house.rules, calendar=WorkingCalendar(house.rules.calendar.zone, (published,))))
    await house.tick("2027-03-01 00:00")
    first = (await house.get("/deadlines?limit=1")).json()
    return {
        "said": [(e.type, e.time, e.subject, e.data) for e in house.events],
        "cases": (await house.get("/cases?unit=unit-a&state=returned")).json(),
        "case": (await house.get("/cases/2026-000001", HANDLER)).json(),
        "deadlines": [first, (await house.get(f"/deadlines?cursor={first['cursor']}")).json()],
        "terms": (await house.get("/cases/2026-000010")).json(),
        "dates": (await house.get("/cases/2026-000010/deadlines")).json(),
        "helping": (await house.get("/cases?role=cooperating&unit=unit-b")).json(),
        "handovers": (await house.get("/handovers")).json(),
        "statistics": await house.statistics("2027-03-01 00:00", "2026-02-01 00:00"),
        "export": lines(await house.get("/cases/export?to=2027-03-01T00:00:00Z", AUDITOR)),
        "ledger": (await house.get("/ledger?limit=500", AUDITOR)).json(),
        "verification": (await house.get("/ledger/verification", AUDITOR)).json(),
    }


@pytest.mark.live
async def test_both_stores_tell_the_same_story(house: House, postgres: Postgres, rules: Rules) -> None:
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
    assert len(ours["cases"]["items"]) == 1
    assert ours["statistics"]["no_result"] == 1
    for name in ours:
        assert ours[name] == theirs[name], name
