"""Fixtures for tests of every kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.postgres import Postgres

pytest_plugins = ["tests.support.fixtures"]

# No time limit per example: two cores, several workers, so time says nothing.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL; `postgres.database()` gives the URL of a new, empty database."""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.stop()
