"""Looks a deployment over: what cannot be reached, and what is not as declared."""

from __future__ import annotations

import json
import stat
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

from pydantic import BaseModel

from deploy.local import probes, processes
from deploy.local.layout import SERVICES, Layout, Ports
from deploy.local.outside import Bus
from shared.bus.provision import consumer_drift, stream_drift
from shared.bus.topology import STREAMS, consumers, receipts_consumer
from shared.errors import Refusal


class Finding(BaseModel):
    """One part that was looked at. `wrong` is empty when it is well."""

    part: str
    wrong: list[str]


async def examine(layout: Layout, ports: Ports) -> AsyncIterator[Finding]:
    """Look at each part in turn."""
    bus = Bus(layout, ports)
    yield Finding(part="secrets", wrong=_secrets(layout))
    yield Finding(part="processes", wrong=_processes(layout))
    for part, why in probes.probe_servers(layout, ports).items():
        yield Finding(part=part, wrong=[why] if why else [])
    try:
        async with bus.connect("operator") as client:
            for stream in STREAMS:
                yield Finding(part=f"stream {stream.name}", wrong=await stream_drift(client, stream, None))
            declared = [one for service in SERVICES for one in consumers(service)]
            receipts = [receipts_consumer(account.name) for account in bus.outside()]
            lines = [line for one in (*declared, *receipts) for line in await consumer_drift(client, one)]
            yield Finding(part=f"{len(declared) + len(receipts)} consumers", wrong=lines)
    except Refusal as refusal:
        yield Finding(part="bus as operator", wrong=[refusal.reason])
    yield Finding(part="broker's configuration", wrong=_configuration(bus))
    for service in SERVICES:
        yield Finding(part=service, wrong=of_service(ports.url(service)))


def _secrets(layout: Layout) -> list[str]:
    open_ones = [path for path in layout.secrets.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077]
    return [f"{path} can be read by others: chmod 600" for path in sorted(open_ones)]


def _processes(layout: Layout) -> list[str]:
    running = processes.ours(layout.run)
    parts = ("nats", "valkey", "smtp", *SERVICES)
    return [f"{part} does not run: `minping up`" for part in parts if part not in running]


def _configuration(bus: Bus) -> list[str]:
    said = bus.layout.nats_conf.read_text()
    try:
        wanted = bus.config()
    except Refusal as refusal:  # a secret that cannot be used
        return [refusal.reason]
    if said == wanted:
        return []
    return [f"{bus.layout.nats_conf} differs from what the accounts and the topology call for: restart `minping up`"]


def of_service(url: str) -> list[str]:
    """What is wrong with a service, by what it says itself."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            left_out: dict[str, str] = json.load(answer)["set_aside"]
            return [f"the clock cannot move {name} ({said}): see the log, mend it" for name, said in left_out.items()]
    except urllib.error.HTTPError as error:
        try:
            checks: dict[str, Any] = json.loads(error.read())["checks"]
        except (ValueError, KeyError):
            return [f"{url}/readyz says {error.code}"]
        return [f"{name}: {text}" for name, text in checks.items() if text != "ok"]
    except OSError as error:
        return [f"{url} cannot be reached: {error}"]
