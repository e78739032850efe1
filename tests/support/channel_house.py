"""Notify's house with channels beside e-mail: a real gateway, apprise, the couriers, a clock that a test moves."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.notify.carriers.house import make_couriers
from services.notify.carriers.secrets import Way, known, read_ways
from services.notify.usecases import Desk, make_desk
from shared import programme
from shared.clock import SimulatedClock
from tests.support.gateway import Gateway
from tests.support.notify_house import House, local
from tests.support.wait import until

NINE = local("2026-03-31T09:00")
TOKEN = "s3cret-t0ken-0123456789abcdefABCDEF"
"""Stands in every URL of these tests: nothing that anybody can read may hold it."""


def channels_file(tmp_path: Path, port: int, **more: dict[str, Any]) -> Path:
    """A robot `group`, an SMS gateway `sms` with an address a person, a webhook `oa`."""
    given: dict[str, dict[str, Any]] = {
        "group": {"url": f"json://office:{TOKEN}@127.0.0.1:{port}/robot?:key={TOKEN}", "kind": "robot"},
        "sms": {
            "url": f"json://127.0.0.1:{port}/sms?:phone={{address}}&:id={{letter}}&+X-Key={TOKEN}",
            "kind": "sms",
            "personal": True,
        },
        "oa": {"url": f"json://127.0.0.1:{port}/oa?:key={TOKEN}", "kind": "webhook"},
    }
    for name, change in more.items():
        given[name] = given.get(name, {}) | change
    path = tmp_path / "channels.yaml"
    path.write_text(json.dumps(given, ensure_ascii=False))
    return path


def with_channels(
    ways: dict[str, Way],
    first: tuple[str, ...],
    then: tuple[str, ...] = (),
    planned: Callable[[datetime], None] = print,
) -> Desk:
    """A desk whose rules about expired deadlines tell by these channels."""
    rules = programme.load("window-units")
    notices = tuple(
        rule.model_copy(update={"channels": first, "fallback_channels": then})
        if rule.event == "rectification.deadline.passed"
        else rule
        for rule in rules.notices
    )
    return make_desk(
        rules.model_copy(update={"notices": notices}), sender="office@minping.example", domain="minping.example",
        planned=planned, channels=known(ways),
    )  # fmt: skip


@dataclass
class ChannelHouse:
    """The house, its gateway and its couriers."""

    house: House
    gateway: Gateway
    couriers: Any
    clock: SimulatedClock

    def move(self, at: str) -> None:
        self.clock.current = local(at)
        self.couriers.moved()

    async def done(self) -> None:
        await until(lambda: self.couriers.in_hand() == 0, "messages in hand")

    async def states(self, **wanted: str) -> dict[tuple[str, str], str]:
        found = await self.house.notices(case="2026-000001", **wanted)
        return {(n["person"], n["channel"]): n["state"] for n in found}


@asynccontextmanager
async def carrying(
    house: House,
    gateway: Gateway,
    path: Path,
    first: tuple[str, ...],
    then: tuple[str, ...] = (),
    timeout_s: float = 0.3,
) -> AsyncIterator[ChannelHouse]:
    """Couriers at work; a house's e-mail still goes by `house.post`."""
    ways = read_ways(path, timeout_s)
    couriers = make_couriers(ways, "postgresql://none", 0.02)
    house.desk = with_channels(ways, first, then, couriers.planned)
    clock = SimulatedClock(NINE, NINE, 1)
    running = asyncio.create_task(couriers.run(house.desk, house.unit, clock))
    try:
        yield ChannelHouse(house, gateway, couriers, clock)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
