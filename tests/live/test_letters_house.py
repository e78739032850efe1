"""Notify as a service of the house: events from a real bus, letters in the sink's folder, killed in the middle."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx2
import pytest
from nats.aio.client import Client

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared.bus.topology import CLOCK_SUBJECT
from shared.clock import ClockEntry
from shared.contracts import Event, EventData
from shared.contracts.rectification import DeadlinePassed
from shared.contracts.scoring import UnitRegistered
from tests.support.notify_house import local
from tests.support.wait import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
UNITS = 5
CASES = 150


class House:
    """The running service, with the other services' users of the bus."""

    def __init__(self, deployment: Deployment, web: httpx2.AsyncClient, clients: dict[str, Client]) -> None:
        self.deployment, self.web, self.clients = deployment, web, clients
        self._revision = 0

    async def publish(self, service: str, key: str, at: datetime, data: EventData) -> None:
        kind = type(data)
        event = Event[kind](id=key, source=f"minping.{service}", type=kind.TYPE, time=at, data=data)  # type: ignore[valid-type]  # known at run time only
        await self.clients[service].request(
            kind.TYPE, event.model_dump_json().encode(), timeout=5, headers={"Nats-Msg-Id": key}
        )

    async def move(self, at: str) -> None:
        self._revision += 1
        now = local(at).astimezone(UTC)
        entry = ClockEntry(now=now, horizon=now, revision=self._revision)
        await self.clients["driver"].request(CLOCK_SUBJECT, entry.model_dump_json().encode(), timeout=5)

    async def ask(self, method: str, path: str, role: str = "operator", **more: Any) -> Any:
        token = self.deployment.token(role)
        answer = await self.web.request(method, path, headers={"Authorization": f"Bearer {token}"}, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def quiet(self) -> None:
        async def nothing_to_do() -> bool:
            try:
                said = (await self.web.get("/api/v1/quiescence")).json()
                figures = await self.ask("GET", "/api/v1/statistics")
            except (httpx2.HTTPError, json.JSONDecodeError):
                return False
            told = figures["sent"] + figures["uncertain"]
            return not said["in_hand"] and said["revision"] == self._revision and told >= 2 * CASES

        await until(nothing_to_do, "notify is quiet", within=60)

    def files(self) -> list[Path]:
        return sorted(Path(self.deployment.layout.letters).glob("*.eml"))

    def letters(self) -> list[EmailMessage]:
        found = []
        for path in self.files():
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return found


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    plan = Plan(services=("notify",), clock="simulated")
    deployment = Deployment(tmp_path / "data", Ports.free(), plan)
    await asyncio.to_thread(deployment.start)
    try:
        bus = deployment.bus
        async with (
            httpx2.AsyncClient(base_url=deployment.urls["notify"], timeout=20) as web,
            bus.connect("scoring") as scoring,
            bus.connect("rectification") as rectification,
            bus.connect("driver") as driver,
        ):
            yield House(deployment, web, {"scoring": scoring, "rectification": rectification, "driver": driver})
    finally:
        await asyncio.to_thread(deployment.stop)


async def furnish(house: House) -> None:
    await house.move("2026-03-01T08:00")
    rows = []
    for unit in range(UNITS):
        named = UnitRegistered(unit=f"unit-{unit}", name=f"第{unit}所", category="c", scope="s")
        await house.publish("scoring", f"unit-{unit}", local("2026-03-01T08:00"), named)
        for role in ("handler", "main_leader"):
            person = f"{role.replace('_', '-')}-{unit}"
            rows.append(
                {"unit": f"unit-{unit}", "role": role, "person": person, "name": person, "since": "2026-01-01",
                 "email": f"{person}@unit.example"}
            )  # fmt: skip
    rows.append(
        {"unit": "office", "role": "operator", "person": "op", "name": "op", "since": "2026-01-01",
         "email": "op@office.example"}
    )  # fmt: skip
    done = await house.ask("POST", "/api/v1/directory/import", json={"rows": rows})
    assert done["holders"] == len(rows)


async def expire(house: House) -> None:
    """All cases' deadlines pass."""
    at = local("2026-03-31T00:00")
    for number in range(CASES):
        passed = DeadlinePassed(
            case=f"2026-{number:06d}", unit=f"unit-{number % UNITS}", kind="solve", due=date(2026, 3, 30),
            expires_at=at, roles=("handler", "main_leader"),
        )  # fmt: skip
        await house.publish("rectification", f"passed-{number}", at, passed)


async def test_killed_again_and_again_it_tells_everybody_once(house: House) -> None:
    await furnish(house)
    await expire(house)
    await house.move("2026-03-31T09:00")
    kills = 0
    for wanted in (15, 75, 150, 225):
        await until(lambda least=wanted: len(house.files()) >= least, f"{wanted} letters", within=60)
        os.kill(house.deployment.supervisor.pid("notify"), signal.SIGKILL)
        kills += 1
        await until(lambda: house.deployment.supervisor.is_ready("notify"), "notify is back", within=30)
    await house.quiet()
    told = [x for x in house.letters() if "op@" not in x["To"]]
    ids = [x["Message-ID"] for x in told]
    assert len(set(ids)) == len(ids), "somebody has a second copy"
    figures = await house.ask("GET", "/api/v1/statistics", "auditor")
    assert figures["letters_uncertain"] <= 2 * kills, "one a connection"
    assert figures["failed"] == figures["unaddressed"] == figures["planned"] == 0
    in_doubt = await house.ask("GET", "/api/v1/notices?state=uncertain")
    expected = {(f"2026-{n:06d}", role) for n in range(CASES) for role in ("handler", "main_leader")}
    sent = await house.ask("GET", "/api/v1/notices?state=sent&limit=1000")
    accounted = {(n["case"], n["role"]) for n in sent["notices"] + in_doubt["notices"] if n["case"]}
    assert accounted == expected
    assert len(ids) >= 2 * CASES - 2 * kills


async def test_events_replayed_past_the_duplicate_window_tell_nobody_twice(house: House) -> None:
    await furnish(house)
    await expire(house)
    await house.move("2026-03-31T09:00")
    await house.quiet()
    before = len(house.files())
    assert before == 2 * CASES
    at = local("2026-03-31T00:00")
    for number in range(20):  # the same facts, by other ids and by none that the stream could know
        again = DeadlinePassed(
            case=f"2026-{number:06d}", unit=f"unit-{number % UNITS}", kind="solve", due=date(2026, 3, 30),
            expires_at=at, roles=("handler", "main_leader"),
        )  # fmt: skip
        await house.publish("rectification", f"again-{number}", at, again)
    await house.move("2026-04-03T09:00")
    await house.quiet()
    assert len(house.files()) == before


async def test_without_its_mail_server_it_is_ready_and_says_what_waits(house: House) -> None:
    await furnish(house)
    os.kill(house.deployment.supervisor.pid("smtp"), signal.SIGSTOP)
    await expire(house)
    await house.move("2026-03-31T09:00")

    async def said_so() -> bool:
        answer = await house.web.get("/readyz")
        return answer.status_code == 200 and "letters wait" in answer.json()["degraded"].get("smtp", "")

    os.kill(house.deployment.supervisor.pid("smtp"), signal.SIGKILL)
    await until(said_so, "readiness says that letters wait", within=60)
    await house.quiet()
    assert "minping_notify_smtp_unreachable" in (await house.web.get("/metrics")).text
    assert len({x["Message-ID"] for x in house.letters()}) == len(house.letters())
