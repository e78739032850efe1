"""The bulletin, circulars and papers are the same on SQLite and on PostgreSQL (N6, N7, N9)."""

from dataclasses import asdict
from typing import Any

import pytest

from services.notify.domain.bulletin import Item
from services.notify.domain.quarter import month
from services.notify.store import bulletin, record, registered
from services.notify.usecases import circulars
from services.notify.usecases.bulletin import Words, announce, correct, listed, newest, withdraw
from services.notify.usecases.counting import counted
from services.notify.usecases.paper_dossier import workbook
from shared.identity import Actor
from tests.service.notify.test_n6_circulars import Q1, quarter, tick
from tests.service.notify.test_n7_bulletin import filled
from tests.support.notify_house import House, a_house, furnish, local
from tests.support.postgres import Postgres

OFFICE, LEADER = Actor("office-1", "office"), Actor("boss-1", "approver")
AT = "2026-07-09T10:00"
WORDS = Words("公告", "大厅周六照常开放。", "Notice", "Open on Saturdays.")


async def story(house: House) -> dict[str, Any]:
    """A bit of everything; returns all that can be read afterwards."""
    await furnish(house)
    await quarter(house)
    await filled(house)
    desk, now = house.desk, local(AT)
    item: Item = await house.do(AT, lambda tx: announce(desk, tx, WORDS), OFFICE)
    await house.do(AT, lambda tx: correct(desk, tx, item.id, "", WORDS, "时间有误", hidden=True), OFFICE)
    await house.do(AT, lambda tx: withdraw(desk, tx, item.id, "重复"), OFFICE)
    await tick(house, AT)
    await house.do(AT, lambda tx: circulars.approve(desk, tx, Q1, LEADER), LEADER)
    await house.do(AT, lambda tx: circulars.issue(desk, tx, Q1, OFFICE), OFFICE)
    pages, cursor = [], ""
    while True:
        page = await house.unit.read(lambda s, c=cursor: listed(desk, s, kind="", unit="", cursor=c, limit=3))
        pages.append([asdict(one) for one in page.items])
        if page.next is None:
            break
        cursor = page.next
    span = local("2026-01-01T00:00"), now
    return {
        "pages": pages,
        "feed": await house.unit.read(lambda s: [asdict(one) for one in newest(desk, s, kind="", unit="tax")]),
        "kinds": await house.unit.read(bulletin.counts),
        "open": await house.unit.read(lambda s: [dict(row) for row in record.open_at(s, span[1])]),
        "march": await house.unit.read(lambda s: asdict(counted(desk, s, month("2026-03"), now))),
        "record": await house.unit.read(
            lambda s: [row["facts"] for row in record.between(s, *span, unit="tax") if row["event"].count("-")]
        ),
        "circular": await house.unit.read(lambda s: circulars.whole(desk, s, Q1, now).words),
        "letters": await house.unit.read(lambda s: len(list(registered.planned_between(s, *span, unit="tax")))),
        "dossier": len(await house.unit.read(lambda s: workbook(desk, s, "tax", 2026, now, "zh"))) > 5_000,
    }


@pytest.mark.live
async def test_n7_both_stores_publish_the_same(bare_house: House, postgres: Postgres) -> None:
    async with a_house(postgres.database()) as other:
        first, second = await story(bare_house), await story(other)
    assert len(first["pages"]) > 2
    for part, said in first.items():
        assert second[part] == said, part
