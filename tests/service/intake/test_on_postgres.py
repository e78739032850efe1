"""The same promises on PostgreSQL: every test of intake's store and API once more."""

import pytest

from tests.service.intake import (
    test_channels,
    test_doors,
    test_evidence,
    test_gate,
    test_inspections,
    test_publicity,
    test_referrals,
    test_register,
    test_supervisors,
    test_work,
)
from tests.support.postgres import Postgres

pytestmark = pytest.mark.live
OF_THE_FILE = "test_who_complains_stands_nowhere_but_sealed_in_the_vault"  # looks into SQLite's file
globals().update(
    {
        name: test
        for module in (
            test_channels,
            test_doors,
            test_evidence,
            test_gate,
            test_inspections,
            test_publicity,
            test_referrals,
            test_register,
            test_supervisors,
            test_work,
        )
        for name, test in vars(module).items()
        if name.startswith("test_") and name != OF_THE_FILE
    }
)


@pytest.fixture
def database_url(postgres: Postgres) -> str:
    return postgres.database()
