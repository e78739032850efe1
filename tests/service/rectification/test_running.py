"""The whole service on a real broker: what comes in by the bus goes out by the bus, once, over a restart."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from services.rectification.main import build
from shared.contracts import Event, EventData
from shared.contracts import rectification as wire
from shared.contracts.intake import TransferApproved
from shared.settings import ServiceSettings
from tests.service.rectification.house import approved
from tests.support import house
from tests.support.wait import until

pytestmark = pytest.mark.live
NUMBER = "2026-000001"


@asynccontextmanager
async def running(settings: ServiceSettings) -> AsyncIterator[httpx2.AsyncClient]:
    app = build(settings).app()
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://rectification") as http,
    ):
        yield http


def event(data: EventData, at: datetime, key: str = "") -> bytes:
    kind = type(data)
    made = Event[kind](  # type: ignore[valid-type]  # the class is known at run time only
        id=key or uuid.uuid4().hex, source="minping.intake", type=kind.TYPE, time=at, data=data
    )
    return made.model_dump_json().encode()


async def test_an_approval_becomes_a_case_its_steps_fire_and_a_restart_repeats_nothing(
    settings: ServiceSettings, stream: house.Stream
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=120)
    body = event(approved(), long_ago, "approval-1")

    async def published(kind: type[EventData]) -> list[bytes]:
        return [found for subject, found, _ in await stream.all() if subject == kind.TYPE]

    async def escalated() -> bool:
        return len(await published(wire.DeadlineEscalated)) == 4  # +3 and +7 of both periods of the unit

    async with running(settings) as http:
        await stream.send(body, subject=TransferApproved.TYPE)
        await until(escalated, "everything overdue has fired", within=20)
        ready = await http.get("/readyz")
        assert ready.status_code == 200, ready.text
        found = await http.get(
            f"/api/v1/cases/{NUMBER}", headers={"Authorization": f"Bearer {house.token('office', 'officer-1')}"}
        )
        assert found.json()["state"] == "opened"
        metrics = (await http.get("/metrics")).text
        assert 'minping_rectification_cases_opened_total{track="immediate"}' in metrics
        assert NUMBER not in metrics
    before = await stream.all()
    async with running(settings) as http:
        await stream.send(body, subject=TransferApproved.TYPE)
        await stream.send(event(approved("2026-000002"), datetime.now(UTC)), subject=TransferApproved.TYPE)

        async def opened() -> bool:
            return len(await published(wire.CaseOpened)) == 2

        await until(opened, "the second case is open", within=20)
        await http.get("/readyz")
    again = (await stream.all())[len(before) :]
    ours = [found for subject, found, _ in again if subject.startswith("minping.rectification.")]
    assert ours
    assert not any(NUMBER.encode() in found for found in ours)
