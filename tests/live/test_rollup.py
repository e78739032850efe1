"""An office files with the one above it over that one's bus: away, killed, sent twice — one filing arrives (S14)."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import create_engine, text

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from services.scoring.settings import Settings
from shared.bus import far
from shared.bus.topology import CLOCK_SUBJECT
from shared.clock import ClockEntry
from tests.live.test_scoring import LiveHouse, in_stream, settings_of
from tests.service.scoring.house import APPROVER, KEY, OFFICE, OTHER_OFFICE, local
from tests.support.broker import Broker
from tests.support.wait import until

pytestmark = pytest.mark.live

LOWER = """
extends: window-units
key: city-office
name: {zh: 市局评议, en: A city's appraisal}
office: {zh: 市局评议办, en: Office of a city's bureau}
composite:
  - {key: daily, label: {zh: 日常评议, en: Daily}, weight: 100}
"""
FILINGS = "/cycles/2026-H2/filings"
SUBJECT = "minping.inbox.filing.north"


@pytest.fixture
def above(tmp_path: Path) -> Iterator[Deployment]:
    """The province's servers, with the account of the north city's office."""
    plan = Plan("provincial-bureau", "simulated", sources=(), offices=("north",), services=())
    house = Deployment(tmp_path / "province", Ports.free(), plan)
    house.start()
    yield house
    house.stop()


def settings_above(above: Deployment, folder: Path) -> Settings:
    """What the province's scoring service runs with, so that it believes the tests' tokens."""
    pem, raw = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    (folder / "token.pub").write_bytes(KEY.public_key().public_bytes(pem, raw))
    given = {name.removeprefix("MINPING_").lower(): value for name, value in above.settings("scoring").items()}
    return Settings.model_validate({**given, "token_public_key_file": folder / "token.pub"})


def entry() -> bytes:
    """The clock: actions may lie up to the last day of filing."""
    now, horizon = local("2026-01-01 00:00"), local("2027-02-20 00:00")
    return ClockEntry(now=now, horizon=horizon, revision=1).model_dump_json().encode()


async def publish(lower: LiveHouse) -> None:
    """A cycle of the city, ranked and published."""
    units = [{"unit": f"u{n}", "name": f"所{n}", "category": "enforcement", "township": "清河镇"} for n in range(1, 5)]
    await lower.done("/units", units, at="2026-07-01 09:00")
    await lower.done("/cycles", {"name": "2026-H2"}, at="2026-07-01 09:00")
    await lower.done("/cycles/2026-H2/closing", at="2027-01-05 09:00")
    await lower.done("/cycles/2026-H2/ranking", at="2027-01-06 09:00")
    await lower.done("/cycles/2026-H2/publication", at="2027-01-07 09:00")


async def prepare(higher: LiveHouse, vkey: str) -> None:
    """The province knows the city and its key."""
    await higher.done("/units", [{"unit": "north", "name": "北市局", "category": "city_bureau"}], at="2026-01-01 09:00")
    await higher.done("/cycles", {"name": "2026"}, at="2026-01-01 09:00")
    await higher.done("/filing-offices", {"unit": "north", "vkey": vkey})
    await higher.done("/filing-offices/north/decision", {"version": 1, "confirmed": True}, who=APPROVER)


async def filed(lower: LiveHouse) -> dict[str, Any]:
    """The last filing as the city sees it."""
    return dict((await lower.get(FILINGS, OFFICE)).json()["items"][0])


async def state_is(lower: LiveHouse, *wanted: str) -> None:
    async def reached() -> bool:
        return (await filed(lower))["state"] in wanted

    await until(reached, f"the filing is {wanted}", within=60)


async def test_s14_whatever_is_killed_exactly_one_filing_arrives_and_its_answers_come_back(
    broker: Broker, above: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far, "DELAYS_S", (0.2,))
    (tmp_path / "lower.yaml").write_text(LOWER, encoding="utf-8")
    below = settings_of(broker, tmp_path).model_copy(
        update={
            "programme": str(tmp_path / "lower.yaml"), "files_to_url": above.ports.nats_url, "files_to_user": "north",
            "files_to_password_file": above.keyring.password_file("north"),
        }
    )  # fmt: skip
    async with broker.admin() as admin, above.bus.connect("driver") as driver:
        await admin.jetstream().publish(CLOCK_SUBJECT, entry())
        await driver.jetstream().publish(CLOCK_SUBJECT, entry())
    (tmp_path / "above").mkdir()
    province = settings_above(above, tmp_path / "above")
    async with LiveHouse(province).running() as higher:
        await prepare(higher, below.signer().vkey)
    await asyncio.to_thread(above.stop)

    async with LiveHouse(below).running() as lower:
        await publish(lower)
        await lower.done(FILINGS, {}, at="2027-01-08 09:00")

        async def told() -> bool:
            return "office above" in (await lower.http.get("/readyz")).json()["degraded"]

        await until(told, "that the office above is away")
        assert (await lower.http.get("/readyz")).status_code == 200, "the house does its own work all the same"
        assert (await filed(lower))["state"] == "waiting"
        await asyncio.to_thread(above.start)
        await state_is(lower, "sent")

    # The process dies between the other side's acknowledgement and its own note of it, and the broker there too.
    engine = create_engine(below.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE filing_sent SET state = 'waiting', sent_at = NULL"))
    engine.dispose()
    os.kill(above.supervisor.pid("nats"), signal.SIGKILL)
    async with LiveHouse(below).running() as lower:
        await state_is(lower, "sent")
        async with above.bus.connect("provision") as inside:
            assert await in_stream(inside, "INBOX", SUBJECT) == 1
            [body] = [(await inside.jetstream().get_msg("INBOX", subject=SUBJECT)).data]
        async with above.bus.connect("north") as outside:  # as after the window in which the stream knows repeats
            await outside.jetstream().publish(SUBJECT, body)
            await outside.jetstream().publish(SUBJECT, b'{"data": {"filing": "broken"}}')

        async with LiveHouse(province).running() as higher:
            await state_is(lower, "received")
            [row] = (await higher.get("/filings", OFFICE)).json()["items"]
            assert (row["state"], row["version"], row["unit"], row["cycle"]) == ("received", 1, "north", "2026")
            review = {"decision": "returned", "reasons": "缺整改情况"}
            await higher.done(f"/filings/{row['id']}/review", review, at="2027-01-09 09:00")
            await state_is(lower, "returned")
            assert (await filed(lower))["answers"][-1]["reasons"] == ["缺整改情况"]
            assert (await lower.done(FILINGS, {}, at="2027-01-10 09:00"))["version"] == 2
            await state_is(lower, "received")
            [newest, _] = (await higher.get("/filings", OFFICE)).json()["items"]
            await higher.done(
                f"/filings/{newest['id']}/review", {"decision": "accepted", "mark": "91"}, at="2027-01-11 09:00"
            )
            named = {"values": [{"unit": "north", "version": 1}], "confirmed": True}
            await higher.done("/cycles/2026/parts/year-end/decision", named, who=OTHER_OFFICE, at="2027-01-12 09:00")
            await state_is(lower, "accepted")
            answers = [a["state"] for a in (await lower.get(FILINGS, OFFICE)).json()["items"][0]["answers"]]
            assert answers == ["received", "accepted"]
            async with above.bus.connect("provision") as inside:
                assert (await inside.jetstream().stream_info("DEAD_LETTERS")).state.messages == 0
                assert await in_stream(inside, "RECEIPTS", "minping.receipt.north") == 5
