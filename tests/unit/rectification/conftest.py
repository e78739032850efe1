"""The programme's rules and a case just opened."""

import pytest

from services.rectification.domain.handling import open_case
from services.rectification.domain.rules import Rules
from shared.programme.loader import load
from tests.unit.rectification.world import World, card, local


@pytest.fixture(scope="session")
def rules() -> Rules:
    """The rules of the bundled programme."""
    return Rules.of(load("window-units"))


@pytest.fixture
def world(rules: Rules) -> World:
    """A case approved on Monday, 2 March 2026, due on 23 March; its petitioner can be called."""
    return World(rules, open_case(rules, card(), local("2026-03-02 10:00"), can_be_called=True))
