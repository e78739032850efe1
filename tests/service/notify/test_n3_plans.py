"""The sender looks every second, for years: an index over what waits answers it, not a look at all letters."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from services.notify.store import letters
from tests.support.notify_house import House

pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 3, 31, 1, tzinfo=UTC)


@pytest.mark.parametrize("since", [None, NOW])
async def test_n3_what_is_to_go_is_found_without_looking_at_what_went(house: House, since: datetime | None) -> None:
    def plans(session: Session) -> list[str]:
        asked: list[tuple[str, Any]] = []
        engine = session.get_bind()

        def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
            asked.append((statement, parameters))

        event.listen(engine, "before_cursor_execute", hear)
        letters.due(session, NOW, 8, digests=False, closed=("tax.example",), since=since)
        letters.waiting(session, NOW, since=since)
        event.remove(engine, "before_cursor_execute", hear)
        run = session.connection().exec_driver_sql
        return [str(row[3]) for statement, values in asked for row in run(f"EXPLAIN QUERY PLAN {statement}", values)]

    found = await house.unit.read(plans)
    assert len(found) == 4
    assert all("INDEX ix_letter_waiting" in plan for plan in found), found
