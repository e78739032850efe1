"""The single writer and the tables of delivery, on SQLite."""

import sqlite3
from pathlib import Path

import pytest

from shared.store import Tx
from tests.support import toy
from tests.support.house import NOON
from tests.support.store_promises import Desk, Sample, StorePromises, case


class TestOnSqlite(StorePromises):
    """The promises on a SQLite file."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        """An empty file."""
        return f"sqlite:///{tmp_path}/store.db"

    async def test_nothing_comes_between_what_a_use_case_reads_and_what_it_writes(self, desk: Desk) -> None:
        """A transaction that reads first and wants to write later would be told `database is locked`."""
        other = sqlite3.connect(desk.writer.url.database or "", timeout=0, check_same_thread=False)

        between: list[str] = []

        def read_then_write(tx: Tx) -> None:
            tx.session.get(toy.Case, 1)
            try:
                other.execute("INSERT INTO kept (field, reason, body) VALUES ('', '', '')")
                other.commit()
            except sqlite3.OperationalError as error:
                between.append(str(error))
            case("1")(tx)

        try:
            await desk.unit.run(read_then_write, at=NOON)
        finally:
            other.close()
        assert between == ["database is locked"], "the other one has to wait"
        assert desk.rows(toy.Case.number) == ["1"]

    async def test_a_commit_is_on_the_disk_before_it_is_answered(self, desk: Desk) -> None:
        with desk.writer.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL"
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"

    async def test_a_reading_connection_cannot_write(self, desk: Desk) -> None:
        with desk.reader.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1

    async def test_chinese_stands_in_the_file_as_it_is(self, desk: Desk) -> None:
        await desk.unit.run(lambda tx: tx.session.add(Sample(key="a", body={"区": "窗口"})), at=NOON)
        with desk.reader.connect() as connection:
            assert connection.exec_driver_sql("SELECT body FROM sample").scalar() == '{"区":"窗口"}'
