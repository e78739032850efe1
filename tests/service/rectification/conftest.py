"""A house for each test: on a SQLite file, and in the live tests on PostgreSQL."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.rectification.domain.rules import Rules
from services.rectification.store import Base
from shared.migrate import upgrade
from shared.programme import load
from shared.store import writer_engine
from tests.service.rectification.house import House


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The rules of the bundled programme."""
    return Rules.of(load("window-units"))


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("rectification") / "empty.db"
    engine = writer_engine(f"sqlite:///{path}")
    upgrade(engine, "rectification", Base)
    engine.dispose()
    return path


@pytest.fixture
async def house(empty_store: Path, tmp_path: Path, rules: Rules) -> AsyncIterator[House]:
    """The service on a SQLite file of its own."""
    path = tmp_path / "rectification.db"
    shutil.copy(empty_store, path)
    one = House(f"sqlite:///{path}", rules)
    one.unit.start()
    yield one
    await one.close()
