"""The single writer and the tables of delivery, on PostgreSQL."""

import pytest

from tests.support.postgres import Postgres
from tests.support.store_promises import StorePromises

pytestmark = pytest.mark.live


class TestOnPostgres(StorePromises):
    """The promises on a database of a real server."""

    @pytest.fixture
    def url(self, postgres: Postgres) -> str:
        """An empty database."""
        return postgres.database()
