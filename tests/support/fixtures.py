"""Fixtures for tests on a real broker and real databases: the toy service and its broker."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from shared.settings import ServiceSettings
from tests.support import house
from tests.support.broker import Broker, fresh, provisioned


@pytest.fixture(scope="session")
def provisioned_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the whole topology, to be copied."""
    return provisioned(tmp_path_factory.mktemp("bus") / "template")


@pytest.fixture
async def broker(provisioned_store: Path, tmp_path: Path) -> AsyncIterator[Broker]:
    """A nats-server of this test alone, running."""
    async with fresh(provisioned_store, tmp_path / "nats") as one:
        yield one


@pytest.fixture
async def stream(broker: Broker) -> AsyncIterator[house.Stream]:
    """What this test reads from and writes to its broker; outlives the broker's death."""
    async with AsyncExitStack() as stack:
        yield house.Stream(await stack.enter_async_context(broker.admin()))


@pytest.fixture
def settings(broker: Broker, tmp_path: Path) -> ServiceSettings:
    """Settings of a toy service with a database of this test's own."""
    return house.settings(broker, tmp_path / "toy")
