"""A house for each test: on a SQLite file of its own."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.scoring.store import Base
from shared.migrate import upgrade
from shared.store import writer_engine
from tests.service.scoring.house import House
from tests.service.scoring.people import People


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("scoring") / "empty.db"
    engine = writer_engine(f"sqlite:///{path}")
    upgrade(engine, "scoring", Base)
    engine.dispose()
    return path


@pytest.fixture
async def house(empty_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    """The service on a SQLite file of its own."""
    path = tmp_path / "scoring.db"
    shutil.copy(empty_store, path)
    one = House(f"sqlite:///{path}")
    one.unit.start()
    yield one
    await one.close()


@pytest.fixture
async def people(house: House) -> People:
    """Units, a cycle and a pool are registered; the people of a meeting are ready."""
    found = People(house)
    await found.prepare()
    return found
