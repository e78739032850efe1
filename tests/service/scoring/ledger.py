"""Houses whose programme lets more than deductions enter the daily score (S8)."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shared.programme import Programme, load
from shared.programme.ledger import Bonus, Volume
from tests.service.scoring.house import House

LABEL = {"zh": "规则", "en": "Rule"}
BONUS: dict[str, Any] = {
    "ceiling": 100,
    "rules": [
        {"key": "good_practice", "label": LABEL, "points": 1, "most_per_cycle": 2},
        {"key": "commendation", "label": LABEL, "points": 2},
        {"key": "self_correction", "label": LABEL, "points": "0.5"},
    ],
}
VOLUME: dict[str, Any] = {"per": 10000, "least": 2000}


def programme(**points: dict[str, Any]) -> Programme:
    """`window-units` with these entries of `points`."""
    kinds = {"bonus": Bonus, "volume": Volume}
    given = load("window-units")
    made = {name: kinds[name].model_validate(value) for name, value in points.items()}
    return given.model_copy(update={"points": given.points.model_copy(update=made)})


@asynccontextmanager
async def open_house(empty_store: Path, folder: Path, of: Programme) -> AsyncIterator[House]:
    """A house on a store of its own."""
    path = folder / "ledger.db"
    shutil.copy(empty_store, path)
    one = House(f"sqlite:///{path}", of)
    one.unit.start()
    try:
        yield one
    finally:
        await one.close()
