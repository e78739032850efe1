"""An export through a real broker into a running intake: every row accounted for, also when the broker is killed."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from nats.js import JetStreamContext
from rich.console import Console

from deploy.local.commands import import_
from deploy.local.commands.import_ import Run
from services.intake.domain.import_rows import read_rows
from services.intake.importing import Sender, event_of
from services.intake.main import build
from services.intake.settings import IntakeSettings
from shared.bus.provision import provision
from shared.bus.topology import receipts_consumer
from tests.support import house
from tests.support.broker import PASSWORD, Broker
from tests.support.wait import until

pytestmark = pytest.mark.live
SOURCE = "admin"  # the one user of the test broker that is no service; here it plays a source
ZONE = ZoneInfo("Asia/Shanghai")
HEADER = ["ticket", "time", "text", "phone"]


def rows(count: int) -> list[list[object]]:
    """Reports with two repeats of a text, one ticket twice, one without text and one without a time."""
    plain: list[list[object]] = [
        [f"T-{n}", "2026-03-02 09:00:00", f"第{n}号窗口长期没有人值守，请派人处理", f"138{n:08d}"] for n in range(count)
    ]
    again = [["A-1", "2026-03-02 09:30", plain[0][2], ""], ["A-2", "2026-03-02 09:31", plain[0][2], ""]]
    return [*plain, *again, plain[1], ["B-1", "2026-03-02", "", ""], ["B-2", "昨天", "没有时间的一件事情", ""]]


@asynccontextmanager
async def intake(broker: Broker, folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    key = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    base = house.settings(broker, folder, nats_user="intake", database_url=f"sqlite:///{folder}/intake.db")
    (folder / "vault.key").write_bytes(key)
    app = build(IntakeSettings(**base.model_dump(), vault_key_file=folder / "vault.key")).app()
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://intake", timeout=30) as http,
    ):
        async with broker.admin() as nc:
            await provision(nc, extra=[receipts_consumer(SOURCE)])
        yield http


async def figures(http: httpx2.AsyncClient) -> dict[str, Any]:
    token = house.token("office", "office-1")
    answer = await http.get("/api/v1/statistics", headers={"Authorization": f"Bearer {token}"})
    return {name: count for name, count in answer.json().items() if isinstance(count, int)}


async def run(broker: Broker, http: httpx2.AsyncClient, count: int, name: str) -> Run:
    key = (await http.get("/api/v1/vault/public-key")).json()["public_key_pem"].encode()
    sender = Sender(SOURCE, "hotline_daily", key, name)
    events = {}
    for row in read_rows(HEADER, rows(count), ZONE):
        one, body = event_of(row, sender)
        events[one] = (row.row, body)
    return Run(sender, events, broker.url, PASSWORD)


async def test_every_row_is_accounted_for_and_a_second_run_changes_nothing(broker: Broker, tmp_path: Path) -> None:
    async with intake(broker, tmp_path / "intake") as http:
        first = await run(broker, http, 20, "run1")
        await first.play(Console(quiet=True))
        report = first.report("a.csv", 1.0)
        assert {name: report[name] for name in ("read", "registered", "repeated", "kept_for_repair", "linked")} == {
            "read": 25, "registered": 22, "repeated": 1, "kept_for_repair": 2, "linked": 2,
        }  # fmt: skip
        assert [(p["row"], p["field"]) for p in report["problems"]] == [(25, "text"), (26, "reported_at")]
        once = await figures(http)
        second = await run(broker, http, 20, "run2")
        await second.play(Console(quiet=True))
        again = second.report("a.csv", 1.0)
        assert (again["registered"], again["repeated"], again["kept_for_repair"]) == (0, 23, 2)
        assert await figures(http) == once | {"repeated": 24, "received": 48}


async def test_a_broker_killed_in_the_middle_loses_and_doubles_nothing(broker: Broker, tmp_path: Path) -> None:
    async with intake(broker, tmp_path / "intake") as http:
        importing = await run(broker, http, 1500, "run1")
        playing = asyncio.create_task(importing.play(Console(quiet=True)))
        for answered in (100, 700):
            await until(lambda least=answered: len(importing.receipts) >= least, f"{answered} receipts", within=60)
            broker.kill()
            await broker.start()
        await asyncio.wait_for(playing, 120)
        report = importing.report("a.csv", 1.0)
        assert (report["registered"], report["repeated"], report["kept_for_repair"]) == (1502, 1, 2)
        assert (report["linked"], report["unanswered"]) == (2, 0)
        assert await figures(http) == {
            "received": 1505, "registered": 1502, "repeated": 1, "linked": 2, "kept_for_repair": 2,
        }  # fmt: skip


async def test_a_message_that_is_no_event_is_kept_and_its_source_told(broker: Broker, tmp_path: Path) -> None:
    async with intake(broker, tmp_path / "intake") as http, broker.admin() as nc:
        await nc.jetstream().publish(f"minping.inbox.complaint.{SOURCE}", b"{broken 13800001111")
        pull = await nc.jetstream().pull_subscribe_bind(durable=SOURCE, stream="RECEIPTS")
        [message] = await pull.fetch(1, timeout=10)
        assert b"kept_for_repair" in message.data
        assert (await figures(http))["kept_for_repair"] == 1
        for file in (tmp_path / "intake").glob("intake.db*"):
            assert b"13800001111" not in file.read_bytes()
            assert base64.b64encode(b"13800001111") not in file.read_bytes()


async def test_an_import_listens_in_one_place_however_long_nothing_comes(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server has sent to a subscription that is given up comes again after ten seconds, to the next one."""
    listening: list[str] = []
    bind = JetStreamContext.pull_subscribe_bind

    async def noted(js: JetStreamContext, *args: Any, **more: Any) -> Any:
        listening.append(more["durable"])
        return await bind(js, *args, **more)

    monkeypatch.setattr(JetStreamContext, "pull_subscribe_bind", noted)
    monkeypatch.setattr(import_, "PATIENCE_S", 2.5)  # two timeouts of a fetch: nobody answers here
    async with broker.admin() as nc:
        await provision(nc, extra=[receipts_consumer(SOURCE)])
    importing = Run(Sender(SOURCE, "hotline_daily", b"", "run1"), {"one": (2, b"{}")}, broker.url, PASSWORD)
    await importing.play(Console(quiet=True))
    assert importing.report("a.csv", 1.0)["unanswered"] == 1
    assert listening == [SOURCE]
