"""Intake on a real database, without a bus: events in, HTTP in, outgoing events collected."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fastapi import FastAPI

from services.intake import bus
from services.intake.api import routers
from services.intake.evidence_files import MIB, EvidenceFiles
from services.intake.pages import pages
from services.intake.rules import Rules
from services.intake.store import Base
from services.intake.vault import Vault
from shared import programme
from shared.clock import SimulatedClock
from shared.contracts.scoring import UnitRegistered
from shared.migrate import upgrade
from shared.store import Outgoing, Tables, reader_engine, writer_engine
from shared.unit import Unit
from shared.web import add_problems, guard
from shared.web_rate import PerMinute
from tests.service.intake.house import Handlers, House


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'intake.db'}"


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    writer, reader = writer_engine(database_url), reader_engine(database_url)
    upgrade(writer, "intake", Base)
    published: list[Outgoing] = []
    vault = Vault([X25519PrivateKey.generate()])
    rules = Rules(programme.load("window-units"), vault, evidence=EvidenceFiles(tmp_path / "evidence", 2 * MIB))
    unit = Unit("intake", writer, reader, Tables.of(Base), programme="window-units", committed=published.extend)
    unit.start()
    key, clock, app = Ed25519PrivateKey.generate(), SimulatedClock(), FastAPI()
    rules.latest = lambda: clock.horizon
    app.state.unit, app.state.clock, app.state.token_key = unit, clock, key.public_key()
    add_problems(app)
    limit = PerMinute(5)
    for router in (*routers(rules, limit), *pages(rules, limit)):
        app.include_router(router)
    guard(app)
    handlers = Handlers()
    bus.subscribe(handlers, rules)  # type: ignore[arg-type]  # a stand-in with the two methods that are used
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://intake") as web:
        made = House(unit, rules, clock, web, key, published, handlers)
        made.set_clock("2026-01-01T08:00")
        for name in ("tax", "police", "town"):
            await made.hear(
                "2026-01-01T08:00",
                UnitRegistered(unit=name, name=f"清河{name}", category="enforcement", scope="township"),
            )
        yield made
    await unit.stop()
    writer.dispose()
    reader.dispose()
