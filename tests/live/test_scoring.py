"""Scoring on real servers: ballots and case events by the bus, the purge after the seal, PostgreSQL."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client

from deploy.local.layout import next_free_port
from services.scoring import forgetting
from services.scoring.main import build
from services.scoring.settings import Settings
from services.scoring.store import Base
from services.scoring.verify import verify_bytes
from shared.bus.topology import CLOCK_SUBJECT
from shared.clock import ClockEntry
from shared.contracts.inbox import BallotReceipt
from shared.contracts.rectification import CaseClosed
from shared.migrate import upgrade
from shared.store import writer_engine
from tests.service.scoring.house import KEY, OFFICE, House, local
from tests.service.scoring.people import DAY, People
from tests.support.broker import PASSWORD, Broker
from tests.support.house import envelope
from tests.support.postgres import Postgres
from tests.support.wait import until

pytestmark = pytest.mark.live


class LiveHouse(House):
    """The whole service in this process, with its bus."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.database_url)
        self._writer.dispose()
        self._reader.dispose()
        self.service = build(settings)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["LiveHouse"]:
        """Start and stop it."""
        app = self.service.app()
        async with app.router.lifespan_context(app):
            self.app, self.unit = app, app.state.unit
            self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://house")
            await until(self._has_clock, "the clock")
            yield self
            await self.http.aclose()

    def _has_clock(self) -> bool:
        return bool(self.app.state.clock.revision)


def settings_of(broker: Broker, folder: Path) -> Settings:
    """Settings of a scoring service of this test's own."""
    pem, raw = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    (folder / "token.pub").write_bytes(KEY.public_key().public_bytes(pem, raw))
    (folder / "password").write_text(PASSWORD)
    private = serialization.PrivateFormat.PKCS8
    seal = Ed25519PrivateKey.generate().private_bytes(pem, private, serialization.NoEncryption())
    (folder / "seal.key").write_bytes(seal)
    return Settings(
        database_url=f"sqlite:///{folder}/scoring.db",
        nats_url=broker.url,
        nats_user="scoring",
        nats_password_file=folder / "password",
        token_public_key_file=folder / "token.pub",
        seal_key_file=folder / "seal.key",
        clock="simulated",
        port=next_free_port(),
    )


@pytest.fixture
async def admin(broker: Broker) -> AsyncIterator[Client]:
    """A connection that may do everything; the clock stands from 2026 on."""
    async with broker.admin() as client:
        entry = ClockEntry(now=local("2026-01-01 00:00"), horizon=local("2027-01-01 00:00"), revision=1)
        await client.jetstream().publish(CLOCK_SUBJECT, entry.model_dump_json().encode())
        yield client


@pytest.fixture
async def live(broker: Broker, admin: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[People]:
    """The people of a meeting in a running house."""
    monkeypatch.setattr(forgetting, "LOOK_S", 0.05)
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(LiveHouse(settings_of(broker, tmp_path)).running())
        people = People(house)
        await people.prepare()
        yield people


async def in_stream(admin: Client, stream: str, subject: str) -> int:
    """How many messages of a subject a stream holds."""
    info = await admin.jetstream().stream_info(stream, subjects_filter=subject)
    return (info.state.subjects or {}).get(subject, 0)


async def receipts(admin: Client) -> list[BallotReceipt]:
    """The receipts of the meeting's terminals."""
    js = admin.jetstream()
    last = (await js.stream_info("RECEIPTS")).state.last_seq
    found = [await js.get_msg("RECEIPTS", seq, direct=True) for seq in range(1, last + 1)]
    return [BallotReceipt.model_validate_json(m.data) for m in found]


async def test_ballots_by_the_bus_are_counted_once_and_purged_after_the_seal(live: People, admin: Client) -> None:
    await live.to_ballots()
    house, js = live.house, admin.jetstream()
    messages = [live.message(card).model_dump_json().encode() for card in live.cards[:60]]
    for body in (*messages, messages[0], b"{bad", json.dumps({"meeting": "m1"}).encode()):
        await js.publish("minping.inbox.ballot.m1", body)

    async def answered() -> bool:
        return await in_stream(admin, "RECEIPTS", "minping.receipt.m1") == 63

    await until(answered, "63 receipts", within=30)
    states = [r.state for r in await receipts(admin)]
    assert [states.count(s) for s in ("accepted", "repeated", "refused")] == [60, 1, 2]
    assert (await house.get("/meetings/m1/turnout")).json()["returned"] == 60
    assert (await js.stream_info("DEAD_LETTERS")).state.messages == 0

    await house.done("/meetings/m1/closing", at=f"{DAY} 11:00")
    assert await in_stream(admin, "BALLOTS", "minping.inbox.ballot.m1") == 63
    checkpoint = (await live.count()).json()["checkpoint"]
    await live.sign(checkpoint, *live.tellers, live.scrutineer)

    async def purged() -> bool:
        left = [
            await in_stream(admin, s, n)
            for s, n in (("BALLOTS", "minping.inbox.ballot.m1"), ("RECEIPTS", "minping.receipt.m1"))
        ]
        rows = await house.rows("SELECT count(*) FROM outbox WHERE subject = 'minping.receipt.m1'")
        return left == [0, 0] and rows == [(0,)]

    await until(purged, "ballots and receipts are gone")
    sealed = await house.get("/meetings/m1/sealed-bundle", OFFICE)
    assert verify_bytes(sealed.content).exit_code == 0


async def test_points_follow_from_the_events_of_cases(live: People, admin: Client) -> None:
    late = CaseClosed(case="2026-000001", unit="u01", paying_unit="u01", outcome="solved", late=True)
    for _ in range(2):
        await admin.jetstream().publish(CaseClosed.TYPE, envelope(late, id="closed-1"))

    async def charged() -> bool:
        answer: Any = (await live.house.get("/units/u01/score", OFFICE, cycle="2026-H1")).json()
        return bool(answer["daily"]["score"] == "99")

    await until(charged, "the point")
    assert (await live.house.http.get("/readyz")).json()["checks"]["store"] == "ok"


async def test_the_whole_vote_on_postgresql(postgres: Postgres) -> None:
    url = postgres.database()
    engine = writer_engine(url)
    upgrade(engine, "scoring", Base)
    engine.dispose()
    house = House(url)
    house.unit.start()
    try:
        people = People(house)
        await people.prepare()
        late = CaseClosed(case="2026-000001", unit="u01", paying_unit="u01", outcome="solved", late=True)
        await house.take(late, "2026-03-02 10:00")
        ranking = await people.to_ranking()
        assert {r["unit"]: r["daily"] for r in ranking["rows"]}["u01"] == "99"
        await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
        bundle = await house.get("/meetings/m1/bundle")
        assert verify_bytes(bundle.content).exit_code == 0
        score = (await house.get("/units/u06/score", OFFICE, cycle="2026-H1")).json()
        assert score["rank"] == 6
    finally:
        await house.close()
