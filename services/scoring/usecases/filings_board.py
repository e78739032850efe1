"""What the office above sees at a glance: who files on a cycle, what came, what was decided, who is silent (S14)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from services.scoring.store import filings as store
from services.scoring.store import parts, units
from services.scoring.store.filings import TakenFilingRow
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.filings_overdue import due
from services.scoring.usecases.filings_taken import FilingView, view
from shared.errors import Refusal

MOST = 500


@dataclass(frozen=True, slots=True)
class Expected:
    """A unit that files on a cycle. result: the newest that was taken. mark: entered by its review, or confirmed."""

    unit: str
    name: str
    by: dt.date
    overdue: bool
    has_key: bool
    result: FilingView | None
    mark: str | None
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Board:
    """A cycle's filings: who is expected, and all that came, the newest first (500 at most)."""

    cycle: str
    cycles: Sequence[str]
    expected: Sequence[Expected]
    filings: Sequence[FilingView]


def board(desk: Desk, session: Session, cycle: str, now: dt.datetime) -> Board:
    """The filings of a cycle; without one of the last that has begun. Raises Refusal (404)."""
    known = [row.name for row in units.cycles(session)]
    begun = [row.name for row in units.cycles(session) if row.starts <= now] or known
    if not cycle and not begun:
        raise Refusal("cycle", "", "no cycle was opened", "open one with POST /api/v1/cycles", 404)
    chosen = units.cycle(session, cycle or begun[-1]).name
    came = store.page(session, cycle=chosen, unit=None, state=None, before=None, limit=MOST)
    refused = store.page(session, cycle=None, unit=None, state="refused", before=None, limit=MOST)
    rows = sorted({row.id: row for row in (*came, *refused)}.values(), key=lambda row: -(row.id or 0))
    days = due(desk, session, chosen)
    expected = [
        _expected(desk, session, chosen, unit.key, unit.name, days[unit.key], came, now)
        for unit in units.units(session, days)
    ]
    return Board(chosen, known, expected, [view(session, row) for row in rows])


def _expected(
    desk: Desk, session: Session, cycle: str, unit: str, name: str, by: dt.date, came: Sequence[TakenFilingRow],
    now: dt.datetime,
) -> Expected:  # fmt: skip
    found = next((r for r in came if r.unit == unit and r.kind == "result" and r.version is not None), None)
    mark, confirmed = None, False
    if found is not None and found.part is not None:
        row = next(r for r in parts.versions(session, cycle, found.part, unit) if r.version == found.part_version)
        mark = row.marks.get("") or "、".join(row.marks.values())
        confirmed = row.state == "confirmed"
    return Expected(
        unit, name, by, found is None and now >= desk.calendar.end_of(by), store.believed(session, unit) is not None,
        view(session, found) if found else None, mark, confirmed,
    )  # fmt: skip
