"""P4: what a tick of rectification's clock costs with a million open cases, against ten thousand.

Both ledgers stand side by side in real stores; the same hundred deadlines fall due in each, turn about. Cases are
opened by the use case that opens every case; the rest of a ledger are copies of such rows, made by the database.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, text

from deploy.local.bench.figure import Figure, Tell
from services.rectification import usecases
from services.rectification.clock import Tick
from services.rectification.domain.rules import Rules
from services.rectification.store import Base
from shared.contracts import Event
from shared.contracts.intake import TransferApproved
from shared.migrate import upgrade
from shared.programme import load
from shared.store import Outgoing, Tables, Tx, reader_engine, writer_engine
from shared.tick import Aside, run_due
from shared.unit import Unit

SMALL, LARGE, DUE = 10_000, 1_000_000, 100
FIRST = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
APART = 7
"""working days between the rounds"""
COPIED = ("cases", "deadlines", "petitioners")


def measure(tell: Tell, *, runs: int, small: int = SMALL, large: int = LARGE, due: int = DUE) -> Figure:
    """Milliseconds a tick, in both ledgers, `runs` times; one round before them warms up and is not counted."""
    return asyncio.run(_measure(tell, runs, small, large, due))


async def _measure(tell: Tell, runs: int, small: int, large: int, due: int) -> Figure:
    with TemporaryDirectory(prefix="minping-bench-") as folder:
        ledgers = []
        for size in (large, small):
            tell(f"a ledger of {size:,} open cases")
            ledgers.append(await Ledger.filled(Path(folder) / f"{size}.db", size, rounds=runs + 1, due=due))
        ours: list[float] = []
        limit: list[float] = []
        steps: set[int] = set()
        try:
            for turn in range(runs + 1):
                for ledger, found in zip(ledgers, (ours, limit), strict=True):
                    elapsed, fired = await ledger.tick(turn)
                    steps.add(fired)
                    if turn:
                        found.append(elapsed * 1e3)
                tell(f"tick {turn} of {runs}")
        finally:
            for ledger in ledgers:
                await ledger.close()
    if steps != {due}:
        raise AssertionError(f"every tick should have fired {due} steps, and they fired {sorted(steps)}")
    return Figure(
        name="ledger",
        ours_is=f"one tick with {large:,} open cases and {due} due",
        limit_is=f"the same with {small:,} open cases",
        unit="ms",
        ours=tuple(ours),
        limit=tuple(limit),
        sense="at most",
        bound=1.5,
    )


class Ledger:
    """Rectification's store and single writer without a bus; what it publishes stays in its outbox."""

    def __init__(self, path: Path, rounds: int) -> None:
        self._rules = Rules.of(load("window-units"))
        url = f"sqlite:///{path}"
        self._writer, self._reader = writer_engine(url), reader_engine(url)
        upgrade(self._writer, "rectification", Base)
        self._published: list[Outgoing] = []
        self._unit = Unit(
            "rectification", self._writer, self._reader, Tables.of(Base),
            programme="window-units", committed=self._published.extend,
        )  # fmt: skip
        self._tick, self._aside = Tick(self._rules), Aside()
        self._days = self._opening_days(rounds)

    @classmethod
    async def filled(cls, path: Path, size: int, *, rounds: int, due: int) -> Ledger:
        """A ledger of `size` open cases, of which `due` are warned of in each round."""
        ledger = cls(path, rounds)
        ledger._unit.start()
        copies = [due] * rounds
        for number, opened in enumerate((*ledger._days, LATER)):
            await ledger._open(_number(number, 0), opened)
        with ledger._writer.begin() as connection:
            for group, times in enumerate((*copies, size - due * rounds)):
                for table in COPIED:
                    _copy(connection, table, group, times)
            connection.exec_driver_sql("ANALYZE")
        # What the clock does once a start (counting what is open) is no part of a tick.
        await ledger._moved(FIRST)
        return ledger

    async def tick(self, turn: int) -> tuple[float, int]:
        """Move the clock to the first warning of a round's cases; seconds it took, and how many steps fired."""
        due = self._rules.due(self._days[turn], self._rules.programme.deadlines.immediate)
        days = max(self._rules.programme.warnings)
        day = self._rules.calendar.add_working_days(due.date, -days)
        at = datetime.combine(day, self._rules.opens, self._rules.calendar.zone).astimezone(UTC)
        await self._moved(at - timedelta(minutes=1))  # what fell due since the round before
        before = len(self._published)
        began = time.perf_counter()
        await self._moved(at)
        return time.perf_counter() - began, len(self._published) - before

    async def close(self) -> None:
        """Stop the writer and give the files free."""
        await self._unit.stop()
        self._writer.dispose()
        self._reader.dispose()

    async def _moved(self, at: datetime) -> None:
        await run_due(self._unit, self._tick, self._aside, lambda: at)

    def _opening_days(self, rounds: int) -> list[datetime]:
        """When the rounds' cases open: far enough apart that no step of one falls on the first warning of another."""
        days = (self._rules.calendar.add_working_days(FIRST.date(), APART * turn) for turn in range(rounds))
        return [datetime.combine(day, FIRST.time(), UTC) for day in days]

    async def _open(self, number: str, at: datetime) -> None:
        data = TransferApproved(
            number=number, card=f"T-{number}", lead_unit="unit-a", days=self._rules.programme.deadlines.immediate,
            channel="hotline_daily", topic="delay", dimension="efficiency", title="等了三个月",
            text="办证等了三个月没有结果，窗口说材料已经转走，电话一直没有人接。", approver_role="approver",
        )  # fmt: skip
        event = Event[TransferApproved](id=number, source="bench", type=TransferApproved.TYPE, time=at, data=data)
        await self._unit.run(lambda tx: usecases.open_approved(self._rules, tx, event), at=at)
        await self._unit.run(lambda tx: _only_to_solve(tx, number), at=at)


def _only_to_solve(tx: Tx, number: str) -> None:
    """As if the unit had taken the case at once: of its deadlines only the one to solve it goes on."""
    tx.session.connection().execute(
        text("UPDATE deadlines SET next_at = NULL, ended_at = started_at WHERE case_number = :n AND kind <> 'solve'"),
        {"n": number},
    )


def _number(group: int, serial: int) -> str:
    return f"{2030 + group}-{serial:07d}"


def _copy(connection: Connection, table: str, group: int, times: int) -> None:
    """Copies of the group's first case under numbers of their own, so that the group has `times` cases in all."""
    columns = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
    name = "number" if table == "cases" else "case_number"
    given = f"printf('{2030 + group}-%07d', serial)"
    kept = [column for column in columns if not (table == "deadlines" and column == "id")]
    also = {"number"} if table == "petitioners" else set()
    values = ", ".join(given if column == name or column in also else f'"{column}"' for column in kept)
    quoted = ", ".join(f'"{column}"' for column in kept)
    serials = f"SELECT 1 UNION ALL SELECT serial + 1 FROM serials WHERE serial < {times - 1}"
    first = f"{table}.{name} = '{_number(group, 0)}'"
    connection.exec_driver_sql(
        f"WITH RECURSIVE serials(serial) AS ({serials})"
        f" INSERT INTO {table} ({quoted}) SELECT {values} FROM {table}, serials WHERE {first}"
    )
