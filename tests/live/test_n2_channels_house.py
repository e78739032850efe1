"""Channels in the running service: told by each way, and no token in processes, logs, metrics, API or bus (X10)."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared import programme
from shared.contracts.rectification import DeadlinePassed
from shared.contracts.scoring import UnitRegistered
from tests.live.test_letters_house import House
from tests.support.channel_house import TOKEN, channels_file
from tests.support.gateway import Gateway
from tests.support.notify_house import local
from tests.support.wait import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
AT = local("2026-03-31T00:00")


class WithChannels(Deployment):
    """A house of which notify has a file of channels."""

    channels: Path

    def settings(self, service: str) -> dict[str, str]:
        """With the file, and the most talkative log."""
        more = {"MINPING_CHANNELS_FILE": str(self.channels), "MINPING_LOG_LEVEL": "DEBUG"}
        return super().settings(service) | (more if service == "notify" else {})


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    made = Gateway()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def house(tmp_path: Path, gateway: Gateway) -> AsyncIterator[House]:
    text = (Path(programme.__file__).parent / "window-units.yaml").read_text(encoding="utf-8")
    text, count = re.subn(
        r"(\{event: rectification\.deadline\.passed, )", r"\1channels: [email, group, sms], ", text
    )  # fmt: skip
    assert count == 1
    rules = tmp_path / "rules.yaml"
    rules.write_text(text, encoding="utf-8")
    deployment = WithChannels(
        tmp_path / "data", Ports.free(), Plan(str(rules), services=("notify",), clock="simulated")
    )  # fmt: skip
    deployment.channels = channels_file(tmp_path, gateway.port)
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


def resident_mb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4 // 1024


async def test_n2_a_running_house_tells_by_letter_robot_and_sms_and_shows_no_secret(
    house: House, gateway: Gateway
) -> None:
    gateway.moods = [(400, {"errmsg": TOKEN}), "drop"]
    pid = house.deployment.supervisor.pid("notify")
    idle = resident_mb(pid)
    await house.move("2026-03-01T08:00")
    named = UnitRegistered(unit="tax", name="税务所", category="c", scope="s")
    await house.publish("scoring", "unit", local("2026-03-01T08:00"), named)
    seats = [
        {"unit": "tax", "role": "handler", "person": "wang", "name": "王芳", "since": "2026-01-01",
         "email": "wang@tax.example", "contacts": {"sms": "13800000000"}},
        {"unit": "office", "role": "operator", "person": "op", "name": "op", "since": "2026-01-01",
         "email": "op@office.example"},
    ]  # fmt: skip
    await house.ask("POST", "/api/v1/directory/import", json={"rows": seats})
    for number in range(4):
        passed = DeadlinePassed(
            case=f"2026-{number:06d}", unit="tax", kind="solve", due=date(2026, 3, 30), expires_at=AT,
            roles=("handler",),
        )  # fmt: skip
        await house.publish("rectification", f"passed-{number}", AT, passed)
    await house.move("2026-03-31T09:00")

    async def told() -> bool:
        found = (await house.ask("GET", "/api/v1/notices?limit=1000"))["notices"]
        of_wang = [n for n in found if n["person"] == "wang"]
        return len(of_wang) == 12 and all(n["state"] != "planned" for n in of_wang)

    await until(told, "told by all three ways", within=60)
    found: list[Any] = (await house.ask("GET", "/api/v1/notices?person=wang&limit=1000"))["notices"]
    by_way = {way: [n["state"] for n in found if n["channel"] == way] for way in ("email", "group", "sms")}
    assert by_way["email"] == ["sent"] * 4
    assert sorted(by_way["group"] + by_way["sms"]) == ["failed"] + ["sent"] * 6 + ["uncertain"]
    assert len(gateway.heard) == 8
    assert any(TOKEN in one["head"] + str(one["said"]) for one in gateway.heard), "it did go over the wire"
    layout = house.deployment.layout
    shown = {
        "processes": b"".join(path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()),
        "environment": Path(f"/proc/{pid}/environ").read_bytes(),
        "logs": b"".join(path.read_bytes() for path in layout.logs.glob("*.log")),
        "store": b"".join(path.read_bytes() for path in layout.database("notify").parent.glob("notify*")),
        "bus": b"".join(path.read_bytes() for path in layout.nats.rglob("*.blk")),
    }
    for path in ("/metrics", "/readyz", "/api/v1/openapi.json"):
        shown[path] = (await house.web.get(path)).content
    for letter in {n["letter"] for n in found}:
        shown[letter] = str(await house.ask("GET", f"/api/v1/letters/{letter}")).encode()
    for where, what in shown.items():
        assert TOKEN.encode() not in what, where
    print(f"notify: {idle} MB at the start, {resident_mb(pid)} MB after messages")
