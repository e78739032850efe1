"""The vault, answers, matters and retention on PostgreSQL: every test of their store and API once more (I3, I4, I5)."""

import pytest

from tests.service.intake import test_answers, test_matters, test_retention, test_vault_doors
from tests.support.postgres import Postgres

pytestmark = pytest.mark.live
globals().update(
    {
        name: test
        for module in (test_answers, test_matters, test_retention, test_vault_doors)
        for name, test in vars(module).items()
        if name.startswith("test_")
    }
)


@pytest.fixture
def database_url(postgres: Postgres) -> str:
    return postgres.database()
